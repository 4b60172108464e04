"""The tables of 报送, each over rows of the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from client.core.batches import BatchRow, WaitingRow
from client.core.questions import QuestionRow
from client.core.records import RecordRow
from client.store.courier import BY_COURIER
from client.ui.row_model import Column, RowModel
from client.ui.sync import reading
from client.ui.sync.spans import clock_text
from client.ui.widgets.marks import StateLook, look
from client.ui.widgets.tables import MiddleElided, Table

BATCH_LOOKS: Final[dict[str, StateLook]] = {
    "open": StateLook("away", "等结果", "info"),
    "answered": StateLook("dots4", "有结果", "good"),
    "void": StateLook("cut", "作废", "plain"),
}
CARRIED: Final = StateLook("away", "已装进交换包", "info")
QUESTION_LOOKS: Final[dict[str, StateLook]] = {
    "open": StateLook("question", "未处理", "warn"),
    "ignored": StateLook("noted", "已忽略", "plain"),
    "corrected": StateLook("plusminus", "已修改", "good"),
    "settled": StateLook("tick", "已处理", "good"),
}


def batch_look(row: BatchRow) -> StateLook:
    """Return the look of a batch: one with versions that were given back, or wait, is not simply well."""
    if row.state == "answered" and row.rejected:
        return StateLook("square", "有退回", "bad")
    if row.state == "answered" and row.waiting:
        return StateLook("pause", "有待定", "warn")
    if row.state == "open" and reading.went_by_stick(row):
        return CARRIED
    if row.state == "open" and row.problem:
        return StateLook("question", "结果未知", "warn")
    return BATCH_LOOKS[row.state]


def waiting_look(row: WaitingRow) -> StateLook:
    """Return the look of what waits; what went out on a stick says so."""
    is_carried = row.state == "unknown" and reading.problem_code(row.problem) == BY_COURIER
    return CARRIED if is_carried else look(row.state)


def waiting_table(next_of: Callable[[WaitingRow], str]) -> Table:
    """Return the list of what has not left the outbox."""
    table = Table("待发送")
    table.setModel(
        RowModel(
            (
                Column("行政相对人", lambda r: r.subject_name or "—"),
                Column("文书号", lambda r: r.doc_no or reading.DECISION),
                Column("状态", lambda r: waiting_look(r).word.partition("，")[0], look=waiting_look),
                Column("发送", lambda r: f"{r.tries} 次" if r.tries else "还没有"),
                Column("接下来", next_of, tip=lambda r: reading.problem_words(r.problem)),
            ),
            key=lambda r: r.version_id,
        )
    )
    table.lay_out((160, 172, 132, 60, 148), stretch=0, yields={3: 0, 1: 124, 4: 124, 2: 112})
    _elide_middle(table, 1)
    return table


def batches_table(next_of: Callable[[BatchRow], str]) -> Table:
    """Return the list of batches."""
    table = Table("批次")
    table.setModel(
        RowModel(
            (
                Column("批次", lambda b: f"{b.device_seq}", sort=lambda b: b.device_seq),
                Column("状态", lambda b: batch_look(b).word, look=batch_look),
                Column("条数", lambda b: f"{b.items:,}"),
                Column("通过", lambda b: f"{b.accepted:,}"),
                Column("退回", lambda b: f"{b.rejected:,}"),
                Column("发送", lambda b: "U 盘" if reading.went_by_stick(b) else f"{b.tries} 次"),
                Column("最近发送", lambda b: clock_text(b.last_sent_at)),
                Column("接下来", next_of, tip=lambda b: reading.code_words(b.problem)),
            ),
            key=lambda b: b.batch_id,
        )
    )
    table.lay_out((48, 132, 48, 48, 48, 56, 100, 160), stretch=7, yields={6: 0, 5: 0})
    return table


def records_table(name: str, state_title: str) -> Table:
    """Return a list of records."""
    table = Table(name)
    table.setModel(
        RowModel(
            (
                Column("行政相对人", lambda r: r.subject_name or "—"),
                Column("文书号", lambda r: r.doc_no),
                Column(state_title, lambda r: look(r.state).word, look=lambda r: look(r.state)),
                Column("时间", lambda r: clock_text(r.changed_at), sort=lambda r: r.changed_at),
            ),
            key=lambda r: r.record_id,
        )
    )
    table.lay_out((160, 172, 112, 104), stretch=0, yields={1: 124})
    _elide_middle(table, 1)
    return table


def rejected_table(reason_of: Callable[[RecordRow], Mapping[str, Any] | None]) -> Table:
    """Return the list of what the platform gave back: each with its reason."""
    table = Table("退回")
    table.setModel(
        RowModel(
            (
                Column("行政相对人", lambda r: r.subject_name or "—"),
                Column("文书号", lambda r: r.doc_no),
                Column(
                    "原因",
                    lambda r: reading.short_reason(reason_of(r)) or look(r.state).word,
                    look=lambda r: look(r.state),
                    tip=lambda r: reading.whole_reason(reason_of(r)),
                ),
                Column("时间", lambda r: clock_text(r.changed_at), sort=lambda r: r.changed_at),
            ),
            key=lambda r: r.record_id,
        )
    )
    table.lay_out((160, 172, 220, 96), stretch=0, yields={1: 124, 2: 160})
    _elide_middle(table, 1)
    return table


def questions_table(item_name: Callable[[str], str]) -> Table:
    """Return the list of the platform's questions."""
    table = Table("疑问数据")
    table.setModel(
        RowModel(
            (
                Column("行政相对人", lambda r: r.subject_name or reading.ELSEWHERE),
                Column("文书号", lambda r: r.doc_no or "—", tip=_where_from(item_name)),
                Column("起因", lambda r: reading.CAUSES.get(r.question.cause, r.question.cause)),
                Column("状态", lambda r: question_look(r).word, look=question_look),
                Column("起于", lambda r: clock_text(r.question.since_at), sort=lambda r: r.question.since_at),
            ),
            key=lambda r: r.question.version_id,
        )
    )
    table.lay_out((160, 172, 116, 88, 96), stretch=0, yields={4: 0, 1: 124})
    _elide_middle(table, 1)
    return table


def question_look(row: QuestionRow) -> StateLook:
    """Return the look of a question; a state that this program does not know is shown as it came."""
    state = row.question.state
    return QUESTION_LOOKS.get(state, StateLook("question", state, "plain"))


def _where_from(item_name: Callable[[str], str]) -> Callable[[QuestionRow], str]:
    return lambda row: f"{item_name(row.question.item)}　{row.question.unit}"


def _elide_middle(table: Table, column: int) -> None:
    table.setItemDelegateForColumn(column, MiddleElided(table))
