"""An approval (审核): one act of a maker and a checker over a list of versions.

The maker signs the sorted list of content digests when submitting; the checker signs the
same list when approving, and names the places left out (returned, or taken back meanwhile).
A batch item names its approval and its place in the list; the platform recomputes the
digest, so no digest travels with a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from forms.seal.canonical import canonical, digest
from forms.seal.keys import SigningKey, verifies

MOST_DIGESTS = 10_000
"""Versions under one approval; an act over more is made of several approvals."""

Part = Literal["maker", "checker"]


def ordered(digests: Iterable[str]) -> list[str]:
    """Return the list that is signed: sorted, without doubles."""
    return sorted(set(digests))


def statement(
    approval_id: str, unit: str, digests: Sequence[str], excluded: Sequence[int] | None
) -> dict[str, Any]:
    """What is signed: the act, the unit, the list; for the checker also the places left out.

    Args:
        approval_id: UUIDv7 of the act.
        unit: unit code that both act for.
        digests: content digests, `ordered`.
        excluded: places in `digests`, rising; None in the maker's statement.
    """
    said: dict[str, Any] = {
        "approval_id": approval_id,
        "unit": unit,
        "count": len(digests),
        "list_sha256": digest(canonical(list(digests))),
    }
    if excluded is not None:
        said["excluded"] = list(excluded)
    return said


def sign_as_maker(key: SigningKey, approval_id: str, unit: str, digests: Sequence[str]) -> str:
    """Sign the list that is submitted for review."""
    return key.sign("approval.maker", statement(approval_id, unit, digests, None))


def sign_as_checker(
    key: SigningKey, approval_id: str, unit: str, digests: Sequence[str], excluded: Sequence[int]
) -> str:
    """Sign the list as approved, all but `excluded`."""
    return key.sign("approval.checker", statement(approval_id, unit, digests, excluded))


def part_verifies(public: str, part: Part, approval: Mapping[str, Any]) -> bool:
    """Say whether one signature of an approval, shaped as on the wire, holds for `public`."""
    excluded = approval["excluded"] if part == "checker" else None
    said = statement(approval["approval_id"], approval["unit"], approval["digests"], excluded)
    return verifies(public, approval[part]["sig"], f"approval.{part}", said)
