"""What people do with conflicts: list, read, assign or take over, settle."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, exists, or_, select

from regional_platform import conflicts
from regional_platform.api.bodies import fault
from regional_platform.auth.callers import Caller
from regional_platform.case_marks import not_shown
from regional_platform.conflict_search import about, search
from regional_platform.conflicts import Conflict, Outcome
from regional_platform.feed import News, append
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.sight import seen, sight_of
from regional_platform.store.conflict_tables import conflict, conflict_act, conflict_record
from regional_platform.store.tables import SAME_VERSION, operator, record, unit, version, version_key
from regional_platform.subtree import seen_by

MAY_ASSIGN: Final = ("admin", "liaison")
MAY_SETTLE: Final = ("handler", "liaison", "admin")


def list_conflicts(
    connection: Connection, caller: Caller, *, state: str | None, kind: str | None, after: int, limit: int
) -> dict[str, Any]:
    """List the conflicts that concern the caller's subtree, in the order in which they were found."""
    side = exists().where(
        conflict_record.c.conflict_id == conflict.c.conflict_id,
        conflict_record.c.unit == unit.c.code,
        seen_by(caller),
    )
    owned = exists().where(unit.c.code == conflict.c.owner, seen_by(caller))
    wanted = select(conflict.c.n, conflict.c.conflict_id).where(or_(side, owned), conflict.c.n > after)
    if state is not None:
        wanted = wanted.where(conflict.c.state == state)
    if kind is not None:
        wanted = wanted.where(conflict.c.kind == kind)
    rows = connection.execute(wanted.order_by(conflict.c.n).limit(limit + 1)).all()
    page = conflicts.read(connection, ids=[row.conflict_id for row in rows[:limit]])
    return {
        "conflicts": [one.as_json() for one in page],
        "next": rows[limit - 1].n if len(rows) > limit else None,
    }


def read_conflict(
    platform: Platform, connection: Connection, caller: Caller, conflict_id: str, *, by_number: bool
) -> tuple[dict[str, Any], list[str]]:
    """Read a conflict with its sides as the caller may see them, and its history.

    Returns:
        The conflict, and the records of other units that it shows.

    Raises:
        Refusal: conflict-unknown.
    """
    one, _ = _find(connection, caller, conflict_id)
    rows = connection.execute(
        select(record.c.record_id, record.c.head_op, record.c.subject_code, version.c.catalog,
               version.c.content, unit.c.path)
        .join(version_key, version_key.c.version_id == record.c.head)
        .join(version, SAME_VERSION)
        .join(unit, unit.c.code == record.c.unit)
        .where(record.c.record_id.in_([side["record_id"] for side in one.sides]))
    )  # fmt: skip
    heads: dict[str, dict[str, Any]] = {}
    others: list[str] = []
    stopped = not_shown(connection, [side["record_id"] for side in one.sides])
    for row in rows:
        item, off = platform.catalogs.named(row.catalog), row.record_id in stopped
        sight = sight_of(caller, item, row.path, row.subject_code, by_number=by_number, stopped=off)
        if sight in {"whole", "head"}:
            payload, masked = seen(sight, item, json.loads(row.content)["payload"])
            heads[row.record_id] = {"op": row.head_op, "payload": payload, "masked": masked}
            others += [row.record_id] if sight == "head" else []
    acts = connection.execute(
        select(conflict_act).where(conflict_act.c.conflict_id == conflict_id).order_by(conflict_act.c.n)
    ).mappings()
    told = one.as_json()
    told["records"] = [{**side, "head": heads.get(side["record_id"])} for side in told["records"]]
    told["history"] = [
        {**{name: act[name] for name in ("what", "at", "operator_id", "owner", "outcome", "reason")},
         "records": json.loads(act["records"])}
        for act in acts
    ]  # fmt: skip
    return told, others


def assign(
    platform: Platform, caller: Caller, conflict_id: str, *, owner: str, taken_by: str | None, reason: str
) -> dict[str, Any]:
    """Give a conflict to a unit and, named or not, to one of its operators; or take it over.

    Raises:
        Refusal: conflict-unknown, not-authorised, conflict-settled, malformed.
    """

    def act(connection: Connection, one: Conflict, paths: Mapping[str, str]) -> list[News]:
        place = connection.execute(select(unit.c.path).where(unit.c.code == owner)).scalar_one_or_none()
        concerned = [paths[side["unit"]] for side in one.sides]
        if place is None or not any(path.startswith(place) for path in concerned):
            raise Refusal("malformed", errors=[fault("#/owner", "unfitting")])
        if not any(
            caller.may(role, path) for role in MAY_ASSIGN for path in (paths[one.row["owner"]], place)
        ):
            raise Refusal("not-authorised")
        if taken_by is not None and not _is_of(connection, taken_by, owner):
            raise Refusal("malformed", errors=[fault("#/taken_by", "unfitting")])
        changed = {"owner": owner, "taken_by": taken_by}
        now = platform.clock()
        return conflicts.change(
            connection, one, "assigned", changed, now, by=caller.operator_id, reason=reason
        )

    return _act(platform, caller, conflict_id, act)


def settle(
    platform: Platform, caller: Caller, conflict_id: str, outcome: Outcome, reason: str
) -> dict[str, Any]:
    """Settle a conflict. That a side was withdrawn or corrected is believed only when it no longer holds.

    Raises:
        Refusal: conflict-unknown, not-authorised, conflict-settled, conflict-stands.
    """

    def act(connection: Connection, one: Conflict, paths: Mapping[str, str]) -> list[News]:
        if not any(caller.may(role, paths[one.row["owner"]]) for role in MAY_SETTLE):
            raise Refusal("not-authorised")
        now = platform.clock()
        if outcome != "both_right":
            found = search(platform, connection, *about([one]), now)
            if any(still.key == one.row["key"] for still in found):
                raise Refusal("conflict-stands")
        return conflicts.settle(connection, one, outcome, now, by=caller.operator_id, reason=reason)

    return _act(platform, caller, conflict_id, act)


def of_subject(connection: Connection, code: str, most: int) -> list[dict[str, Any]]:
    """Return the open conflicts about a subject, only that there are such."""
    rows = connection.execute(
        select(conflict.c.conflict_id, conflict.c.kind, conflict.c.owner, conflict.c.found_at)
        .where(conflict.c.subject_code == code, conflict.c.state == "open")
        .order_by(conflict.c.n.desc())
        .limit(most)
    ).mappings()
    return [dict(row) for row in rows]


def _act(
    platform: Platform,
    caller: Caller,
    conflict_id: str,
    act: Callable[[Connection, Conflict, Mapping[str, str]], list[News]],
) -> dict[str, Any]:
    """Do one act upon an open conflict; returns it as it is then."""
    rung: set[str] = set()

    def write(connection: Connection) -> dict[str, Any]:
        one, paths = _find(connection, caller, conflict_id)
        if one.row["state"] != "open":
            raise Refusal("conflict-settled")
        news = act(connection, one, paths)
        rung.clear()
        rung.update(append(connection, news, platform.clock()))
        (becomes,) = conflicts.read(connection, ids=[conflict_id])
        return becomes.as_json()

    answer = platform.store.write(write)
    platform.bell.ring(rung)
    return answer


def _find(connection: Connection, caller: Caller, conflict_id: str) -> tuple[Conflict, dict[str, str]]:
    """The conflict, and the paths of the units concerned.

    Raises:
        Refusal: conflict-unknown, also for one that concerns only others.
    """
    for one in conflicts.read(connection, ids=[conflict_id]):
        rows = connection.execute(select(unit.c.code, unit.c.path).where(unit.c.code.in_(one.units)))
        paths = {row.code: row.path for row in rows}
        if any(caller.sees(path) for path in paths.values()):
            return one, paths
    raise Refusal("conflict-unknown")


def _is_of(connection: Connection, operator_id: str, code: str) -> bool:
    found = select(operator.c.operator_id).where(
        operator.c.operator_id == operator_id, operator.c.unit == code, operator.c.closed_at.is_(None)
    )
    return connection.execute(found).first() is not None
