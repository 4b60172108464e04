"""Rule sets (规则集) of cases: published, adjusted by the region, and chosen by each city, by name and date.

What ships counts as published first. Adjusting a set publishes another content under its id; a choice names
the content that was confirmed, so that nobody's confirmation changes beneath his name. Choices go down the
feed of every unit, signed, with the whole rule set.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, insert, select

from forms.law.rulesets import Followed, Kind, RuleError, RuleSet, default_set, load, parse_rule_set
from forms.law.sealed import CHOICE, seal
from regional_platform.acts import Actor, keep, needs_admin
from regional_platform.notices import tell_all
from regional_platform.problems import Fault, Refusal
from regional_platform.published import root_path, shown
from regional_platform.store.admin_tables import published, rule_choice
from regional_platform.store.identity import identity_of
from regional_platform.store.tables import unit
from regional_platform.times import iso, legal_day

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES: Final = "rule_set"


@cache
def shipped(resources: Path) -> Mapping[str, RuleSet]:
    """The rule sets that ship with the program; they do not change while it runs."""
    return load(resources / "legal" / "rules")


def _row(one: RuleSet, content: bytes, by: str | None, now: datetime) -> dict[str, Any]:
    return {
        "kind": RULES, "name": one.id, "digest": hashlib.sha256(content).hexdigest(), "title": one.title,
        "holds_from": (one.since or date.min).isoformat(), "content": content, "published_by": by,
        "published_at": iso(now),
    }  # fmt: skip


def publish(connection: Connection, actor: Actor, now: datetime, content: bytes) -> dict[str, Any]:
    """Publish a rule set, in place of the one under its id; choices of that one stay as they were confirmed.

    Raises:
        Refusal: not-authorised, unit-unknown while there is no region, rules-unsound with every fault.
    """
    root = root_path(connection)
    needs_admin(actor, root)
    try:
        one = parse_rule_set(content)
    except RuleError as error:
        faults = [Fault("#", "unsound", text) for text in error.faults[:100]]
        raise Refusal("rules-unsound", errors=faults) from error
    values = _row(one, content, actor.operator_id, now)
    same = select(published).where(published.c.kind == RULES, published.c.digest == values["digest"])
    known = connection.execute(same).one_or_none()
    if known is None:
        connection.execute(insert(published), [values])
        known = connection.execute(same).one()
        after = {"digest": known.digest, "title": known.title}
        keep(connection, actor, now, "rules.publish", f"rules:{one.id}", root, after=after)
    return shown(known)


def choose(
    connection: Connection, actor: Actor, now: datetime, *, city: str, kind: Kind, rule_set: str, since: date,
    confirmed_by: str | None, confirmed_on: date | None,
) -> tuple[dict[str, Any], set[str]]:  # fmt: skip
    """Let a city follow a rule set from a day on; without a confirmer it is shown as not confirmed.

    Returns:
        The choice as it is told, and the units that the bell must ring for.

    Raises:
        Refusal: unit-unknown for a city that we do not have, not-authorised, rules-unknown, malformed.
    """
    whole = unit.c.level.in_(("region", "city"))
    wanted = select(unit.c.path).where(unit.c.city == city, whole).order_by(unit.c.path)
    path = connection.execute(wanted).scalars().first()
    if path is None:
        raise Refusal("unit-unknown")
    needs_admin(actor, path)
    _refuse_confirmation(confirmed_by, confirmed_on, legal_day(now))
    row = connection.execute(
        select(published)
        .where(published.c.kind == RULES, published.c.name == rule_set)
        .order_by(published.c.n.desc())
    ).first()
    if row is None or parse_rule_set(bytes(row.content)).kind != kind:
        raise Refusal("rules-unknown")
    values = {
        "city": city, "kind": kind, "rule_set": rule_set, "digest": row.digest, "since_on": since.isoformat(),
        "confirmed_by": confirmed_by, "confirmed_on": confirmed_on and confirmed_on.isoformat(),
        "chosen_by": actor.operator_id, "chosen_at": iso(now),
    }  # fmt: skip
    n = connection.execute(insert(rule_choice).values(**values).returning(rule_choice.c.n)).scalar_one()
    told = choice_shown(connection.execute(select(rule_choice).where(rule_choice.c.n == n)).one())
    keep(connection, actor, now, "rules.choose", f"rules:{rule_set}", path, after=told)
    content = {**told, "content": json.loads(bytes(row.content))}
    identity = identity_of(connection, now)
    sealed = seal(identity.key, identity.server_id, CHOICE, n, told["chosen_at"], content)
    return told, tell_all(connection, root_path(connection), "rules.chosen", {**told, "sealed": sealed}, now)


def _refuse_confirmation(by: str | None, on: date | None, today: date) -> None:
    if (by is None) != (on is None):
        sentence = "确认人和确认日期要一起写。"
        raise Refusal("malformed", errors=[Fault("#/confirmed_by", "unfitting", sentence)])
    if on is not None and on > today:
        raise Refusal("malformed", errors=[Fault("#/confirmed_on", "unfitting", "确认日期还没有到。")])


def choice_shown(row: Row[Any]) -> dict[str, Any]:
    """A choice as it is told."""
    return {
        "n": row.n, "city": row.city, "kind": row.kind, "rule_set": row.rule_set, "digest": row.digest,
        "since": row.since_on, "confirmed_by": row.confirmed_by, "confirmed_on": row.confirmed_on,
        "chosen_by": row.chosen_by, "chosen_at": row.chosen_at,
    }  # fmt: skip


def list_choices(connection: Connection, *, after: int, limit: int) -> dict[str, Any]:
    """List every choice that was made, in order, one page."""
    wanted = select(rule_choice).where(rule_choice.c.n > after).order_by(rule_choice.c.n).limit(limit + 1)
    rows = connection.execute(wanted).all()
    return {
        "choices": [choice_shown(row) for row in rows[:limit]],
        "next": rows[limit - 1].n if len(rows) > limit else None,
    }


def followed(connection: Connection, resources: Path, city: str, kind: Kind, on: date) -> Followed:
    """Return the rule set that a city follows on a day: of its choices the latest that has begun.

    Args:
        connection: reading is enough.
        resources: of the program.
        city: division code.
        kind: of the case.
        on: the day on which the case was taken in.
    """
    row = connection.execute(
        select(rule_choice, published.c.content)
        .join(published, (published.c.kind == RULES) & (published.c.digest == rule_choice.c.digest))
        .where(
            rule_choice.c.city == city, rule_choice.c.kind == kind, rule_choice.c.since_on <= on.isoformat()
        )
        .order_by(rule_choice.c.since_on.desc(), rule_choice.c.n.desc())
    ).first()
    if row is None:
        return Followed(default_set(shipped(resources), kind, on), None, None, None)
    confirmed_on = date.fromisoformat(row.confirmed_on) if row.confirmed_on else None
    since = date.fromisoformat(row.since_on)
    return Followed(_parsed(bytes(row.content)), since, row.confirmed_by, confirmed_on)


@cache
def _parsed(content: bytes) -> RuleSet:
    return parse_rule_set(content)
