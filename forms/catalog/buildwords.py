"""The words of departments' tables: headings, types, yes and no; and what is said of a cell that is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from forms.catalog.schema import FieldType, Sharing


def plain(text: str) -> str:
    """Reduce a heading or a word to what counts: half-width, no blanks, nothing in brackets at its end."""
    text = "".join(unicodedata.normalize("NFKC", text).split()).strip("*:：")
    return re.sub(r"\([^()]*\)$", "", text).casefold()


def _turned(table: Mapping[str, str]) -> dict[str, str]:
    return {plain(word): key for key, words in table.items() for word in words.split()}


HEADINGS: Final = _turned({
    "item_name": "事项 事项名称 信息事项 目录事项 目录名称 资源名称 数据名称",
    "item_code": "事项编码 事项代码 事项标识 目录编码 数据代码 表名",
    "category": "国家类别 国家分类 目录类别 信息类别 类别",
    "class7": "数据类别 七类",
    "subject_kinds": "主体类型 主体类别 信用主体",
    "unit_kinds": "提供单位 责任单位 责任部门 来源部门 提供部门 部门",
    "cycle": "更新周期 更新频率 更新频次 归集周期 报送周期",
    "sharing": "共享属性 公开属性 披露方式 共享方式",
    "retention": "保存期限 有效期限 保存期",
    "title": "数据项 数据项名称 信息项 信息项名称 字段名称 字段中文名 指标项",
    "id": "标识 数据项标识 信息项标识 字段名 字段代码 字段标识 英文名 英文名称",
    "type": "类型 数据类型 字段类型 数据格式",
    "length": "长度 数据长度 字段长度",
    "required": "必填 是否必填 必选 是否必选 必填项",
    "code_set": "代码集 值集 字典 代码表 值域",
    "unit": "计量单位 单位",
    "key": "主键 是否主键 查重 唯一标识",
    "rule": "校验规则 校验 规则 约束",
    "section": "分组 栏目",
    "help": "说明 填报说明 备注 字段说明 描述",
})  # fmt: skip
"""Heading, as `plain` leaves it → what the column holds."""

REQUIRED_HEADINGS: Final[Mapping[str, str]] = {
    "item_name": "事项", "item_code": "事项编码", "title": "数据项", "id": "标识", "type": "类型",
    "required": "必填", "sharing": "共享属性",
}  # fmt: skip
"""Columns that a table must have."""

_TYPE_WORDS: Final[Mapping[FieldType, str]] = {
    "string": "文本 字符 字符型 字符串 文字 短文本 c string varchar char 代码型",
    "text": "长文本 多行文本 大文本 备注型 text clob",
    "date": "日期 日期型 时间 d date",
    "decimal": "数值 数值型 小数 金额 浮点 n number decimal 数字",
    "int": "整数 整型 整数型 int integer",
    "enum": "单选 枚举 代码 字典 选项 枚举型 集合型 是否 enum",
    "set": "多选 set 多选型",
    "attachment": "附件 文件 电子文件 attachment file",
    "group": "明细 明细表 子表 重复组 group",
}
TYPES: Final[Mapping[str, FieldType]] = {
    plain(word): kind for kind, words in _TYPE_WORDS.items() for word in words.split()
}
_SHARING_WORDS: Final[Mapping[Sharing, str]] = {
    "公开": "公开 社会公开 主动公开 普遍 向社会公开",
    "共享": "共享 政务共享 无条件共享 有条件共享 按需 依申请共享 内部共享",
    "授权": "授权 授权查询 依授权 不共享 不予共享 依申请查询",
}
SHARINGS: Final[Mapping[str, Sharing]] = {
    plain(word): kind for kind, words in _SHARING_WORDS.items() for word in words.split()
}
YES_NO: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("是", "必填", "必选", "y", "yes", "1", "√", "true", "m"), True),
    **dict.fromkeys(("否", "选填", "可选", "n", "no", "0", "×", "false", "o", ""), False),
}

CYCLE: Final = "不限周期"
RETENTION: Final = "自信息形成之日起5年"
"""What is taken where the table says nothing; marked as derived."""

FAULTS: Final[Mapping[str, str]] = {
    "no_header": "没有找到表头：需要有“数据项”和“类型”两列。",
    "heading_missing": "缺少“{heading}”这一列，请补上。",
    "no_rows": "表头下面没有数据项，请填写。",
    "item_name_missing": "没有写事项名称，请填写。",
    "item_code_missing": "没有写事项编码，请填写，如 XZXK_FR。",
    "item_doubled": "事项编码 {code} 前面已经用过，请改一个，或把同一事项的行排在一起。",
    "id_missing": "没有写标识，请填写，如 CF_WSH。",
    "id_unfit": "“{id}”不能作标识：用字母开头，只含字母、数字、下划线，最多 64 个字符。",
    "group_unknown": "“{group}”不是前面的明细，请先写一行类型为明细、标识为“{group}”的数据项。",
    "group_empty": "明细里没有数据项，请在下面写几行，标识写成“{id}.标识”。",
    "nested_twice": "明细里不能再有附件或明细，请改类型，或移到明细外面。",
    "id_doubled": "标识“{value}”与第 {row} 行重复，请改一个。",
    "title_missing": "没有写数据项名称，请填写。",
    "title_doubled": "数据项“{value}”与第 {row} 行重名，请改一个。",
    "title_too_long": "名称最多 {most} 个字，现在有 {length} 个，请缩短。",
    "forbidden_by_law": "“{title}”属于法律禁止采集的信息（{ground}），不能列入目录，请删去这一行。",
    "too_many_fields": "一个事项最多 {most} 个数据项，请拆成几个事项。",
    "type_unknown": "不认识的类型“{value}”，请写：文本、长文本、日期、数值、整数、单选、多选、附件、明细。",
    "length_unreadable": "长度“{value}”读不懂，请写 200 或 18,2 这样。",
    "required_unreadable": "“{value}”读不懂，请写是或否。",
    "code_set_missing": "单选、多选要写代码集：写已有代码集的名称，或写成 1-甲;2-乙 这样。",
    "code_set_unwanted": "只有单选、多选才用代码集，请删去，或改类型。",
    "code_set_unknown": "没有“{value}”这个代码集，请写已有的名称，或写成 1-甲;2-乙 这样。",
    "sharing_unknown": "共享属性“{value}”读不懂，请写公开、共享或授权。",
    "rule_unreadable": "规则“{value}”读不懂。",
    "rule_names_no_field": "规则里的“{value}”不是本事项的数据项，请写本事项里的标识。",
    "rule_unknown_code": "规则里的“{value}”不在“{field}”的代码集里，请核对。",
    "rule_unfit": "规则“{value}”不能用在这种类型的数据项上。",
    "catalog_unsound": "{detail}",
}
"""Code of a fault of a cell → what is the matter and the way out."""


def fault_sentence(code: str, params: Mapping[str, str | int]) -> str:
    """Say what is wrong with a cell, without its place."""
    return FAULTS[code].format_map(dict(params))
