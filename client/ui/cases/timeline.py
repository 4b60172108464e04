"""办理经过: what happened to a case, in words; what only this desk has said yet is marked. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from client.core.cases import Case, CaseEvent
from client.core.records import VersionRow
from client.store.case_shown import Shown
from client.ui.cases import act_words, words
from client.ui.records.words import OPS, OUTBOX, OUTCOMES, STAGES
from forms.law.words import EVENTS


@dataclass(frozen=True, slots=True)
class Step:
    """One line. `at` is UTC text; `confirmed`: the platform told it."""

    at: str
    text: str
    by: str = ""
    confirmed: bool = True


def steps_of(
    case: Case, shown: Shown, history: Sequence[VersionRow], names: Mapping[str, str]
) -> tuple[Step, ...]:
    """Return what happened, newest first.

    Args:
        case: of the desk.
        shown: its events, own unconfirmed ones included.
        history: versions of the case and of its records that belong to it.
        names: of operators.
    """
    steps = [_step(case, one, names) for one in shown.events]
    if case.decision is not None and case.decision.state == "editing":
        by = names.get(case.decision.handler, "")
        steps.append(Step(case.decision.saved_at, words.SAVED_STEP, by))
    for version in history:
        word = OPS.get(version.op, version.op)
        outcome = OUTCOMES.get(version.outcome or "", OUTBOX.get(version.outbox, ""))
        since = [one for one in (outcome, STAGES.get(version.stage or "", "")) if one]
        by = f"{names.get(version.maker, version.maker)} → {names.get(version.checker, version.checker)}"
        text = words.VERSION_STEP.format(what=word, since="，".join(since))
        steps.append(Step(version.created_at, text, by, confirmed=version.outcome is not None))
    return tuple(sorted(steps, key=lambda step: step.at, reverse=True))


def said_of(kind: str, data: Mapping[str, Any]) -> str:
    """Return what an event says, in words: its kind, and what belongs to it."""
    word = EVENTS.get(kind, kind)
    detail = _DETAILS.get(kind, _nothing)(data)
    return f"{word}：{detail}" if detail else word


def _step(case: Case, event: CaseEvent, names: Mapping[str, str]) -> Step:
    text = said_of(event.kind, event.data)
    if event.kind == "received":
        text = words.OPENED_STEP.format(name=case.applicant.get("name", ""))
    by = names.get(event.operator or "", "") or event.unit
    return Step(event.at, text, by, event.confirmed)


def _nothing(_data: Mapping[str, Any]) -> str:
    return ""


def _text(*names: str) -> Any:
    def told(data: Mapping[str, Any]) -> str:
        return "，".join(str(data[name]) for name in names if data.get(name))

    return told


def _items(data: Mapping[str, Any]) -> str:
    until = f"（{data['until']} 前）" if data.get("until") else ""
    return "；".join(map(str, data.get("items", ()))) + until


def _materials(data: Mapping[str, Any]) -> str:
    return "；".join(str(one.get("name", "")) for one in data.get("materials", ()))


def _refused(data: Mapping[str, Any]) -> str:
    code = act_words.REFUSALS.get(str(data.get("code")), str(data.get("code") or ""))
    return "，".join(part for part in (code, str(data.get("text") or "")) if part)


def _transferred(data: Mapping[str, Any]) -> str:
    return words.TRANSFERRED_STEP.format(to=data.get("to_unit", ""), reason=data.get("reason", ""))


def _extended(data: Mapping[str, Any]) -> str:
    return words.EXTENDED_STEP.format(
        days=data.get("days", ""), by=data.get("by", ""), reason=data.get("reason", "")
    )


def _assigned(data: Mapping[str, Any]) -> str:
    return str(data.get("name") or act_words.NOBODY)


def _told(data: Mapping[str, Any]) -> str:
    how = act_words.HOW.get(str(data.get("how")), str(data.get("how") or ""))
    return "，".join(part for part in (how, str(data.get("document") or "")) if part)


_DETAILS: Final = {
    "supplement_asked": _items,
    "supplemented": _materials,
    "refused": _refused,
    "transferred": _transferred,
    "extended": _extended,
    "assigned": _assigned,
    "suspended": _text("examiner", "reason"),
    "told": _told,
    "withdrawn": _text("text"),
    "waived": _text("unit", "reason"),
}
