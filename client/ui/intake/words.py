"""Every sentence of the page 导入."""

from __future__ import annotations

from typing import Final

from client.core.imports import Import

TITLE: Final = "导入"
STEPS: Final = ("文件", "列对应", "问题", "入库")

PICK: Final = "选择文件"
PICK_KEYS: Final = "Ctrl+O"
PICK_TITLE: Final = "选择要导入的表格"
FILTER: Final = "表格 (*.xlsx *.xlsm *.xls *.xlsb *.ods *.et *.csv *.tsv *.txt);;全部文件 (*)"
DROP: Final = "把表格拖到这里"
DROP_MORE: Final = (
    "Excel、WPS、ODS 或文本表格都可以，按内容识别，不看后缀。有误的行会逐一指出，合格的先成为草稿。"
)
ONE_FILE: Final = "一次导入一个文件。请只拖一个进来。"
PAST: Final = "以往的导入"
NO_PAST: Final = "还没有导入过"
CUT: Final = "上次导入“{file}”没有做完，读到第 {row:,} 行。选同一个文件可以接着做，或整批移除。"
CONTINUE: Final = "选文件继续"
REMOVE: Final = "整批移除"
REMOVED: Final = "没有做完的导入已整批移除，草稿里没有留下它的任何一行。"

LOOKING: Final = "正在看文件…"
CHECKING: Final = "正在校验：第 {row:,} 行{of}"
IMPORTING: Final = "正在导入：第 {row:,} 行{of}"
STOP: Final = "停止"
STOPPED: Final = "已停止，没有留下任何内容。"

SHEET: Final = "工作表"
ITEM: Final = "事项"
HIDDEN: Final = "（隐藏）"
COLUMN_TITLES: Final = ("列", "表头", "对应的数据项", "第一行的内容")
LEAVE_OUT: Final = "不导入这一列"
MATCHED: Final = "{file}：{rows:,} 行；{columns} 列中认出 {known} 列。"
LACKING: Final = "缺少必填的列：{titles}。缺的列在表单里也可以补填。"
BACK: Final = "换一个文件"
CHECK: Final = "校验"

PROBLEM_TITLES: Final = ("行", "列", "数据项", "单元格内容", "问题")
SUGGESTION: Final = "{message}（建议：{suggestion}）"
KIND_TITLES: Final = ("问题", "处数")
ALL_KINDS: Final = "全部问题"
NO_PROBLEMS: Final = "没有发现问题"
NO_PROBLEMS_MORE: Final = "每一行都合格，可以入库。"
SHOWN: Final = "列出前 {shown:,} 处，共 {total:,} 处；全部写在错误报告里。"
CHECKED: Final = "读取 {rows:,} 行，合格 {ok:,}（其中与本文件前面的行重复 {doubled:,}），有误 {faulty:,}。"
CLEANED: Final = "另有 {cells:,} 处写法已经理顺，例如：{sample}"
SAMPLE: Final = "第 {row} 行 {title}“{before}” → “{after}”"
BRING_IN: Final = "导入合格的 {n:,} 行"
NOTHING_TO_BRING_IN: Final = "没有合格的行可以导入。请按错误报告改好，再选一次文件。"
REPORT: Final = "错误报告"
REPORT_NAME: Final = "{stem}-错误报告.xlsx"
REPORT_TITLE: Final = "错误报告存到哪里"
REPORT_DONE: Final = "错误报告已存好：{name}，{rows:,} 行。改好后可以直接再导入。"

SUM: Final = (
    "读取 {read:,} = 新增 {created:,} + 更新 {updated:,} + 更正 {corrected:,}"
    " + 跳过 {skipped:,} + 有误 {faulty:,}"
)
NO_SUM: Final = "读取 = 新增 + 更新 + 更正 + 跳过 + 有误"
DONE: Final = "{file} 已入库为草稿"
SUBMIT: Final = "整批提交复核"
SUBMITTED: Final = "已提交 {n:,} 条，等待复核。"
NOT_ALL: Final = "已提交 {n:,} 条；{stopped:,} 条还有问题，留在草稿里。"
NOTHING_LEFT: Final = "这次导入没有可以提交的草稿。"
SHOW_RECORDS: Final = "查看这些记录"
TAKE: Final = "选中的行转为草稿"
TAKE_ALL: Final = "有误的行全部转为草稿"
TAKEN: Final = "{n:,} 行已转为草稿，问题标在表单里。"
LEFT: Final = "{n:,} 行对应的记录正在复核或发送，没有动它。"
ROW_TITLES: Final = ("行", "怎么处理的", "原因")
NO_ROWS: Final = "每一行都成了草稿"
NO_ROWS_MORE: Final = "没有有误或跳过的行。"
AGAIN: Final = "再导入一个"

PAST_TITLES: Final = ("时间", "文件", "事项", "读取", "新增", "有误", "状态")
STATES: Final = {"loading": "没有做完", "visible": "已入库"}
FATES: Final = {
    "faulty": "有误，没有入库",
    "skipped": "跳过",
    "updated": "更新了草稿",
    "corrected": "成为更正",
    "taken": "已转为草稿",
}
GROUPS: Final = (
    ("新增", "created"),
    ("更新", "updated"),
    ("更正", "corrected"),
    ("跳过", "skipped"),
    ("有误", "faulty"),
)
"""The parts of the sum, and the fate that a click on one shows; new ones are shown in 填报."""


def sum_of(done: Import) -> str:
    """Return the line that never leaves the page."""
    return SUM.format(
        read=done.rows_read,
        created=done.created,
        updated=done.updated,
        corrected=done.corrected,
        skipped=done.skipped,
        faulty=done.faulty,
    )
