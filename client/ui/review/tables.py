"""The two lists of 复核: acts that wait, and the entries of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from client.core.records import ActEntry
from client.ui.records.words import OPS
from client.ui.row_model import Column, RowModel
from client.ui.sync.spans import clock_text
from client.ui.widgets.marks import StateLook
from client.ui.widgets.tables import Table

KINDS: Final = OPS | {"decide": "结论"}
MARKED: Final = StateLook("back", "标记退回", "warn")


def acts_table() -> Table:
    """Return the list of acts."""
    table = Table("待复核")
    table.setModel(
        RowModel(
            (
                Column("提交", lambda a: a.title),
                Column("条数", lambda a: f"{a.waiting:,}", sort=lambda a: a.waiting),
                Column("填报人", lambda a: a.maker_name),
                Column("时间", lambda a: clock_text(a.submitted_at), sort=lambda a: a.submitted_at),
            ),
            key=lambda a: a.act_id,
        )
    )
    table.lay_out((160, 56, 72, 100), stretch=0)
    return table


SEEN: Final = StateLook("ring", "看过", "good")


def entries_table(is_marked: Callable[[ActEntry], bool], is_seen: Callable[[ActEntry], bool]) -> Table:
    """Return the list of entries; a marked one carries a mark, and one that was looked at another."""
    table = Table("这一份里的记录")
    table.setModel(
        RowModel(
            (
                Column(
                    "记录",
                    lambda e: e.subject_name or "—",
                    look=lambda e: MARKED if is_marked(e) else SEEN if is_seen(e) else None,
                ),
                Column("文书号", lambda e: e.doc_no),
                Column("类型", lambda e: KINDS[e.op]),
            ),
            key=lambda e: e.version_id,
        )
    )
    table.lay_out((160, 168, 52), stretch=0)
    return table
