"""Every word of the page 目录."""

from __future__ import annotations

from typing import Final

from forms.catalog.schema import FieldType, Provenance, Sensitivity

TITLE: Final = "目录"
SCHEMES: Final = {"category": "国家目录 13 类", "class7": "数据七类"}
SCHEME_NAME: Final = "按哪种类别排列"
SEARCH: Final = "事项名称、代码或数据项"
TREE_NAME: Final = "事项，按类别"
FOUND: Final = "{n:,} 个事项"
NONE_FOUND: Final = "没有符合的事项"
NONE_FOUND_WAY: Final = "换个词试试；数据项的名称也可以找。"
NONE_CHOSEN: Final = "选一个事项，看它的数据项、规则和出处"
NONE_CHOSEN_WAY: Final = "↑ ↓ 换事项，→ 展开类别，Ctrl+F 查找。"
NEW: Final = "新建一条"
NEW_KEYS: Final = "Ctrl+N"

SET_LINE: Final = "{title} · {date} 起用"
SIGNED: Final = "签发：{by}，{until} 前有效"
UNSIGNED: Final = "没有签发"

FIELDS_TAB: Final = "数据项 {n}"
CODES_TAB: Final = "代码集 {n}"
ITEM_TAB: Final = "事项"
FIELDS_NAME: Final = "数据项"
FIELD_COLUMNS: Final = ("数据项", "标识", "类型", "长度", "必填", "代码集", "出处")
REQUIRED: Final = "必填"
ONE_OF_GROUP: Final = "至少一项"
BY_RULE: Final = "视情况"
NO_LIMIT: Final = "不限"

IN_GROUP: Final = "└ {title}"
TYPES: Final[dict[FieldType, str]] = {
    "string": "文本",
    "text": "长文本",
    "date": "日期",
    "decimal": "数值",
    "int": "整数",
    "enum": "代码",
    "set": "多个代码",
    "attachment": "附件",
    "group": "明细",
}
SENSITIVITIES: Final[dict[Sensitivity, str]] = {
    "none": "",
    "person": "个人信息，列表中部分遮盖",
    "id_number": "证件号码，列表中部分遮盖",
}

CODE_COLUMNS: Final = ("代码", "名称", "说明", "起用", "停用")
CODES_NAME: Final = "代码"
SET_NAME: Final = "看哪个代码集"
CODE_SEARCH: Final = "代码或名称"
NO_CODES: Final = "这个事项不用代码集"
CODES_LINE: Final = "{name}（{id}）· {n:,} 个代码 · {kind}"

CODE: Final = "代码"
CLASS: Final = "类别"
SUBJECTS: Final = "主体"
UNITS: Final = "报送单位"
CYCLE: Final = "更新周期"
DEADLINE: Final = "期限"
DEADLINE_TEXT: Final = "自“{field}”起 {n} 个工作日内"
SHARING: Final = "共享"
RETENTION: Final = "保存期限"
NATURAL_KEY: Final = "比对键"
ACT_ON: Final = "行为日期"
NOTES: Final = "文字规则"
NOTE_LINE: Final = "{id}　{text}"
NOTHING: Final = "—"

RULES: Final = "规则"
HELP: Final = "填写说明"
NOTE: Final = "备注"
SOURCES: Final = "出处"
SOURCE_LINE: Final = "{what}：{kind}{source}"
SOURCE_OF: Final = " · {source}"
RULE_SOURCE: Final = "（{kind}）"
NO_RULES: Final = "没有另外的规则"
CAUTION: Final = "{what}，不能当作规定引用。"
DOUBTFUL: Final[dict[Provenance, str]] = {
    "recalled": "{n} 个数据项含待核对原文的内容",
    "derived": "{n} 个数据项含推定的内容",
}
