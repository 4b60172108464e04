"""Receipts have no signature of their own: the message that carries them is sealed.

What was kept before is brought to the same form: receipts as canonical bytes without a signature, answers
to batches with a seal.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
import zstandard
from alembic import op

from forms.seal.canonical import canonical
from forms.seal.keys import SigningKey
from forms.seal.receipt import RECEIPT_KEYS, digests_of, receipt_bytes, seal_receipts
from regional_platform.store.migrations.protect import append_only

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
RECEIPT = sa.table("receipt", sa.column("version_id"), sa.column("stage"), sa.column("raw", sa.LargeBinary))
BATCH = sa.table("batch", sa.column("device_id"), sa.column("batch_id"), sa.column("answer", sa.LargeBinary))


def upgrade() -> None:
    """Take the signatures out of the receipts, and seal the answers that were given."""
    _lift_protection()
    _rewrite_receipts()
    append_only(["receipt"])
    _seal_answers()


def _lift_protection() -> None:
    names = ("receipt_no_update", "receipt_no_delete")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP TRIGGER receipt_append_only ON receipt")
        return
    for name in names:
        op.execute(f"DROP TRIGGER {name}")


def _rewrite_receipts() -> None:
    connection, last = op.get_bind(), ("", "")
    key = sa.tuple_(RECEIPT.c.version_id, RECEIPT.c.stage)
    moved = (
        sa.update(RECEIPT)
        .where(RECEIPT.c.version_id == sa.bindparam("of"), RECEIPT.c.stage == sa.bindparam("at"))
        .values(raw=sa.bindparam("bytes"))
    )
    while rows := connection.execute(
        sa.select(RECEIPT).where(key > sa.tuple_(*last)).order_by(*key.clauses).limit(AT_ONCE)
    ).all():
        fresh = [
            {"of": row.version_id, "at": row.stage, "bytes": receipt_bytes(said)}
            for row in rows
            if RECEIPT_KEYS[0] in (said := json.loads(row.raw))
        ]
        if fresh:
            connection.execute(moved, fresh)
        last = (rows[-1].version_id, rows[-1].stage)


def _seal_answers() -> None:
    connection = op.get_bind()
    server = connection.execute(sa.text("SELECT server_id, signing_key FROM server")).one_or_none()
    if server is None:
        return
    key = SigningKey(bytes(server.signing_key))
    for device_id, batch_id in connection.execute(sa.select(BATCH.c.device_id, BATCH.c.batch_id)).all():
        mine = (BATCH.c.device_id == device_id, BATCH.c.batch_id == batch_id)
        kept = connection.execute(sa.select(BATCH.c.answer).where(*mine)).scalar_one()
        answer = _sealed(json.loads(zstandard.decompress(kept)), key, server.server_id)
        packed = zstandard.compress(canonical(answer), 1)
        connection.execute(sa.update(BATCH).where(*mine).values(answer=packed))


def _sealed(answer: dict[str, Any], key: SigningKey, server_id: str) -> dict[str, Any]:
    receipts = [receipt_bytes(one) for one in answer["receipts"]]
    seal = seal_receipts(key, server_id, digests_of(receipts))
    return {**answer, "receipts": [json.loads(one) for one in receipts], "seal": seal}
