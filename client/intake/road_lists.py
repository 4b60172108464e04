"""More lists on their way out: imports and their groups, what waits, batches, receipts, cases, the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from client.core.batches import BatchRow
from client.core.imports import Import, ImportRow, fates_of
from client.core.listing import Head, Listing
from client.core.masking import without_number
from client.core.times import day_and_clock
from client.core.words import OPS, OUTBOX, OUTCOMES, STAGES, STATE_WORDS
from client.errors import NotAllowed
from client.intake.listings import MASKED
from client.intake.sheet_xml import column_number
from client.store import batches, cases, import_files, outbox
from client.store.desk import Desk
from client.store.exports import PAGE, audit_entries, operator_names, receipts, walk
from forms.catalog.masking import masked
from forms.catalog.messages import short
from forms.catalog.problems import Problem

MOST: Final = 100_000
"""Rows of a list that the store hands out in one piece."""

FATES: Final = {
    "faulty": "有误",
    "skipped": "跳过",
    "updated": "更新",
    "corrected": "更正",
    "taken": "已转草稿",
}
TAKEN_OF: Final = "{word}（其中 {taken:,} 行已转草稿）"
_IMPORT_SUMS: Final = ("读取", "新增", "更新", "更正", "跳过", "有误")
_BATCH_STATES: Final = {"open": "未完", "answered": "已有结果", "void": "已作废"}
_CASE_STATES: Final = {"opened": "待核查", "decided": "已作结论", "closed": "已办结"}
_CASE_KINDS: Final = {"objection": "异议"}


def imports_listing(desk: Desk) -> Listing:
    """Return the imports of this desk with their sums."""
    rows = import_files.list_imports(desk.db.reader(), limit=MOST)
    sums = tuple(Head(word, "number", 6) for word in _IMPORT_SUMS)
    heads = (
        Head("时间"),
        Head("文件", width=30),
        Head("工作表"),
        Head("事项"),
        *sums,
        Head("导入号", "code", 20),
    )
    return Listing(
        "imports",
        "导入清单",
        heads,
        len(rows),
        (
            (
                day_and_clock(one.started_at),
                one.file_name,
                one.sheet,
                one.item.partition("@")[0],
                *(
                    str(n)
                    for n in (one.rows_read, one.created, one.updated, one.corrected, one.skipped, one.faulty)
                ),
                one.import_id,
            )
            for one in rows
        ),
    )


def import_rows_listing(desk: Desk, import_id: str, fate: str | None = None) -> Listing:
    """Return the rows of an import that made no new record, as the file had them, each with its reason.

    Of one part of its sum, or of all; what was faulty and is a draft now counts as faulty still, and says so.
    """
    reader = desk.db.reader()
    one = import_files.get(reader, import_id)
    counts = import_files.fates(reader, import_id)
    columns = [column_number(heading["column"]) for heading in one.headings]
    titles = [str(heading["text"] or heading["column"]) for heading in one.headings]
    heads = (
        Head("行", "number", 5),
        Head("结果", width=7),
        Head("原因", width=40),
        *(Head(title, width=12, on_paper=False) for title in titles),
    )
    word = FATES.get(fate or "", "全部")
    if counts.get("taken") and "taken" in fates_of(fate):
        word = TAKEN_OF.format(word=word, taken=counts["taken"])
    return Listing(
        "import_rows",
        "导入的行",
        heads,
        sum(counts.get(one, 0) for one in fates_of(fate)),
        _import_rows(desk, one, fate, columns),
        (("文件", f"{one.file_name}　{one.sheet}"), ("结果", word), MASKED),
        (("import", import_id), ("fate", fate or "")),
    )


def _import_rows(
    desk: Desk, one: Import, fate: str | None, columns: Sequence[int]
) -> Iterator[Sequence[str]]:
    item = desk.catalogs.item(one.item)
    fields = {
        column_number(heading["column"]): item.by_id.get(heading["field"] or "") for heading in one.headings
    }

    def read(after: ImportRow | None) -> list[ImportRow]:
        row = after.row if after else 0
        reader = desk.db.reader()
        return import_files.list_rows(reader, one.import_id, fates=fates_of(fate), after=row, limit=PAGE)

    for row in walk(read):
        said = []
        for problem in row.problems:
            found = Problem(problem["path"], problem["code"], params=problem.get("params", {}))
            field = item.by_id.get(found.field_id)
            said.append((f"{field.title}：" if field else "") + short(without_number(found, field), item))
        cells = []
        for column in columns:
            text = row.cells[column] if column < len(row.cells) else ""
            known = fields[column]
            cells.append(masked(text, known.sensitivity if known is not None else "none"))
        yield (str(row.row), FATES.get(row.fate, row.fate), " ".join(said), *cells)


def waiting_listing(desk: Desk) -> Listing:
    """Return the versions that have not left the outbox, and why."""
    rows = outbox.list_waiting(desk.db.reader(), limit=MOST)
    heads = (
        Head("行政相对人", width=22),
        Head("文书号", "code", 18),
        Head("动作", width=7),
        Head("状态", width=9),
        Head("发送次数", "number", 6),
        Head("下次发送"),
        Head("原因", width=24),
        Head("版本号", "code", 20, on_paper=False),
    )
    return Listing(
        "outbox",
        "待发送清单",
        heads,
        len(rows),
        (
            (
                one.subject_name,
                one.doc_no,
                OPS.get(one.op, one.op),
                STATE_WORDS.get(one.state, one.state),
                str(one.tries),
                day_and_clock(one.next_try_at) if one.next_try_at else "",
                _why(one.problem),
                one.version_id,
            )
            for one in rows
        ),
    )


def _why(problem: Mapping[str, Any] | None) -> str:
    said = problem or {}
    return str(said.get("detail") or said.get("title") or said.get("code") or "")


def batches_listing(desk: Desk) -> Listing:
    """Return all batches, newest first."""
    heads = (
        Head("批次", "number", 6),
        Head("条数", "number", 6),
        Head("状态", width=8),
        Head("通过", "number", 6),
        Head("退回", "number", 6),
        Head("未定", "number", 6),
        Head("发送次数", "number", 7),
        Head("编批时间"),
        Head("最近发送"),
        Head("批次号", "code", 20),
    )

    def read(after: BatchRow | None) -> list[BatchRow]:
        reader = desk.db.reader()
        return batches.list_batches(reader, before=after.device_seq if after else None, limit=PAGE)

    return Listing(
        "batches",
        "批次清单",
        heads,
        0,
        (
            (
                *map(str, (one.device_seq, one.items)),
                _BATCH_STATES.get(one.state, one.state),
                *map(str, (one.accepted, one.rejected, one.waiting, one.tries)),
                day_and_clock(one.cut_at),
                day_and_clock(one.last_sent_at) if one.last_sent_at else "",
                one.batch_id,
            )
            for one in walk(read)
        ),
    )


def receipts_listing(desk: Desk) -> Listing:
    """Return all receipts, in the order of the versions."""
    heads = (
        Head("回执时间"),
        Head("回执号", "code", 18),
        Head("阶段", width=8),
        Head("结果", width=10),
        Head("动作", width=6),
        Head("行政相对人", width=20),
        Head("文书号", "code", 18),
        Head("版本号", "code", 20, on_paper=False),
        Head("记录号", "code", 20, on_paper=False),
    )
    return Listing(
        "receipts",
        "回执清单",
        heads,
        0,
        (
            (
                day_and_clock(one.server_at),
                one.receipt_no,
                STAGES.get(one.stage, one.stage),
                OUTCOMES.get(one.outcome, OUTBOX.get(one.outcome, one.outcome)),
                OPS.get(one.op, one.op),
                one.subject_name,
                one.doc_no,
                one.version_id,
                one.record_id,
            )
            for one in walk(lambda after: receipts(desk.db.reader(), after))
        ),
    )


def cases_listing(desk: Desk) -> Listing:
    """Return the queue of cases, closed ones last."""
    rows = cases.list_cases(desk.db.reader(), limit=MOST)
    heads = (
        Head("类别", width=6),
        Head("行政相对人", width=24),
        Head("状态", width=9),
        Head("收到"),
        Head("期限", "day", 9),
        Head("办结"),
        Head("办件号", "code", 20),
        Head("记录号", "code", 20, on_paper=False),
    )
    return Listing(
        "cases",
        "异议办件清单",
        heads,
        len(rows),
        (
            (
                _CASE_KINDS.get(one.kind, one.kind),
                one.subject_name,
                _CASE_STATES.get(one.state, one.state),
                day_and_clock(one.opened_at),
                one.due_on or "",
                day_and_clock(one.closed_at) if one.closed_at else "",
                one.case_id,
                one.record_id,
            )
            for one in rows
        ),
    )


def audit_listing(desk: Desk) -> Listing:
    """Return the audit chain; for auditors and unit administrators.

    Raises:
        NotAllowed: ``not_your_role``.
    """
    if not desk.operator.roles & {"auditor", "admin"}:
        raise NotAllowed("not_your_role", act="export", state="")
    names = operator_names(desk.db.reader())
    heads = (
        Head("序号", "number", 6),
        Head("时间"),
        Head("操作员", width=9),
        Head("动作", width=14),
        Head("对象", "code", 22),
        Head("内容摘要", "code", 30, on_paper=False),
        Head("上一条摘要", "code", 30, on_paper=False),
        Head("本条摘要", "code", 30, on_paper=False),
    )
    return Listing(
        "audit",
        "审计链",
        heads,
        0,
        (
            (
                str(one.n),
                one.at,
                names.get(one.actor, one.actor),
                one.action,
                one.object,
                one.detail_sha256,
                one.prev,
                one.h,
            )
            for one in walk(lambda after: audit_entries(desk.db.reader(), after))
        ),
    )


LISTS: Final[Mapping[str, Callable[[Desk], Listing]]] = {
    "imports": imports_listing,
    "outbox": waiting_listing,
    "batches": batches_listing,
    "receipts": receipts_listing,
    "cases": cases_listing,
    "audit": audit_listing,
}
"""Lists that need nothing but the desk, by their names."""
