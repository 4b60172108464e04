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


TITLE: Final = "文书"
BUTTON: Final = "出具文书"
BUTTON_TIP: Final = "通知书、决定书和函：预览、签发、打印"
NEW: Final = "新文书"
PROPOSED: Final = "{title}（建议）"
ISSUED_LIST: Final = "这件已有的文书"
NO_NUMBER: Final = "（未编号）"
TEXT_HINT: Final = "可以修改；空着就不印这一段"
DRAWING: Final = "正在排版…"
ISSUE: Final = "编号并签发"
ISSUING: Final = "正在签发…"
ISSUED: Final = "已签发：{number}。"
PRINT: Final = "打印"
SAVE_AS: Final = "另存为…"
VOID: Final = "作废…"
VOID_REASON: Final = "作废的原因"
VOID_NOW: Final = "确认作废"
VOIDED: Final = "{number} 已作废，编号不再使用。"
IS_VOIDED: Final = "已作废：{reason}"
DROP: Final = "删除草稿"
LOST_IN_PDF: Final = "PDF 里没有显示模板中的：{what}。Word 文件里有。"
WITH_NUMBERS: Final = "用编号代替"
NOT_HANDLER: Final = "只能查看。签发要由异议处理员来做。"
FILTERS: Final = "PDF (*.pdf);;Word 文档 (*.docx)"
PICK: Final = "另存为"
SAVED_TO: Final = "已保存到 {name}。"
NO_VIEWER: Final = "这台电脑没有能打开 PDF 的程序。文件放在 {path}，锁定时自动清除。"
PAGES: Final = "文书预览"
NO_PAGES: Final = "还没有内容"

CARD: Final = "文书"
SHORT: Final = "机关代字"
SHORT_HINT: Final = "例如 厦市监"
LETTER: Final = "终端字母"
LETTER_HINT: Final = "A 到 ZZ；本单位各台电脑不能相同"
PHONE: Final = "联系电话"
ADDRESS: Final = "联系地址"
LOOKS_LIKE: Final = "编号形如 {number}。"
NOT_SET: Final = "设好机关代字和终端字母，才能编号签发。"
SAVE: Final = "保存"
SET_SAVED: Final = "已保存。"
ADMIN_ONLY: Final = "由机构管理员设置。"
TEMPLATE: Final = "模板"
OURS: Final = "随程序的模板"
THEIRS: Final = "本单位模板 {name}（{day} 导入）"
EXPORT: Final = "导出模板…"
IMPORT: Final = "导入模板…"
RESET: Final = "恢复随程序的"
IMPORTED: Final = "{title}改用 {name}。"
EXPORTED: Final = "已写入 {name}。在 Word 里修改后再导入。"
WAS_RESET: Final = "{title}恢复随程序的模板。"
WORD_FILTER: Final = "Word 文档 (*.docx)"
