"""Records are found by subject, day and act across units, subjects by name; looks at others' are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from regional_platform.catalogs import load_catalogs
from regional_platform.pipeline.subjects import name_key, subject_of
from regional_platform.settings import find_resources

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PAGE = 1_000

_BINARY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_record = sa.table(
    "record",
    *map(sa.column, ("record_id", "unit", "head", "head_op", "natural_key", "city", "subject_code", "act_on",
                     "act_key")),
)  # fmt: skip
_version = sa.table("version", *map(sa.column, ("n", "version_id", "record_id", "op", "catalog", "content")))
_key = sa.table("version_key", *map(sa.column, ("version_id", "outcome")))
_unit = sa.table("unit", *map(sa.column, ("code", "city")))
_subject = sa.table("subject", *map(sa.column, ("code", "name", "name_key")))


def upgrade() -> None:
    """Add the columns, fill them, and index them."""
    op.add_column("record", sa.Column("city", sa.String(6), nullable=False, server_default=sa.text("''")))
    op.add_column("record", sa.Column("subject_code", sa.String(64)))
    op.add_column("record", sa.Column("act_on", sa.String(10), nullable=False, server_default=sa.text("''")))
    op.add_column("record", sa.Column("act_key", sa.Text))
    op.add_column("subject", sa.Column("name_key", _BINARY, nullable=False, server_default=sa.text("''")))
    _fill_records()
    _fill_subjects()
    op.create_index(
        "ix_record_subject", "record", ["subject_code", "act_on", "record_id", "item", "unit", "head_op"]
    )
    op.create_index("ix_record_act", "record", ["act_key", "unit"])
    op.create_index("ix_subject_name_key", "subject", ["name_key", "code"])
    _access()


def _access() -> None:
    op.create_table(
        "access",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("operator_id", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("device_id", sa.String(36), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_access")),
    )
    op.create_index("ix_access_key", "access", ["what", "key"])
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER access_no_{act.lower()} BEFORE {act} ON access "
                "BEGIN SELECT RAISE(ABORT, 'access is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER access_append_only BEFORE UPDATE OR DELETE ON access "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )


def _fill_records() -> None:
    """Read what stands in the last accepted payload; the key of an act is that of the record, bare."""
    connection = op.get_bind()
    cities: Mapping[str, str] = {
        row.code: row.city for row in connection.execute(sa.select(_unit.c.code, _unit.c.city))
    }
    catalogs = load_catalogs(find_resources())
    filled = (
        sa.update(_record)
        .where(_record.c.record_id == sa.bindparam("id"))
        .values(
            city=sa.bindparam("of"), subject_code=sa.bindparam("whom"), act_on=sa.bindparam("on"),
            act_key=sa.bindparam("act"),
        )
    )  # fmt: skip
    for rows in _pages(connection, _record, _record.c.record_id):
        payloads = _payloads(connection, [row.record_id for row in rows])
        values = []
        for row in rows:
            ref, payload = payloads.get(row.record_id, ("", {}))
            code, _, set_name = ref.partition("@")
            known = catalogs.sets.get(set_name)
            item = known.items.get(code) if known else None
            values.append({
                "id": row.record_id, "of": cities.get(row.unit, ""),
                "whom": (subject_of(item, payload).code or None) if item else None,
                "on": str(payload.get(item.act_on, ""))[:10] if item else "",
                "act": (row.natural_key or "").removesuffix(f"#{row.record_id}") or None,
            })  # fmt: skip
        connection.execute(filled, values)


def _payloads(connection: sa.Connection, records: list[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Record → catalog and payload of its last accepted version that has one."""
    rows = connection.execute(
        sa.select(_version.c.record_id, _version.c.catalog, _version.c.content)
        .join(_key, _key.c.version_id == _version.c.version_id)
        .where(
            _version.c.record_id.in_(records),
            _version.c.op.in_(("create", "correct")),
            _key.c.outcome.like("accepted%"),
        )
        .order_by(_version.c.n)
    )
    return {row.record_id: (row.catalog, json.loads(row.content)["payload"]) for row in rows}


def _fill_subjects() -> None:
    connection = op.get_bind()
    named = (
        sa.update(_subject)
        .where(_subject.c.code == sa.bindparam("id"))
        .values(name_key=sa.bindparam("name_as_searched"))
    )
    for rows in _pages(connection, _subject, _subject.c.code):
        connection.execute(named, [{"id": row.code, "name_as_searched": name_key(row.name)} for row in rows])


def _pages(connection: sa.Connection, table: Any, key: Any) -> Iterator[list[Any]]:
    after = ""
    while rows := connection.execute(sa.select(table).where(key > after).order_by(key).limit(PAGE)).all():
        yield list(rows)
        after = getattr(rows[-1], key.name)
