"""Make the templates of official letters (resources/letters/*.docx). The same bytes every time.

    python build/letter_templates.py [FOLDER]

They are in git, so that an office can look at them; run this after a change here, a test compares them.
Layout after GB/T 9704-2012 as far as known: A4, margins 30/26/30/28 mm, title 22 pt, text 14 pt.
"""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FOLDER: Final = Path(__file__).resolve().parents[1] / "resources" / "letters"
TEXT_PT: Final = 14
TABLE_PT: Final = 11
WHEN: Final = datetime(2026, 11, 25, 0, 0, 0)  # noqa: DTZ001  (a zip and a .docx know no zone)
SONG: Final = "宋体"
FANGSONG: Final = "仿宋"
HEI: Final = "黑体"

APPLICANT: Final = (
    "{{ 申请人 }}{% if 申请人证件号码 %}（{{ 申请人证件类型 }}：{{ 申请人证件号码 }}）{% endif %}："
)
SIGN: Final = ("{{ 机构 }}（印章）", "{{ 日期 }}")
CONTACT: Final = "联系人：{{ 联系人 }}{% if 联系电话 %}　　联系电话：{{ 联系电话 }}{% endif %}{% if 联系地址 %}　　地址：{{ 联系地址 }}{% endif %}"
REMEDY: Final = (
    "{%p if 救济途径 %}", "{%p for 项 in 救济途径 %}", "{{ 项.内容 }}", "{%p endfor %}", "{%p endif %}",
)  # fmt: skip
BASIS: Final = ("{%p if 依据 %}", "办理依据：{{ 依据 }}", "{%p endif %}")
NOTE: Final = ("{%p if 附注 %}", "{{ 附注 }}", "{%p endif %}")
CLAIMS: Final = (
    ("序号", "登记信息", "数据项", "登记内容", "申请主张"),
    ("{{ 项.序号 }}", "{{ 项.事项 }}\n{{ 项.文书号 }}", "{{ 项.数据项 }}", "{{ 项.登记内容 }}", "{{ 项.主张内容 }}"),
    (12, 50, 28, 33, 33),
)  # fmt: skip
FINDINGS: Final = (
    ("序号", "登记信息", "数据项", "登记内容", "核查结论", "更正后内容"),
    (
        "{{ 项.序号 }}", "{{ 项.事项 }}\n{{ 项.文书号 }}", "{{ 项.数据项 }}", "{{ 项.登记内容 }}",
        "{{ 项.核查结论 }}", "{{ 项.更正后内容 }}",
    ),
    (12, 46, 26, 26, 20, 26),
)  # fmt: skip
RECORDS: Final = (
    ("序号", "信息主体", "事项", "文书号", "认定日期"),
    ("{{ 项.序号 }}", "{{ 项.信息主体 }}", "{{ 项.事项 }}", "{{ 项.文书号 }}", "{{ 项.认定日期 }}"),
    (12, 48, 36, 34, 26),
)  # fmt: skip
DEADLINE: Final = (
    "{%p if 办理期限 %}",
    "办理期限：{{ 办理期限 }}{% if 期限说明 %}（{{ 期限说明 }}）{% endif %}。",
    "{%p endif %}",
)

LETTERS: Final[dict[str, tuple[Any, ...]]] = {
    "acceptance": (
        APPLICANT,
        "你（单位）于{{ 申请日期 }}提出的{{ 办件类型 }}申请收悉。经审查，符合受理条件，我单位决定自{{ 受理日期 }}起予以受理。办件编号：{{ 办件编号 }}。",
        "申请事由：{{ 异议事由 }}。",
        ("争议项", CLAIMS),
        "{%p if 材料 %}", "收到材料：{% for 项 in 材料 %}{{ 项.序号 }}．{{ 项.名称 }}{% if not loop.last %}；{% endif %}{% endfor %}。", "{%p endif %}",
        *DEADLINE, *BASIS, *NOTE, *REMEDY,
    ),
    "refusal": (
        APPLICANT,
        "你（单位）于{{ 申请日期 }}提出的{{ 办件类型 }}申请收悉（办件编号：{{ 办件编号 }}）。经审查，决定不予受理。",
        "不予受理的理由：{{ 不予受理理由 }}",
        ("记录", RECORDS),
        *BASIS, *NOTE, *REMEDY,
    ),
    "supplement": (
        APPLICANT,
        "你（单位）于{{ 申请日期 }}提出的{{ 办件类型 }}申请收悉（办件编号：{{ 办件编号 }}）。经审查，申请材料不齐全或者不符合要求，现一次性告知需要补正的全部内容：",
        "{%p for 项 in 补正内容 %}", "{{ 项.序号 }}．{{ 项.内容 }}", "{%p endfor %}",
        "{%p if 补正期限 %}", "请于{{ 补正期限 }}前补正。", "{%p endif %}",
        "办理期限自收到全部补正材料之日起计算。",
        *BASIS, *NOTE,
    ),
    "inquiry": (
        "{{ 协查单位 }}：",
        "我单位正在办理{{ 申请人 }}提出的{{ 办件类型 }}申请（办件编号：{{ 办件编号 }}），涉及下列信息，需请你单位协助核查：",
        ("争议项", CLAIMS),
        "协查事项：{{ 协查事项 }}",
        *DEADLINE, *BASIS, *NOTE,
        "请将核查情况和证明材料书面函复我单位。",
    ),
    "check": (
        "{{ 提供单位 }}：",
        "{{ 申请人 }}对你单位提供的下列信息提出{{ 办件类型 }}申请，现已受理（办件编号：{{ 办件编号 }}），请予核查：",
        ("争议项", CLAIMS),
        "申请陈述：{{ 申请陈述 }}",
        "核查要求：{{ 核查要求 }}",
        *DEADLINE, *BASIS, *NOTE,
    ),
    "decision": (
        APPLICANT,
        "你（单位）于{{ 申请日期 }}提出的{{ 办件类型 }}申请（办件编号：{{ 办件编号 }}），我单位已办理完毕，现决定如下。",
        "一、申请事由：{{ 异议事由 }}。{{ 申请陈述 }}",
        "二、核查情况：{{ 核查情况 }}",
        "三、处理结果：{{ 处理结果 }}",
        ("争议项", FINDINGS),
        *BASIS, *NOTE, *REMEDY,
    ),
    "result": (
        APPLICANT,
        "你（单位）于{{ 申请日期 }}提出的{{ 办件类型 }}申请（办件编号：{{ 办件编号 }}）已于{{ 决定日期 }}办结，现将结果告知如下。",
        "处理结果：{{ 处理结果 }}",
        ("争议项", FINDINGS),
        "核查情况：{{ 核查情况 }}",
        *BASIS, *NOTE, *REMEDY,
    ),
    "repair_granted": (
        APPLICANT,
        "你（单位）于{{ 申请日期 }}提出的信用修复申请（办件编号：{{ 办件编号 }}）收悉。经审查，下列信息（{{ 修复类别 }}失信信息{% if 公示日期 %}，{{ 公示日期 }}公示{% endif %}{% if 履行日期 %}，{{ 履行日期 }}履行义务完毕{% endif %}）符合信用修复条件，决定准予信用修复：",
        ("记录", RECORDS),
        "核查情况：{{ 核查情况 }}",
        "自本决定作出之日起，停止公示、共享和使用上述信息。",
        *BASIS, *NOTE, *REMEDY,
    ),
    "repair_refused": (
        APPLICANT,
        "你（单位）于{{ 申请日期 }}提出的信用修复申请（办件编号：{{ 办件编号 }}）收悉。经审查，下列信息（{{ 修复类别 }}失信信息{% if 公示日期 %}，{{ 公示日期 }}公示{% endif %}）不符合信用修复条件，决定不予信用修复：",
        ("记录", RECORDS),
        "理由：{{ 核查情况 }}",
        *BASIS, *NOTE, *REMEDY,
    ),
    "transfer": (
        "{{ 移送单位 }}：",
        "我单位收到{{ 申请人 }}于{{ 申请日期 }}提出的{{ 办件类型 }}申请（办件编号：{{ 办件编号 }}）。经核实，下列信息不属于我单位提供，现移送你单位办理：",
        ("争议项", CLAIMS),
        "移送理由：{{ 移送理由 }}",
        "{%p if 材料 %}", "随函移送材料：{% for 项 in 材料 %}{{ 项.序号 }}．{{ 项.名称 }}{% if not loop.last %}；{% endif %}{% endfor %}。", "{%p endif %}",
        "移送情况已告知申请人。",
        *BASIS, *NOTE,
    ),
}  # fmt: skip


def make(letter: str) -> bytes:
    """Return the template of one letter."""
    document = Document()
    _set_page(document)
    _paragraph(
        document, "{{ 机构 }}", size=22, face=SONG, colour="C00000", align=ALIGN.CENTER, bold=True, after=10
    )
    _paragraph(
        document, "{{ 文书名称 }}", size=22, face=SONG, align=ALIGN.CENTER, bold=True, before=4, after=6
    )
    _paragraph(document, "{{ 文号 }}", align=ALIGN.CENTER, after=14)
    for place, part in enumerate(LETTERS[letter]):
        if isinstance(part, tuple):
            name, (heads, cells, widths) = part
            _table(document, name, heads, cells, widths)
        else:
            keep = part in (*BASIS, *NOTE, *REMEDY) or part == LETTERS[letter][-1]
            _paragraph(document, part, indent=place > 0, keep=keep)
    for place, text in enumerate(SIGN):
        _paragraph(document, text, align=ALIGN.RIGHT, before=0 if place else 20, keep=not place)
    _paragraph(document, CONTACT, size=TABLE_PT, before=10)
    _paragraph(document, "{%p if 备注提示 %}", size=TABLE_PT)
    _paragraph(document, "{{ 备注提示 }}", size=TABLE_PT)
    _paragraph(document, "{%p endif %}", size=TABLE_PT)
    _foot(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = "{{ 文书名称 }}", "闽信通", ""
    properties.created = properties.modified = WHEN
    return _packed(document)


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.right_margin = Mm(30), Mm(26)
    section.bottom_margin, section.left_margin = Mm(30), Mm(28)
    section.footer_distance = Mm(20)
    normal = document.styles["Normal"]
    normal.font.size = Pt(TEXT_PT)
    _set_face(normal.element.get_or_add_rPr(), FANGSONG)
    normal.paragraph_format.line_spacing = Pt(25)
    normal.paragraph_format.space_after = Pt(0)


def _set_face(properties: Any, face: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia"):
        fonts.set(qn(name), face)


def _paragraph(
    owner: Any, text: str, *, size: float = TEXT_PT, face: str = FANGSONG, colour: str = "", align: Any = None,
    bold: bool = False, before: float = 0, after: float = 0, indent: bool = False, keep: bool = False,
) -> Any:  # fmt: skip
    made = owner.add_paragraph()
    run = made.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold or None
    _set_face(run._element.get_or_add_rPr(), face)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    look = made.paragraph_format
    look.space_before, look.space_after = Pt(before), Pt(after)
    look.keep_with_next = keep or None
    if align is not None:
        made.alignment = align
    if indent:
        look.first_line_indent = Pt(2 * size)
    if size == 22:
        look.line_spacing = Pt(36)
    elif size < TEXT_PT:
        look.line_spacing = Pt(20)
    return made


def _table(
    document: Any, name: str, heads: tuple[str, ...], cells: tuple[str, ...], widths: tuple[int, ...]
) -> None:
    _paragraph(document, f"{{%p if {name} %}}", size=TABLE_PT)
    table = document.add_table(rows=0, cols=len(heads), style="Table Grid")
    table.autofit = False
    for texts in (heads, (f"{{%tr for 项 in {name} %}}",), cells, ("{%tr endfor %}",)):
        row = table.add_row()
        for cell, text, width in zip(
            row.cells, (*texts, *[""] * (len(heads) - len(texts))), widths, strict=True
        ):
            cell.width = Mm(width)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.line_spacing = Pt(18)
            is_head = texts is heads
            paragraph.alignment = ALIGN.CENTER if is_head or text.startswith("{{ 项.序号") else ALIGN.LEFT
            run = paragraph.add_run(text)
            run.font.size = Pt(TABLE_PT)
            _set_face(run._element.get_or_add_rPr(), HEI if is_head else FANGSONG)
        if texts is heads:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    _paragraph(document, "", size=TABLE_PT).paragraph_format.line_spacing = Pt(6)
    _paragraph(document, "{%p endif %}", size=TABLE_PT)


def _foot(document: Any) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = ALIGN.CENTER
    for text, code in (("— ", ""), ("", "PAGE"), (" / ", ""), ("", "NUMPAGES"), (" —", "")):
        run = paragraph.add_run(text)
        run.font.size = Pt(TABLE_PT)
        _set_face(run._element.get_or_add_rPr(), SONG)
        for kind in ("begin", "end") if code else ():
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)
            if kind == "begin":
                told = OxmlElement("w:instrText")
                told.text = code
                run._element.append(told)


def _packed(document: Any) -> bytes:
    """Pack it anew: the same order, no time of this machine."""
    made, packed = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(packed, "w") as after:
        for name in sorted(before.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            if name == "docProps/thumbnail.jpeg":
                continue
            content = before.read(name)
            if name in {"_rels/.rels", "[Content_Types].xml"}:
                content = _without_thumbnail(content)
            entry = zipfile.ZipInfo(name, WHEN.timetuple()[:6])
            entry.compress_type, entry.external_attr, entry.create_system = (
                zipfile.ZIP_DEFLATED,
                0o644 << 16,
                3,
            )
            after.writestr(entry, content)
    return packed.getvalue()


def _without_thumbnail(content: bytes) -> bytes:
    text = content.decode("utf-8")
    start = text.find("thumbnail")
    if start < 0:
        return content
    begin, end = text.rfind("<Relationship ", 0, start), text.find("/>", start) + 2
    return (text[:begin] + text[end:]).encode("utf-8") if begin >= 0 else content


def main() -> None:
    """Write every template."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for letter in LETTERS:
        (folder / f"{letter}.docx").write_bytes(make(letter))


if __name__ == "__main__":
    main()
