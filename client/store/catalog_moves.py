"""Drafts go over to a later catalog set: previewed, done, undone. Approved versions are never touched.

Only drafts of new records go over. A correction stays in the set of the version that it corrects, so that the
two can be held beside each other; the platform keeps every set that it ever took.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from client.core.records import Draft
from client.errors import NotAllowed
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import (
    CHUNK,
    answers_json,
    as_json,
    draft_of,
    read_draft,
    state_of,
    without_empty,
    write_shown,
)
from client.store.drafts import verdict
from forms.catalog.changes import Move, Mover, Step, Verdict, Why, undo
from forms.catalog.check import check
from forms.catalog.problems import Answer
from forms.catalog.schema import CatalogSet, Item, Values

TELL: Final = 200
"""Drafts between two words of progress."""

BY_THEMSELVES: Final[frozenset[Verdict]] = frozenset({"untouched", "moves"})


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of one draft.

    Attributes:
        item: code.
        why: empty unless a person is needed.
        steps: what happens to its values.
    """

    record_id: str
    item: str
    subject_name: str
    doc_no: str
    verdict: Verdict
    why: tuple[Why, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a new set would do to the drafts of this desk.

    Attributes:
        counts: verdict → drafts.
        gone: drafts of items that the set does not have; they stay where they are.
        groups: verdict → the first of its drafts.
    """

    to_set: str
    counts: Mapping[str, int]
    gone: int
    groups: Mapping[str, tuple[Planned, ...]]

    @property
    def needing(self) -> tuple[Planned, ...]:
        """Those for which a person is needed, the first of them."""
        return self.groups.get("needs_person", ())


@dataclass(frozen=True, slots=True)
class Done:
    """A move that was done, and is not undone."""

    move_id: str
    to_set: str
    moved_at: str
    drafts: int


Progress = Callable[[int], None]
"""Told how many drafts are done; raising inside it gives the whole act up."""


def _nothing(_done: int) -> None:
    """Progress that nobody looks at."""


def last_move(reader: Connection) -> Done | None:
    """Return the newest move that can be undone."""
    row = reader.execute(
        "SELECT move_id, MAX(to_catalog) AS ref, MAX(moved_at) AS at, COUNT(*) AS n FROM catalog_move"
        " WHERE undone_at IS NULL GROUP BY move_id ORDER BY at DESC, move_id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else Done(row["move_id"], row["ref"].partition("@")[2], row["at"], row["n"])


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done; `left` stayed because a person is needed and did not ask for it."""

    move_id: str
    moved: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """What was undone; `left` have gone on their way, or are gone, since they moved."""

    back: tuple[str, ...]
    left: tuple[str, ...]


def preview(desk: Desk, to_set: CatalogSet, *, shown: int = 200, progress: Progress = _nothing) -> Preview:
    """Say what would become of each draft, in words of consequence. Changes nothing.

    Args:
        desk: the open desk.
        to_set: a set that the desk has, later than that of the drafts.
        shown: most drafts of a group that are named.
        progress: told now and then.
    """
    movers = _Movers(desk, to_set)
    counts: Counter[str] = Counter()
    gone, groups = 0, dict[str, list[Planned]]()
    for n, (draft, subject_name, doc_no) in enumerate(_drafts(desk.db.reader(), to_set.name)):
        if n % TELL == 0:
            progress(n)
        mover = movers.of(draft)
        if mover is None:
            gone += 1
            continue
        move = mover.plan(draft.values, reported_on=desk.today())
        counts[move.verdict] += 1
        group = groups.setdefault(move.verdict, [])
        if len(group) < shown:
            names = (draft.catalog.partition("@")[0], subject_name, doc_no)
            group.append(Planned(draft.record_id, *names, move.verdict, move.why, move.steps))
    named = {verdict: tuple(some) for verdict, some in groups.items()}
    return Preview(to_set.name, dict(counts), gone, named)


def do(desk: Desk, to_set: CatalogSet, *, also: Collection[str] = (), progress: Progress = _nothing) -> Moved:
    """Let drafts go over: those that can by themselves, and those that are named, in one transaction.

    Args:
        desk: the open desk.
        to_set: a set that the desk has.
        also: records that go over although a person is needed; they come out with problems.
        progress: told now and then.

    Returns:
        What went over, and under which id it can be undone.
    """
    desk.require("save")
    movers, move_id, at = _Movers(desk, to_set), desk.new_id(), desk.now()
    moved, left = list[str](), list[str]()
    with desk.db.transaction() as tx:
        for n, (draft, _, _) in enumerate(list(_drafts(tx, to_set.name))):
            if n % TELL == 0:
                progress(n)
            mover = movers.of(draft)
            if mover is None:
                continue
            move = mover.plan(draft.values, reported_on=desk.today())
            if move.verdict not in BY_THEMSELVES and draft.record_id not in also:
                left.append(draft.record_id)
                continue
            _go_over(desk, tx, draft, mover, move, move_id, at)
            moved.append(draft.record_id)
        if moved:
            desk.tell(tx, "drafts_moved", move_id, to=to_set.name, ids=moved)
    return Moved(move_id, tuple(moved), tuple(left))


def undo_move(desk: Desk, move_id: str) -> Undone:
    """Take drafts back to the set that they came from. What was typed since then is kept.

    Raises:
        NotAllowed: ``move_unknown``; ``move_undone`` when it has been undone already.
    """
    desk.require("save")
    at = desk.now()
    back, left = list[str](), list[str]()
    with desk.db.transaction() as tx:
        rows = tx.execute(
            "SELECT record_id, from_catalog, to_catalog, steps, answers, undone_at FROM catalog_move"
            " WHERE move_id = ? ORDER BY record_id",
            (move_id,),
        ).fetchall()
        if not rows:
            raise NotAllowed("move_unknown")
        if all(row["undone_at"] for row in rows):
            raise NotAllowed("move_undone")
        for row in rows:
            draft = read_draft(tx, row["record_id"])
            if draft is None or draft.catalog != row["to_catalog"] or _away(tx, draft):
                left.append(row["record_id"])
                continue
            values = without_empty(undo(_steps(row["steps"]), draft.values))
            answers = tuple(Answer(**one) for one in json.loads(row["answers"]))
            _write(desk, tx, draft.record_id, desk.catalogs.item(row["from_catalog"]), values, answers, at)
            back.append(row["record_id"])
        tx.execute("UPDATE catalog_move SET undone_at = ? WHERE move_id = ?", (at, move_id))
        desk.tell(tx, "drafts_moved_back", move_id, ids=back)
    return Undone(tuple(back), tuple(left))


def _away(tx: Connection, draft: Draft) -> bool:
    return draft.deleted_at is not None or state_of(tx, draft.record_id) == "in_review"


class _Movers:
    """One mover a pair of items, made when it is first needed."""

    def __init__(self, desk: Desk, to_set: CatalogSet) -> None:
        self._desk = desk
        self._to_set = to_set
        self._made: dict[str, Mover | None] = {}

    def of(self, draft: Draft) -> Mover | None:
        """Return what moves the draft; None when the later set has no such item."""
        if draft.catalog not in self._made:
            code = draft.catalog.partition("@")[0]
            known = code in self._to_set.items
            self._made[draft.catalog] = (
                Mover(self._desk.catalogs.item(draft.catalog), self._to_set.items[code]) if known else None
            )
        return self._made[draft.catalog]


def _drafts(reader: Connection, to_set: str) -> Iterator[tuple[Draft, str, str]]:
    """Walk the drafts of new records that are on the desk and in another set, page by page."""
    last = ""
    while True:
        rows = reader.execute(
            "SELECT d.*, r.subject_name, r.doc_no FROM draft d JOIN record r ON r.record_id = d.record_id"
            " WHERE d.record_id > ? AND d.op = 'create' AND d.deleted_at IS NULL"
            " AND d.edit_state <> 'in_review' AND substr(d.catalog, instr(d.catalog, '@') + 1) <> ?"
            " ORDER BY d.record_id LIMIT ?",
            (last, to_set, CHUNK),
        ).fetchall()
        for row in rows:
            yield draft_of(row), row["subject_name"], row["doc_no"]
        if len(rows) < CHUNK:
            return
        last = rows[-1]["record_id"]


def _go_over(
    desk: Desk, tx: Connection, draft: Draft, mover: Mover, move: Move, move_id: str, at: str
) -> None:
    renamed = {step.old_field: step.new_field for step in move.steps}
    kept = tuple(
        Answer(_moved_path(answer.path, renamed), answer.code, answer.reason) for answer in draft.answers
    )
    tx.execute(
        "INSERT INTO catalog_move (move_id, record_id, from_catalog, to_catalog, steps, answers, operator,"
        " moved_at) VALUES (?,?,?,?,?,?,?,?)",
        (
            move_id, draft.record_id, draft.catalog, mover.new.ref,
            as_json([asdict(step) for step in move.steps]), answers_json(draft.answers),
            desk.operator.operator_id, at,
        ),
    )  # fmt: skip
    _write(desk, tx, draft.record_id, mover.new, move.values, kept, at)


def _moved_path(path: str, renamed: Mapping[str, str | None]) -> str:
    field_id, slash, rest = path.partition("/")
    return (renamed.get(field_id) or field_id) + slash + rest


def _steps(text: str) -> list[Step]:
    said: list[dict[str, Any]] = json.loads(text)
    return [Step(**one) for one in said]


def _write(
    desk: Desk, tx: Connection, record_id: str, item: Item, values: Values, answers: Sequence[Answer], at: str
) -> None:
    """Write a draft under an item, with what a check finds there."""
    problems = check(item, values, reported_on=desk.today())
    edit_state, errors, warnings = verdict(problems, answers)
    tx.execute(
        "UPDATE draft SET catalog = ?, payload = ?, answers = ?, edit_state = ?, errors = ?, warnings = ?,"
        " saved_at = ? WHERE record_id = ?",
        (item.ref, as_json(values), answers_json(answers), edit_state, errors, warnings, at, record_id),
    )
    write_shown(tx, record_id, item, values, at)
