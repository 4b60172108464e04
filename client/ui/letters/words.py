"""Every word of 文书, in the window and on the command line. Imports no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

STATES: Final = {"draft": "草稿", "issued": "已签发", "voided": "已作废"}
LOST: Final = {
    "picture": "图片", "object": "嵌入对象", "text_box": "文本框", "footnote": "脚注",
    "numbering": "自动编号", "revision": "修订痕迹", "comment": "批注", "control": "内容控件",
    "formula": "公式", "highlight": "突出显示", "strike": "删除线", "paragraph_border": "段落边框",
    "nested_table": "表格中的表格", "columns": "分栏", "sections": "第一节以后的页面设置",
}  # fmt: skip
"""Code of what a PDF does not show of a .docx → its word."""

REFUSALS: Final[dict[str, str]] = {
    "document_unknown": "找不到这份文书，可能已被删除。",
    "document_issued": "这份文书已经签发，不能再改。要改请作废后另出一份。",
    "document_not_issued": "这份文书还没有签发，或已经作废。",
    "letter_unknown": "没有这种文书：{kind}。",
    "letter_text_unknown": "这种文书里没有可以自己写的“{name}”。可以写的有：{known}。",
    "letter_too_long": "自己写的段落一共不能超过 {limit} 字。",
    "letters_not_set": "还不能编号：请由机构管理员在“设置 · 文书”里设好机关代字和终端字母。",
    "letter_short_unfit": "机关代字不能超过 20 个字，也不能含括号、横线和空格。",
    "letter_of_desk_unfit": "终端字母请写 A 到 ZZ 的大写字母；本单位各台电脑不能相同。",
    "letter_format_unknown": "{file_name} 写不成。文件名请以 .docx 或 .pdf 结尾。",
    "template_unreadable": "模板打不开。请选一份 Word 文档（.docx）。",
    "template_too_large": "模板超过 {limit_mb} MB，没有导入。请去掉里面的大图片。",
    "template_has_code": "模板里有宏、嵌入对象或外部链接，没有导入。请另存为普通的 .docx。",
    "template_faulty": "模板里的“{name}”不能用（{place}；{fault}）。请改正后再导入，能用的名称见模板说明。",
}
"""Code of an error → its sentence; `client.ui.messages` takes them in."""


def lost_words(codes: Iterable[str]) -> str:
    """Return what a PDF does not show, in words."""
    return "、".join(LOST[code] for code in codes)
