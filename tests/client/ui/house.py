"""A desk for tests of the window: a real encrypted profile with three people, and valid records.

`a_house(folder)` makes the profile; `house.desk_of("林晓")` opens it to prepare something, and
`house.close()` leaves it for the window to unlock. Clock and ids can be repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from client.core.answers import Answer, Receipt, Seal
from client.core.ids import uuid7
from client.core.people import Device, Operator
from client.store import batches, cases, outbox, receipts
from client.store.desk import Catalogs, Desk
from client.store.profile import NewOperator, add_operator, create_profile, unlock
from client.store.wraps import Cost
from client.sync.wire import batch_body
from forms.catalog.loader import load_set
from forms.seal.keys import SigningKey
from forms.seal.receipt import Outcome, Stage, digests_of, receipt_bytes, seal_receipts
from tests.client.objections import FINE, an_objection
from tests.copied import copied

RESOURCES = Path(__file__).parents[3] / "resources"
CHEAP = Cost(passes=1, memory_kib=32, lanes=1)
PASSPHRASE = "windy island 26"
TEAM: Mapping[str, frozenset[str]] = {
    "许可": frozenset({"reporter", "handler"}),
    "庄敏": frozenset({"reviewer", "reporter"}),
    "洪涛": frozenset({"admin", "auditor"}),
}
"""Reporter and handler, reviewer, administrator."""

CATALOGS = Catalogs([load_set(RESOURCES / "catalogs" / "2026.1")])


@dataclass
class Clock:
    """Goes on by a millisecond each time it is asked."""

    at: datetime = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class Ids:
    """UUIDv7 that are the same in each run."""

    clock: Callable[[], datetime]
    n: int = 0

    def __call__(self) -> str:
        self.n += 1
        return uuid7(self.clock(), hashlib.sha256(str(self.n).encode()).digest()[:10])


def operator_id(name: str) -> str:
    """The id that the operator called `name` has in every test."""
    return str(uuid7(datetime(2026, 1, 1, tzinfo=UTC), hashlib.sha256(name.encode()).digest()[:10]))


def a_device(**given: Any) -> Device:
    """A desk of an invented bureau; nobody listens at its platform's address."""
    said = {
        "device_id": "0199a0d0-0000-7000-8000-00000000d001",
        "name": "窗口一号机",
        "unit_code": "350203-SJ",
        "unit_name": "鹭岛区样例监管局",
        "city": "厦门市",
        "platform_url": "http://127.0.0.1:9",
        "ca_file": None,
        "server_id": "0199a0d0-0000-7000-8000-00000000a001",
        "server_key": SigningKey(b"s" * 32).public,
        "epoch": "0199a0d0-0000-7000-8000-00000000e001",
    }
    return Device(**(said | given))


@dataclass
class House:
    """A profile, and the desk that is open in it."""

    directory: Path
    clock: Clock
    new_id: Ids
    opened: Desk | None = field(default=None, repr=False)

    def desk_of(self, name: str) -> Desk:
        """Open the desk for somebody; who was there before is locked out."""
        self.close()
        self.opened = unlock(
            self.directory, name, PASSPHRASE, None, catalogs=CATALOGS, clock=self.clock, new_id=self.new_id
        )
        return self.opened

    def close(self) -> None:
        """Lock the desk."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None


def a_house(
    directory: Path, *, device: Device | None = None, team: Mapping[str, frozenset[str]] = TEAM
) -> House:
    """Make a profile that all of `team` can unlock."""
    if device is not None:
        return _built(directory, device, team)
    kept = copied(directory, ("house", *team.items()), lambda folder: _built(folder, a_device(), team))
    clock = Clock(kept.clock.at)
    return House(directory, clock, Ids(clock, kept.new_id.n))


def _built(directory: Path, device: Device, team: Mapping[str, frozenset[str]]) -> House:
    clock = Clock()
    house = House(directory, clock, Ids(clock))
    people = [Operator(operator_id(name), name, roles) for name, roles in team.items()]
    create_profile(
        directory, profile_id=house.new_id(), device=device, device_key=SigningKey.generate(),
        operators=people, first=NewOperator(people[0].operator_id, PASSPHRASE), possession=None, clock=clock,
        cost=CHEAP,
    )  # fmt: skip
    desk = house.desk_of(people[0].name)
    for other in people[1:]:
        add_operator(desk, other, PASSPHRASE, None, cost=CHEAP)
    house.close()
    return house


# --- records ---

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def a_uscc(number: int, *, kind: str = "91", division: str = "350203") -> str:
    """An invented code with right check characters, another for each number."""
    body = f"MA{number % 1_000_000:06d}"
    total = sum(_ORG.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    code = kind + division + body + "0X987654321"[total % 11]
    rest = sum(_USCC.index(c) * pow(3, place, 31) for place, c in enumerate(code)) % 31
    return code + _USCC[(31 - rest) % 31]


def a_penalty(number: int = 1, **given: Any) -> dict[str, Any]:
    """Valid values of XZCF_FR; keywords replace fields, None leaves one out."""
    organ = a_uscc(900_001, kind="11")
    values: dict[str, Any] = {
        "CF_XDR_MC": f"鹭岛样例{number}号商贸有限公司",
        "CF_XDR_LB": "1",
        "CF_XDR_SHXYM": a_uscc(number),
        "CF_FRDB": "郑海",
        "CF_WSH": f"鹭监罚决〔2026〕{number}号",
        "CF_WFXW": "未按规定公示收费标准",
        "CF_SY": "经查，当事人在经营场所未公示收费标准。",
        "CF_YJ": "《样例市场秩序条例》第十二条",
        "CF_CFLB": ["02"],
        "CF_NR": "罚款人民币壹仟元整",
        "CF_NR_FK": "0.1",
        "CF_JDRQ": "2026-11-20",
        "CF_YXQ": "2099-12-31",
        "CF_CFJG": "鹭岛区样例监管局",
        "CF_CFJGDM": organ,
        "CF_SJLY": "鹭岛区样例监管局",
        "CF_SJLYDM": organ,
    }
    return {name: value for name, value in (values | given).items() if value is not None}


# --- what a platform would have said ---

SERVER_KEY = SigningKey(b"s" * 32)


def answered(desk: Desk, outcomes: Mapping[str, Mapping[str, Any] | None]) -> None:
    """Send what is queued and take in a signed answer.

    Args:
        desk: open.
        outcomes: record id → the problem it is rejected with; None, or no key, for accepted and stored.
    """
    reader = desk.db.reader()
    for approval_id in outbox.approvals_to_put(reader):
        outbox.confirm_approval(desk, approval_id)
    batch = outbox.cut_batch(desk, choose=list, encode=batch_body, is_over=lambda *_: True, look_at=1_000)
    assert batch is not None
    batches.mark_sending(desk, batch.batch_id)
    rows = reader.execute(
        "SELECT v.version_id, v.record_id, v.content_sha256 FROM outbox o JOIN version v USING (version_id)"
        " WHERE o.batch_id = ?",
        (batch.batch_id,),
    ).fetchall()
    said = [(row, outcomes.get(row["record_id"])) for row in rows]
    given = [
        a_receipt(desk, dict(row), "checked", "rejected" if problem else "accepted", problem)
        for row, problem in said
    ]
    answer = Answer(batch.batch_id, tuple(given), sealed(desk, given))
    receipts.apply(desk, answer, retry_in_s=lambda _tries: 1.0)
    stored = [a_receipt(desk, dict(row), "stored", "accepted", None) for row, problem in said if not problem]
    with desk.db.transaction() as tx:
        receipts.keep(tx, [(one, None) for one in stored], sealed(desk, stored))


def sealed(desk: Desk, given: Sequence[Receipt]) -> Seal:
    """The seal of the platform of `a_device` over the receipts of a message."""
    digests = digests_of(one.raw for one in given)
    return Seal(digests, seal_receipts(SERVER_KEY, desk.device.server_id, digests)["sig"])


def a_receipt(
    desk: Desk, row: Mapping[str, Any], stage: Stage, outcome: Outcome, problem: Mapping[str, Any] | None
) -> Receipt:
    """A receipt of the platform of `a_device`."""
    body = {
        "version_id": row["version_id"],
        "record_id": row["record_id"],
        "content_sha256": row["content_sha256"],
        "outcome": outcome,
        "stage": stage,
        "receipt_no": f"350200-202611-{row['version_id'][-7:]}",
        "server_id": desk.device.server_id,
        "at": "2026-11-24T01:00:00.000Z",
        "problem": dict(problem) if problem else None,
    }
    return Receipt(
        row["version_id"], row["record_id"], row["content_sha256"], stage, outcome, body["receipt_no"],
        body["at"], problem, receipt_bytes(body),
    )  # fmt: skip


def a_problem(code: str, *fields: str) -> dict[str, Any]:
    """A problem object as the platform writes it, with an error at each of `fields`."""
    errors = [
        {"pointer": f"#/payload/{field}", "code": code.replace("-", "_"), "detail": f"{field} 有误",
         "severity": "error"}
        for field in fields
    ]  # fmt: skip
    return {"type": f"urn:minxin:problem:{code}", "title": "退回", "status": 422, "errors": errors}


def a_case(desk: Desk, values: Mapping[str, Any], **given: Any) -> str:
    """Let the feed bring an objection to the fine of a record; returns the case's id."""
    record = {
        "record_id": desk.new_id(), "version_id": desk.new_id(),
        "catalog": desk.catalogs.item("XZCF_FR").ref, "payload": dict(values),
    }  # fmt: skip
    applicant = {
        "name": "海湾样例商贸有限公司", "id_kind": "1", "id_number": "350203199001019999",
        "phone": "05921234567",
    }  # fmt: skip
    said = {
        "applicant": applicant, "reason_code": "wrong_information", "revision": desk.new_id(),
        "statement": "罚款金额与决定书不一致，请核查。", "opened_at": "2026-11-23T02:00:00.000Z",
    }  # fmt: skip
    case = an_objection(
        given.pop("case_id", None) or desk.new_id(),
        desk.device.unit_code,
        record,
        [FINE],
        **{**said, **given},
    )
    with desk.db.transaction() as tx:
        cases.put(desk, tx, case, "2026-11-23T02:00:01.000Z")
    return str(case["case_id"])
