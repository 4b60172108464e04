"""Official letters: every kind, filled in and laid out; templates of a department, and their bounds."""

from __future__ import annotations

import base64
import io
import re
import runpy
import zipfile
from datetime import date

import pypdfium2
import pytest
from docx import Document
from docx.shared import Pt

from client.errors import FileRefused
from client.letters.faces import Faces
from client.letters.kinds import KINDS, LISTS, proposed
from client.letters.letter import DRAFT_MARK, letter_docx, letter_pdf
from client.letters.templates import check_template, render, shipped
from client.letters.values import NUMBER_LATER, UNCONFIRMED, letter_values
from client.paths import font_file, resources
from tests.client.letters.case_of import OFFICE, a_case, known

FACES = Faces([font_file()])
NUMBER = "海监〔2026〕A-12"
SAYS = {
    "acceptance": ("吴昊天（身份证：350203********1234）：", "2026年9月18日起予以受理", "罚款金额(万元)",
                   "0.05",
                   "依据：《深圳经济特区社会信用条例》",
                   "主体身份证明", "决定书.pdf", "可以依法申请行政复议"),
    "refusal": ("决定不予受理", "不属于公共信用信息异议的范围。", "海湾样例商贸有限公司", "2026-03-02"),
    "supplement": ("1．加盖公章的授权委托书", "2．决定书复印件", "2026年9月25日前补正"),
    "inquiry": ("海湾区样例监督管理局：", "请协助核实"),
    "check": ("申请陈述：罚款金额多写了一位<&>。", "逐项核查"),
    "decision": ("申请部分成立", "登记时多录一位。", "更正", "维持", "不变", "信息错误"),
    "result": ("2026年9月21日办结", "申请部分成立"),
    "repair_granted": ("一般失信信息，2026年1月5日公示，2026年3月1日履行义务完毕", "停止公示"),
    "repair_refused": ("决定不予信用修复", "登记时多录一位。"),
    "transfer": ("泉州市样例公安局：", "该处罚由泉州市样例公安局作出。"),
}  # fmt: skip


def filled(kind, template=None, frees=None, *, number=NUMBER, case=None, **more):
    case = case or a_case("received", "supplement_asked", "accepted", "transferred", "refused", "decided")
    values = letter_values(
        case, kind, known=known(case, **more), office=OFFICE, number=number, on=date(2026, 9, 21), frees=frees
    )
    return letter_docx(template or shipped(kind), kind, values)


def text_of(path):
    document = pypdfium2.PdfDocument(path)
    try:
        return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in document))
    finally:
        document.close()


def edited(kind, *paragraphs, change=None):
    """A department's template: these paragraphs put before the last of ours."""
    document = Document(io.BytesIO(shipped(kind)))
    for text in paragraphs:
        document.add_paragraph(text)
    if change is not None:
        change(document)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_says_what_it_must_and_can_be_searched(kind, tmp_path):
    content = filled(kind, frees={"附注": "请携带证件领取。"})

    printed = letter_pdf(tmp_path / "one.pdf", content, unit=OFFICE.unit, faces=FACES)

    text = text_of(tmp_path / "one.pdf")
    for said in (*SAYS[kind], KINDS[kind].title, NUMBER, "请携带证件领取。", "2026年9月21日", "联系人：林晓"):
        assert re.sub(r"\s", "", said) in text
    assert "{" not in text
    assert printed.not_shown == ()
    assert f"—1/{printed.sheets}—" in text


def test_a_draft_has_no_number_yet_and_says_that_it_is_one(tmp_path):
    content = filled("acceptance", number="", rules="shenzhen-objection", confirmed=False,
                     case=a_case("received", "accepted"))  # fmt: skip

    letter_pdf(tmp_path / "one.pdf", content, unit=OFFICE.unit, mark=DRAFT_MARK, faces=FACES)

    text = text_of(tmp_path / "one.pdf")
    assert NUMBER_LATER in text
    assert DRAFT_MARK in text
    assert UNCONFIRMED in text
    assert "办理依据" not in text
    assert "办理期限：2026年9月20日" in text


def test_a_template_of_a_department_shows_in_the_pdf_as_in_the_docx(tmp_path):
    def change(document):
        document.paragraphs[0].runs[0].font.size = Pt(36)

    template = edited("refusal", "窗口时间：工作日 9:00 到 17:00，{{ 联系人 }}接待。", change=change)

    letter_pdf(tmp_path / "one.pdf", filled("refusal", template), unit=OFFICE.unit, faces=FACES)

    assert "窗口时间：工作日9:00到17:00，林晓接待。" in text_of(tmp_path / "one.pdf")


def test_what_the_pdf_cannot_show_of_a_template_is_named(tmp_path):
    def change(document):
        document.add_picture(io.BytesIO(PICTURE))
        document.tables[0].rows[0].cells[0].add_table(1, 1)
        document.add_paragraph("列表", style="List Number")._p.get_or_add_pPr().get_or_add_numPr()

    content = filled("refusal", edited("refusal", change=change))

    printed = letter_pdf(tmp_path / "one.pdf", content, unit=OFFICE.unit, faces=FACES)

    assert set(printed.not_shown) == {"picture", "numbering", "nested_table"}


PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize(
    ("paragraph", "code", "name"),
    [
        pytest.param("{{ 申请仁 }}", "name_unknown", "申请仁", id="a name that is none"),
        pytest.param("{{ 补正期限 }}", "name_unknown", "补正期限", id="a name of another letter"),
        pytest.param("{% for 项 in 材料 %}{{ 项.价 }}{% endfor %}", "name_unknown", "项.价", id="of a row"),
        pytest.param("{% for 项 in 代理人 %}{% endfor %}", "name_unknown", "代理人", id="no list"),
        pytest.param("{{ 申请人.__class__ }}", "name_unknown", "申请人.__class__", id="a way out"),
        pytest.param("{{ ''.__class__.__mro__ }}", "name_unknown", ".__mro__", id="another way out"),
        pytest.param("{{ cycler.__init__.__globals__.os }}", "name_unknown", ".os", id="by Jinja"),
        pytest.param("{{ range(9) }}", "not_let_in", "Call", id="a call"),
        pytest.param("{{ 申请人 * 99999999 }}", "not_let_in", "Mul", id="a sum that fills the memory"),
        pytest.param("{{ 申请人 | upper }}", "not_let_in", "Filter", id="a filter"),
        pytest.param("{% include 'x' %}", "not_let_in", "Include", id="another file"),
        pytest.param("{% set 申请人 = 1 %}", "not_let_in", "Assign", id="an assignment"),
        pytest.param("{{ 申请人 }", "misspelt", "", id="a brace that is missing"),
        pytest.param("{% if 申请人 %}", "misspelt", "", id="no end"),
        pytest.param(
            "{% for 一 in 材料 %}{% for 二 in 材料 %}{% for 三 in 材料 %}{% endfor %}"
            "{% endfor %}{% endfor %}",
            "not_let_in", "for", id="loops in loops in loops",
        ),
    ],
)  # fmt: skip
def test_a_template_runs_no_code_and_its_fault_is_named_with_its_place(paragraph, code, name):
    template = edited("acceptance", f"甲乙{paragraph}")

    faults = check_template(template, "acceptance")
    with pytest.raises(FileRefused) as refused:
        render(template, "acceptance", {})

    assert code in {fault.code for fault in faults}
    assert refused.value.code == "template_faulty"
    if name:
        assert name in {fault.name for fault in faults}
        assert any("甲乙" in fault.place and fault.place.startswith("正文") for fault in faults)


def test_head_foot_and_properties_are_looked_at_too():
    def change(document):
        document.sections[0].header.paragraphs[0].text = "{{ 头 }}"
        document.sections[0].footer.paragraphs[0].text = "{{ 尾 }}"
        document.core_properties.subject = "{{ 属性 }}"

    faults = check_template(edited("acceptance", change=change), "acceptance")

    assert {(fault.name, fault.place[:2]) for fault in faults} == {
        ("头", "页眉"),
        ("尾", "页脚"),
        ("属性", "文件"),
    }


def test_what_is_no_word_file_or_brings_code_is_refused():
    def packed(*extra):
        made = io.BytesIO(shipped("acceptance"))
        with zipfile.ZipFile(made, "a") as more:
            for name in extra:
                more.writestr(name, b"x")
        return made.getvalue()

    def linked(document):
        document.part.relate_to(
            "http://example.invalid/x.dotm", "http://schemas/attachedTemplate", is_external=True
        )

    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    for content, code in (
        (b"not a zip", "template_unreadable"),
        (empty.getvalue(), "template_unreadable"),
        (b"\0" * (3 << 20), "template_too_large"),
        (packed("word/vbaProject.bin"), "template_has_code"),
        (edited("acceptance", change=linked), "template_has_code"),
    ):
        with pytest.raises(FileRefused) as refused:
            check_template(content, "acceptance")
        assert refused.value.code == code


def test_a_sign_that_no_face_has_is_named_or_printed_as_its_number(tmp_path):
    content = filled("refusal", frees={"附注": "甲\U0002a6d0"})

    with pytest.raises(FileRefused) as refused:
        letter_pdf(tmp_path / "one.pdf", content, unit=OFFICE.unit, faces=FACES)
    letter_pdf(tmp_path / "one.pdf", content, unit=OFFICE.unit, faces=FACES, numbers=True)

    assert refused.value.code == "signs_unprintable"
    assert "甲〔U+2A6D0〕" in text_of(tmp_path / "one.pdf")


@pytest.mark.parametrize(
    ("kind", "stage", "events", "outcome", "first"),
    [
        ("objection", "received", (), None, "acceptance"),
        ("objection", "supplement", (), None, "supplement"),
        ("objection", "accepted", ("accepted",), None, "acceptance"),
        ("objection", "refused", (), None, "refusal"),
        ("objection", "decided", ("decided",), None, "decision"),
        ("repair", "decided", ("decided",), "granted", "repair_granted"),
        ("repair", "decided", ("decided",), "refused", "repair_refused"),
        ("objection", "accepted", ("transferred",), None, "transfer"),
        ("objection", "withdrawn", (), None, None),
    ],
)
def test_the_stage_of_a_case_proposes_its_letters(kind, stage, events, outcome, first):
    assert next(iter(proposed(kind, stage, frozenset(events), outcome)), None) == first


def test_the_templates_that_come_with_the_program_are_what_its_script_makes():
    script = runpy.run_path(str(resources().parent / "build" / "letter_templates.py"))

    assert set(script["LETTERS"]) == set(KINDS)
    for kind in ("transfer",):
        assert parts_of(script["make"](kind)) == parts_of(shipped(kind))
        assert check_template(shipped(kind), kind) == ()


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_the_manual_of_letters_tells_where_every_field_comes_from():
    table = (resources().parent / "docs" / "letters.md").read_text(encoding="utf-8")
    names = {name for kind in KINDS.values() for name in kind.names}

    assert {name for name in names if f"| {name} |" not in table} == set()
    assert {row for rows in LISTS.values() for row in rows if row not in table} == set()
    assert {kind.title for kind in KINDS.values() if kind.title not in table} == set()
