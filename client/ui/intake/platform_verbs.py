"""What the page asks of the platform (比对), and how what it tells is said. Functions of values."""

from __future__ import annotations

from collections.abc import Sequence

from client.core.comparisons import Asked, Shown
from client.intake.compare import Difference
from client.intake.elsewhere import There, differences_of, keys_of, persons_of, place_of, rows_there
from client.store.desk import Desk
from client.sync.asking import Connect, ask, look
from client.ui.intake import words
from client.ui.intake.verbs import Cancelled, Checked, Progress
from forms.catalog.schema import Item


def ask_platform(
    desk: Desk, connect: Connect, checked: Checked, asked: Asked, reason: str, progress: Progress,
    cancelled: Cancelled,
) -> tuple[Asked, Sequence[There]]:  # fmt: skip
    """Ask the platform who else has reported the acts in the file; return what it said, and of which rows.

    Persons are asked about only with a reason.
    """
    compared = checked.outcome.compared
    assert compared is not None
    said = ask(
        desk, connect, checked.outcome.item.code, keys_of(compared), persons=persons_of(compared),
        reason=reason, before=asked, progress=progress, cancelled=cancelled,
    )  # fmt: skip
    return said, rows_there(compared, said, checked.kept.elsewhere)


def look_at(desk: Desk, connect: Connect, there: There, reason: str) -> Shown | None:
    """Fetch the first record that others have of an act, as the platform shows it."""
    assert there.told is not None
    first = there.told.reported[0]
    return look(desk, connect, there.subject_code, first.act_on, first.record_id, reason)


def can_be_looked_at(there: There) -> bool:
    """Whether the platform may show more of it than who and when."""
    return bool(there.told and there.told.reported and there.subject_code and there.payload)


def told_in_words(there: There) -> str:
    """Say who has reported an act, where and when."""
    if there.told is None:
        return words.TOLD_BEFORE.format(who=there.who)
    said = [
        (words.TOLD_DISPUTED if one.disputed else words.TOLD).format(
            place=place_of(one), day=one.act_on or words.NO_DAY
        )
        for one in there.told.reported
    ]
    if there.told.more:
        said.append(words.TOLD_MORE)
    if there.told.hidden:
        said.append(words.TOLD_HIDDEN.format(n=there.told.hidden))
    return "".join(said)


def differences_in_words(
    there: There, shown: Shown | None, item: Item
) -> tuple[Sequence[Difference], str]:  # fmt: skip
    """Return the fields in which the other record differs, and a line that says so."""
    if shown is None:
        return (), words.LOOK_NOT_SHOWN
    assert there.told is not None
    found = differences_of(there, shown, item)
    said = words.LOOK_DIFFERS if found else words.LOOK_SAME
    masked = words.LOOK_MASKED.format(n=len(shown.masked)) if shown.masked else ""
    return found, said.format(place=place_of(there.told.reported[0]), n=len(found)) + masked
