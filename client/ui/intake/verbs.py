"""What the page asks of intake and store. Functions of values; none touches a widget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from client.core.imports import Import, ImportRow, Taken
from client.core.records import Submitted
from client.core.workflow import ON_THE_DESK
from client.intake.importing import Imported, import_file, write_report
from client.intake.outcome import CheckOutcome, Found, check_file
from client.intake.preview import Preview, preview
from client.store import imports, records, review
from client.store.desk import Desk
from client.ui.intake import words
from forms.catalog.fieldtypes import show
from forms.catalog.messages import short
from forms.catalog.problems import Problem

SHOWN: Final = 1_000
"""Problems and rows that a table lists; all are in the error report."""

Progress = Callable[[int, int | None], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose for a file: item, sheet, and the fields of columns where they differ."""

    path: Path
    item: str | None = None
    sheet: str | None = None
    fields: Mapping[int, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: the same code beside the same field."""

    code: str
    field: str
    sentence: str
    severity: str
    count: int


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
    faulty_now: int


def look(desk: Desk, path: Path, item: str | None, cancelled: Cancelled) -> Preview:
    """Look into a file."""
    return preview(path, desk.catalogs.current, item=item, cancelled=cancelled)


def check(desk: Desk, chosen: Chosen, progress: Progress, cancelled: Cancelled) -> CheckOutcome:
    """Check every row; nothing is stored."""
    return check_file(
        chosen.path, desk.catalogs.current, today=desk.today(), item=chosen.item, sheet=chosen.sheet,
        fields=chosen.fields, progress=progress, cancelled=cancelled,
    )  # fmt: skip


def report_of_check(desk: Desk, chosen: Chosen, out: Path, progress: Progress, cancelled: Cancelled) -> int:
    """Write the error report of a file that is not imported; return how many rows it holds."""
    return check_file(
        chosen.path, desk.catalogs.current, today=desk.today(), item=chosen.item, sheet=chosen.sheet,
        fields=chosen.fields, report=out, progress=progress, cancelled=cancelled,
    ).faulty  # fmt: skip


def report_of_import(desk: Desk, import_id: str, out: Path) -> int:
    """Write the error report of the rows of an import that are still faulty."""
    return write_report(desk, import_id, out)


def bring_in(desk: Desk, chosen: Chosen, progress: Progress, cancelled: Cancelled) -> Imported:
    """Bring the good rows in as drafts."""
    return import_file(
        desk, chosen.path, item=chosen.item, sheet=chosen.sheet, fields=chosen.fields,
        progress=progress, cancelled=cancelled,
    )  # fmt: skip


def kinds_of(outcome: CheckOutcome) -> list[Kind]:
    """Group problems by kind, errors first, the commonest first."""
    counts = Counter((one.severity, one.code, one.field) for one in outcome.problems)
    first = {(one.severity, one.code, one.field): one for one in reversed(outcome.problems)}
    return [
        Kind(code, field, first[(severity, code, field)].message, severity, count)
        for (severity, code, field), count in sorted(
            counts.items(), key=lambda pair: (pair[0][0] != "error", -pair[1], pair[0])
        )
    ]


def problems_of(outcome: CheckOutcome, kind: Kind | None) -> list[Found]:
    """Return the first problems, of one kind or of all."""
    wanted = (
        one
        for one in outcome.problems
        if kind is None or (one.severity, one.code, one.field) == (kind.severity, kind.code, kind.field)
    )
    return [one for one, _ in zip(wanted, range(SHOWN), strict=False)]


def past(desk: Desk) -> list[Import]:
    """Return the imports of this desk, newest first."""
    return imports.list_imports(desk.db.reader())


def view(desk: Desk, import_id: str, fate: str | None = None) -> ImportView:
    """Return one import and the rows that made no new record, of one fate or of all."""
    reader = desk.db.reader()
    one = imports.get(reader, import_id)
    rows = imports.list_rows(reader, import_id, fate=fate, limit=SHOWN)
    said = tuple(RowView(row.row, row.fate, _why(desk, one, row), row.record_id) for row in rows)
    return ImportView(one, said, imports.fates(reader, import_id).get("faulty", 0))


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


def cleaned(outcome: CheckOutcome) -> str:
    """Say how many cells were put in order, with one sample; empty when none was."""
    cells = sum(outcome.change_counts.values())
    if not cells:
        return ""
    for change in outcome.changes:
        field = outcome.item.by_id[change.field]
        after = show(field, change.after)
        if after != change.before.strip():
            before = change.before.replace("\n", " ⏎ ")
            sample = words.SAMPLE.format(row=change.row, title=field.title, before=before, after=after)
            return words.CLEANED.format(cells=cells, sample=sample)
    return ""
