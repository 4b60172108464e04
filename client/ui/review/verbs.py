"""What a reviewer does. Verbs take values and return values; they touch no widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from client.core.records import Approved
from client.errors import NotAllowed
from client.store import approvals, review
from client.store import profile as profiles
from client.store.desk import Desk
from client.ui.session import Halves
from client.ui.tasks import Cancelled, Progress


def approve(
    desk: Desk,
    act_id: str,
    left_out: Sequence[str],
    reason: str,
    reasons: Mapping[str, str],
    progress: Progress,
    cancelled: Cancelled,
) -> Approved:
    """Approve an act, all but what was marked; marked records go back with the reason.

    Raises:
        NotAllowed: ``interrupted`` when it was stopped; nothing was approved then.
    """

    def told(done: int) -> None:
        if cancelled():
            raise NotAllowed("interrupted")
        progress(done)

    return approvals.approve(desk, act_id, left_out=left_out, reason=reason, reasons=reasons, progress=told)


def give_back(
    desk: Desk, record_ids: Sequence[str], reason: str, field_id: str, reasons: Mapping[str, str]
) -> int:
    """Return records to their maker, each with its own reason where it has one; returns how many."""
    whys = {one: reasons.get(one, reason) for one in record_ids}
    for why in sorted(set(whys.values())):
        review.return_(desk, [one for one in record_ids if whys[one] == why], why, field_id or None)
    return len(record_ids)


def confirm_passphrase(desk: Desk, halves: Halves | None, passphrase: str) -> None:
    """Hold a passphrase against the key of the operator at work.

    Raises:
        UnlockError: ``passphrase_wrong``, ``keyring_half_missing``.
    """
    me = desk.operator.operator_id
    half = profiles.half_of(desk.profile, me, halves.fetch) if halves is not None else None
    profiles.confirm(desk, passphrase, half)
