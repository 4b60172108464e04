"""Every record of a file, cleaned and checked, in chunks: what the child process does (`child`).

Answers travel as JSON texts and tuples, made here, so that the other side has little to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from client.core.imports import PROPOSED, Chunk, Cleaned
from client.core.packed import encode, pack
from client.core.row_keys import row_digest
from client.errors import FileRefused
from client.intake import table
from client.intake.cells import Cell
from client.intake.clean import Touched, as_typed
from client.intake.columns import CleanColumn, column_cleaner
from client.intake.laid_out import CleanRows, LaidOut
from client.intake.read import open_book
from client.intake.recipes import with_refused
from client.intake.returned import Returned, returned_of
from client.intake.said import Ended, Entries, Opened, Part, Plan, RowProblem, problem_json
from client.intake.sheet_xml import column_letters
from client.intake.table import Notice, Records, Table
from forms.catalog.check import check
from forms.catalog.problems import Problem
from forms.catalog.schema import Value
from forms.catalog.sieve import Sieve
from forms.catalog.slips import one_slip

__all__ = ["Ended", "Opened", "Part", "Plan", "judge_file"]

CHUNK_ROWS: Final = 1_000
MOST_FIRSTS: Final = 10_000
"""Earlier rows that are looked up again, for the differences of later rows about the same act."""

_HASH_BYTES: Final = 1 << 17
_CONTENT_BITS: Final = 40
_CONTENT_MASK: Final = (1 << _CONTENT_BITS) - 1


def judge_file(path: Path, plan: Plan) -> Iterator[Opened | Part | Ended]:
    """Read, clean and check a file. Yields `Opened`, then parts, then `Ended`.

    Raises:
        FileRefused: the file cannot come in; `no_rows` when there is no record in it.
    """
    digest = _digest(path)
    with open_book(path) as book:
        chosen = table.choose(
            book, plan.items, sheet=plan.sheet, fields=plan.fields, header_row=plan.header_row,
            units=plan.units,
        )  # fmt: skip
        sheet = chosen.sheet
        yield Opened(digest, book.encoding, sheet.name, chosen.header, sheet.height, chosen.others)
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
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()


_Row = tuple[int, tuple[Cell, ...], list[Cell]]
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
        self._marked = self._marks_by_row()
        self._seen: dict[int, int] = {}
        self._firsts: set[int] = set()
        self._entries = Entries(self._item)
        self._sieve = Sieve(self._item, reported_on=plan.today)
        # Where a blank line would pass for a record, each row is looked at by itself.
        self._vouches = bool(check(self._item, {}, reported_on=plan.today))
        self._wants_rows = plan.keep or plan.compare

    def _marks_by_row(self) -> dict[int, list[Problem]]:
        """Name cells that hold an error, or a formula whose result was never saved: row → problems."""
        marks = self._table.sheet.marks
        names = {column: name for name, column in self._columns.items()}
        marked: dict[int, list[Problem]] = {}
        for (row, column), error in marks.errors.items():
            if column in names:
                problem = Problem(names[column], "cell_error", params={"value": error})
                marked.setdefault(row + 1, []).append(problem)
        for (row, column), has_value in marks.formulas.items():
            if has_value is False and column in names and (row, column) not in marks.errors:
                marked.setdefault(row + 1, []).append(Problem(names[column], "formula_without_value"))
        return marked

    def parts(self) -> Iterator[Part]:
        """Judge all records, `CHUNK_ROWS` at a time."""
        rows: list[_Row] = []
        for row in self._records:
            rows.append(row if self._returned is None else self._returned.with_accepted(row))
            if len(rows) == CHUNK_ROWS:
                yield self._part(rows)
                rows = []
        if rows and (part := self._part(rows)).rows:
            yield part

    def _part(self, rows: Sequence[_Row]) -> Part:
        part = Part(chunk=Chunk() if self._wants_rows else None)
        changes: list[_Change] = []
        laid = LaidOut(self._item, self._clean(rows, changes), self._sieve, wants_rows=self._wants_rows)
        doubtful = laid.doubtful if self._vouches else range(len(rows))
        for place, (number, _, cells) in enumerate(rows):
            said = laid.own.get(place)
            if self._marked:
                said = [*(said or ()), *self._marked.get(number, ())]
            if place not in doubtful and not said:
                self._good(part, number, self._counted(part, number, cells), laid, place, ())
            elif (values := laid.values(place)) or said:
                self._judge(part, number, cells, values, laid, place, said, changes)
        changes.sort(key=lambda change: change[0])
        if part.chunk is not None and self._plan.keep:
            part.chunk.changes = _cleaned([change for change in changes if change[4]])
        else:
            part.changed = [(f"{name}/{reason}", text) for _, name, reason, text, _ in changes]
        return part

    def _clean(self, rows: Sequence[_Row], changes: list[_Change]) -> CleanRows:
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
        self, part: Part, number: int, cells: list[Cell], values: dict[str, Value], laid: LaidOut, place: int,
        own: list[Problem] | None, changes: list[_Change],
    ) -> None:  # fmt: skip
        problems = check(self._item, values, reported_on=self._plan.today)
        mended = False
        if problems and any(problem.code == "uscc_check" for problem in problems):
            problems, mended = self._mend_slips(number, cells, values, problems, own or (), changes)
        if own:
            named = {problem.path for problem in own}
            problems = own + [problem for problem in problems if problem.field_id not in named]
        cells = self._counted(part, number, cells)
        if mended:
            laid, place = self._laid_again(values), 0
        if problems and any(problem.severity == "error" for problem in problems):
            self._faulty(part, number, cells, laid.payloads[place], problems)
        else:
            self._good(part, number, cells, laid, place, problems)

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

    def _counted(self, part: Part, number: int, cells: list[Cell]) -> list[Cell]:
        """Count a row; return its cells without what is ours."""
        part.rows += 1
        part.last_row = number
        if self._plan.cells:
            said = {name: as_typed(cells[column]) for name, column in self._columns.items()}
            part.digests[number] = row_digest(said)
        return cells if self._returned is None else self._take_key(self._returned, part, number, cells)

    def _take_key(self, returned: Returned, part: Part, number: int, cells: list[Cell]) -> list[Cell]:
        """Put the row's key aside: it is ours, and no part of what the row says."""
        if part.chunk is not None and number in returned.keys:
            part.chunk.keys[number] = returned.keys[number]
        if returned.column >= len(cells):
            return cells
        return [*cells[: returned.column], "", *cells[returned.column + 1 :]]

    def _faulty(
        self, part: Part, number: int, cells: list[Cell], payload: bytes, problems: list[Problem]
    ) -> None:
        part.faulty += 1
        found = self._placed(problems, cells)
        if part.chunk is not None and self._plan.keep:
            part.chunk.faulty.append((number, *self._kept(cells, payload, found)))
        else:
            self._tell(part, number, found, cells, has_errors=True)

    def _good(
        self, part: Part, number: int, cells: list[Cell], laid: LaidOut, place: int,
        problems: Sequence[Problem],
    ) -> None:  # fmt: skip
        key, payload = laid.keys[place], laid.payloads[place]
        content = hash(payload) & _CONTENT_MASK
        # Without a key only the very same values are the same act.
        mine = number << _CONTENT_BITS | content
        first = self._seen.setdefault(hash(key or payload), mine)
        if first != mine:
            part.doubled += 1
            problems = [*problems, self._doubled(first, content)]
        chunk = part.chunk
        if chunk is not None:
            if first != mine:
                chunk.doubled.append((number, *self._kept(cells, payload, self._placed(problems, cells))))
            else:
                asked = sum(problem.answerable for problem in problems) if problems else 0
                chunk.good.append((number, payload, key, *laid.shown[place], asked))
        if problems and not self._plan.keep:
            self._tell(part, number, self._placed(problems, cells), cells, has_errors=False)

    def _doubled(self, first: int, content: int) -> Problem:
        """Name the earlier row that is about the same act."""
        same = first & _CONTENT_MASK == content
        first_row = first >> _CONTENT_BITS
        if not same and self._plan.compare and len(self._firsts) < MOST_FIRSTS:
            self._firsts.add(first_row)
        return Problem("", "duplicate_in_file", "warning", params={"row": first_row, "same": int(same)})

    def _tell(
        self, part: Part, number: int, found: list[RowProblem], cells: list[Cell], *, has_errors: bool
    ) -> None:
        """Say what was found in a row, as `check --json` shows it."""
        part.found += [self._entries.entry(number, *one) for one in found]
        if self._plan.cells:
            part.report.append((number, has_errors, found, cells if has_errors else []))

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
