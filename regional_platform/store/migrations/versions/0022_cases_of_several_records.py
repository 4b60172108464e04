"""A case is about several records, and has a history: what it held at the top goes into rows of its own."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from forms.seal.canonical import canonical, digest
from regional_platform.store.migrations.protect import append_only

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STAGES = {"opened": "accepted", "decided": "decided", "closed": "closed"}
MOVED = ("record_id", "reason_code", "disputes", "evidence")
GONE = ("accepted_on", "suspended_on", "extended_to", "record_id", "snapshot")

before = sa.table(
    "casefile",
    *(sa.column(name) for name in (
        "case_id", "state", "unit", "hall_unit", "record_id", "opening", "snapshot", "opened_by", "opened_at",
        "decided_version", "decision", "closed_at", "stage", "due_certain", "opening_sha256",
    )),
)  # fmt: skip
transfer = sa.table(
    "case_transfer",
    *(sa.column(one) for one in ("transfer_id", "case_id", "from_unit", "to_unit", "reason", "by", "at")),
)
record = sa.table("case_record", *(sa.column(one) for one in ("case_id", "place", "record_id", "snapshot")))
event = sa.table(
    "case_event",
    *(sa.column(name) for name in (
        "event_id", "case_id", "n", "kind", "at", "legal_day", "unit", "operator", "data",
    )),
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, move what there is, drop what it came from."""
    op.create_table(
        "case_record",
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "place", name=op.f("pk_case_record")),
    )
    op.create_index(op.f("ix_case_record_record_id"), "case_record", ["record_id"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("legal_day", sa.String(10), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("operator", sa.String(64), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("case_id", "n", name=op.f("uq_case_event_case_id_n")),
    )
    for name, kind in (
        ("application_id", sa.String(36)), ("owner_id", sa.String(64)), ("owner_name", sa.Text()),
        ("platform_rules", sa.String(64)), ("provider_rules", sa.String(64)), ("stage", sa.String(12)),
        ("due_certain", sa.Boolean()),
    ):  # fmt: skip
        op.add_column("casefile", sa.Column(name, kind, nullable=True))
    _move()
    op.drop_table("case_transfer")
    op.drop_index(op.f("ix_casefile_record_id"), "casefile")
    with op.batch_alter_table("casefile") as table:
        for name in GONE:
            table.drop_column(name)
        table.alter_column("stage", existing_type=sa.String(12), nullable=False)
        table.alter_column("due_certain", existing_type=sa.Boolean(), nullable=False)
    append_only(["case_event"])


def _move() -> None:
    connection = op.get_bind()
    handed_on: dict[str, list[Any]] = {}
    for row in connection.execute(sa.select(transfer).order_by(transfer.c.at, transfer.c.transfer_id)):
        handed_on.setdefault(row.case_id, []).append(row)
    for row in connection.execute(sa.select(before)).all():
        opening = _opening(row)
        connection.execute(
            before.update()
            .where(before.c.case_id == row.case_id)
            .values(
                opening=opening, opening_sha256=digest(opening), stage=STAGES[row.state], due_certain=False
            )
        )
        connection.execute(
            record.insert().values(
                case_id=row.case_id, place=0, record_id=row.record_id, snapshot=row.snapshot
            )
        )
        connection.execute(event.insert(), _events(row, handed_on.get(row.case_id, [])))


def _opening(row: Any) -> bytes:
    """The opening as it would be written now."""
    said = json.loads(row.opening)
    disputed = {name: said.pop(name) for name in MOVED}
    fresh = {
        "application_id": None,
        "taken_in_at": row.opened_at,
        "agent": None,
        "materials": [],
        "repair": None,
    }
    return canonical({**said, **fresh, "records": [disputed]})


def _events(row: Any, handed_on: list[Any]) -> list[dict[str, Any]]:
    """What happened to the case; it was accepted, and marked, when it was opened."""
    found: list[tuple[str, str, str, str | None, dict[str, Any], str | None]] = [
        ("received", row.opened_at, row.hall_unit, row.opened_by, {}, row.case_id),
        ("accepted", row.opened_at, row.hall_unit, row.opened_by, {}, None),
    ]
    found += [
        (
            "transferred", one.at, one.from_unit, one.by,
            {"from_unit": one.from_unit, "to_unit": one.to_unit, "reason": one.reason}, one.transfer_id,
        )
        for one in handed_on
    ]  # fmt: skip
    if row.decision is not None:
        decided = json.loads(row.decision)
        said = {"version_id": decided["version_id"]}
        found.append(("decided", decided["decided_at"], row.unit, None, said, decided["version_id"]))
    if row.closed_at is not None:
        found.append(("closed", row.closed_at, row.unit, None, {}, None))
    found.sort(key=lambda one: one[1])
    return [
        {
            "event_id": event_id or str(uuid.uuid5(uuid.UUID(row.case_id), kind)), "case_id": row.case_id,
            "n": n, "kind": kind, "at": at, "legal_day": _legal_day(at), "unit": unit, "operator": operator,
            "data": canonical(data),
        }
        for n, (kind, at, unit, operator, data, event_id) in enumerate(found)
    ]  # fmt: skip


def _legal_day(at: str) -> str:
    """The day in China."""
    return (datetime.fromisoformat(at) + timedelta(hours=8)).date().isoformat()
