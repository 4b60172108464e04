"""What the form says itself; the sentences of problems are in `forms.catalog.messages`."""

from __future__ import annotations

from typing import Final

from forms.catalog.schema import Provenance

COUNT: Final = "{n}/{most} 字"
YUAN: Final = "= {yuan} 元"
WAN: Final = "= {wan} 万元"
SWITCH_UNIT: Final = "换成按元或按万元填写 (F4)"
UNIT_NAME: Final = "{title}：现在按{unit}填写，点击换单位"
LONG_TERM: Final = "长期"
TODAY: Final = "今天"
OPEN_CALENDAR: Final = "选日期 (F4)"
OPEN_LIST: Final = "列出全部 (F4)"
OTHER: Final = "请写明"
OTHER_NAME: Final = "{title}：具体内容"
NOT_IN_SET: Final = "{text}（代码集中没有）"
SEARCH_CODE: Final = "输入代码或名称"
ADD_CODE: Final = "输入代码或名称，按回车加入"
NO_CODE: Final = "没有这样的代码"
ID_LENGTH: Final = "{n}/{most} 位"
DATE_HINT: Final = "年-月-日"
REQUIRED: Final = "必填"
EXPLAIN: Final = "说明"
EXPLAIN_HINT: Final = "写一句话说明为什么没有错，回车保存"
EXPLAINED: Final = "已说明：{reason}"
CHANGE: Final = "修改"
SUGGESTION: Final = "改为 {value}"
HIDDEN_PROBLEMS: Final = "　有 {n} 处问题"
FOLDED: Final = "已收起"
UNFOLDED: Final = "已展开"
BEFORE: Final = "原为：{text}"
EMPTY: Final = "空"
LAST_USED: Final = "上次 {day}"
KNOWN_SUBJECTS: Final = "填报过的主体"
OTHER_THERE: Final = "这里已经填了别的内容。所选主体是：{text}"
TAKE: Final = "改为 {text}"
KEEP: Final = "保留"
ADD_FILE: Final = "添加文件"
ADD_TO: Final = "{title}：添加文件"
FILE_HINT: Final = "可以拖到这里，也可以粘贴；每个不超过 50 MB"
PICK_FILES: Final = "选择文件：{title}"
OPEN_FILE: Final = "打开"
OPEN_ONE: Final = "打开 {name}"
REMOVE_FILE: Final = "移除"
REMOVE_ONE: Final = "移除 {name}"
FILE_REMOVED: Final = "已移除“{name}”"
FILE_REFUSED: Final = "“{name}”没有加入：{reason}"
FILE_THERE: Final = "它已经在上面了。"
FILE_GONE: Final = "文件不在这台电脑上，请移除后重新添加"
FILE_NOT_HERE: Final = "文件不在这台电脑上"
ADDING_FILE: Final = "正在加密存入“{name}”…"
PICTURE_OF: Final = "图片 {name}"
NO_PICTURE: Final = "图片还不在本机，联网同步后显示。"
NO_FILES: Final = "没有附件"
NOT_A_FILE: Final = "“{text}”不是附件，请移除后添加文件"
SEEN: Final = "知道了"
UNDO: Final = "撤销"
ADD_ROW: Final = "添加一行"
REMOVE_ROW: Final = "删除这一行 Ctrl+Delete"
GROUP_KEYS: Final = (
    "Tab 到下一格，最后一格回车加一行，Insert 在下面插一行，Ctrl+Delete 删一行，可粘贴 Excel 的多行"
)
GROUP_HINT: Final = "直接输入，或从 Excel 粘贴多行"
NO_ROWS: Final = "没有明细"
NOT_ROWS: Final = "“{text}”不是明细，请移除后逐行填写"
ROW_REMOVED: Final = "已删除第 {n} 行"
ROWS_FULL: Final = "最多 {most} 行，不能再加"
ROWS_PASTED: Final = "已粘贴 {n} 行"
ROWS_LEFT: Final = "；最多 {most} 行，后面 {n} 行没有贴入"
COLUMNS_LEFT: Final = "；右边 {n} 列没有地方放"
MORE_MARKED: Final = "另有 {n} 处问题标在格子里"
CELL_NAME: Final = "{title} 第 {row} 行 {column}"
PIN: Final = "固定这一项：新建时保留它的内容 (F6)"
PINNED: Final = "已固定：新建时保留这一项 (F6 取消)"

PROVENANCE: Final[dict[Provenance, str]] = {
    "sourced": "有出处",
    "recalled": "待核对原文",
    "derived": "推定",
}
"""How a person reads where something comes from; what is not sourced must never pass for a norm."""

PROPERTY: Final[dict[str, str]] = {
    "field": "数据项",
    "length": "长度",
    "required": "必填",
    "rule": "规则",
    "codeset": "代码集",
    "code_set": "代码集",
    "section": "分组",
    "type": "类型",
    "natural_key": "比对键",
    "sensitivity": "敏感程度",
    "appearance": "控件",
    "aliases": "别名",
}
