"""Grants (授权): a role over a unit and all units below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from regional_platform.store.tables import role_grant, unit

ROLES: Final = ("reporter", "reviewer", "handler", "liaison", "admin", "auditor", "hall")
"""填报员、复核员、异议处理员、联络员、管理员、审计员、大厅"""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over the units whose path begins with `path`."""

    role: str
    path: str

    def covers(self, path: str) -> bool:
        """Say whether the unit at `path` lies under this grant."""
        return path.startswith(self.path)


_HELD: Final = (
    select(role_grant.c.operator_id, role_grant.c.role, unit.c.path)
    .join(unit, unit.c.code == role_grant.c.unit)
    .where(
        role_grant.c.operator_id.in_(bindparam("operator_ids", expanding=True)),
        role_grant.c.ended_at.is_(None),
    )
    .order_by(role_grant.c.n)
)
"""Built once: every request asks it."""


def grants_of(connection: Connection, operator_ids: Iterable[str]) -> dict[str, tuple[Grant, ...]]:
    """Read what people hold now; who holds nothing has an empty entry."""
    found: dict[str, list[Grant]] = defaultdict(list)
    wanted = set(operator_ids)
    rows = connection.execute(_HELD, {"operator_ids": sorted(wanted)})
    for row in rows:
        found[row.operator_id].append(Grant(row.role, row.path))
    return {operator_id: tuple(found[operator_id]) for operator_id in wanted}


def roles_at(grants: Iterable[Grant], path: str) -> frozenset[str]:
    """Return the roles that hold for the unit at `path`."""
    return frozenset(grant.role for grant in grants if grant.covers(path))


def give(
    connection: Connection, operator_id: str, roles: Sequence[tuple[str, str]], by: str | None, at: str
) -> None:
    """Write grants: pairs of role and unit code."""
    if roles:
        connection.execute(
            insert(role_grant),
            [
                {"operator_id": operator_id, "role": role, "unit": code, "granted_by": by, "granted_at": at}
                for role, code in roles
            ],
        )
