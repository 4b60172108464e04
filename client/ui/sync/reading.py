"""What the page 报送 lists, and what is said of each row. Reads only; no Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from client.core.batches import BatchRow, BatchTry, WaitingRow
from client.core.questions import STATES as QUESTION_STATES
from client.core.questions import QuestionRow
from client.core.records import RecordDetail, RecordRow, VersionRow
from client.core.times import from_text
from client.store import batches, outbox, questions, records, versions
from client.store.desk import Desk
from client.ui import messages
from client.ui.sync.facts import LineFacts
from client.ui.sync.filters import ALL, Filter
from client.ui.sync.short import said_by
from client.ui.sync.spans import clock_text

REJECTED: Final = ("rejected",)
STORED: Final = ("stored", "corrected", "withdrawn", "matched", "unmatched", "checked")
MOST_ROWS: Final = 500
MOST_LINES: Final = 7
DECISION: Final = "异议核查结论"
ELSEWHERE: Final = "别的电脑填报的记录"
CAUSES: Final = {"rejected": "平台退回", "unmatched": "未关联", "held": "待处理超过一天"}

TAB_NAMES: Final = ("waiting", "batches", "rejected", "stored", "questions")


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists as they are filtered; each is cut at `MOST_ROWS`, the counts are not.

    Attributes:
        counts: tab → all that there is, unfiltered.
        questions_at: when anything was last heard of questions.
        reasons: record → why the platform gave it back.
    """

    waiting: tuple[WaitingRow, ...]
    batches: tuple[BatchRow, ...]
    rejected: tuple[RecordRow, ...]
    stored: tuple[RecordRow, ...]
    questions: tuple[QuestionRow, ...]
    counts: Mapping[str, int]
    questions_at: str | None
    reasons: Mapping[str, Mapping[str, Any]]

    def rows(self, tab: str) -> tuple[Any, ...]:
        """The rows of one tab."""
        found: tuple[Any, ...] = getattr(self, tab)
        return found


def read_lists(desk: Desk, filters: Mapping[str, Filter]) -> Lists:
    """Return all lists as of one moment."""
    reader = desk.db.reader()
    counts = records.states(reader, wanted=frozenset((*REJECTED, *STORED)))
    status = outbox.status(reader)

    def of_records(tab: str, states: Sequence[str]) -> tuple[RecordRow, ...]:
        asked = filters.get(tab, ALL)
        rows = records.list_records(reader, state=asked.states or states, text=asked.text, limit=MOST_ROWS)
        return tuple(rows)

    rejected = of_records("rejected", REJECTED)
    waits, sent, doubts = (filters.get(tab, ALL) for tab in ("waiting", "batches", "questions"))
    return Lists(
        waiting=tuple(
            outbox.list_waiting(
                reader, states=waits.states or outbox.WAITING_STATES, text=waits.text, limit=MOST_ROWS
            )
        ),
        batches=tuple(batches.list_batches(reader, states=sent.states, limit=MOST_ROWS)),
        rejected=rejected,
        stored=of_records("stored", STORED),
        questions=tuple(
            questions.list_questions(
                reader, states=doubts.states or QUESTION_STATES, text=doubts.text, limit=MOST_ROWS
            )
        ),
        counts={
            "waiting": sum(status[state] for state in outbox.WAITING_STATES),
            "rejected": counts["rejected"],
            "stored": sum(counts[state] for state in STORED),
            "questions": questions.counts(reader)["open"],
        },
        questions_at=questions.seen_at(reader),
        reasons=versions.rejections(reader, [row.record_id for row in rejected]),
    )


def read_batch(desk: Desk, row: BatchRow) -> tuple[BatchRow, tuple[BatchTry, ...]]:
    """Return a batch with its sendings, newest first."""
    return row, tuple(batches.tries_of(desk.db.reader(), row.batch_id))


def read_detail(desk: Desk, row: RecordRow | WaitingRow) -> RecordDetail:
    """Return one record, or one decision, with its versions and receipts."""
    reader = desk.db.reader()
    if isinstance(row, WaitingRow) and row.op == "decide":
        history = versions.history(reader, row.record_id)
        return RecordDetail(_decision(row, history[0].created_at), None, tuple(history), (), None)
    return records.get(reader, row.record_id)


def read_question(desk: Desk, row: QuestionRow) -> tuple[QuestionRow, str]:
    """Return a question, and what the platform said of a record of this desk; empty for another's."""
    found = versions.rejections(desk.db.reader(), [row.question.record_id]) if row.is_here else {}
    lines = whole_reason(found.get(row.question.record_id)).split("\n")
    more = [f"· 还有 {len(lines) - MOST_LINES:,} 处，打开记录看全部"] if len(lines) > MOST_LINES else []
    return row, "\n".join([*lines[:MOST_LINES], *more])


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


def next_of(row: WaitingRow, facts: LineFacts) -> str:
    """Say what happens next with a version, and who must act when nothing does by itself."""
    problem = row.problem or {}
    if row.state == "blocked":
        by_itself = problem.get("of") in ("approval", "attachment")
        return WHO.get(problem_code(problem), "每次同步再试" if by_itself else "看过原因后再试")
    if problem.get("code") == "by_courier":
        return "等回执包"
    verb = VERBS.get(row.state, "发送")
    return _when(verb, facts, _coming(row.next_try_at, facts))


VERBS: Final = {"unknown": "询问结果", "sent": "询问结果", "held": "再送"}


def _when(verb: str, facts: LineFacts, own: str = "") -> str:
    """Say when something is done, or what keeps it from being done."""
    if facts.paused_at is not None:
        return "已暂停，恢复后继续"
    if facts.running:
        return f"这次同步里{verb}"
    if not facts.signed_in:
        return f"联网登录后{verb}"
    when = own or (clock_text_of(facts.next_try_at, facts.now) if facts.now is not None else "")
    if when:
        return f"{when} 自动{verb}"
    if facts.error is not None and facts.next_try_at is None:
        return "处理好后继续"
    return f"下次同步时{verb}"


def _coming(at: str | None, facts: LineFacts) -> str:
    return clock_text_of(from_text(at), facts.now) if at and facts.now is not None else ""


WHO: Final = {
    "maker_key_unknown": "请填报人联网登录",
    "checker_key_unknown": "请复核人联网登录",
    "attachment_missing": "请重新添加附件",
    "attachment_damaged": "请重新添加附件",
}
"""Code of why a version is set aside → who must do what; it flows by itself then."""


def problem_code(problem: Mapping[str, Any] | None) -> str:
    """Return the code of what the platform, or the line, said of a version; empty without one."""
    if not problem:
        return ""
    if "code" in problem:
        return str(problem["code"])
    return str(problem.get("type", "")).rpartition(":")[2].replace("-", "_")


def problem_words(problem: Mapping[str, Any] | None) -> str:
    """Return what it means; empty without a problem."""
    return code_words(problem_code(problem))


def code_words(code: str | None) -> str:
    """Return what a code means; empty without one."""
    return messages.sentence(code) if code else ""


def whole_reason(problem: Mapping[str, Any] | None) -> str:
    """Return what was said of a version: the sentence, every error of it, and the code for support."""
    code = problem_code(problem)
    if not code:
        return ""
    errors = [str(error.get("detail", "")) for error in (problem or {}).get("errors", ())]
    return "\n".join([f"{code_words(code)}（{code}）", *(f"· {line}" for line in errors if line)])


REASONS: Final = {
    "duplicate_business_key": "平台上已有同一件",
    "stale": "另一台终端先改了",
    "withdrawn_already": "平台上已经撤销",
    "parent_rejected": "上一个版本被退回",
    "signature_invalid": "审核签名核不上",
    "attachment_missing": "附件没有送到",
    "id_reused": "同号的内容不同",
}
"""Code of why a record came back → a few words for its row; of others the sentence's first part."""


def short_reason(problem: Mapping[str, Any] | None) -> str:
    """Return why a record came back, in a few words: how many fields, or the sentence's first part."""
    errors = len((problem or {}).get("errors", ()))
    if errors and problem_code(problem) == "field_invalid":
        return f"{errors:,} 个数据项有误"
    code = problem_code(problem)
    return REASONS.get(code) or code_words(code).partition("。")[0]


def first_field(problem: Mapping[str, Any] | None) -> str:
    """Return the field that the platform's first error points at; empty for none."""
    for error in (problem or {}).get("errors", ()):
        head, _, rest = str(error.get("pointer", "")).partition("#/payload/")
        if not head and rest:
            return rest.partition("/")[0]
    return ""


def what_next(row: BatchRow, facts: LineFacts) -> str:
    """Say what happens next with a batch, in words."""
    if row.state == "answered":
        return "已有结果" if not row.waiting else f"{row.waiting:,} 条稍后再送"
    if row.state == "void":
        return "已拆开重新编批" if row.problem is None else "已作废，记录另行处理"
    if went_by_stick(row):
        return "等回执包，或联网询问"
    return _when("发送" if row.tries == 0 else "询问结果", facts)


def went_by_stick(row: BatchRow) -> bool:
    """Say whether a batch left on a stick alone: it was never sent over the line."""
    return row.tries == 0 and row.last_sent_at is not None


TRY_WORDS: Final = {"answered": "平台有了答复"}


def try_words(one: BatchTry) -> str:
    """Say what came of one sending."""
    if one.code is None:
        return "还不知道结果"
    return TRY_WORDS.get(one.code) or said_by(one.code)


def clock_text_of(at: datetime | None, now: datetime) -> str:
    """Return a coming time as ``10:42``; empty for None or one that is over."""
    if at is None or at <= now:
        return ""
    return clock_text(at.isoformat(), now)


def newest(detail: RecordDetail) -> VersionRow | None:
    """Return the newest version of a record."""
    return detail.versions[0] if detail.versions else None
