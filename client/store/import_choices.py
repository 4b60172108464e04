"""What becomes of the rows of a chunk that meet something (比对): by rule, and by what a person chose."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from client.core.imports import Choice, Choices, GoodRow, KeptRow
from client.core.row_keys import RowKey
from client.store.connection import Connection
from client.store.draft_rows import Shown, as_json, shown
from client.store.import_rows import (
    DELETED_BY_CASE,
    SAME,
    Fate,
    Met,
    best_of,
    fate_in_file,
    fate_of,
    meet,
    meet_same,
    met_by_id,
    same_of,
    settled_before,
    why,
)
from client.store.returned import met_by_keys
from forms.catalog.schema import Item, Values

MetRow = tuple[KeptRow, str | None]
"""A row that makes no record of its own, and the record that it meets."""

_KINDS: Final = {"updated": "draft_differs", "corrected": "accepted_differs"}


@dataclass(slots=True)
class SortedOut:
    """The rows of a chunk by what becomes of them.

    Attributes:
        new: they become records.
        reasons: row → why it becomes one though there is another about the same act.
        kept: fate → rows that stay under the import.
    """

    new: Sequence[GoodRow]
    reasons: dict[int, str] = field(default_factory=dict)
    kept: dict[str, list[MetRow]] = field(default_factory=dict)

    def keep(self, fate: str, row: KeptRow, record_id: str | None = None) -> None:
        """Let a row stay under its import."""
        self.kept.setdefault(fate, []).append((row, record_id))


def sort_out(
    tx: Connection, item: str, good: Sequence[GoodRow], choices: Choices, keys: Mapping[int, RowKey],
    file_sha256: str,
) -> SortedOut:  # fmt: skip
    """Decide what becomes of each good row of a chunk; `keys` are those of a returned file."""
    met = _meet_rows(tx, item, good)
    if keys and (named := met_by_keys(tx, good, keys)):
        return _sort_returned(tx, item, good, choices, named, met, file_sha256)
    if not met and not choices.rows and not choices.elsewhere:
        return SortedOut(good)
    done = SortedOut([])
    settled = settled_before(tx, file_sha256, met)
    new = [row for row in good if _is_new(tx, done, row, met.get(row[0]), choices, settled)]
    done.new = [row for row in new if _is_ours(done, row, choices)]
    return done


def _is_ours(done: SortedOut, row: GoodRow, choices: Choices) -> bool:
    """Whether a row becomes a record though another unit has reported its act, or none has."""
    number, payload = row[0], row[1]
    elsewhere = choices.elsewhere.get(number)
    if elsewhere is None:
        return True
    if elsewhere.act == "keep":
        done.reasons[number] = "；".join(filter(None, (done.reasons.get(number), elsewhere.reason)))
        return True
    problem = [{
        "path": "", "code": "reported_elsewhere", "severity": "warning", "params": {"who": elsewhere.who},
    }]  # fmt: skip
    done.reasons.pop(number, None)
    done.keep("skipped", (number, "[]", payload.decode(), as_json(problem)))
    return False


def _sort_returned(
    tx: Connection, item: str, good: Sequence[GoodRow], choices: Choices, named: Mapping[int, Met],
    met: Mapping[int, Met], file_sha256: str,
) -> SortedOut:  # fmt: skip
    """Let each row whose key names a record change that one, the others as without keys."""
    rest = [row for row in good if row[0] not in named]
    done = sort_out(tx, item, rest, choices, {}, file_sha256)
    for row in good:
        number, payload = row[0], row[1]
        record = named.get(number)
        if record is None:
            continue
        fate = fate_of(record, json.loads(payload))
        choice = choices.rows.get(number)
        other = met.get(number)
        if fate.fate != "skipped" and choice is not None and choice.act == "skip":
            fate = Fate("skipped", "chosen_skip")
        elif fate.fate != "skipped" and other is not None and other.record_id != record.record_id:
            fate = Fate("skipped", "returned_meets_other")
        if fate.fate == "skipped":
            done.keep("skipped", _kept(number, payload, fate.code), record.record_id)
        else:
            done.keep(fate.fate, (number, "[]", payload.decode(), why("returned_row")), record.record_id)
    return done


def sort_doubled(
    tx: Connection, import_id: str, item: Item, doubled: Sequence[KeptRow], choices: Choices
) -> SortedOut:
    """Decide what becomes of rows about the same act as an earlier one, which is stored by now."""
    done = SortedOut([])
    usual = not choices.rows and choices.groups.keys().isdisjoint({"doubled_same", "doubled_differs"})
    for row in doubled:
        if usual:
            done.keep("skipped", row)
        else:
            _sort_doubled(tx, import_id, item, done, row, choices)
    return done


def _meet_rows(tx: Connection, item: str, good: Sequence[GoodRow]) -> dict[int, Met]:
    """Return row number → the record about the same act."""
    by_key = meet(tx, [row[2] for row in good])
    met: dict[int, Met] = {}
    for number, payload, key, name, code, doc_no, act_on, _ in good:
        if key is None:
            same = meet_same(tx, item, Shown(name, code, doc_no, act_on, None), json.loads(payload))
            if same is not None:
                met[number] = same
        elif key in by_key:
            met[number] = best_of(by_key[key], json.loads(payload))
    return met


def _is_new(
    tx: Connection, done: SortedOut, row: GoodRow, met: Met | None, choices: Choices, settled: set[int]
) -> bool:
    """Whether a row becomes a record; else it has been sorted out."""
    number, payload = row[0], row[1]
    if met is None:
        choice = choices.rows.get(number)
        if choice is None or choice.act in {"create", "keep"}:
            return True
        if choice.record_id is None:
            done.keep("skipped", _kept(number, payload, "chosen_skip"))
        else:
            _sort_named(tx, done, row, choice)
        return False
    fate = fate_in_file(met, json.loads(payload), settled=number in settled)
    choice = choices.of(number, kind_of(fate))
    if choice.act == "keep" and not (fate == SAME and met.beside):
        done.reasons[number] = choice.reason
        return True
    if fate.fate != "skipped" and choice.act == "skip":
        fate = Fate("skipped", "chosen_skip")
    if fate.fate == "skipped":
        done.keep("skipped", _kept(number, payload, fate.code), met.record_id)
    else:
        done.keep(fate.fate, (number, "[]", payload.decode(), "[]"), met.record_id)
    return False


def kind_of(fate: Fate) -> str:
    """Return the kind of what a row meets, by what becomes of it as a rule."""
    if fate == SAME:
        return "same"
    if fate == DELETED_BY_CASE:
        return "deleted_by_case"
    return _KINDS.get(fate.fate, "not_now")


def _sort_named(tx: Connection, done: SortedOut, row: GoodRow, choice: Choice) -> None:
    """Let a row change, or leave, a record that a person found to be the same act."""
    number, payload = row[0], row[1]
    assert choice.record_id is not None
    met = met_by_id(tx, [choice.record_id]).get(choice.record_id)
    if choice.act == "skip" or met is None:
        code = "chosen_skip" if met is not None else "record_changed"
        done.keep("skipped", _kept(number, payload, code), choice.record_id)
        return
    fate = fate_of(met, json.loads(payload))
    if fate.fate == "skipped":
        done.keep("skipped", _kept(number, payload, fate.code), met.record_id)
    else:
        done.keep(fate.fate, (number, "[]", payload.decode(), why("chosen_near")), met.record_id)


def _sort_doubled(
    tx: Connection, import_id: str, item: Item, done: SortedOut, row: KeptRow, choices: Choices
) -> None:
    number, _, payload, problems = row
    said = json.loads(problems)
    same = said[-1]["params"]["same"]
    choice = choices.of(number, "doubled_same" if same else "doubled_differs")
    values = json.loads(payload)
    if choice.act == "keep" and not _kept_before(tx, item, values):
        seen = shown(item, values)
        asked = sum(bool(problem["answerable"]) for problem in said)
        lists = (seen.subject_name, seen.subject_code, seen.doc_no, seen.act_on)
        done.new = [*done.new, (number, payload.encode(), seen.natural_key, *lists, asked)]
        done.reasons[number] = choice.reason
        return
    first = _record_of(tx, import_id, said[-1]["params"]["row"]) if choice.act == "update" else None
    met = met_by_id(tx, [first.record_id]).get(first.record_id) if first else None
    fate = fate_of(met, values) if met else SAME
    if first is not None and fate == SAME and first.waits is not None:
        fate = first.waits  # its change comes first, and this one after it
    if met is None or fate.fate == "skipped":
        done.keep("skipped", row)
    else:
        done.keep(fate.fate, (number, "[]", payload, why("chosen_later")), met.record_id)


def _kept_before(tx: Connection, item: Item, values: Values) -> bool:
    """Whether an earlier import has kept the very same beside another: it comes in no second time."""
    seen = shown(item, values)
    if seen.natural_key is None:
        same = meet_same(tx, item.code, seen, values)
    else:
        same = same_of(meet(tx, [seen.natural_key]).get(seen.natural_key, ()), values)
    return same is not None and same.beside


@dataclass(frozen=True, slots=True)
class _First:
    """The record that the earlier row became, or meets, and the change that waits for it."""

    record_id: str
    waits: Fate | None


def _record_of(tx: Connection, import_id: str, row: int) -> _First | None:
    """Return the record that a row of the import became, or changes."""
    found = tx.execute(
        "SELECT record_id, 'created' AS fate FROM record WHERE import_id = ? AND import_row = ?"
        " UNION ALL SELECT record_id, fate FROM import_row"
        " WHERE import_id = ? AND row = ? AND record_id IS NOT NULL",
        (import_id, row, import_id, row),
    ).fetchone()
    if found is None:
        return None
    waits = Fate(found["fate"]) if found["fate"] in {"updated", "corrected"} else None
    return _First(found["record_id"], waits)


def _kept(number: int, payload: bytes, code: str) -> KeptRow:
    """Keep, of a skipped row, only why; its record has the values when they are the same."""
    return (number, "[]", "{}" if code == SAME.code else payload.decode(), why(code))


def keep_met(tx: Connection, import_id: str, fate: str, rows: Iterable[MetRow]) -> None:
    """Keep rows under their import, each with the record that it meets."""
    tx.executemany(
        "INSERT INTO import_row (import_id, row, fate, record_id, cells, payload, problems)"
        " VALUES (?,?,?,?,?,?,?)",
        (
            (import_id, number, fate, record_id, cells, payload, problems)
            for (number, cells, payload, problems), record_id in rows
        ),
    )
