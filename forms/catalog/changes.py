"""What differs between two versions of an item, and what becomes of a draft that moves between them.

Pure. A draft that moves is never made unreadable: what cannot be kept as it is stays as typed, or is handed
back when the move is undone, and each such place is named. Approved versions are never moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as member
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from forms.catalog.check import check
from forms.catalog.fieldtypes import Unparsable, parse, show
from forms.catalog.nested import row_item
from forms.catalog.schema import CatalogSet, Code, CodeSet, Field, Item, OtherValue, Value, Values
from forms.catalog.shapes import codes_of, is_day

ChangeKind = Literal[
    "item_added", "item_removed", "field_added", "field_removed", "field_renamed", "field_retitled",
    "field_split", "type_changed", "unit_changed", "widened", "narrowed", "made_required", "made_optional",
    "rule_added", "rule_removed", "code_added", "code_retired", "code_renamed", "code_split",
]  # fmt: skip
"""How a change is classed; each has a sentence in `changesentences`."""

Verdict = Literal["untouched", "moves", "needs_person"]
_OF_MOVES: Final = frozenset(
    {"value_dropped", "field_split", "code_split", "code_retired", "type_changed", "unit_changed"}
)
"""Reasons that come of moving; the others are problems, and found in the whole draft."""

_YUAN: Final = {"元": Decimal(1), "万元": Decimal(10_000)}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two sets.

    Attributes:
        field: id in the later set; in the earlier one where the field is gone.
        params: what the sentence needs.
    """

    kind: ChangeKind
    item: str
    field: str = ""
    params: Mapping[str, str | int] = member(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Why:
    """Why a person must look at a draft.

    Attributes:
        field: id in the new item; in the old one where the field is gone.
        code: ``value_dropped``, ``field_split``, ``code_split``, ``code_retired``, ``type_changed``, or the
            code of a problem that the draft did not have before.
    """

    field: str
    code: str
    params: Mapping[str, str | int] = member(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to one value; None stands for no field, or no value."""

    old_field: str
    old_value: Value
    new_field: str | None
    new_value: Value | None


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one draft.

    Attributes:
        values: under the new item.
        steps: what changed, enough to undo it.
        why: empty unless a person is needed.
    """

    verdict: Verdict
    values: Values
    steps: tuple[Step, ...]
    why: tuple[Why, ...]


# --- comparing ---------------------------------------------------------------------------------------------


def compare_sets(old: CatalogSet, new: CatalogSet) -> list[Change]:
    """List what differs between two sets, item by item, in the order of the later one."""
    found = [Change("item_removed", code) for code in old.items if code not in new.items]
    for code in new.items:
        if code not in old.items:
            found.append(Change("item_added", code))
        elif not _same(old, new, code):
            found += compare(old.items[code], new.items[code])
    return found


def _same(old: CatalogSet, new: CatalogSet, code: str) -> bool:
    """Whether an item is the same in both, told by its digest where the lists have one."""
    before, after = old.entries.get(code), new.entries.get(code)
    return before is not None and after is not None and before.digest == after.digest


def compare(old: Item, new: Item) -> list[Change]:
    """List what differs between two versions of an item, field by field; ``MX/JE`` is a field of a group."""
    came_from = pair(old, new)
    found: list[Change] = []
    for one in new.fields:
        before = came_from.get(one.id)
        if before is None:
            params: dict[str, str | int] = {"required": int(one.required)}
            found.append(Change("field_added", new.code, one.id, params))
        else:
            found += (
                Change(kind, new.code, one.id, params)
                for kind, params in _differences(old.by_id[before], one)
            )
            found += _differences_within(old, old.by_id[before], new, one)
    kept = set(came_from.values())
    for one in old.fields:
        if one.id in kept:
            continue
        heirs = [later.id for later in new.fields if later.split_from == one.id]
        if heirs:
            found.append(Change("field_split", new.code, one.id, {"into": ";".join(heirs)}))
        else:
            found.append(Change("field_removed", new.code, one.id))
    return found


def _differences_within(old: Item, before: Field, new: Item, after: Field) -> Iterator[Change]:
    if before.type == after.type == "group":
        for change in compare(row_item(old, before), row_item(new, after)):
            yield replace(change, item=new.code, field=f"{after.id}/{change.field}")


def pair(old: Item, new: Item) -> dict[str, str]:
    """Say where each field comes from: id in the new item → id in the old one.

    By the same id; else by `renamed_from`; else by the same title, where the old id is gone.
    """
    found = {one.id: one.id for one in new.fields if one.id in old.by_id}
    taken = set(found)
    for one in new.fields:
        before = next((b for b in one.renamed_from if b in old.by_id and b not in taken), None)
        if one.id not in found and before is not None:
            found[one.id] = before
            taken.add(before)
    by_title = {one.title: one.id for one in old.fields if one.id not in taken}
    for one in new.fields:
        if one.id not in found and one.title in by_title and not one.split_from:
            found[one.id] = by_title.pop(one.title)
    return found


Difference = tuple[ChangeKind, Mapping[str, str | int]]


def _differences(old: Field, new: Field) -> Iterator[Difference]:
    if old.id != new.id:
        yield "field_renamed", {"from": old.id}
    if old.title != new.title:
        yield "field_retitled", {"from": old.title}
    if old.type != new.type:
        yield "type_changed", {"from": old.type, "to": new.type}
    if old.unit != new.unit:
        yield "unit_changed", {"from": old.unit or "", "to": new.unit or ""}
    yield from _lengths(old, new)
    if (old.required, old.required_group) != (new.required, new.required_group):
        eased = old.required or (old.required_group is not None and not new.required)
        yield ("made_optional" if eased and not new.required else "made_required"), {}
    before = {replace(rule, source=""): rule.kind for rule in old.rules}
    after = {replace(rule, source=""): rule.kind for rule in new.rules}
    yield from (("rule_added", {"rule": kind}) for rule, kind in after.items() if rule not in before)
    yield from (("rule_removed", {"rule": kind}) for rule, kind in before.items() if rule not in after)
    if old.code_set is not None and new.code_set is not None and old.code_set is not new.code_set:
        yield from _codes(old.code_set, new.code_set)


def _lengths(old: Field, new: Field) -> Iterator[Difference]:
    endless = 10**9
    before, after = old.max_length or endless, new.max_length or endless
    params: dict[str, str | int] = {"from": old.max_length or 0, "to": new.max_length or 0}
    if after < before or (new.scale or 0) < (old.scale or 0):
        yield "narrowed", params
    elif after > before or (new.scale or 0) > (old.scale or 0):
        yield "widened", params


def _codes(old: CodeSet, new: CodeSet) -> Iterator[Difference]:
    for code in new.codes:
        before = old.by_code.get(code.code)
        if before is None:
            yield "code_added", {"code": code.code, "name": code.name}
        elif before.name != code.name:
            yield "code_renamed", {"code": code.code, "from": before.name, "name": code.name}
    for code in old.codes:
        after = new.by_code.get(code.code)
        if after is not None and (after.until is None or after.until == code.until):
            continue
        heirs = after.replaced_by if after is not None else code.replaced_by
        params: dict[str, str | int] = {"code": code.code, "name": code.name, "into": ";".join(heirs)}
        yield ("code_split" if len(heirs) > 1 else "code_retired"), params


# --- moving ------------------------------------------------------------------------------------------------


class Mover:
    """Moves drafts of one item from an earlier version of it to a later one."""

    def __init__(self, old: Item, new: Item) -> None:
        self.old: Final = old
        self.new: Final = new
        self._goes_to: Final = {before: after for after, before in pair(old, new).items()}
        self._heirs: Final = {
            one.id: next((later.id for later in new.fields if later.split_from == one.id), None)
            for one in old.fields
            if one.id not in self._goes_to
        }

    def plan(self, values: Values, *, reported_on: date) -> Move:
        """Say what becomes of a draft, without doing it.

        Args:
            values: of the draft; what the old item does not know is dropped, and named.
            reported_on: codes are judged as of the date of the act, or of this day.

        Returns:
            ``untouched``: the values stay and nothing new is wrong; ``moves``: values change by themselves
            and nothing new is wrong; ``needs_person``: each reason in `why`.
        """
        as_of = self._acted_on(values) or reported_on
        moved: dict[str, Value] = {}
        steps: list[Step] = []
        why: list[Why] = []
        for field_id, value in values.items():
            target = self._goes_to.get(field_id) or self._heirs.get(field_id)
            if target is None or target in moved:
                steps.append(Step(field_id, value, None, None))
                why.append(Why(field_id, "value_dropped"))
                continue
            earlier, later = self.old.by_id[field_id], self.new.by_id[target]
            if earlier.type == later.type == "group":
                fitted, reasons = self._fitted_rows(earlier, later, value, as_of)
            else:
                fitted, reasons = _fitted(earlier, later, value, as_of)
            why += reasons
            if field_id in self._heirs:
                why.append(Why(target, "field_split", {"from": field_id}))
            if target != field_id or fitted != value:
                steps.append(Step(field_id, value, target, fitted))
            moved[target] = fitted
        why += self._new_problems(values, moved, reported_on, why)
        verdict: Verdict = "needs_person" if why else "moves" if steps else "untouched"
        return Move(verdict, moved, tuple(steps), tuple(why))

    def _fitted_rows(self, old: Field, new: Field, value: Value, as_of: date) -> tuple[Value, list[Why]]:
        """Move the rows of a group like drafts of their own; what is not a row stays as it is."""
        if not isinstance(value, list):
            return value, []
        rows = Mover(row_item(self.old, old), row_item(self.new, new))
        fitted: list[Any] = []
        why: dict[tuple[str, str], Why] = {}
        for row in value:
            move = rows.plan(row, reported_on=as_of) if isinstance(row, dict) else None
            fitted.append(move.values if move is not None else row)
            for reason in move.why if move is not None else ():
                if reason.code in _OF_MOVES:
                    why.setdefault((reason.field, reason.code), replace(reason, field=new.id))
        return fitted, list(why.values())

    def _acted_on(self, values: Values) -> date | None:
        acted = values.get(self.old.act_on)
        return date.fromisoformat(acted) if isinstance(acted, str) and is_day(acted) else None

    def _new_problems(
        self, values: Values, moved: Values, reported_on: date, known: Iterable[Why]
    ) -> list[Why]:
        """Name what is wrong under the new item and was not wrong before."""
        back = {after: before for before, after in self._goes_to.items()}
        before = {(p.field_id, p.code) for p in check(self.old, values, reported_on=reported_on)}
        said = {reason.field for reason in known}
        return [
            Why(problem.field_id, problem.code, problem.params)
            for problem in check(self.new, moved, reported_on=reported_on)
            if (back.get(problem.field_id, problem.field_id), problem.code) not in before
            and (problem.severity == "error" or problem.answerable)
            and problem.field_id not in said
        ]


def undo(steps: Iterable[Step], values: Values) -> dict[str, Value]:
    """Undo a move; what a person has changed since then is kept as that person left it.

    Args:
        steps: of the move.
        values: as they are now.
    """
    done = list(steps)
    found = dict(values)
    now = [found.pop(step.new_field, None) if step.new_field is not None else None for step in done]
    for step, value in zip(done, now, strict=True):
        if step.new_field is None or value == step.new_value:
            found[step.old_field] = step.old_value
        elif value is not None:
            found[step.old_field] = value
    return found


def _fitted(old: Field, new: Field, value: Value, as_of: date) -> tuple[Value, list[Why]]:
    """Make a value of the old field one of the new; as it is, with a reason, where that cannot be done."""
    if old.type == new.type and new.type in {"enum", "set"}:
        return _fitted_codes(old, new, value, as_of)
    if old.type == new.type == "decimal" and old.unit != new.unit:
        return _in_unit(old, new, value)
    if old.type == new.type or (old.type, new.type) in {("string", "text"), ("text", "string")}:
        return value, []
    params: dict[str, str | int] = {"from": old.type, "to": new.type}
    try:
        return parse(new, show(old, value)), []
    except (Unparsable, TypeError, ValueError, KeyError, AttributeError):
        return value, [Why(new.id, "type_changed", params)]


def _in_unit(old: Field, new: Field, value: Value) -> tuple[Value, list[Why]]:
    params: dict[str, str | int] = {"from": old.unit or "", "to": new.unit or ""}
    if old.unit not in _YUAN or new.unit not in _YUAN or not isinstance(value, str):
        return value, [Why(new.id, "unit_changed", params)]
    try:
        amount = Decimal(value) * _YUAN[old.unit] / _YUAN[new.unit]
        return parse(new, f"{amount:f}"), []
    except (ArithmeticError, Unparsable):
        return value, [Why(new.id, "unit_changed", params)]


def _fitted_codes(old: Field, new: Field, value: Value, as_of: date) -> tuple[Value, list[Why]]:
    if old.code_set is None or new.code_set is None:
        return value, []
    if not isinstance(value, list):
        return (value, []) if not codes_of(value) else _heir_of(old.code_set, new, value, as_of)
    fitted: list[Any] = []  # a draft holds whatever was typed
    why: list[Why] = []
    for one in value:
        found, reasons = _heir_of(old.code_set, new, one, as_of)
        why += reasons
        if found not in fitted or found == one:
            fitted.append(found)
    return fitted, why


def _heir_of(
    old: CodeSet, new: Field, value: str | int | OtherValue, as_of: date
) -> tuple[str | int | OtherValue, list[Why]]:
    """Find the code that stands for a code of the old set on the day of the act."""
    assert new.code_set is not None
    codes = codes_of(value)
    if isinstance(value, int) or not codes:
        return value, []
    known = new.code_set.by_code.get(codes[0])
    if known is not None and _holds(known, as_of):
        return value, []
    before = old.by_code.get(codes[0])
    if before is None or not _holds(before, as_of):
        return value, []  # it was wrong before, and stays so
    heirs = (known.replaced_by if known else ()) or before.replaced_by
    named = new.code_set.by_name.get(before.name)
    if not heirs and known is None and named is not None:
        heirs = (named.code,)
    params: dict[str, str | int] = {"code": before.code, "name": before.name, "into": ";".join(heirs)}
    if len(heirs) > 1:
        return value, [Why(new.id, "code_split", params)]
    heir = new.code_set.by_code.get(heirs[0]) if heirs else None
    if heir is None or not _holds(heir, as_of):
        return value, [Why(new.id, "code_retired", params)]
    return (heir.code if isinstance(value, str) else {**value, "code": heir.code}), []


def _holds(code: Code, day: date) -> bool:
    return (code.since is None or code.since <= day) and (code.until is None or day <= code.until)
