"""Every record of a file, cleaned and checked, in chunks: what the child process does (`child`).

Answers travel as JSON texts and tuples, made here, so that the other side has little to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from client.core.imports import PROPOSED, Chunk, Cleaned
from client.core.packed import encode, pack
from client.core.row_keys import row_digest
from client.errors import FileRefused
from client.intake import table
from client.intake.acts import Acts
from client.intake.beside import Beside
from client.intake.cells import Cell
from client.intake.clean import Touched, as_typed
from client.intake.columns import CleanColumn, column_cleaner
from client.intake.laid_out import CleanRows, LaidOut
from client.intake.marks import problems_by_row
from client.intake.read import open_book
from client.intake.recipes import with_refused
from client.intake.returned import Returned, returned_of
from client.intake.said import Ended, Entries, FaultyRow, Opened, Part, Plan, RowProblem, problem_json
from client.intake.sheet_xml import column_letters
from client.intake.table import Notice, Record, Records, Table
from forms.catalog.check import check
from forms.catalog.problems import Problem
from forms.catalog.schema import Value
from forms.catalog.sieve import Sieve
from forms.catalog.slips import one_slip

__all__ = ["Ended", "Opened", "Part", "Plan", "judge_file"]

CHUNK_ROWS: Final = 1_000
MOST_FIRSTS: Final = 10_000
"""Earlier rows that are looked up again, for the differences of later rows about the same act."""


def judge_file(path: Path, plan: Plan) -> Iterator[Opened | Part | Ended]:
    """Read, clean and check a file. Yields `Opened`, then parts, then `Ended`.

    Raises:
        FileRefused: the file cannot come in; `no_rows` when there is no record in it.
    """
    digest = Beside(lambda: _digest(path))
    with open_book(path) as book:
        chosen = table.choose(
            book, plan.items, sheet=plan.sheet, fields=plan.fields, header_row=plan.header_row,
            units=plan.units,
        )  # fmt: skip
        sheet = chosen.sheet
        yield Opened(digest.result(), book.encoding, sheet.name, chosen.header, sheet.height, chosen.others)
        refused = with_refused(plan.cleanings, plan.items.recipe(chosen.header.recipe))
        returned = returned_of(book, chosen.sheet, chosen.header)
        del book  # lets go of the workbook's texts, a third of the memory; the sheet has its own
        judge = _Judge(chosen, replace(plan, cleanings=refused), returned)
        any_rows = False
        for part in judge.parts():
            any_rows = True
            yield part
        if not any_rows:
            raise FileRefused("no_rows")
        yield judge.ended()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_Change = tuple[int, str, str, str, bool]
"""Row, field, reason, the whole as JSON, and whether it was carried out."""


class _Judge:
    """Judges the rows of one table, and remembers what concerns more than one of them."""

    def __init__(self, chosen: Table, plan: Plan, returned: Returned | None) -> None:
        self._plan = plan
        self._table = chosen
        self._returned = returned
        self._item = plan.items.item(chosen.header.item)
        self._records = Records(chosen)
        headings = {heading.column: heading for heading in chosen.header.headings}
        self._names, columns = self._records.fields, self._records.columns
        self._letters = dict(zip(self._names, map(column_letters, columns), strict=True))
        self._columns = dict(zip(self._names, columns, strict=True))
        self._cleaners = [
            column_cleaner(self._item.by_id[name], headings[column], plan.today)
            for name, column in zip(self._names, columns, strict=True)
        ]
        self._marked = problems_by_row(chosen.sheet.marks, dict(zip(columns, self._names, strict=True)))
        self._acts = Acts()
        self._firsts: set[int] = set()
        self._entries = Entries(self._item)
        self._sieve = Sieve(self._item, reported_on=plan.today)
        # Where a blank line would pass for a record, each row is looked at by itself.
        self._vouches = bool(check(self._item, {}, reported_on=plan.today))
        self._wants_rows = plan.keep or plan.compare

    def parts(self) -> Iterator[Part]:
        """Judge all records, `CHUNK_ROWS` at a time."""
        rows: list[Record] = []
        for some in self._records.blocks(CHUNK_ROWS):
            rows += some if self._returned is None else map(self._returned.with_accepted, some)
            del some  # its rows are let go of as soon as they are judged
            if len(rows) >= CHUNK_ROWS:
                part = self._part(rows[:CHUNK_ROWS])
                del rows[:CHUNK_ROWS]
                yield part
                del part
        if rows and (part := self._part(rows)).rows:
            yield part

    def _part(self, rows: Sequence[Record]) -> Part:
        """Judge some rows: those that are vouched for together, the others one by one."""
        part = Part(chunk=Chunk() if self._wants_rows else None)
        changes: list[_Change] = []
        laid = LaidOut(self._item, self._clean(rows, changes), self._sieve, wants_rows=self._wants_rows)
        numbers = [number for number, _, _ in rows]
        cells = [cells for _, _, cells in rows]
        own = self._own(laid, numbers)
        doubtful = sorted(laid.doubtful.union(own)) if self._vouches else range(len(rows))
        values = {place: laid.values(place) for place in doubtful}
        out = {place for place, one in values.items() if not one and place not in own}
        self._count(part, numbers, cells, out)
        told: list[FaultyRow] = []
        problems: dict[int, list[Problem]] = {}
        for place in doubtful:
            if place in out:
                continue
            found = self._judge(numbers[place], cells[place], values[place], laid, place, own, changes)
            if any(problem.severity == "error" for problem in found):
                out.add(place)
                self._faulty(part, told, numbers[place], cells[place], laid.payloads[place], found)
            elif found:
                problems[place] = found
        good = [place for place in range(len(rows)) if place not in out] if out else range(len(rows))
        self._good(part, told, numbers, cells, laid, good, problems)
        self._tell(part, told)
        self._say_changes(part, changes)
        return part

    def _own(self, laid: LaidOut, numbers: Sequence[int]) -> dict[int, list[Problem]]:
        """Return place → what cleaning, and the sheet itself, have to say of a row."""
        if not self._marked:
            return laid.own
        own = dict(laid.own)
        for place, number in enumerate(numbers):
            if number in self._marked:
                own[place] = [*own.get(place, ()), *self._marked[number]]
        return own

    def _say_changes(self, part: Part, changes: list[_Change]) -> None:
        changes.sort(key=lambda change: change[0])
        if part.chunk is not None and self._plan.keep:
            part.chunk.changes = _cleaned([change for change in changes if change[4]])
        else:
            part.changed = [(f"{name}/{reason}", text) for _, name, reason, text, _ in changes]

    def _clean(self, rows: Sequence[Record], changes: list[_Change]) -> CleanRows:
        """Clean the columns that are not blank, and collect what that has to say of each row."""
        own: dict[int, list[Problem]] = {}
        names: list[str] = []
        columns: list[CleanColumn] = []
        picked = zip(*(picked for _, picked, _ in rows), strict=True)
        for name, clean, cells in zip(self._names, self._cleaners, picked, strict=True):
            if cells.count("") == len(cells):
                continue
            column = clean(cells)
            if column.touched:
                values = list(column.values)
                for place, one in column.touched:
                    values[place] = self._touch(rows[place][0], name, cells[place], one, changes)
                    if one.code:
                        problem = Problem(name, one.code, params=one.params, suggestion=one.suggestion)
                        own.setdefault(place, []).append(problem)
                column = column._replace(values=values)
            names.append(name)
            columns.append(column)
        return CleanRows(names, columns, own, len(rows))

    def _touch(self, number: int, name: str, cell: Cell, one: Touched, changes: list[_Change]) -> Value:
        """Return the value of a cell that was not taken as it is, or, when that was refused, as it is."""
        if not one.reason:
            return one.value
        done = not self._plan.cleanings or self._plan.cleanings.wanted(number, name, one.reason)
        changes.append(self._change(number, name, as_typed(cell), one.value, one.reason, done=done))
        return one.value if done else as_typed(cell)

    def _change(
        self, number: int, name: str, before: str, after: Value, reason: str, *, done: bool
    ) -> _Change:
        text = encode([number, self._letters[name], name, before, after, reason, done])
        return number, name, reason, text, done

    def _judge(
        self, number: int, cells: list[Cell], values: dict[str, Value], laid: LaidOut, place: int,
        own: Mapping[int, list[Problem]], changes: list[_Change],
    ) -> list[Problem]:  # fmt: skip
        """Return all that is to be said of a row; what is mended in it is laid out again."""
        problems = check(self._item, values, reported_on=self._plan.today)
        mine = own.get(place, [])
        if problems and any(problem.code == "uscc_check" for problem in problems):
            problems, mended = self._mend_slips(number, cells, values, problems, mine, changes)
            if mended:
                laid.put(place, self._laid_again(values))
        if mine:
            named = {problem.path for problem in mine}
            problems = mine + [problem for problem in problems if problem.field_id not in named]
        return problems

    def _mend_slips(
        self, number: int, cells: list[Cell], values: dict[str, Value], problems: list[Problem],
        own: Sequence[Problem], changes: list[_Change],
    ) -> tuple[list[Problem], bool]:  # fmt: skip
        """Propose credit codes that differ by one slip; put in those to which a person said yes.

        What the cell itself lost (digits after the 15th) no check character can give back. Returns the
        problems that are left, and whether a value was changed.
        """
        lost = {problem.path for problem in own}
        mended = False
        proposed: dict[str, str] = {}
        for problem in problems:
            name = problem.field_id
            wrong = values.get(name)
            meant = one_slip(wrong) if problem.code == "uscc_check" and isinstance(wrong, str) else None
            if meant is None or name in lost or name not in self._columns:
                continue
            done = self._plan.cleanings.wanted(number, name, PROPOSED_SLIP)
            typed = as_typed(cells[self._columns[name]])
            changes.append(self._change(number, name, typed, meant, PROPOSED_SLIP, done=done))
            if done:
                values[name] = meant
                mended = True
            else:
                proposed[name] = meant
        if mended:
            problems = check(self._item, values, reported_on=self._plan.today)
        return [
            Problem(one.path, one.code, one.severity, one.answerable, one.params, proposed[one.path])
            if one.code == "uscc_check" and one.path in proposed
            else one
            for one in problems
        ], mended

    def _laid_again(self, values: dict[str, Value]) -> LaidOut:
        """Lay out a row whose values have changed since."""
        columns = [CleanColumn([value], []) for value in values.values()]
        clean = CleanRows(list(values), columns, {}, 1)
        return LaidOut(self._item, clean, self._sieve, wants_rows=self._wants_rows)

    def _count(self, part: Part, numbers: Sequence[int], cells: list[list[Cell]], out: set[int]) -> None:
        """Count the rows that are records; take out of their cells what is ours."""
        places = [place for place in range(len(numbers)) if place not in out]
        part.rows = len(places)
        part.last_row = numbers[places[-1]] if places else 0
        if not self._plan.cells and self._returned is None:
            return
        for place in places:
            number = numbers[place]
            if self._plan.cells:
                said = {name: as_typed(cells[place][column]) for name, column in self._columns.items()}
                part.digests[number] = row_digest(said)
            if self._returned is not None:
                cells[place] = self._take_key(self._returned, part, number, cells[place])

    def _take_key(self, returned: Returned, part: Part, number: int, cells: list[Cell]) -> list[Cell]:
        """Put the row's key aside: it is ours, and no part of what the row says."""
        if part.chunk is not None and number in returned.keys:
            part.chunk.keys[number] = returned.keys[number]
        if returned.column >= len(cells):
            return cells
        return [*cells[: returned.column], "", *cells[returned.column + 1 :]]

    def _faulty(
        self, part: Part, told: list[FaultyRow], number: int, cells: list[Cell], payload: bytes,
        problems: list[Problem],
    ) -> None:  # fmt: skip
        part.faulty += 1
        found = self._placed(problems, cells)
        if part.chunk is not None and self._plan.keep:
            part.chunk.faulty.append((number, *self._kept(cells, payload, found)))
        else:
            told.append((number, True, found, cells))

    def _good(
        self, part: Part, told: list[FaultyRow], numbers: Sequence[int], cells: Sequence[list[Cell]],
        laid: LaidOut, places: Sequence[int], problems: dict[int, list[Problem]],
    ) -> None:  # fmt: skip
        """Take rows without errors; a later one about the same act is set apart."""
        keys, payloads, shown = laid.keys, laid.payloads, laid.shown
        doubled = self._acts.doubled(
            [numbers[place] for place in places], [keys[place] for place in places],
            [payloads[place] for place in places],
        )  # fmt: skip
        part.doubled = len(doubled)
        chunk = part.chunk
        if chunk is not None:
            asked = {place: sum(one.answerable for one in found) for place, found in problems.items()}
            chunk.good = [
                (numbers[place], payloads[place], keys[place], *shown[place], asked.get(place, 0))
                for place in places
                if numbers[place] not in doubled
            ]
        if not doubled and not problems:
            return
        for place in places:
            number, found = numbers[place], problems.get(place, [])
            if number in doubled:
                found = [*found, self._doubled(*doubled[number])]
                if chunk is not None:
                    placed = self._placed(found, cells[place])
                    chunk.doubled.append((number, *self._kept(cells[place], payloads[place], placed)))
            if found and not self._plan.keep:
                told.append((number, False, self._placed(found, cells[place]), []))

    def _doubled(self, first_row: int, same: bool) -> Problem:  # noqa: FBT001 - as it was found
        """Name the earlier row that is about the same act."""
        if not same and self._plan.compare and len(self._firsts) < MOST_FIRSTS:
            self._firsts.add(first_row)
        return Problem("", "duplicate_in_file", "warning", params={"row": first_row, "same": int(same)})

    def _tell(self, part: Part, told: list[FaultyRow]) -> None:
        """Say what was found in rows, as `check --json` shows it."""
        told.sort(key=lambda one: one[0])
        for number, has_errors, found, cells in told:
            part.found += [self._entries.entry(number, *one) for one in found]
            if self._plan.cells:
                part.report.append((number, has_errors, found, cells))

    def _placed(self, problems: Sequence[Problem], cells: list[Cell]) -> list[RowProblem]:
        placed = []
        for problem in problems:
            # What concerns the whole row is shown at its number.
            name = problem.field_id or self._item.doc_no
            column = self._columns.get(name)
            cell = cells[column] if column is not None else ""
            placed.append((problem, self._letters.get(name, ""), as_typed(cell)))
        return placed

    def _kept(self, cells: list[Cell], payload: bytes, found: list[RowProblem]) -> tuple[str, str, str]:
        """Write what stays with the import: cells as text, values, and problems with their places."""
        end = len(cells)
        while end and cells[end - 1] == "":
            end -= 1
        texts = [cell if type(cell) is str else as_typed(cell) for cell in cells[:end]]
        return encode(texts), payload.decode(), encode([problem_json(*one) for one in found])

    def ended(self) -> Ended:
        """Say what concerns the whole file: formulas, units that were taken for granted, lines left out."""
        notices = list(self._records.notices)
        if self._returned is not None:
            notices += self._returned.notices
        header = self._table.header
        taken: dict[int, list[int]] = {}
        for (row, column), has_value in self._table.sheet.marks.formulas.items():
            if has_value and row + 1 > header.last_row:
                taken.setdefault(column, []).append(row + 1)
        for name, column in self._columns.items():
            letters = self._letters[name]
            if rows := taken.get(column):
                notices.append(Notice("formula_value_taken", min(rows), letters, str(len(rows)), name))
            heading = next(h for h in header.headings if h.column == column)
            unit = self._item.by_id[name].unit
            if heading.found in {"pinyin", "fuzzy"}:
                notices.append(Notice("heading_guessed", header.last_row, letters, heading.text, name))
            if unit == "万元" and not heading.unit:
                notices.append(Notice("unit_assumed", header.last_row, letters, heading.text, name))
        return Ended(notices, self._read_firsts())

    def _read_firsts(self) -> dict[int, str]:
        """Read once more the rows that later ones differ from."""
        if not self._firsts:
            return {}
        rows = [row for row in Records(self._table) if row[0] in self._firsts]
        payloads = self._clean(rows, []).payloads()
        return {row[0]: payload.decode() for row, payload in zip(rows, payloads, strict=True)}


(PROPOSED_SLIP,) = PROPOSED


def _cleaned(changes: Sequence[_Change]) -> Cleaned | None:
    if not changes:
        return None
    counts: dict[tuple[str, str], int] = {}
    for _, name, reason, _, _ in changes:
        counts[name, reason] = counts.get((name, reason), 0) + 1
    return Cleaned(changes[0][0], changes[-1][0], counts, pack([text for _, _, _, text, _ in changes]))
