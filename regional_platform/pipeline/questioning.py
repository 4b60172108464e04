"""Which questions (疑问数据) come up, change or go when a batch is judged and when versions are matched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, or_, select

from regional_platform import questions
from regional_platform.feed import News
from regional_platform.pipeline.judge import TAKEN
from regional_platform.pipeline.ledger import Judged
from regional_platform.pipeline.world import World
from regional_platform.problems import URN
from regional_platform.questions import Raised, State
from regional_platform.store.question_tables import question
from regional_platform.store.tables import SAME_VERSION, record, version, version_key
from regional_platform.times import iso

UNSETTLED: Final = ("open", "ignored")

Change = tuple[Row[Any], Mapping[str, Any]]
Placed = tuple[int, Judged]
"""Where in the batch, and what."""


def after_judging(
    connection: Connection, judged: Sequence[Judged], world: World, now: datetime
) -> list[News]:
    """Raise questions of what was rejected or held, and move those that the batch answers.

    Args:
        connection: of the transaction that wrote the batch.
        judged: what was judged anew, in the order of the batch.
        world: as the batch left it.
        now: of the receipts.
    """
    accepted = {each.incoming.record_id: place for place, each in enumerate(judged) if _is_accepted(each)}
    again = {each.incoming.version_id: (place, each) for place, each in enumerate(judged) if each.known}
    raised = [
        _raised(each, world.unit, corrected=accepted.get(each.incoming.record_id, -1) > place)
        for place, each in enumerate(judged)
        if not each.known and not _is_accepted(each)
    ]
    answered = [record_id for record_id in accepted if _is_older(world, record_id)]
    known: Sequence[Row[Any]] = []
    if answered or again:
        known = connection.execute(
            select(question).where(
                or_(question.c.record_id.in_(answered), question.c.version_id.in_(again)),
                question.c.unit == world.unit,
                question.c.state.in_(UNSETTLED),
            )
        ).all()
    return _move(connection, known, accepted, again, now) + questions.put(connection, raised, now)


def after_matching(
    connection: Connection, unmatched: Mapping[str, str], matched: Sequence[str], now: datetime
) -> list[News]:
    """Raise questions of what is unmatched, and settle those of what is matched at last.

    Args:
        connection: of the transaction that wrote the stages.
        unmatched: version → code of the problem.
        matched: versions that were unmatched before.
        now: of the receipts.
    """
    if not unmatched and not matched:
        return []
    known = {
        row.version_id: row
        for row in connection.execute(
            select(question).where(question.c.version_id.in_([*unmatched, *matched]))
        )
    }
    settled = [known[one] for one in matched if one in known and known[one].state in UNSETTLED]
    changes: list[Change] = [(row, {"state": "settled"}) for row in settled]
    raised: list[Raised] = []
    for row in _with_heads(connection, unmatched):
        problem = unmatched[row.version_id]
        state: State = "open" if row.head == row.version_id else "corrected"
        if row.version_id in known:  # it was held for more than a day, once
            changes.append((known[row.version_id], {
                "cause": "unmatched", "problem": problem, "state": state, "since_at": iso(now),
            }))  # fmt: skip
        else:
            raised.append(
                Raised(row.version_id, row.record_id, row.unit, row.item, "unmatched", problem, state)
            )
    return questions.move(connection, changes, now) + questions.put(connection, raised, now)


def _with_heads(connection: Connection, versions: Collection[str]) -> Sequence[Row[Any]]:
    """Read the records of versions; a correction that comes in beside us waits, and finds the question."""
    if not versions:
        return []
    wanted: Select[Any] = (
        select(version.c.version_id, record.c.record_id, record.c.unit, record.c.item, record.c.head)
        .join(version_key, SAME_VERSION)
        .join(record, record.c.record_id == version_key.c.record_id)
        .where(version_key.c.version_id.in_(versions))
        .order_by(version.c.n)
        .with_for_update(of=record)
    )
    return connection.execute(wanted).all()


def _move(
    connection: Connection,
    known: Sequence[Row[Any]],
    accepted: Mapping[str, int],
    again: Mapping[str, Placed],
    now: datetime,
) -> list[News]:
    """Move what was there; what was held for less than a day never was a question."""
    at = iso(now)
    changes = list(_changes(known, accepted, again, at))
    brief = [row.version_id for row, changed in changes if row.since_at > at and "cause" not in changed]
    if brief:
        connection.execute(delete(question).where(question.c.version_id.in_(brief)))
    return questions.move(
        connection, [(row, changed) for row, changed in changes if row.version_id not in brief], now
    )


def _changes(
    known: Sequence[Row[Any]], accepted: Mapping[str, int], again: Mapping[str, Placed], at: str
) -> Iterator[tuple[Row[Any], dict[str, Any]]]:
    for row in known:
        place, each = again.get(row.version_id, (-1, None))
        outcome = each.verdict.outcome if each else "held"
        corrected = accepted.get(row.record_id, -1) > place
        if each and outcome == "rejected":
            state = "corrected" if corrected else "open"
            yield row, {"cause": "rejected", "problem": _problem(each), "state": state, "since_at": at}
        elif each and outcome != "held":
            yield row, {"state": "settled"}
        elif corrected:
            yield row, {"state": "corrected"}


def _raised(each: Judged, unit: str, *, corrected: bool) -> Raised:
    return Raised(
        each.incoming.version_id,
        each.incoming.record_id,
        unit,
        each.incoming.item_code,
        "held" if each.verdict.outcome == "held" else "rejected",
        _problem(each),
        "corrected" if corrected else "open",
    )


def _problem(each: Judged) -> str:
    assert each.verdict.problem is not None
    return str(each.verdict.problem["type"]).removeprefix(URN)


def _is_accepted(each: Judged) -> bool:
    return each.verdict.outcome in TAKEN


def _is_older(world: World, record_id: str) -> bool:
    """Say whether anything was received of a record, or a case, before the batch."""
    state = world.records.get(record_id)
    return state is None or state.in_table
