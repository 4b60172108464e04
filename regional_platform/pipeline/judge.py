"""Judge one item against what is known. Decides, and changes nothing.

The rules stand in tables, in the order in which they speak; the first that has something to say wins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from forms.seal.receipt import Outcome
from regional_platform.case_log import STATE_OF
from regional_platform.pipeline.incoming import Incoming
from regional_platform.pipeline.world import World
from regional_platform.problems import Fault, problem


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an item.

    Attributes:
        replay: the receipt that was given before; then nothing is written again.
        foreign: the id belongs to another content; nothing is written under it.
    """

    outcome: Outcome
    problem: dict[str, Any] | None = None
    replay: bytes | None = None
    foreign: bool = False


ACCEPTED: Final = Verdict("accepted")

TAKEN: Final = frozenset({"accepted", "accepted_with_warnings"})
"""Outcomes of what changes a record."""

DECIDABLE: Final = frozenset({"received", "accepted", "decided"})
"""Stages of a case in which a decision fits; one that is decided may be decided anew until it is closed."""

Rule = Callable[[Incoming, World], Verdict | None]


def judge(one: Incoming, world: World) -> Verdict:
    """Return the verdict on one item."""
    decides = one.body is not None and one.body.op == "decide"
    for rule in DECISION_RULES if decides else RECORD_RULES:
        verdict = rule(one, world)
        if verdict is not None:
            return verdict
    if one.settled:
        return Verdict("accepted_with_warnings", _problem(one, "answered-warnings", one.settled))
    return ACCEPTED


def set_aside(one: Incoming, incident: str) -> Verdict:
    """Hold an item that met a fault of ours: the client keeps it and sends it again later."""
    return Verdict("held", _problem(one, "internal", (), incident=incident))


def _problem(one: Incoming, code: str, errors: Sequence[Fault] = (), **extras: object) -> dict[str, Any]:
    return problem(code, instance=f"/v1/versions/{one.version_id}", errors=errors, extras=extras)


def _rejected(one: Incoming, code: str, errors: Sequence[Fault] = (), **extras: object) -> Verdict:
    return Verdict("rejected", _problem(one, code, errors, **extras))


def _held(one: Incoming, code: str, **extras: object) -> Verdict:
    return Verdict("held", _problem(one, code, (), **extras))


def _seen_before(one: Incoming, world: World) -> Verdict | None:
    known = world.versions.get(one.version_id)
    if known is None:
        return None
    if known.unit != world.unit or known.digest != one.digest:
        return Verdict("rejected", _problem(one, "id-reused"), foreign=True)
    if known.outcome == "held":
        return None
    return Verdict("rejected", replay=world.receipts[one.version_id])


def _misshapen(one: Incoming, _world: World) -> Verdict | None:
    if one.incident:
        return set_aside(one, one.incident)
    return _rejected(one, "malformed", one.faults) if one.body is None else None


def _anothers_record(one: Incoming, world: World) -> Verdict | None:
    state = world.records.get(one.record_id)
    return _rejected(one, "not-authorised") if state and state.unit != world.unit else None


def _line(one: Incoming, world: World) -> Verdict | None:
    """The version that the person saw must still be the last one."""
    assert one.body is not None
    state = world.records.get(one.record_id)
    parent = world.versions.get(one.body.parent) if one.body.parent else None
    if one.body.op != "create":
        if parent is None or parent.unit != world.unit or parent.outcome == "held":
            return _held(one, "parent-unknown")
        if parent.outcome == "rejected":
            return _rejected(one, "parent-rejected")
        if parent.record_id != one.record_id or state is None:  # without a state it is a decision of a case
            return _rejected(one, "malformed", [Fault("#/parent", "unfitting", "上一版本不是这条记录的。")])
    if state is None or (state.head is None and one.body.op == "create"):
        return None
    if state.head_op == "withdraw":
        return _rejected(one, "withdrawn-already")
    if state.head != one.body.parent:
        return _rejected(one, "stale", current=world.head_of(one.record_id))
    if state.item != one.item_code:
        return _rejected(one, "malformed", [Fault("#/catalog", "unfitting", "更正不能换目录事项。")])
    return None


def _approval(one: Incoming, world: World) -> Verdict | None:
    assert one.body is not None
    named = one.body.approval
    approved = world.approvals.get(named.id)
    if approved is None:
        return _held(one, "approval-unknown")
    return None if approved.covers(named.place, one.digest) else _rejected(one, "signature-invalid")


def _attachments(one: Incoming, world: World) -> Verdict | None:
    assert one.body is not None
    missing = sorted(one.files - world.attachments) if one.files else None
    return _held(one, "attachment-missing", missing=missing, count=len(missing)) if missing else None


def _catalog(one: Incoming, _world: World) -> Verdict | None:
    if one.out_of_force:
        return _rejected(one, "catalog-not-in-force")
    return _rejected(one, "catalog-unknown") if one.item is None else None


def _fields(one: Incoming, _world: World) -> Verdict | None:
    return _rejected(one, "field-invalid", one.standing) if one.standing else None


def _named_case(one: Incoming, world: World) -> Verdict | None:
    assert one.body is not None
    unknown = one.body.case_id is not None and one.body.case_id not in world.cases
    return _rejected(one, "case-unknown") if unknown else None


def _same_business(one: Incoming, world: World) -> Verdict | None:
    other = world.by_key.get(one.natural_key) if one.natural_key else None
    if other is None or other == one.record_id:
        return None
    return _rejected(one, "duplicate-business-key", record_id=other)


def _case_revision(one: Incoming, world: World) -> Verdict | None:
    assert one.body is not None
    case = world.cases.get(one.record_id)
    if case is None:
        return _rejected(one, "case-unknown")
    if one.version_id in world.taken:
        return _rejected(one, "id-reused")
    state = STATE_OF[case.stage]
    handed_on = case.unit != world.unit
    if handed_on or state == "closed" or case.revision != one.body.parent:
        current = {"case_id": one.record_id, "revision": case.revision, "state": state, "unit": case.unit}
        return _rejected(one, "stale", current=current)
    return None if case.stage in DECIDABLE else _rejected(one, "event-unfitting", stage=case.stage)


def _handler(one: Incoming, world: World) -> Verdict | None:
    assert one.body is not None
    decides = "handler" in world.approvals[one.body.approval.id].maker_roles
    return None if decides else _rejected(one, "not-authorised")


def _decision(one: Incoming, world: World) -> Verdict | None:
    assert one.decision is not None
    said, case = one.decision, world.cases[one.record_id]
    found = {(finding.record_id, finding.field) for finding in said.disputes}
    errors = [
        Fault("#/payload/disputes", "required_missing", f"异议项 {field} 还没有核查结论。")
        for _, field in sorted(case.disputed - found)
    ]
    if len(found) != len(said.disputes):
        errors.append(Fault("#/payload/disputes", "doubled", "同一异议项有两个结论。"))
    changes = any(finding.finding != "stands" for finding in said.disputes)
    if changes and not said.corrections:
        detail = "结论是更正、补充或删除时，请附上更正或撤销的版本。"
        errors.append(Fault("#/payload/corrections", "required_missing", detail))
    if (case.repair is None) is not (said.outcome is None):
        errors.append(Fault("#/payload/outcome", "unfitting", "信用修复要写明准予或不予，异议不写。"))
    if said.outcome == "granted" and case.repair is not None and not case.repair.whole:
        detail = "公示日期、履行完毕的日期、公开承诺缺一不可，不能准予修复。"
        errors.append(Fault("#/payload/outcome", "unfitting", detail))
    if errors:
        return _rejected(one, "field-invalid", errors)
    if said.outcome == "granted" and case.repair is not None and case.repair.from_on is not None:
        from_on, clause = case.repair.from_on, case.repair.clause
        return _rejected(one, "repair-too-early", from_on=from_on, clause=clause)
    return None


RECORD_RULES: Final[tuple[Rule, ...]] = (
    _seen_before, _misshapen, _anothers_record, _line, _approval, _attachments, _named_case, _catalog,
    _fields, _same_business,
)  # fmt: skip
DECISION_RULES: Final[tuple[Rule, ...]] = (
    _seen_before, _misshapen, _case_revision, _approval, _handler, _attachments, _decision,
)  # fmt: skip
