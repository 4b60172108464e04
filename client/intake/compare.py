"""Comparing (比对): what each good row of a file meets, in the file and on the desk, field by field.

Read-only. By natural key first; then by what is nearly the same: one subject and day under a number
that differs by little, or one number under another subject. What becomes of a row, a person chooses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from rapidfuzz.distance import OSA

from client.core.imports import Chunk, GoodRow
from client.core.packed import Packed, encode
from client.core.row_keys import RowKey
from client.store import near
from client.store.desk import Desk
from client.store.draft_rows import Shown
from client.store.import_choices import kind_of
from client.store.import_rows import (
    Met,
    best_of,
    fate_in_file,
    meet,
    meet_same,
    met_by_id,
    settled_before,
)
from client.store.near import Near
from client.store.returned import known_keys, met_by_keys
from forms.catalog.docno import docno_form
from forms.catalog.schema import Item, Value
from forms.lists.entries import subject_kind

MOST_STEPS: Final = 2
"""Characters by which two numbers of documents may differ and still be looked at."""

ALIKE: Final = 0.8
"""Share of equal fields from which two acts of one day, one number apart, may be one act."""

MOST_ALIKE: Final = 8
"""Rows of one subject and day in the file that are held against each other."""

MOST_LATER: Final = 10_000
"""Rows whose values are kept to show differences; of more, only that they differ."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: what is there, and what the row says; None for nothing."""

    field: str
    there: Value | None
    here: Value | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A row and what it meets.

    Attributes:
        kind: one of `client.core.imports.USUAL`.
        subject, doc_no, act_on: of the row.
        other_row: the earlier row; 0 when it meets a record.
        record_id, state: the record; empty when it meets a row.
        other_subject, other_doc_no: of what it meets, where those differ.
        code: why nothing can be changed now, for `not_now`.
    """

    row: int
    kind: str
    subject: str
    doc_no: str
    act_on: str
    other_row: int
    record_id: str
    state: str
    other_subject: str
    other_doc_no: str
    code: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class FreeRow:
    """A row that would become a record: it meets none here by its key.

    Attributes:
        key: its natural key.
        payload: its values as JSON; empty beyond the first MOST_LATER rows.
    """

    row: int
    key: str
    subject: str
    subject_code: str
    doc_no: str
    act_on: str
    payload: str


def _meeting(said: Sequence[Any]) -> Meeting:
    fields: list[Any] = [*said[:-1], tuple(Difference(*one) for one in said[-1])]
    return Meeting(*fields)


def differences(there: Mapping[str, Any], here: Mapping[str, Any], item: Item) -> list[list[Any]]:
    """Return the fields that differ, in the order of the form: field, what is there, what is here."""
    return [
        [field.id, there.get(field.id), here.get(field.id)]
        for field in item.fields
        if there.get(field.id) != here.get(field.id)
    ]


def is_about_person(item: Item, code: str) -> bool:
    """Whether a record is about a natural person, by its item and the code of its subject."""
    return subject_kind(item, code, date.min) == "person"


class Known:
    """What this desk knows of other records."""

    def __init__(self, desk: Desk) -> None:
        self._db = desk.db

    def begin(self, item: Item, file_sha256: str) -> Compared:
        """Begin to compare the rows of a file."""
        return Compared(self, item, file_sha256)

    def settled(self, file_sha256: str, met: Mapping[int, Met]) -> set[int]:
        """Return rows that an earlier import of the same file has settled."""
        return settled_before(self._db.reader(), file_sha256, met)

    def meet(self, item: str, rows: Sequence[GoodRow], keys: Mapping[int, RowKey]) -> dict[int, Met]:
        """Return row number → the record that its key names, or that is about the same act."""
        reader = self._db.reader()
        by_key = meet(reader, [row[2] for row in rows])
        met: dict[int, Met] = {}
        for number, payload, key, name, code, doc_no, act_on, _ in rows:
            if key in by_key:
                met[number] = best_of(by_key[key], json.loads(payload))
            elif key is None:
                same = meet_same(
                    reader, item, Shown(name, code, doc_no, act_on, None), json.loads(payload)
                )  # fmt: skip
                if same is not None:
                    met[number] = same
        if keys:
            met |= met_by_keys(reader, rows, known_keys(reader, item, keys).keys)
        return met

    def of_subjects(self, item: str, codes: Iterable[str], days: Iterable[str]) -> list[Near]:
        """Return records of these subjects and days."""
        return near.of_subjects(self._db.reader(), item, codes, days)

    def of_keys(self, beginnings: Iterable[str]) -> dict[str, list[Near]]:
        """Return records whose natural key begins like this."""
        return near.of_keys(self._db.reader(), beginnings)

    def by_id(self, ids: Iterable[str]) -> dict[str, Met]:
        """Return records by id."""
        return met_by_id(self._db.reader(), ids)


@dataclass(frozen=True, slots=True)
class _Row:
    """A good row that meets nothing by its key."""

    number: int
    payload: str | bytes
    name: str
    code: str
    doc_no: str
    act_on: str
    beginning: str


class Compared:
    """What the rows of a file meet; grows chunk by chunk.

    Attributes:
        item: that the file is of.
        meetings: kinds as in `client.core.imports.USUAL`.
        free: rows about whose acts the platform can be asked.
        persons: how many of those are about natural persons.
    """

    def __init__(self, known: Known, item: Item, file_sha256: str) -> None:
        self.meetings: Packed[Meeting] = Packed(_meeting)
        self.free: Packed[FreeRow] = Packed(lambda said: FreeRow(*said))
        self.persons = 0
        self._known = known
        self.item = item
        self._sha256 = file_sha256
        self._numbered = bool(item.natural_key) and item.natural_key[0] == item.doc_no
        self._days: dict[int, list[tuple[int, str]]] = {}
        self._numbers: dict[int, tuple[int, str]] = {}
        self._later: list[tuple[int, int, str]] = []

    def take(self, chunk: Chunk) -> None:
        """Compare some rows."""
        met = self._known.meet(self.item.code, chunk.good, chunk.keys)
        settled = self._known.settled(self._sha256, met)
        free: list[_Row] = []
        for row in chunk.good:
            number, payload, key, name, code, doc_no, act_on, _ = row
            beginning = " ".join(key.split(" ", 2)[:2]) + " " if key and self._numbered else ""
            mine = _Row(number, payload, name, code, doc_no, act_on, beginning)
            if number in met:
                self._met(mine, met[number], settled=number in settled)
            else:
                free.append(mine)
                if key is not None:
                    self._free(mine, key)
        self._near_records(free)
        for mine in free:
            self._near_row(mine)
        for number, _, values, problems in chunk.doubled:
            said = json.loads(problems)[-1]["params"]
            if said["same"] or len(self._later) >= MOST_LATER:
                kind = "doubled_same" if said["same"] else "doubled_differs"
                self._doubled(kind, number, said["row"], values, None)
            else:
                self._later.append((number, said["row"], values))

    def end(self, firsts: Mapping[int, str]) -> None:
        """Say how later rows differ from the earlier ones about the same act, now that those are known."""
        for number, first, payload in self._later:
            self._doubled("doubled_differs", number, first, payload, firsts.get(first))
        self._later, self._days, self._numbers = [], {}, {}

    # --- by natural key ---

    def _free(self, mine: _Row, key: str) -> None:
        if is_about_person(self.item, mine.code):
            if not mine.code:  # a person is asked about by number only
                return
            self.persons += 1
        payload = mine.payload if len(self.free) < MOST_LATER else ""
        text = payload if isinstance(payload, str) else payload.decode()
        self.free.add(
            "", encode([mine.number, key, mine.name, mine.code, mine.doc_no, mine.act_on, text])
        )  # fmt: skip

    def _met(self, mine: _Row, met: Met, *, settled: bool) -> None:
        values = json.loads(mine.payload)
        fate = fate_in_file(met, values, settled=settled)
        kind = kind_of(fate)
        self._add(mine, kind, met=met, code=fate.code if kind == "not_now" else "", values=values)

    def _doubled(self, kind: str, number: int, first: int, payload: str, earlier: str | None) -> None:
        values = json.loads(payload)
        shown = (self.item.subject_name, self.item.subject_code, self.item.doc_no, self.item.act_on)
        name, code, doc_no, act_on = (str(values.get(one, "")) for one in shown)
        mine = _Row(number, payload, name, code, doc_no, act_on, "")
        found = differences(json.loads(earlier), values, self.item) if earlier else []
        self._put(mine, kind, first, "", "", "", "", "", found)

    # --- by what is nearly the same ---

    def _near_records(self, free: list[_Row]) -> None:
        """Find records that may be meant by rows that meet none, and take those rows out of `free`."""
        whole = [mine for mine in free if mine.code and mine.act_on]
        by_day: dict[tuple[str, str], list[Near]] = {}
        for one in self._known.of_subjects(
            self.item.code, (mine.code for mine in whole), (mine.act_on for mine in whole)
        ):
            by_day.setdefault((one.subject_code, one.act_on), []).append(one)
        by_number = self._known.of_keys(mine.beginning for mine in free if mine.beginning)
        if not by_day and not by_number:
            return
        candidates: dict[int, list[Near]] = {}
        for mine in free:
            found = [
                one
                for one in by_day.get((mine.code, mine.act_on), ())[:MOST_ALIKE]
                if _steps(one.doc_no, mine.doc_no) is not None
            ] + by_number.get(mine.beginning, [])[:MOST_ALIKE]
            if found:
                candidates[mine.number] = found
        met = self._known.by_id({one.record_id for found in candidates.values() for one in found})
        for mine in list(free):
            for one in candidates.get(mine.number, ()):
                there = met.get(one.record_id)
                values = json.loads(mine.payload)
                if there is not None and self._may_be_one(there.values, values, one.doc_no, mine.doc_no):
                    self._add(mine, "near_record", met=there, near=one, values=values)
                    free.remove(mine)
                    break

    def _may_be_one(
        self, there: Mapping[str, Any], here: Mapping[str, Any], their_number: str, number: str
    ) -> bool:
        """Whether two acts that are nearly the same may be one.

        Two decisions on one day often have neighbouring numbers: then nearly all else must be the same, too.
        """
        steps = _steps(their_number, number)
        if steps == 0 or (steps is not None and _without_digits(their_number) != _without_digits(number)):
            return True
        fields = [field.id for field in self.item.fields if field.id in there or field.id in here]
        equal = sum(there.get(name) == here.get(name) for name in fields)
        return bool(fields) and equal / len(fields) >= ALIKE

    def _near_row(self, mine: _Row) -> None:
        """Hold a row against the earlier ones of the same subject and day, and of the same number."""
        if not mine.doc_no:
            return
        if mine.code and mine.act_on:
            day = self._days.setdefault(hash((mine.code, mine.act_on)), [])
            for number, doc_no in day:
                if _steps(doc_no, mine.doc_no) and _without_digits(doc_no) != _without_digits(mine.doc_no):
                    self._put(mine, "near_row", number, "", "", "", doc_no, "", [])
                    return
            if len(day) < MOST_ALIKE:
                day.append((mine.number, mine.doc_no))
        if mine.beginning:
            number, subject = self._numbers.setdefault(hash(mine.beginning), (mine.number, mine.name))
            if number != mine.number:
                self._put(mine, "near_row", number, "", "", subject, "", "", [])

    # --- what was found ---

    def _add(
        self, mine: _Row, kind: str, *, met: Met, values: Mapping[str, Any], code: str = "",
        near: Near | None = None,
    ) -> None:  # fmt: skip
        found = [] if kind == "same" else differences(met.values, values, self.item)
        subject = near.subject_name if near and near.subject_name != mine.name else ""
        doc_no = near.doc_no if near and near.doc_no != mine.doc_no else ""
        self._put(mine, kind, 0, met.record_id, met.state, subject, doc_no, code, found)

    def _put(
        self, mine: _Row, kind: str, row: int, record_id: str, state: str, subject: str, doc_no: str,
        code: str, found: list[list[Any]],
    ) -> None:  # fmt: skip
        of_row = [mine.number, kind, mine.name, mine.doc_no, mine.act_on]
        of_other = [row, record_id, state, subject, doc_no]
        self.meetings.add(kind, encode([*of_row, *of_other, code, found]))


def _steps(one: str, other: str) -> int | None:
    """By how many characters two numbers of documents differ; None when by too many, or one is missing."""
    if not one or not other:
        return None
    steps = OSA.distance(docno_form(one), docno_form(other), score_cutoff=MOST_STEPS)
    return int(steps) if steps <= MOST_STEPS else None


def _without_digits(text: str) -> str:
    return "".join(letter for letter in docno_form(text) if not letter.isdigit())
