"""A new id for this desk (终端), when another copy of it is about.

Nothing unsent is dropped: what lay in batches of the old id goes into new ones, under its own ids.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from client.store.desk import Desk
from client.store.link import put_setting, setting
from forms.seal.keys import SigningKey, from_text, to_text

_KEY: Final = "renewal_key"


def key_to_renew_with(desk: Desk) -> SigningKey:
    """Return the key of the next id. It is kept before it is sent, so that a lost answer costs nothing."""
    kept = setting(desk.db.reader(), _KEY)
    if kept is not None:
        return SigningKey(from_text(kept))
    key = SigningKey.generate()
    with desk.db.transaction() as tx:
        put_setting(tx, _KEY, to_text(key.raw))
    return key


def adopt(desk: Desk, key: SigningKey, device_id: str, *, token: str, expires_at: str) -> int:
    """Go on under a new id; returns how many versions that were on their way are queued again.

    Batches of the old id are void. Sessions of the other operators belong to the old id: they sign in again.
    """
    old = desk.device.device_id
    with desk.db.transaction() as tx:
        tx.execute(
            "UPDATE device SET device_id = ?, signing_key = ?, last_batch_sha256 = NULL", (device_id, key.raw)
        )
        tx.execute("UPDATE operator SET token = NULL, token_expires_at = NULL")
        tx.execute(
            "UPDATE operator SET token = ?, token_expires_at = ? WHERE operator_id = ?",
            (token, expires_at, desk.operator.operator_id),
        )
        tx.execute("UPDATE batch SET state = 'void' WHERE state = 'open'")
        again = tx.execute(
            "UPDATE outbox SET state = 'queued', next_try_at = NULL, last_problem = NULL"
            " WHERE state IN ('sent','unknown')"
        ).rowcount
        put_setting(tx, _KEY, None)
        desk.tell(tx, "device_renewed", device_id, before=old, versions=again)
    desk.device, desk.device_key = replace(desk.device, device_id=device_id), key
    return again
