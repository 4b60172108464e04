"""Approvals (审核): taken in once, then named by the items of batches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, insert, select

from forms.seal.approval import Part, part_verifies
from forms.seal.canonical import digest
from regional_platform.auth.callers import Caller
from regional_platform.auth.grants import grants_of, roles_at
from regional_platform.platform import Platform
from regional_platform.problems import Fault, Refusal
from regional_platform.store.tables import approval, operator, operator_key
from regional_platform.store.tables import unit as unit_table
from regional_platform.times import iso

MAKERS = frozenset({"reporter", "handler"})
CHECKERS = frozenset({"reviewer"})


@dataclass(frozen=True, slots=True)
class Approved:
    """What a confirmed approval covers."""

    digests: tuple[str, ...]
    excluded: frozenset[int]
    maker_roles: frozenset[str]

    def covers(self, place: int, content_sha256: str) -> bool:
        """Say whether the content at `place` of the list was approved."""
        return (
            place < len(self.digests) and self.digests[place] == content_sha256 and place not in self.excluded
        )


def approvals_of(connection: Connection, unit: str, ids: Iterable[str]) -> dict[str, Approved]:
    """Read the confirmed approvals of a unit."""
    rows = connection.execute(
        select(approval).where(approval.c.unit == unit, approval.c.approval_id.in_(set(ids)))
    )
    return {row.approval_id: _approved(row.body, row.maker_roles) for row in rows}


@lru_cache(maxsize=8)
def _approved(body: bytes, maker_roles: str) -> Approved:
    """Read an approval; that of an import of 10,000 is named by twenty batches in a row."""
    said = json.loads(body)
    return Approved(
        digests=tuple(said["digests"]),
        excluded=frozenset(said["excluded"]),
        maker_roles=frozenset(json.loads(maker_roles)),
    )


@dataclass(frozen=True, slots=True)
class _Hand:
    """One of the two who signed: as registered here."""

    person: str
    roles: frozenset[str]
    keys: tuple[str, ...]


def confirm(platform: Platform, caller: Caller, said: dict[str, Any], body: bytes) -> bool:
    """Take an approval in.

    Args:
        platform: the open platform.
        caller: who hands it over.
        said: the body, its shape already held against the contract.
        body: its bytes.

    Returns:
        True when it is new, False when the same bytes were confirmed before.

    Raises:
        Refusal: malformed, not-authorised, approval-changed, maker-is-checker, signature-invalid.
    """
    _refuse_disorder(said)
    if said["unit"] != caller.unit:
        raise Refusal("not-authorised")
    body_sha256 = digest(body)
    with platform.store.reading() as connection:
        if _known(connection, caller.unit, said["approval_id"], body_sha256):
            return False
        maker = _hand(connection, caller.unit, said["maker"]["operator"])
        checker = _hand(connection, caller.unit, said["checker"]["operator"])
    _refuse_hands(maker, checker, said)

    def act(connection: Connection) -> bool:
        if _known(connection, caller.unit, said["approval_id"], body_sha256):
            return False
        connection.execute(
            insert(approval).values(
                approval_id=said["approval_id"],
                unit=caller.unit,
                body=body,
                body_sha256=body_sha256,
                maker=said["maker"]["operator"],
                maker_roles=json.dumps(sorted(maker.roles)),
                checker=said["checker"]["operator"],
                confirmed_at=iso(platform.clock()),
            )
        )
        return True

    return platform.store.write(act, units=(caller.unit,))


def _refuse_disorder(said: dict[str, Any]) -> None:
    digests, excluded = said["digests"], said["excluded"]
    errors = []
    if digests != sorted(set(digests)):
        errors.append(Fault("#/digests", "disorder", "摘要须按顺序排列，每个只出现一次。"))
    if excluded != sorted(set(excluded)) or any(place >= len(digests) for place in excluded):
        errors.append(Fault("#/excluded", "disorder", "位置须按顺序排列，且在摘要范围内。"))
    if errors:
        raise Refusal("malformed", errors=errors)


def _known(connection: Connection, unit: str, approval_id: str, body_sha256: str) -> bool:
    found = connection.execute(
        select(approval.c.unit, approval.c.body_sha256).where(approval.c.approval_id == approval_id)
    ).one_or_none()
    if found is None:
        return False
    if found.unit != unit or found.body_sha256 != body_sha256:
        raise Refusal("approval-changed")
    return True


def _hand(connection: Connection, unit: str, operator_id: str) -> _Hand:
    found = connection.execute(
        select(operator.c.person, unit_table.c.path)
        .join(unit_table, unit_table.c.code == operator.c.unit)
        .where(operator.c.operator_id == operator_id, operator.c.unit == unit)
    ).one_or_none()
    if found is None:
        return _Hand(operator_id, frozenset(), ())
    keys = connection.execute(
        select(operator_key.c.public_key).where(operator_key.c.operator_id == operator_id)
    ).scalars()
    held = grants_of(connection, [operator_id])[operator_id]
    return _Hand(found.person, roles_at(held, found.path), tuple(keys))


def _refuse_hands(maker: _Hand, checker: _Hand, said: dict[str, Any]) -> None:
    if maker.person == checker.person:
        raise Refusal("maker-is-checker")
    parts: tuple[tuple[Part, _Hand, frozenset[str]], ...] = (
        ("maker", maker, MAKERS),
        ("checker", checker, CHECKERS),
    )
    for part, hand, roles in parts:
        if not hand.roles & roles:
            raise Refusal("not-authorised", status=422, part=part)
    for part, hand, _ in parts:
        if not hand.keys:
            raise Refusal("signature-invalid", part=part, reason="key_unknown")
        if not any(part_verifies(key, part, said) for key in hand.keys):
            raise Refusal("signature-invalid", part=part)
