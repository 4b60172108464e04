"""What a caller may see of a record: the one rule. Decides, and reads nothing.

The own subtree is seen whole. Of the others', the head of what is 公开 or 共享, with personal values
masked; what is 授权 is only counted. A record about a natural person is shown to those who handle
objections, and only when they ask by the exact number and say why.
"""

from __future__ import annotations

from typing import Final, Literal

from forms.catalog.masking import masked_values
from forms.catalog.schema import Item, Value, Values
from forms.lists.entries import subject_kind
from regional_platform.auth.callers import Caller
from regional_platform.pipeline.subjects import ANY_DAY

Sight = Literal["whole", "head", "counted", "hidden"]
"""How much: everything; the head, masked; that there is one; nothing."""

LOOKS_AT_PERSONS: Final = frozenset({"handler", "hall", "auditor"})


def sight_of(
    caller: Caller,
    item: Item | None,
    unit_path: str,
    subject_code: str | None,
    *,
    by_number: bool = False,
    stopped: bool = False,
) -> Sight:
    """Say how much of a record a caller may see.

    Args:
        caller: who looks.
        item: of the head; None when this program does not have it.
        unit_path: of the unit that supplied the record.
        subject_code: of the record.
        by_number: whether they asked by the exact number of the subject, with a reason.
        stopped: its publication has stopped: it was repaired, or is disputed where that stops it.
    """
    if caller.sees(unit_path):
        return "whole"
    if item is None or stopped:
        return "hidden"
    if is_about_person(item, subject_code) and not (by_number and may_look_at_persons(caller)):
        return "hidden"
    return "counted" if item.sharing == "授权" else "head"


def may_look_at_persons(caller: Caller) -> bool:
    """Say whether a caller may ask what is known of a natural person."""
    return bool(caller.roles & LOOKS_AT_PERSONS)


def is_about_person(item: Item, subject_code: str | None) -> bool:
    """Say whether a record is about a natural person; where an item is for both, the code tells."""
    return subject_kind(item, subject_code or "", ANY_DAY) == "person"


def seen(sight: Sight, item: Item | None, payload: Values) -> tuple[dict[str, Value], list[str]]:
    """Return the payload as it is shown, and the fields that are masked in it."""
    if sight == "whole":
        return dict(payload), []
    if sight != "head" or item is None:
        return {}, []
    return masked_values(item, payload, keep={item.subject_name})
