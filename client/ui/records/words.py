"""Every sentence of the page 填报."""

from __future__ import annotations

from typing import Final

from client.core.words import OPS, OUTBOX, OUTCOMES, REASONS, STAGES

__all__ = ["OPS", "OUTBOX", "OUTCOMES", "REASONS", "STAGES"]

TITLE: Final = "填报"
NEW: Final = "新建"
NEW_KEYS: Final = "Ctrl+N"
GRID: Final = "表格"
GRID_KEYS: Final = "Ctrl+G"
ALL_ITEMS: Final = "全部事项"
ALL_STATES: Final = "全部状态"
SEARCH: Final = "名称、代码、文书号"
FILTER_ITEM: Final = "筛选：事项"
FILTER_STATE: Final = "筛选：状态"
FILTER_TEXT: Final = "筛选：文字"
FILTER_IMPORT: Final = "只看这次导入"
CLEAR_FILTERS: Final = "取消筛选"
COUNT: Final = "{n:,} 条"
PAPER: Final = "记录清单"
PAPER_PROBLEMS: Final = "问题清单"
PAPER_CHOSEN: Final = "选中的 {n} 条"
LIST_NAME: Final = "记录列表"
UNNAMED: Final = "（还没有名称）"

COLUMNS: Final = ("行政相对人", "文书号", "决定日期", "状态")
ITEM_COLUMN: Final = "事项"

NO_RECORDS: Final = "这里还没有记录"
NO_RECORDS_WAY: Final = "按 Ctrl+N 新建一条，或到“导入”把现有的电子表格交进来。"
NO_MATCH: Final = "没有符合筛选条件的记录"
NO_MATCH_WAY: Final = "换个条件，或取消筛选看全部。"
NONE_CHOSEN: Final = "选一条记录，在这里填写和查看"
NONE_CHOSEN_WAY: Final = "↑ ↓ 换记录，回车进入表单，Ctrl+N 新建。"
NO_ITEMS: Final = "没有可以填报的事项"
LOADING: Final = "正在读取…"

NEW_RECORD: Final = "新记录"
TAB_FORM: Final = "表单"
TAB_HISTORY: Final = "经过"

NOT_SAVED_YET: Final = "还没有改动"
SAVING: Final = "正在保存…"
SAVED: Final = "已自动保存 {time}"
SAVED_BY_HAND: Final = "已保存 {time}"
TO_SAVE: Final = "有改动，马上保存"
NOT_SAVED: Final = "还没有存上"
READ_ONLY: Final = "只能查看"
SAVE_FAILED: Final = "刚才的改动还没有存上，内容留在窗口里，每 {seconds} 秒再试一次。{why}"
TRY_NOW: Final = "马上再试"

BEFORE: Final = "上一条"
AFTER: Final = "下一条"
SAVE: Final = "保存草稿"
SAVE_KEYS: Final = "Ctrl+S"
SUBMIT_AND_NEW: Final = "提交并新建"
SUBMIT_KEYS: Final = "Ctrl+Enter"

SUBMIT: Final = "提交复核"
TAKE_BACK: Final = "取回"
RECALL: Final = "撤回"
CORRECT: Final = "更正"
WITHDRAW: Final = "撤销"
REOPEN: Final = "修改后重报"
COPY: Final = "复制为新记录"
DELETE: Final = "删除草稿"
GIVE_UP: Final = "放弃修改"
BRING_BACK: Final = "恢复"
MORE: Final = "更多操作"

DELETED: Final = "已删除 {n} 条草稿。"
GAVE_UP: Final = "已放弃对这条记录的修改，平台上的内容不变。"
UNDO: Final = "恢复"
BROUGHT_BACK: Final = "已恢复 {n} 条草稿。"
SUBMITTED: Final = "已提交复核 {n} 条，等另一位复核。"
SUBMITTED_SOME: Final = "已提交复核 {n} 条；{stopped} 条还有问题，没有提交。"
SUBMITTED_NONE: Final = "还有 {n} 处没有填好，改好再提交。"
SUBMITTED_NONE_MANY: Final = "{stopped} 条都还有问题，没有提交。"
TAKEN_BACK: Final = "已取回 {n} 条，可以继续修改。"
RECALLED: Final = "已撤回，回到草稿，可以继续修改。"
REOPENED: Final = "已转为草稿。改好后重新提交复核。"
CHANGE_BEGUN: Final = {
    "correct": "开始更正。填好理由，改好内容，再提交复核。",
    "withdraw": "开始撤销。填好理由，再提交复核。",
}
COPY_SECTION: Final = "本组从上一条复制\tCtrl+D"
COPY_ALL: Final = "全部从上一条复制\tCtrl+Shift+D"
SAVE_TEMPLATE: Final = "存为模板…"
NO_LAST: Final = "这个事项还没有别的记录，没有可以复制的。"
COPIED_LAST: Final = "已从上一条填入 {n} 项，文书号不复制。"
COPIED_LAST_KEPT: Final = "已从上一条填入 {n} 项；已经填了的 {kept} 项没有动。"
TEMPLATE_NAME: Final = "模板名称"
TEMPLATE_HINT: Final = "例如：无证经营（当场处罚）。内容照现在的表单，不含文书号"
TEMPLATE_KEEP: Final = "保存模板"
TEMPLATE_SAVED: Final = "已存为模板“{name}”，按 Ctrl+Shift+N 可以用它新建。"
TEMPLATE_DELETED: Final = "已删除模板“{name}”，用它建的记录不受影响。"
GIVE_UP_NAME: Final = "取消"

CHOOSE_ITEM: Final = "新建：选事项或模板"
CHOOSE_KEYS: Final = "Ctrl+Shift+N"
CHOOSER_SEARCH: Final = "输入名称、代码或拼音首字母"
CHOOSER_LIST: Final = "事项和模板"
CHOOSER_COLUMNS: Final = ("事项", "代码", "类别")
CHOOSER_HINT: Final = "↑ ↓ 选择，回车新建，Ctrl+B 收藏或取消，Esc 返回"
CHOOSER_TEMPLATE_HINT: Final = "↑ ↓ 选择，回车新建，F2 改名，Delete 删除模板，Esc 返回"
CHOOSER_NONE: Final = "没有符合的事项"
CHOOSER_NONE_WAY: Final = "换个词，或到“目录”按类别找。"
BEGIN: Final = "新建一条"
FAVOURITE: Final = "收藏"
NOT_FAVOURITE: Final = "取消收藏"
RENAME: Final = "改名"
RECENT: Final = "最近用过"
TEMPLATE_OF: Final = "模板 · {item}"
TEMPLATE: Final = "模板"

COPIED: Final = "已复制为新记录，改好不同的地方就可以提交。"
SHOW_STOPPED: Final = "查看"

ACT_TITLE: Final = "{item} {n} 条"
ACT_TITLE_MIXED: Final = "{n} 条记录"

REJECTED: Final = "平台退回了这条记录，问题在各项下面。改好后重新提交，会作为新版本报送。"
HELD: Final = "平台暂时没有处理这条记录：{why}"
UNMATCHED: Final = "平台的主体库里没有对上这个主体。等主体库更新后会自动关联；名称或代码有误的话，请更正。"
IN_REVIEW: Final = "已提交，等另一位复核。要改的话先取回。"
QUEUED: Final = "已通过复核，等待发送。还没有发出，可以撤回。"
ON_THE_WAY: Final = "已经发出，正在等平台的结果。"
RETURNED: Final = "复核退回：{reason}"
WITHDRAWING: Final = "这是一次撤销。内容不变，只需要写明理由。"
DELETED_ONE: Final = "这条草稿已删除。"
PLATFORM_SAYS: Final = "平台：{text}"
REVIEWER_SAYS: Final = "复核：{text}"

REASON: Final = "理由"
REASON_TEXT: Final = "说明"
REASON_HINT: Final = "写明依据和经过，复核人和平台都看得到"
EVIDENCE: Final = "证明材料"
FILE_COMING: Final = "还有文件正在存入，存好后再提交。"
CHOOSE_REASON: Final = "请选择"

NO_HISTORY: Final = "还没有提交过，没有经过可看"
NO_HISTORY_WAY: Final = "提交、复核、报送的每一步都会记在这里。"
HISTORY_COLUMNS: Final = ("时间", "事情", "填报 → 复核", "结果", "回执号")
REMARK_LINE: Final = "{title}：{text}"

CHOSEN: Final = "已选 {n} 条记录"
CHOSEN_CAN: Final = "其中 {n} 条可以{act}"
CHOSEN_NONE: Final = "这些记录现在没有可以一起做的事。"
