"""Import a file: rows are read and checked in a child process and stored here, chunk by chunk.

The window stays usable: this runs in a thread of the pool, and each chunk is one short transaction.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client.core.imports import (
    AS_PROPOSED,
    AS_USUAL,
    UNSETTLED,
    Choices,
    Chunk,
    Cleanings,
    Import,
    ImportRow,
    Source,
)
from client.core.recipes import Recipe
from client.core.row_keys import row_digest
from client.errors import FileRefused
from client.intake import child
from client.intake.candidates import Candidates, candidates_of
from client.intake.compare import Compared, Known
from client.intake.error_report import ErrorReport, Origin
from client.intake.headings import Header, Heading
from client.intake.losses import MOST_ROWS, is_healable
from client.intake.notices import Notice
from client.intake.outcome import JUDGING, Found, Progress, found_of, found_of_notice, no_progress
from client.intake.recipes import name_of, recipe_of, with_refused
from client.intake.report import Source as ReportSource
from client.intake.reporting import write_row
from client.intake.said import Ended, Opened, Part, Plan, problem_of
from client.intake.sheet_xml import column_number
from client.store import imports, recipes
from client.store.desk import Desk
from client.store.returned import known_keys

Ask = Callable[[Compared], Choices]
"""Shown what the rows of a file meet (比对), returns what becomes of them."""


@dataclass(frozen=True, slots=True)
class Reported:
    """An error report that was written.

    Attributes:
        rows: how many faulty rows it holds.
        healed: whether it is the clerk's own workbook, marked.
    """

    rows: int
    healed: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, and what is to be said of the file as a whole."""

    sum: Import
    notices: tuple[Found, ...]
    header: Header

    def as_json(self) -> dict[str, Any]:
        """The shape of `import --json`, docs/architecture.md "Commands"."""
        done = self.sum
        return {
            "import_id": done.import_id, "read": done.rows_read, "created": done.created,
            "updated": done.updated, "corrected": done.corrected, "skipped": done.skipped,
            "faulty": done.faulty,
        }  # fmt: skip


def import_file(
    desk: Desk,
    path: Path,
    *,
    item: str | None = None,
    sheet: str | None = None,
    fields: Mapping[int, str | None] | None = None,
    header_row: int | None = None,
    units: Mapping[int, str] | None = None,
    cleanings: Cleanings = AS_PROPOSED,
    choices: Choices = AS_USUAL,
    recipe: Recipe | None = None,
    sure: bool = False,
    ask: Ask | None = None,
    progress: Progress = no_progress,
    cancelled: child.Cancelled = child.never,
    reader: child.Reader | None = None,
) -> Imported:
    """Bring the good rows of a file in as drafts; all of them become visible at once, at the end.

    A recipe of the desk that fits is applied; what a person settled beside it is remembered as one.

    The same file again goes on where a cut import of it stopped. A person who stops it, and a file
    that turns out to be bad, leave nothing behind. Anything else (a full disk, a kill) leaves an
    import that can be taken up again, or removed with `imports.remove`.

    Args:
        desk: the open desk.
        path: the file.
        item: code, when the person said which.
        sheet: its name, when the person said which.
        fields: what the person said of columns, from 0: field id, None to leave one out, or `UNSETTLED`.
        header_row: where the header begins, when the person said so.
        units: column from 0 → its unit, when the person said so.
        cleanings: what the person said of cleaning.
        choices: what the person chose for rows that meet something (比对).
        recipe: how to take the file, when the person named a recipe; else those of the desk are tried.
        sure: whether to refuse a file that may as well be of another item.
        ask: asked once all rows are read and none is stored; what it returns stands in place of `choices`.
        progress: told after each chunk.
        cancelled: asked all the time.
        reader: that waits already; else one is started.

    Raises:
        FileRefused: the file cannot come in.
        NotAllowed: `import_cut_short`: another import has to be finished or removed first;
            `import_differs`: it is of this file as it was.
        Stopped: `cancelled` said so.
    """
    kept = recipes.list_recipes(desk.db.reader()) if recipe is None else [recipe]
    wanted = candidates_of(desk.catalogs.current, item, kept, sure=sure)
    plan = Plan(
        wanted, desk.today(), sheet, fields, header_row, units, keep=True, cleanings=cleanings,
        compare=ask is not None,
    )  # fmt: skip
    with contextlib.closing(child.run(JUDGING, path, plan, cancelled=cancelled, reader=reader)) as messages:
        opened: Opened = next(messages)
        about = desk.catalogs.item(opened.header.item)
        if recipe is not None and opened.header.recipe != recipe.name:
            raise FileRefused("recipe_unfit", name=recipe.name)
        source = Source(path.name, opened.sha256, opened.sheet, about.ref, header_json(opened.header))
        coming: Iterator[Any] = messages
        if ask is not None:
            waiting = _Waiting(messages, Known(desk).begin(about, opened.sha256), progress, opened.height)
            choices, coming = ask(waiting.compared), waiting.messages(cancelled)
        begun = imports.begin(desk, source, choices)
        chosen = imports.choices_of(desk.db.reader(), begun.import_id)
        try:
            ended = _store(desk, begun, opened, coming, chosen, progress)
        except (FileRefused, child.Stopped):
            imports.remove(desk, begun.import_id)
            raise
    done = imports.finish(desk, begun.import_id)
    _remember(desk, path, opened, plan)
    notices = tuple(found_of_notice(notice, about) for notice in ended.notices)
    return Imported(done, notices, opened.header)


class _Waiting:
    """All that the child says of a file, packed in memory until it is known what becomes of the rows."""

    def __init__(self, messages: Iterator[Any], compared: Compared, progress: Progress, height: int) -> None:
        self.compared = compared
        self._packed: list[bytes] = []
        for message in messages:
            if isinstance(message, Part) and message.chunk is not None:
                compared.take(message.chunk)
                progress(message.last_row, height or None)
            elif isinstance(message, Ended):
                compared.end(message.firsts)
            self._packed.append(zlib.compress(pickle.dumps(message, pickle.HIGHEST_PROTOCOL), 1))

    def messages(self, cancelled: child.Cancelled) -> Iterator[Any]:
        """Give them back, each once; raises Stopped as the child does."""
        self._packed.reverse()
        while self._packed:
            if cancelled():
                raise child.Stopped
            # Nobody else has written it: it has never left this process.
            yield pickle.loads(zlib.decompress(self._packed.pop()))  # noqa: S301 - see above


def _remember(desk: Desk, path: Path, opened: Opened, plan: Plan) -> None:
    """Keep what a person settled of the columns as the recipe of their source; note that one was used."""
    header, used = opened.header, plan.items.recipe(opened.header.recipe)
    said = [one for one in (plan.fields or {}).values() if one != UNSETTLED]
    if said or plan.units or plan.header_row is not None:
        name = used.name if used else name_of(path.name, desk.catalogs.item(header.item).name)
        row = plan.header_row or (used.header_row if used else None)
        cleanings = with_refused(plan.cleanings, used)
        made = recipe_of(header, opened.sheet, name, header_row=row, cleanings=cleanings)
        recipes.remember(desk, made, over=used.recipe_id if used else "")
    elif used is not None and used.recipe_id:
        recipes.note_use(desk, used.recipe_id)


def _store(
    desk: Desk, begun: Import, opened: Opened, messages: Iterator[Any], choices: Choices, progress: Progress
) -> Ended:
    """Store the chunks from where the import stands; return what the child said at its end."""
    unknown: list[int] = []
    code = opened.header.item
    for message in messages:
        if isinstance(message, Ended):
            if unknown:
                message.notices.append(Notice("row_key_unknown", unknown[0], "A", f"{len(unknown):,}"))
            return message
        assert isinstance(message, Part)
        assert message.chunk is not None
        if message.last_row >= begun.next_row:
            message.chunk.next_row = message.last_row + 1
            if message.chunk.keys:
                known = known_keys(desk.db.reader(), code, message.chunk.keys)
                message.chunk.keys = known.keys
                unknown += known.unknown
            imports.add(desk, begun.import_id, _from(message.chunk, begun.next_row), choices)
        progress(message.last_row, opened.height or None)
    raise AssertionError("the child ends with Ended or an error")


def _from(chunk: Chunk, next_row: int) -> Chunk:
    """Leave out rows that a cut import has stored already."""
    if next_row == 0:
        return chunk
    return Chunk(
        good=[row for row in chunk.good if row[0] >= next_row],
        faulty=[row for row in chunk.faulty if row[0] >= next_row],
        doubled=[row for row in chunk.doubled if row[0] >= next_row],
        next_row=chunk.next_row,
        keys=chunk.keys,
        changes=chunk.changes,
    )


def header_json(header: Header) -> list[dict[str, Any]]:
    """Write a header as it stays with its import."""
    return [
        {"column": heading.letters, "text": heading.text, "field": heading.field}
        for heading in header.headings
    ]


def write_report(
    desk: Desk, import_id: str, path: Path, *, source: Path | None = None, header_row: int | None = None,
    cancelled: child.Cancelled = child.never,
) -> Reported:  # fmt: skip
    """Write the error report (错误报告) of the rows of an import that are still faulty.

    Args:
        desk: the open desk.
        import_id: of an import.
        path: where it goes.
        source: the file that came in, if it is still there: it is given back marked, where that is possible.
        header_row: where its header begins, when that is known.
        cancelled: asked while the file is read again.
    """
    reader = desk.db.reader()
    one = imports.get(reader, import_id)
    item = desk.catalogs.item(one.item)
    header = Header(
        item.code, 0, 0,
        tuple(Heading(column_number(h["column"]), h["text"], h["field"]) for h in one.headings),
    )  # fmt: skip
    digests: dict[int, str] = {}
    if source is not None and is_healable(source, path) and _digest_of_file(source) == one.file_sha256:
        fields = {column_number(h["column"]): h["field"] for h in one.headings}
        known = Candidates((item,), recipes=tuple(recipes.list_recipes(reader)))
        plan = Plan(known, desk.today(), one.sheet, fields, header_row, cells=True)
        header, digests = _again(source, plan, header, cancelled)
    about = ReportSource(one.file_name, one.sheet, f"{item.name}（{item.ref}）", one.started_at[:10])
    written = after = 0
    own = source if digests else None
    with ErrorReport(path, header, about, Origin("I", import_id), own) as report:
        report.know(digests)
        while page := imports.list_rows(reader, import_id, fate="faulty", after=after):
            if not digests:
                report.know({row.row: _digest_of(row, header) for row in page})
            for row in page:
                found = [found_of(row.row, *problem_of(said), item) for said in row.problems]
                write_row(report, item, row.row, list(row.cells), found)
            written += len(page)
            after = page[-1].row
    return Reported(written, report.healed)


def _again(
    source: Path, plan: Plan, header: Header, cancelled: child.Cancelled
) -> tuple[Header, dict[int, str]]:
    """Read a file again for what its rows say; nothing, when it is too long to be given back."""
    digests: dict[int, str] = {}
    with contextlib.closing(child.run(JUDGING, source, plan, cancelled=cancelled)) as messages:
        try:
            opened: Opened = next(messages)
        except FileRefused:  # its header is not found again without the recipe that it came in by
            return header, {}
        for message in messages:
            if isinstance(message, Part):
                digests |= message.digests
                if len(digests) > MOST_ROWS:
                    return header, {}
    return opened.header, digests


def _digest_of_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileRefused("file_unreadable") from error


def _digest_of(row: ImportRow, header: Header) -> str:
    """Return the digest of a row as it lies in the store."""
    columns = header.column_of()
    return row_digest({
        name: row.cells[column] for name, column in columns.items() if column < len(row.cells)
    })  # fmt: skip
