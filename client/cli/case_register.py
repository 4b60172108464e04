"""The verb case register (登记): an application is taken in, from options or from a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from client.cli.opening import line_of, opened
from client.cli.output import FINE, common, personal, show_json
from client.core.case_openings import Claim, DisputedRecord, Material, Opening, Person, Repair, Snapshot
from client.errors import ClientError, FileRefused
from client.store import case_posts, evidence_files
from client.store.desk import Desk
from client.sync import finding
from forms.catalog import fieldtypes


@click.command("register")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON")
@click.option("--kind", default="objection", type=click.Choice(["objection", "repair"]), show_default=True)
@click.option("--record", "record_ids", multiple=True, metavar="ID", help="有异议的记录；可写多次")
@click.option("--subject", default="", help="大厅：主体代码；到平台上找记录（要联网）")
@click.option("--look-reason", default="", help="查自然人的事由，平台会记下")
@click.option("--reason", default="", help="理由代码")
@click.option("--claim", "claims", multiple=True, metavar="[记录/]数据项=主张", help="有异议的项和主张")
@click.option("--evidence", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--applicant", default="", help="申请人姓名")
@click.option("--id-kind", default="10", show_default=True, help="证件类型代码")
@click.option("--id-number", default="", help="证件号码")
@click.option("--phone", default="")
@click.option("--statement", default="", help="申请人的说明")
@click.option("--severity", default="ordinary", type=click.Choice(["minor", "ordinary", "serious"]))
@click.option("--published-on", default=None)
@click.option("--fulfilled-on", default=None)
@click.option("--committed", is_flag=True, help="签了信用承诺")
@click.option("--twice", is_flag=True, help="同一申请人、同一理由确有另一件")
@common
@personal
def register(
    file: Path | None, kind: str, record_ids: tuple[str, ...], reason: str, claims: tuple[str, ...],
    evidence: tuple[Path, ...], twice: bool, subject: str, look_reason: str, profile: Path, as_json: bool,
    operator_name: str, passphrase_fd: int | None, **person: Any,
) -> int:  # fmt: skip
    """登记异议或修复申请；没有网也可以，联网时自动送平台。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        found = _found(desk, subject, look_reason) if subject else {}
        if file is not None:
            opening = _opening(_read(file), desk.now())
        else:
            opening = _said(desk, kind, record_ids, reason, claims, evidence, person, found)
        case_id = case_posts.register(desk, opening, found=found, twice=twice)
    show_json({"case_id": case_id}) if as_json else click.echo(f"已登记，编号 {case_id}，等待送平台。")
    return FINE


def _said(
    desk: Desk, kind: str, record_ids: tuple[str, ...], reason: str, claims: tuple[str, ...],
    evidence: tuple[Path, ...], person: Mapping[str, Any], found: Mapping[str, Snapshot],
) -> Opening:  # fmt: skip
    papers = [evidence_files.add(desk, one) for one in evidence]
    records = [
        DisputedRecord(record_id, reason, _claims(desk, record_id, claims, record_ids, found), papers)
        for record_id in record_ids
    ]
    repair = None
    if kind == "repair":
        repair = Repair(
            person["severity"], person["published_on"], person["fulfilled_on"], person["committed"]
        )
    return Opening(
        kind=kind,
        applicant=Person(person["applicant"], person["id_kind"], person["id_number"], person["phone"]),
        statement=person["statement"],
        records=records,
        taken_in_at=desk.now(),
        repair=repair,
    )


def _found(desk: Desk, code: str, reason: str) -> dict[str, Snapshot]:
    line = line_of(desk)
    try:
        return {one.record_id: one.snapshot for one in finding.of_subject(desk, line, code, reason)}
    finally:
        line.close()


def _claims(
    desk: Desk, record_id: str, claims: tuple[str, ...], record_ids: tuple[str, ...],
    found: Mapping[str, Snapshot],
) -> list[Claim]:  # fmt: skip
    """Read ``[record/]field=value`` for one record; without a record it is about the first."""
    made = []
    for said in claims:
        place, _, text = said.partition("=")
        name, slash, field = place.rpartition("/")
        if (name if slash else record_ids[0]) != record_id:
            continue
        held = found.get(record_id) or case_posts.held_here(desk, desk.db.reader(), record_id)
        if held is None:
            raise ClientError("record_not_held")
        item = desk.catalogs.item(held.catalog)
        if field not in item.by_id:
            raise ClientError("field_unknown", field=field)
        try:
            claimed = fieldtypes.parse(item.by_id[field], text) if text else None
        except fieldtypes.Unparsable:
            claimed = text
        made.append(Claim(field, held.values.get(field), claimed))
    return made


def _read(file: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileRefused("application_unreadable") from error
    if not isinstance(said, dict):
        raise FileRefused("application_unreadable")
    return said


def _opening(said: Mapping[str, Any], at: str) -> Opening:
    """Read an application in the shape in which it travels."""
    try:
        records = [
            DisputedRecord(
                one["record_id"], one.get("reason_code", ""),
                [Claim(claim["field"], claim.get("old"), claim.get("claimed")) for claim in one["disputes"]],
            )
            for one in said["records"]
        ]  # fmt: skip
        return Opening(
            kind=said.get("kind", "objection"),
            applicant=Person(**said["applicant"]),
            statement=said["statement"],
            records=records,
            taken_in_at=said.get("taken_in_at", at),
            agent=Person(**said["agent"]) if said.get("agent") else None,
            materials=[Material(**one) for one in said.get("materials", ())],
            repair=Repair(**said["repair"]) if said.get("repair") else None,
            application_id=said.get("application_id"),
        )
    except (KeyError, TypeError) as error:
        raise FileRefused("application_unreadable") from error


COMMANDS: Final = {"register": register}
