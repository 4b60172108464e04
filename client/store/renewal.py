"""Another id for this desk (终端): a new one when another copy of it is about, or a former one again.

Nothing unsent is dropped: what lay in batches of the old id goes into new ones, under its own ids. Former ids
and their keys are kept: a platform that was put back to a day before a renewal knows only those.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Final

from client.store.connection import Connection
from client.store.desk import Desk
from client.store.link import put_setting, setting
from forms.seal.keys import SigningKey, from_text, to_text

_KEY: Final = "renewal_key"
_FORMER: Final = "former_devices"

MOST_FORMER: Final = 5
"""Former ids that are kept; each may cost a try at a sign-in."""


@dataclass(frozen=True, slots=True)
class Former:
    """An id that this desk had, and its key."""

    device_id: str
    key: SigningKey = field(repr=False)


def key_to_renew_with(desk: Desk) -> SigningKey:
    """Return the key of the next id. It is kept before it is sent, so that a lost answer costs nothing."""
    kept = setting(desk.db.reader(), _KEY)
    if kept is not None:
        return SigningKey(from_text(kept))
    key = SigningKey.generate()
    with desk.db.transaction() as tx:
        put_setting(tx, _KEY, to_text(key.raw))
    return key


def former(reader: Connection) -> tuple[Former, ...]:
    """Return the ids that this desk had before, the latest first."""
    kept = setting(reader, _FORMER)
    said = json.loads(kept) if kept is not None else []
    return tuple(Former(one["device_id"], SigningKey(from_text(one["key"]))) for one in said)


def adopt(desk: Desk, key: SigningKey, device_id: str, *, token: str, expires_at: str) -> int:
    """Go on under a new id; returns how many versions that were on their way are queued again.

    Batches of the old id are void. Sessions of the other operators belong to the old id: they sign in again.
    """
    return _go_on(desk, Former(device_id, key), "device_renewed", session=(token, expires_at))


def fall_back(desk: Desk, before: Former) -> int:
    """Go on under an id of before: the platform does not know the present one any more; see `adopt`."""
    return _go_on(desk, before, "device_fell_back")


def enrolled_again(desk: Desk, key: SigningKey, device_id: str) -> int:
    """Go on under the id of a new enrolment; everybody signs in again; see `adopt`."""
    return _go_on(desk, Former(device_id, key), "device_enrolled_again")


def _go_on(desk: Desk, to: Former, act: str, *, session: tuple[str, str] | None = None) -> int:
    old = Former(desk.device.device_id, desk.device_key)
    with desk.db.transaction() as tx:
        kept = [one for one in (old, *former(tx)) if one.device_id != to.device_id]
        tx.execute(
            "UPDATE device SET device_id = ?, signing_key = ?, last_batch_sha256 = NULL",
            (to.device_id, to.key.raw),
        )
        tx.execute("UPDATE operator SET token = NULL, token_expires_at = NULL")
        if session is not None:
            tx.execute(
                "UPDATE operator SET token = ?, token_expires_at = ? WHERE operator_id = ?",
                (*session, desk.operator.operator_id),
            )
        tx.execute("UPDATE batch SET state = 'void' WHERE state = 'open'")
        again = tx.execute(
            "UPDATE outbox SET state = 'queued', next_try_at = NULL, last_problem = NULL"
            " WHERE state IN ('sent','unknown')"
        ).rowcount
        put_setting(tx, _KEY, None)
        said = [{"device_id": one.device_id, "key": to_text(one.key.raw)} for one in kept[:MOST_FORMER]]
        put_setting(tx, _FORMER, json.dumps(said))
        desk.tell(tx, act, to.device_id, before=old.device_id, versions=again)
    desk.device, desk.device_key = replace(desk.device, device_id=to.device_id), to.key
    return again
