"""Every sentence of the page 导入."""

from __future__ import annotations

from typing import Final

from client.core.imports import Import
from client.intake.watch import Taken

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
REMOVE: Final = "整批移除"
REMOVED: Final = "没有做完的导入已整批移除，草稿里没有留下它的任何一行。"

WATCH: Final = "监视文件夹"
WATCH_ON: Final = "自动导入"
WATCH_PICK: Final = "选择…"
WATCH_PICK_TITLE: Final = "选择要监视的文件夹"
WATCH_HINT: Final = "选一个文件夹，别的系统放进去的表格会自动导入。"
WATCH_HOW: Final = "只收有把握的：合格的行成为草稿，文件移到“已导入”；有误的移到“有误”，旁边有说明。"
WATCH_REFUSED: Final = "这一步不在你的职责之内，由有权导入的操作员来开。"
WATCH_RESULTS: Final = {
    "imported": "{at}　{file}：已导入，{sums}",
    "faulty": "{at}　{file}：{sums}；错误报告在 {report}　{message}",
    "refused": "{at}　{file}：没有读取，{message}",
    "waiting": "{at}　{file}：先等等，{message}",
}
WATCH_NO_SUM: Final = "没有新的内容"

LOOKING: Final = "正在看文件…"
CHECKING: Final = "正在校验：第 {row:,} 行{of}"
IMPORTING: Final = "正在导入：第 {row:,} 行{of}"
STOP: Final = "停止"
STOPPED: Final = "已停止，没有留下任何内容。"

SHEET: Final = "工作表"
ITEM: Final = "事项"
HIDDEN: Final = "（隐藏）"
COLUMN_TITLES: Final = ("列", "表头", "样例", "对应数据项", "怎么认出的", "单位")
SAMPLE_GAP: Final = "，"
FOUND: Final = {
    "": "",
    "exact": "名称一致",
    "alias": "别名",
    "id": "标识",
    "pinyin": "拼音",
    "fuzzy": "相近",
    "said": "您指定",
    "recipe": "方案",
}
WAITS: Final = "待确认：{how} {certainty}%"
CONFIRMED: Final = "{how}，已确认"
TWIN: Final = "与 {letters} 列重复"
NOT_FOUND: Final = "没有认出"
LEFT_OUT: Final = "按方案不导入"
WAITING: Final = "{n} 列是猜的，待确认。不确认就不导入这些列。"
CONFIRM: Final = "确认"
CONFIRM_KEYS: Final = "空格"
CONFIRM_ALL: Final = "全部确认"
LEAVE_OUT: Final = "不导入这一列"
MATCHED: Final = "{file}：{rows:,} 行；{columns} 列中对应了 {known} 列。"
LACKING: Final = "缺少必填的列：{titles}。缺的列在表单里也可以补填。"
RIVAL: Final = "也像“{item}”（{n} 列）。"
TAKE_RIVAL: Final = "换成它"
UNIT_OF: Final = "{title} 的单位"
UNIT_UNSAID: Final = "未写明（按{unit}）"
HEADER_ROW: Final = "表头在第"
HEADER_ROW_UNIT: Final = "行"
LOOK_AGAIN: Final = "按这行重看"
SAY_HEADER_ROW: Final = "自己指定表头"
BY_RECIPE: Final = "按方案『{name}』对应了 {n} 列。"
RECIPES: Final = "导入方案"
RECIPES_BUTTON: Final = "方案…"
RECIPE_TITLES: Final = ("方案", "事项")
NO_RECIPES: Final = "还没有方案。导入时指定、确认过的列会自动记成方案，下次照用。"
RECIPE_NAME: Final = "方案名称"
RENAME: Final = "改名"
RENAMED: Final = "已改名为『{name}』。"
EXPORT_RECIPE: Final = "导出…"
IMPORT_RECIPE: Final = "导入…"
DELETE: Final = "删除"
CLOSE: Final = "收起"
RECIPE_DELETED: Final = "已删除方案『{name}』，按它导入的记录不受影响。"
PUT_BACK: Final = "恢复"
RECIPE_KEPT: Final = "方案『{name}』已在本机。"
LOOK_BY_RECIPE: Final = "按方案重新对应"
RECIPE_WRITTEN: Final = "方案已导出：{name}。"
RECIPE_FILE: Final = "{name}.json"
RECIPE_FILTER: Final = "导入方案 (*.json);;全部文件 (*)"
RECIPE_LACKS: Final = "方案里有、文件里没有的列：{headings}。"
BACK: Final = "换一个文件"
CHECK: Final = "校验"
GO_ON_KEYS: Final = "Ctrl+Enter"
OTHER_SHEETS: Final = "“{names}”也像数据。一次导入一张表，要导入别的请另选工作表。"

PROBLEM_TITLES: Final = ("行", "列", "数据项", "单元格内容", "问题")
SUGGESTION: Final = "{message}（建议：{suggestion}）"
KIND_TITLES: Final = ("问题", "处数")
ALL_KINDS: Final = "全部问题"
NO_PROBLEMS: Final = "没有发现问题"
NO_PROBLEMS_MORE: Final = "每一行都合格，可以入库。"
CHECKED: Final = "读取 {rows:,} 行，合格 {ok:,}（其中与本文件前面的行重复 {doubled:,}），有误 {faulty:,}。"
SAME_AS_HERE: Final = "有 {n:,} 行与本机已有的完全相同，会跳过。"
BRING_IN: Final = "导入合格的 {n:,} 行"
CHECK_AGAIN: Final = "按选择重新校验"
CLEANING_CHANGED: Final = "清洗的选择变了，重新校验后才知道哪些行合格。"
NOTHING_TO_BRING_IN: Final = "没有合格的行可以导入。请按错误报告改好，再选一次文件。"
REPORT: Final = "错误报告"
REPORT_NAME: Final = "{stem}-问题{ending}"
REPORT_TITLE: Final = "错误报告存到哪里"
REPORT_DONE: Final = "错误报告已存好：{name}，{rows:,} 行。改好后可以直接再导入。"
REPORT_OPEN: Final = "打开"
REPORT_ANYWAY: Final = "仍要写"


SUM: Final = (
    "读取 {read:,} = 新增 {created:,} + 更新 {updated:,} + 更正 {corrected:,}"
    " + 跳过 {skipped:,} + 有误 {faulty:,}"
)
NO_SUM: Final = "读取 = 新增 + 更新 + 更正 + 跳过 + 有误"
DONE: Final = "{file} 已入库为草稿"
DONE_WITHOUT: Final = "{file} 已读完，没有带来新的内容"
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

TABS: Final = ("问题 {n:,}", "清洗 {n:,}", "比对 {n:,}")
CLEANING: Final = "清洗的分组"
CLEANING_CELLS: Final = "清洗的单元格"
GROUP_TITLES: Final = ("怎么理顺的", "数据项", "处数", "选择")
CHANGE_TITLES: Final = ("行", "列", "原来", "改成", "选择")
ACCEPT: Final = "接受"
REFUSE: Final = "保持原样"
ACCEPTED: Final = "接受"
REFUSED: Final = "保持原样"
SOME: Final = "部分接受"
CLEANING_HINT: Final = "选左边的整组，或右边的几处（Ctrl+A 全选），按空格改变选择。入库后也可以恢复原样。"
TOO_MANY_CELLS: Final = "一次最多选 {most:,} 处；要改整组，请在左边选。"
NO_CLEANING: Final = "没有要理顺的写法"
NO_CLEANING_MORE: Final = "每个单元格都照原样收。"
BREAK: Final = " ⏎ "
BLANK: Final = "␣"

COMPARE_HINT: Final = "选左边的整组，或右边的几行（Ctrl+A 全选），再选怎么处理；按空格换下一种。"
DOUBLED_KIND: Final = "与前面的行是同一件事；怎么处理，在“比对”里选。"
COMPARING: Final = "比对的分组"
COMPARING_ROWS: Final = "比对到的行"
DIFFERENCES: Final = "逐项差异"
MEETING_GROUP_TITLES: Final = ("与什么相同或相近", "行数", "处理")
MEETING_TITLES: Final = ("行", "主体", "文书号", "对应", "处理")
DIFFERENCE_TITLES: Final = ("数据项", "已有的", "这一行的")
MEETINGS: Final = {
    "doubled_same": "与前面的行重复，内容相同",
    "doubled_differs": "与前面的行是同一件事，内容不同",
    "same": "本机已有，内容相同",
    "draft_differs": "与本机草稿是同一件事，内容不同",
    "accepted_differs": "与已报送的记录是同一件事，内容不同",
    "not_now": "同一件事，现在不能改或已定过",
    "deleted_by_case": "异议处理决定已删除的记录",
    "near_record": "与本机记录相近，可能是同一件事",
    "near_row": "与前面的行相近，可能是同一件事",
    "on_platform": "平台上已有，别处报过同一件事",
}
ACTS: Final = {"create": "新增", "update": "更新", "correct": "更正", "skip": "跳过", "keep": "两条都留"}
ACTS_OF: Final = {
    ("doubled_differs", "update"): "以这一行为准",
    ("near_record", "update"): "更新那一条",
    ("deleted_by_case", "keep"): "照样收（写明理由）",
}
"""What an act is called where its usual word could be misunderstood."""
OTHER_ROW: Final = "第 {row:,} 行"
OTHER_RECORD: Final = "本机记录 · {state}"
NOTHING: Final = "（空）"
KEEP_REASON: Final = "两条都留的理由"
KEEP_NEEDS_REASON: Final = "两条都留，请先写明理由，平台会看到它。"
SAME_CONTENT: Final = "内容相同。"
DIFFERS_IN: Final = "有 {n} 项不同。"
DIFFERS: Final = "内容不同。"
NEAR_SUBJECT: Final = "对方的主体：{subject}。"
NEAR_NUMBER: Final = "对方的文书号：{doc_no}。"
ASK: Final = "问问平台"
ASK_KEYS: Final = "Ctrl+B"
ASK_PERSONS: Final = "{n:,} 行是自然人的，写明事由才一起问。"
ASK_PERSONS_NOT: Final = "{n:,} 行是自然人的，只有异议处理员能问。"
PERSON_REASON: Final = "问自然人的事由（平台会记下）"
ASK_REST: Final = "接着问"
ASK_HINT: Final = "还没有问平台：有 {n:,} 行可以问，别的部门、别的城市报过没有。"
NOTHING_TO_ASK: Final = "没有要问平台的行：或是本机已有，或是没有可以比对的编号。"
ASKING_BEGINS: Final = "正在问平台…"
ASKING: Final = "正在问平台：{row:,}{of} 行"
ASKING_STOPPED: Final = "是您停下的。"
ASKED: Final = "问过平台：{n:,} 行里有 {found:,} 行别处已报。"
ASKED_PART: Final = (
    "问到 {n:,} / {of:,} 行，其中 {found:,} 行别处已报。后面没有问：{why}与本机记录的比对不受影响。"
)
NOT_ASKED: Final = "没有问到平台：{why}与本机记录的比对不受影响。"
SIGN_IN: Final = "联网登录"
TOLD: Final = "{place}已报（{day}）。"
TOLD_DISPUTED: Final = "{place}已报（{day}），异议在办。"
TOLD_BEFORE: Final = "{who}已报（上次问平台时）。"
TOLD_MORE: Final = "还有更多。"
TOLD_HIDDEN: Final = "另有 {n} 条只告诉条数，不给看。"
NO_DAY: Final = "未写日期"
LOOK: Final = "看对方的内容"
LOOKING_THERE: Final = "正在取对方的内容…"
LOOK_DIFFERS: Final = "与{place}的记录有 {n} 项不同。"
LOOK_SAME: Final = "与{place}的记录，看得到的都相同。"
LOOK_MASKED: Final = "另有 {n} 项是个人信息，不给看，没有比。"
LOOK_NOT_SHOWN: Final = "这个主体名下没有那条记录：对方登记的主体代码可能不同，看不到内容。"
NO_COMPARING: Final = "没有重复或相近的"
NO_COMPARING_MORE: Final = "文件里没有重复的行，本机也没有同一件事的记录。"

CLEANED_GROUP: Final = "清洗 {n:,}"
TAKEN_OF: Final = "{word} {n:,}（已转为草稿 {taken:,}）"
UNDO: Final = "恢复原样"
UNDO_GROUP: Final = "整组恢复原样"
UNDONE: Final = "{done:,} 处已恢复原样。"
UNDONE_LEFT: Final = "{done:,} 处已恢复原样；{left:,} 处后来改过或不在草稿里，没有动它。"
IS_UNDONE: Final = "已恢复原样"
IS_CLEANED: Final = "已理顺"
MORE: Final = "再列一些"
LISTED: Final = "已列出 {shown:,}，共 {total:,}"

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


def watch_result(at: str, taken: Taken) -> str:
    """Say what became of a file of the watched folder."""
    sums = taken.sums or {}
    parts = [f"{word} {sums[part]:,}" for word, part in GROUPS if sums.get(part)]
    return WATCH_RESULTS[taken.outcome].format(
        at=at, file=taken.file, report=taken.report, message=taken.message,
        sums="，".join(parts) or WATCH_NO_SUM,
    ).rstrip()  # fmt: skip


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
