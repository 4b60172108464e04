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


def lost_words(codes: Iterable[str]) -> str:
    """Return what a PDF does not show, in words."""
    return "、".join(LOST[code] for code in codes)
