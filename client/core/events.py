"""What became of a record, line by line (经过), newest first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from client.core.records import RecordDetail, VersionRow
from client.core.times import day_and_clock
from client.core.words import OPS, OUTBOX, OUTCOMES, REASONS, STAGES

NOTE = "复核退回"


@dataclass(frozen=True, slots=True)
class Event:
    """One line: when, what, by whom, with what result, under which receipt."""

    at: str
    what: str
    who: str
    result: str
    receipt_no: str = ""


def events_of(detail: RecordDetail, names: Mapping[str, str]) -> list[Event]:
    """Return versions and returns of a record, newest first; `names` are those of operators."""
    found = [(version.created_at, event_of(version, names)) for version in detail.versions]
    for note in detail.notes:
        who = names.get(note.operator, note.operator)
        found.append((note.at, Event(day_and_clock(note.at), NOTE, who, note.reason)))
    return [event for _, event in sorted(found, key=lambda pair: pair[0], reverse=True)]


def event_of(version: VersionRow, names: Mapping[str, str]) -> Event:
    """Return the line of one version; `names` are those of operators."""
    maker, checker = names.get(version.maker, version.maker), names.get(version.checker, version.checker)
    reason = ""
    if version.reason is not None:
        said = (REASONS.get(version.reason.code, ""), version.reason.text)
        reason = "：" + " ".join(part for part in said if part)
    what = f"{OPS[version.op]}{reason}"
    at = day_and_clock(version.created_at)
    return Event(at, what, f"{maker} → {checker}", _result(version), version.receipt_no or "")


def _result(version: VersionRow) -> str:
    if version.outcome is None:
        return OUTBOX[version.outbox]
    parts = [OUTCOMES.get(version.outcome, version.outcome)]
    if version.stage is not None and version.outcome != "rejected":
        parts.append(STAGES.get(version.stage, version.stage))
    if version.problem is not None:
        parts.append(str(version.problem.get("detail") or version.problem.get("title") or ""))
    return " · ".join(part for part in parts if part)
