"""What the page asks of intake and store. Functions of values; none touches a widget."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from client.core import comparisons
from client.core.imports import (
    AS_PROPOSED,
    AS_USUAL,
    Choice,
    Choices,
    Cleanings,
    Import,
    ImportRow,
    Taken,
    fates_of,
)
from client.core.records import Submitted
from client.core.workflow import ON_THE_DESK
from client.intake.compare import Known, Meeting
from client.intake.elsewhere import There, rows_there
from client.intake.groups import Group, groups_of
from client.intake.importing import Imported, import_file, write_report
from client.intake.losses import losses
from client.intake.outcome import CheckOutcome, Found, check_file
from client.intake.preview import Preview, preview
from client.store import import_changes, imports, recipes, records, review
from client.store.desk import Desk
from client.ui.intake import words
from client.ui.messages import sentence
from forms.catalog.messages import short
from forms.catalog.problems import Problem
from forms.catalog.sentences import SENTENCES

SHOWN: Final = 1_000
"""Problems and rows that a table lists; all are in the error report."""

Progress = Callable[[int, int | None], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose for a file, where it differs from what was found by itself.

    Attributes:
        path: the file.
        item: its code.
        sheet: its name.
        fields: column from 0 → field id, None to leave it out.
        header_row: where the header begins, as the spreadsheet shows it.
        units: column from 0 → its unit.
        cleanings: yes and no to what is cleaned.
    """

    path: Path
    item: str | None = None
    sheet: str | None = None
    fields: Mapping[int, str | None] | None = None
    header_row: int | None = None
    units: Mapping[int, str] | None = None
    cleanings: Cleanings = AS_PROPOSED

    def said(self) -> dict[str, Any]:
        """Return all but the path, as checking and importing take it."""
        return {one.name: getattr(self, one.name) for one in dataclasses.fields(self) if one.name != "path"}


@dataclass(frozen=True, slots=True)
class Asked:
    """By what a person wants a file looked at.

    Attributes:
        item: its code; None to tell it by the headings.
        sheet: that is shown, and that `header_row` is meant of.
        header_row: where the header begins, as the spreadsheet shows it.
    """

    item: str | None = None
    sheet: str | None = None
    header_row: int | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: the same code beside the same field."""

    code: str
    field: str
    sentence: str
    severity: str
    count: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and what the page says of it; made beside the window.

    Attributes:
        there: rows that other units have reported, by what the platform said before.
        kept: what was chosen for an import of this file that was cut.
    """

    outcome: CheckOutcome
    kinds: list[Kind]
    groups: list[Group]
    there: Sequence[There]
    kept: Choices


@dataclass(frozen=True, slots=True)
class RowView:
    """A row that made no new record, and why in words."""

    row: int
    fate: str
    why: str
    record_id: str | None


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import as it stands: its sum and the rows that need a look."""

    sum: Import
    rows: tuple[RowView, ...]
    fates: Mapping[str, int]
    cleaned: int

    @property
    def faulty_now(self) -> int:
        """Rows that are still faulty."""
        return self.fates.get("faulty", 0)


def look(desk: Desk, path: Path, asked: Asked, cancelled: Cancelled) -> Preview:
    """Look into a file."""
    known = recipes.list_recipes(desk.db.reader())
    found = preview(
        path, desk.catalogs.current, item=asked.item, sheet=asked.sheet, header_row=asked.header_row,
        recipes=known, cancelled=cancelled,
    )  # fmt: skip
    for one in found.sheets:
        if one.header is not None:  # read from its file here, not in the window
            desk.catalogs.item(one.header.item)
    return found


def can_be_settled(found: Preview, asked: Asked) -> bool:
    """Whether a person can say by hand what the columns are, though the file cannot come in as it is."""
    if found.refused is None:
        return True
    shown = next((one for one in found.sheets if one.name == asked.sheet), found.best)
    if shown is None or shown.header is None or not shown.rows:
        return False
    by_hand = found.refused.code == "headings_unknown" and asked.header_row is not None
    return by_hand or found.refused.code == "heading_doubled"


def check(
    desk: Desk, chosen: Chosen, asked: comparisons.Asked, progress: Progress, cancelled: Cancelled
) -> Checked:  # fmt: skip
    """Check every row, and compare it with what the desk knows; nothing is stored.

    `asked`: what the platform has said of this file.
    """
    outcome = check_file(
        chosen.path, desk.catalogs.current, today=desk.today(),
        recipes=recipes.list_recipes(desk.db.reader()),
        known=Known(desk), progress=progress,
        cancelled=cancelled, **chosen.said(),
    )  # fmt: skip
    cut = imports.cut_short(desk.db.reader())
    same = cut is not None and (cut.file_sha256, cut.sheet) == (outcome.opened.sha256, outcome.opened.sheet)
    kept = imports.choices_of(desk.db.reader(), cut.import_id) if cut is not None and same else AS_USUAL
    assert outcome.compared is not None
    there = rows_there(outcome.compared, asked, kept.elsewhere)
    return Checked(outcome, kinds_of(outcome), groups_of(outcome), there, kept)


def report_of_check(desk: Desk, chosen: Chosen, out: Path, progress: Progress, cancelled: Cancelled) -> int:
    """Write the error report of a file that is not imported; return how many rows it holds."""
    return check_file(
        chosen.path, desk.catalogs.current, today=desk.today(),
        recipes=recipes.list_recipes(desk.db.reader()),
        report=out, progress=progress,
        cancelled=cancelled, **chosen.said(),
    ).faulty  # fmt: skip


def report_of_import(desk: Desk, import_id: str, out: Path, source: Path | None, cancelled: Cancelled) -> int:
    """Write the report of the rows of an import that are still faulty, in its own file if that is there."""
    if source is not None and not source.exists():
        source = None
    return write_report(desk, import_id, out, source=source, cancelled=cancelled).rows


def lost(source: Path | None, rows: int) -> str:
    """Say what an error report cannot keep of a file of so many rows; nothing when it keeps everything."""
    return "".join(map(sentence, losses(source, rows=rows))) if source is not None else ""


def bring_in(
    desk: Desk, chosen: Chosen, choices: Choices, checked: Checked, progress: Progress, cancelled: Cancelled
) -> Imported:
    """Bring the good rows in as drafts, by what was chosen for those that meet something."""
    return import_file(
        desk, chosen.path, choices=by_row(choices, checked.outcome), progress=progress, cancelled=cancelled,
        **chosen.said(),
    )  # fmt: skip


def by_row(choices: Choices, outcome: CheckOutcome) -> Choices:
    """Say of each row what was chosen for a kind of near ones: only comparing knows which those are."""
    rows: dict[int, Choice] = {}
    for kind in ("near_record", "near_row"):
        choice = choices.groups.get(kind)
        if choice is not None and outcome.compared is not None:
            for one in outcome.compared.meetings.of(kind):
                rows[one.row] = Choice(choice.act, choice.reason, one.record_id or None)
    return replace(choices, rows={**rows, **choices.rows})


def kinds_of(outcome: CheckOutcome) -> list[Kind]:
    """Group problems by kind, errors first, the commonest first."""
    kinds = []
    for packed, count in outcome.problems.kinds().items():
        severity, code, field = packed.split("/")
        first = outcome.problems.of(packed)[0].message
        said = words.DOUBLED_KIND if code == "duplicate_in_file" else first
        kinds.append(Kind(code, field, said, severity, count))
    return sorted(kinds, key=lambda kind: (kind.severity != "error", -kind.count, kind.code, kind.field))


def problems_of(outcome: CheckOutcome, kind: Kind | None) -> Sequence[Found]:
    """Return all problems, of one kind or of all kinds."""
    if kind is None:
        return outcome.problems
    return outcome.problems.of(f"{kind.severity}/{kind.code}/{kind.field}")


def visible(text: str) -> str:
    """Show line breaks, and blanks at the ends, which nobody sees otherwise."""
    shown = text.replace("\r\n", "\n").replace("\n", words.BREAK).replace("\t", words.BLANK)
    inner = shown.strip(" \u3000")
    if inner == shown:
        return shown
    left, right = len(shown) - len(shown.lstrip(" \u3000")), len(shown) - len(shown.rstrip(" \u3000"))
    return words.BLANK * left + inner + words.BLANK * (right if inner else 0)


def about(one: Meeting) -> str:
    """Say in a line how a row and what it meets differ."""
    said = [words.DIFFERS_IN.format(n=len(one.differences)) if one.differences else ""]
    if one.kind in {"same", "doubled_same"}:
        said = [words.SAME_CONTENT]
    elif not one.differences:
        said = [words.DIFFERS]
    if one.other_subject:
        said.append(words.NEAR_SUBJECT.format(subject=one.other_subject))
    if one.other_doc_no:
        said.append(words.NEAR_NUMBER.format(doc_no=one.other_doc_no))
    if one.code:
        said.append(SENTENCES[one.code])
    return "".join(said)


def past(desk: Desk) -> list[Import]:
    """Return the imports of this desk, newest first."""
    return imports.list_imports(desk.db.reader())


def more_rows(desk: Desk, import_id: str, group: str | None, after: int) -> list[RowView]:
    """Return rows of a part of the sum, from the one after `after`."""
    reader = desk.db.reader()
    one = imports.get(reader, import_id)
    rows = imports.list_rows(reader, import_id, fates=fates_of(group), after=after, limit=SHOWN)
    return [RowView(row.row, row.fate, _why(desk, one, row), row.record_id) for row in rows]


def view(desk: Desk, import_id: str, group: str | None = None) -> ImportView:
    """Return one import and the rows that made no new record, of one part of the sum or of all."""
    reader = desk.db.reader()
    one = imports.get(reader, import_id)
    said = tuple(more_rows(desk, import_id, group, 0))
    cleaned = sum(import_changes.groups(reader, import_id).values())
    return ImportView(one, said, imports.fates(reader, import_id), cleaned)


def _why(desk: Desk, one: Import, row: ImportRow) -> str:
    item = desk.catalogs.item(one.item)
    said = []
    for problem in row.problems:
        found = Problem(problem["path"], problem["code"], params=problem.get("params", {}))
        field = item.by_id.get(found.field_id)
        said.append((f"{field.title}：" if field else "") + short(found, item))
    return " ".join(said)


def take(desk: Desk, import_id: str, rows: list[int] | None) -> Taken:
    """Make drafts of faulty rows; all of them when `rows` is None."""
    return imports.take_faulty(desk, import_id, rows)


def remove(desk: Desk, import_id: str) -> None:
    """Remove a cut import whole."""
    imports.remove(desk, import_id)


def submit_all(desk: Desk, one: Import, progress: Callable[[int], None]) -> Submitted | None:
    """Submit all drafts of an import for review, in one act; None when there are none."""
    ids: list[str] = []
    after = None
    while True:
        page = records.list_records(
            desk.db.reader(), import_id=one.import_id, state=tuple(ON_THE_DESK), after=after, limit=SHOWN
        )
        ids += [row.record_id for row in page]
        if len(page) < SHOWN:
            break
        after = page[-1]
    if not ids:
        return None
    return review.submit(desk, ids, title=one.file_name, import_id=one.import_id, progress=progress)


def of(total: int | None) -> str:
    """Say of how many, when that is known."""
    return f" / {total:,}" if total else ""
