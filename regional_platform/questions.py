"""Questions (疑问数据): versions that were rejected, are unmatched, or have been held for a day.

A question is open (未处理), corrected (已修改: a later version of the record was accepted), ignored
(已忽略: a person said why) or settled (已处理: matched or accepted since, or its conflict was settled).
It is moved in the transaction of what moves it, never looked for. What is held has its row at once,
which counts from the day after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, bindparam, func, select, update

from forms.seal.canonical import canonical
from regional_platform.auth.callers import Caller
from regional_platform.feed import News, append
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.store.bulk import insert_many
from regional_platform.store.question_tables import question, question_act
from regional_platform.store.tables import unit
from regional_platform.subtree import seen_by
from regional_platform.times import iso

State = Literal["open", "corrected", "ignored", "settled"]
Cause = Literal["rejected", "unmatched", "held"]

HELD_FOR: Final = timedelta(days=1)
MAY_IGNORE: Final = ("reporter", "reviewer", "handler", "admin")
TOLD_AT_ONCE: Final = 100
"""Questions in one entry of the feed."""

COLUMNS: Final = (
    "version_id", "record_id", "unit", "item", "cause", "problem", "state", "since_at", "changed_at",
    "changed_by", "reason",
)  # fmt: skip
ACT: Final = ("version_id", "cause", "state", "at", "operator_id", "reason")


@dataclass(frozen=True, slots=True)
class Raised:
    """A question that comes up."""

    version_id: str
    record_id: str
    unit: str
    item: str
    cause: Cause
    problem: str
    state: State = "open"


def put(connection: Connection, raised: Sequence[Raised], now: datetime) -> list[News]:
    """Write questions that come up, and make the news of those that count already."""
    at, later = iso(now), iso(now + HELD_FOR)
    rows = [
        (one.version_id, one.record_id, one.unit, one.item, one.cause, one.problem, one.state,
         later if one.cause == "held" else at, at, None, None)
        for one in raised
    ]  # fmt: skip
    insert_many(connection, question, COLUMNS, rows)
    acts = [(one.version_id, one.cause, one.state, at, None, None) for one in raised]
    insert_many(connection, question_act, ACT, acts)
    told = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return _news([one for one in told if one["cause"] != "held"])


def move(
    connection: Connection,
    changes: Iterable[tuple[Row[Any], Mapping[str, Any]]],
    now: datetime,
    *,
    by: str | None = None,
    reason: str | None = None,
) -> list[News]:
    """Change questions: each row with the columns that become another."""
    at = iso(now)
    moved = [
        {**{name: getattr(row, name) for name in COLUMNS}, **changed, "changed_at": at, "changed_by": by,
         "reason": reason}
        for row, changed in changes
    ]  # fmt: skip
    if not moved:
        return []
    columns = ("cause", "problem", "state", "since_at", "changed_at", "changed_by", "reason")
    connection.execute(
        update(question)
        .where(question.c.version_id == bindparam("id"))
        .values({name: bindparam(f"new_{name}") for name in columns}),
        [{"id": one["version_id"], **{f"new_{name}": one[name] for name in columns}} for one in moved],
    )
    acts = [(one["version_id"], one["cause"], one["state"], at, by, reason) for one in moved]
    insert_many(connection, question_act, ACT, acts)
    return _news(moved)


def list_questions(
    connection: Connection,
    caller: Caller,
    now: datetime,
    *,
    state: State | None,
    item: str | None,
    after: int,
    limit: int,
) -> dict[str, Any]:
    """List the questions of the caller's subtree in the order in which they came up, one page."""
    wanted = (
        select(question)
        .join(unit, unit.c.code == question.c.unit)
        .where(seen_by(caller), question.c.since_at <= iso(now), question.c.n > after)
        .order_by(question.c.n)
        .limit(limit + 1)
    )
    if state is not None:
        wanted = wanted.where(question.c.state == state)
    if item is not None:
        wanted = wanted.where(question.c.item == item)
    rows = connection.execute(wanted).mappings().all()
    return {
        "questions": [as_json(row) for row in rows[:limit]],
        "next": rows[limit - 1]["n"] if len(rows) > limit else None,
    }


def ignore(platform: Platform, caller: Caller, version_id: str, reason: str) -> dict[str, Any]:
    """Set an open question aside, with a reason. Ignoring what is ignored changes nothing.

    Raises:
        Refusal: question-unknown, not-authorised, question-settled.
    """
    return _act(platform, caller, version_id, "open", "ignored", reason)


def reopen(platform: Platform, caller: Caller, version_id: str) -> dict[str, Any]:
    """Take an ignored question up again.

    Raises:
        Refusal: question-unknown, not-authorised, question-settled.
    """
    return _act(platform, caller, version_id, "ignored", "open", None)


def counts_of(
    connection: Connection, units: Iterable[str], since: str, before: str
) -> dict[str, dict[State, int]]:
    """Count what came up from `since` until `before` (UTC text), by unit and state, for the scorecard."""
    rows = connection.execute(
        select(question.c.unit, question.c.state, func.count().label("n"))
        .where(question.c.unit.in_(set(units)), question.c.since_at >= since, question.c.since_at < before)
        .group_by(question.c.unit, question.c.state)
    )
    counted: dict[str, dict[State, int]] = defaultdict(
        lambda: {"open": 0, "corrected": 0, "ignored": 0, "settled": 0}
    )
    for row in rows:
        counted[row.unit][row.state] = row.n
    return dict(counted)


def settle_records(
    connection: Connection, records: Iterable[str], now: datetime, reason: str | None
) -> list[News]:
    """Settle what is open of records whose conflict was settled."""
    rows = connection.execute(
        select(question).where(question.c.record_id.in_(set(records)), question.c.state == "open")
    ).all()
    return move(connection, [(row, {"state": "settled"}) for row in rows], now, reason=reason)


def as_json(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A question as it travels."""
    return {name: row[name] for name in COLUMNS}


def _act(
    platform: Platform, caller: Caller, version_id: str, was: State, becomes: State, reason: str | None
) -> dict[str, Any]:
    now = platform.clock()
    rung: set[str] = set()

    def act(connection: Connection) -> dict[str, Any]:
        found = connection.execute(
            select(question, unit.c.path)
            .join(unit, unit.c.code == question.c.unit)
            .where(question.c.version_id == version_id, question.c.since_at <= iso(now))
        ).one_or_none()
        if found is None or not caller.sees(found.path):
            raise Refusal("question-unknown")
        if not any(caller.may(role, found.path) for role in MAY_IGNORE):
            raise Refusal("not-authorised")
        if found.state not in {was, becomes}:
            raise Refusal("question-settled")
        if found.state == was:
            news = move(connection, [(found, {"state": becomes})], now, by=caller.operator_id, reason=reason)
            rung.update(append(connection, news, now))
        now_is = select(question).where(question.c.version_id == version_id)
        return as_json(connection.execute(now_is).mappings().one())

    answer = platform.store.write(act)
    platform.bell.ring(rung)
    return answer


def _news(told: Sequence[Mapping[str, Any]]) -> list[News]:
    """One entry for many questions of a unit."""
    by_unit: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in told:
        by_unit[one["unit"]].append(one)
    return [
        News(code, "question.changed", json=canonical({"questions": [as_json(one) for one in part]}))
        for code, many in sorted(by_unit.items())
        for start in range(0, len(many), TOLD_AT_ONCE)
        for part in [many[start : start + TOLD_AT_ONCE]]
    ]
