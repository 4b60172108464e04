"""Two changes of one record, put together field by field (合并): theirs that came first, and ours.

The platform takes the first and refuses the other as ``stale``, and says what it holds now. Pure. Nothing is
decided for a person: what both sides changed, each in its own way, is left open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from forms.catalog.fieldtypes import show
from forms.catalog.problems import Problem
from forms.catalog.schema import Item, Value, Values

Side = Literal["mine", "theirs"]

BOTH_CHANGED: Final = "both_changed"

SIDES: Final[dict[Side, str]] = {"mine": "本机填的", "theirs": "平台上的"}


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the platform held of a record when it refused a change of it as stale."""

    version_id: str
    catalog: str
    values: Values


def theirs_in(problem: Mapping[str, Any] | None) -> Theirs | None:
    """Return what a refusal says that the platform holds; None where it is no stale change of a record."""
    current = (problem or {}).get("current")
    if not str((problem or {}).get("type", "")).endswith(":stale") or not isinstance(current, Mapping):
        return None
    version_id, values = current.get("version_id"), current.get("payload")
    if not isinstance(version_id, str) or not isinstance(values, Mapping):
        return None
    return Theirs(version_id, str(current.get("catalog", "")), values)


@dataclass(frozen=True, slots=True)
class Open:
    """A field that both changed, each in its own way; None where a side has it empty."""

    field: str
    base: Value | None
    mine: Value | None
    theirs: Value | None


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it.

    Attributes:
        values: with what only one side changed; where both did, what was typed here stands.
        taken: fields that stand as the other side made them.
        kept: fields that only this side changed.
        open: what a person has to choose.
    """

    values: Mapping[str, Value]
    taken: tuple[str, ...]
    kept: tuple[str, ...]
    open: tuple[Open, ...]


def merge(base: Values | None, mine: Values, theirs: Values) -> Merged:
    """Put two changes of one record together.

    Args:
        base: what both began with; None when that is not known: then every difference is left open.
        mine: as typed here.
        theirs: what the platform holds.
    """
    values = dict(mine)
    taken, kept, left_open = list[str](), list[str](), list[Open]()
    for field in [*mine, *(one for one in theirs if one not in mine)]:
        here, there = mine.get(field), theirs.get(field)
        before = None if base is None else base.get(field)
        if here == there:
            continue
        if base is not None and there == before:
            kept.append(field)
        elif base is not None and here == before:
            taken.append(field)
            _put(values, field, there)
        else:
            left_open.append(Open(field, before, here, there))
    return Merged(values, tuple(taken), tuple(kept), tuple(left_open))


def as_problems(opened: Iterable[Open], item: Item) -> list[Problem]:
    """Return a problem for each open choice: such a draft is not submitted."""
    return [
        Problem(
            one.field,
            BOTH_CHANGED,
            params={"mine": shown(item, one.field, one.mine), "theirs": shown(item, one.field, one.theirs)},
        )
        for one in opened
    ]


def shown(item: Item, field: str, value: Value | None) -> str:
    """Return a side of a choice as people read it; nothing where the field is empty."""
    if value is None:
        return ""
    return show(item.by_id[field], value) if field in item.by_id else str(value)


def _put(values: dict[str, Value], field: str, value: Value | None) -> None:
    if value is None:
        values.pop(field, None)
    else:
        values[field] = value
