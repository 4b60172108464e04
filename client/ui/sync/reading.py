"""What the page 报送 lists: what waits, batches, what came back, what is stored. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from client.core.batches import BatchRow, WaitingRow
from client.core.records import RecordDetail, RecordRow, VersionRow
from client.core.times import from_text
from client.store import batches, outbox, records, versions
from client.store.desk import Desk
from client.ui import messages
from client.ui.sync.status import clock_text

WAITING: Final = ("blocked", "held", "unknown", "sent", "queued")
REJECTED: Final = ("rejected",)
STORED: Final = ("stored", "corrected", "withdrawn", "matched", "unmatched", "checked")
MOST_ROWS: Final = 500
DECISION: Final = "异议核查结论"


@dataclass(frozen=True, slots=True)
class Lists:
    """The four lists; each is cut at `MOST_ROWS`, the counts are not."""

    waiting: tuple[WaitingRow, ...]
    batches: tuple[BatchRow, ...]
    rejected: tuple[RecordRow, ...]
    stored: tuple[RecordRow, ...]
    counts: Mapping[str, int]


def read_lists(desk: Desk) -> Lists:
    """Return all four lists as of one moment."""
    reader = desk.db.reader()
    counts = records.states(reader, wanted=frozenset((*REJECTED, *STORED)))
    status = outbox.status(reader)
    return Lists(
        waiting=tuple(outbox.list_waiting(reader, limit=MOST_ROWS)),
        batches=tuple(batches.list_batches(reader, limit=MOST_ROWS)),
        rejected=tuple(records.list_records(reader, state=REJECTED, limit=MOST_ROWS)),
        stored=tuple(records.list_records(reader, state=STORED, limit=MOST_ROWS)),
        counts={
            "waiting": sum(status[state] for state in WAITING),
            "rejected": counts["rejected"],
            "stored": sum(counts[state] for state in STORED),
        },
    )


def read_detail(desk: Desk, row: RecordRow | WaitingRow) -> RecordDetail:
    """Return one record, or one decision, with its versions and receipts."""
    reader = desk.db.reader()
    if isinstance(row, WaitingRow) and row.op == "decide":
        history = versions.history(reader, row.record_id)
        return RecordDetail(_decision(row, history[0].created_at), None, tuple(history), (), None)
    return records.get(reader, row.record_id)


def _decision(row: WaitingRow, at: str) -> RecordRow:
    """A decision as a row of the lists; its record is the case."""
    return RecordRow(
        record_id=row.record_id,
        item="",
        state=row.state,
        op=row.op,
        subject_name=row.subject_name,
        subject_code="",
        doc_no=DECISION,
        act_on="",
        errors=0,
        warnings=0,
        changed_at=at,
        import_id=None,
        import_row=None,
    )


def why_waiting(row: WaitingRow, now: datetime) -> str:
    """Say why a version has not left yet, or when it goes; empty when it simply waits its turn."""
    said = problem_words(row.problem)
    when = clock_text_of(from_text(row.next_try_at), now) if row.next_try_at else ""
    parts = [said, f"{when} 自动再试" if when else ""]
    return "　".join(part for part in parts if part)


def problem_code(problem: Mapping[str, Any] | None) -> str:
    """Return the code of what the platform, or the line, said of a version; empty without one."""
    if not problem:
        return ""
    if "code" in problem:
        return str(problem["code"])
    return str(problem.get("type", "")).rpartition(":")[2].replace("-", "_")


def problem_words(problem: Mapping[str, Any] | None) -> str:
    """Return what it means; empty without a problem."""
    code = problem_code(problem)
    return messages.sentence(code) if code else ""


def first_field(problem: Mapping[str, Any] | None) -> str:
    """Return the field that the platform's first error points at; empty for none."""
    for error in (problem or {}).get("errors", ()):
        head, _, rest = str(error.get("pointer", "")).partition("#/payload/")
        if not head and rest:
            return rest.partition("/")[0]
    return ""


def what_next(row: BatchRow, next_try_at: datetime | None, now: datetime) -> str:
    """Say what happens next with a batch, in words."""
    if row.state == "answered":
        return "已有结果" if not row.waiting else f"{row.waiting:,} 条稍后再送"
    if row.state == "void":
        return "已拆开重新编批" if row.problem is None else "已作废"
    when = clock_text_of(next_try_at, now)
    if row.tries == 0:
        return f"{when} 自动发送" if when else "等待发送"
    return f"{when} 自动询问结果" if when else "下次同步时询问结果"


def clock_text_of(at: datetime | None, now: datetime) -> str:
    """Return a coming time as ``10:42``; empty for None or one that is over."""
    if at is None or at <= now:
        return ""
    return clock_text(at.isoformat(), now)


def newest(detail: RecordDetail) -> VersionRow | None:
    """Return the newest version of a record."""
    return detail.versions[0] if detail.versions else None
