from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pypdfium2
import pytest

from client.core.records import Head
from client.core.shown import catalog_of
from client.errors import FileRefused
from client.letters.faces import Faces
from client.letters.record import record_pdf, record_sheet
from client.paths import font_file
from client.store import drafts, records, review
from forms.catalog.problems import Answer

RARE = "海湾𠮷㛃䶮\U00030edd·样例有限公司"


@pytest.fixture
def a_sheet(desk):
    def build(record_id):
        detail = records.get(desk.db.reader(), record_id)
        return record_sheet(
            detail, desk.catalogs.item(catalog_of(detail)), unit="海湾区样例监管局", operator="林晓",
            names={}, at="2026-11-24T02:42:00.000Z", today=date(2026, 11, 24),
        )  # fmt: skip

    return build


def bare(text):
    return re.sub(r"\s", "", text)


def test_a_record_on_paper_can_be_searched_and_copied(desk, a_penalty, a_sheet, pages_of, tmp_path):
    long = (
        "经查，当事人于2026年3月至10月间，在经营场所未按规定公示收费标准，共涉及ABC-2026-0001等12项服务。"
        * 12
    )
    values = a_penalty(1, CF_XDR_MC=RARE, CF_SY=long, CF_CFJGDM=None)
    sheet = a_sheet(drafts.create(desk, "XZCF_FR", values))

    count = record_pdf(tmp_path / "one.pdf", sheet)
    pages = pages_of(tmp_path / "one.pdf")

    assert count == len(pages)
    edges = r"海湾区样例监管局闽信通.*?有问题(?=\S)|2026-11-2410:42林晓打印第\d页共\d页|草稿"
    body = "".join(re.sub(edges, "", page) for page in pages)
    for text in (RARE, values["CF_WSH"], values["CF_XDR_SHXYM"], "长期", "0.1"):
        assert bare(text) in body
    assert bare(long) in body
    assert "第1页共" in pages[0]
    assert "2026-11-2410:42林晓打印" in pages[-1]
    assert "XZCF_FR2026.1版" in body
    assert all("草稿" in page for page in pages)


def test_problems_and_answers_stand_on_paper(desk, a_penalty, a_sheet, tmp_path, pages_of):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(2, CF_WSH=None))
    drafts.save(desk, record_id, a_penalty(2, CF_WSH=None), [Answer("CF_NR_FK", "some_code", "核对过原件")])
    sheet = a_sheet(record_id)

    record_pdf(tmp_path / "one.pdf", sheet)

    text = "".join(pages_of(tmp_path / "one.pdf"))
    assert len(sheet.problems) >= 1
    assert all(bare(said) in text for _, said in sheet.problems)
    assert "核对过原件" in text


def test_the_number_of_a_person_is_masked(desk, a_sheet):
    values = {"CF_XDR_MC": "吴昊天", "CF_XDR_ZJLX": "1", "CF_XDR_ZJHM": "350203199001011234"}
    sheet = a_sheet(drafts.create(desk, "XZCF_ZRR", values))

    shown = [value for part in sheet.parts for _, value in part.lines]

    assert "350203********1234" in shown
    assert not any("19900101" in value for value in shown)


def test_a_sign_that_no_face_has_is_named_before_printing(desk, a_penalty, a_sheet, tmp_path, pages_of):
    only = Faces([font_file()])
    sheet = a_sheet(drafts.create(desk, "XZCF_FR", a_penalty(3, CF_XDR_MC="海湾𠮷记商行")))

    with pytest.raises(FileRefused) as refused:
        record_pdf(tmp_path / "one.pdf", sheet, faces=only)
    record_pdf(tmp_path / "two.pdf", sheet, faces=only, numbers=True)

    assert refused.value.code == "signs_unprintable"
    assert refused.value.params["signs"] == "𠮷（U+20BB7）"
    assert not (tmp_path / "one.pdf").exists()
    assert "海湾〔U+20BB7〕记商行" in pages_of(tmp_path / "two.pdf")[0]


def test_every_item_of_the_catalog_can_be_printed(desk, a_sheet, tmp_path):
    for item in desk.catalogs.items()[::25]:
        values = {field.id: "1" for field in item.fields if field.type in {"string", "text"}}

        assert record_pdf(tmp_path / "one.pdf", a_sheet(drafts.create(desk, item.ref, values))) >= 1


def test_what_was_submitted_is_still_a_draft_on_paper(desk, a_penalty, a_sheet):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(4))
    drafts.save(desk, record_id, a_penalty(4))
    review.submit(desk, [record_id], title="一份")

    sheet = a_sheet(record_id)

    assert sheet.mark == "草稿"
    assert ("状态", "待复核") in sheet.facts


def test_a_correction_says_what_it_was_before(house, a_penalty):
    desk = house.desk
    head = Head("v", "r", "correct", "XZCF_FR@2026.1", a_penalty(6, BZ="旧备注"))
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(6, CF_NR_FK="0.2"))
    detail = records.get(desk.db.reader(), record_id)
    detail = replace(detail, head=head, draft=replace(detail.draft, op="correct"))

    sheet = record_sheet(
        detail, desk.catalogs.item("XZCF_FR"), unit="局", operator="林晓", names={},
        at="2026-11-24T02:42:00.000Z", today=date(2026, 11, 24),
    )  # fmt: skip
    lines = dict(line for part in sheet.parts for line in part.lines)

    assert lines["罚款金额(万元)"] == "0.2　（更正前：0.1）"
    assert lines["备注"] == "（清空）　（更正前：旧备注）"
    assert lines["处罚类别"] == "罚款"


def test_a_long_name_of_a_unit_does_not_cover_the_title(desk, a_penalty, a_sheet, tmp_path, pages_of):
    sheet = replace(a_sheet(drafts.create(desk, "XZCF_FR", a_penalty(7))), unit="海湾区样例综合行政执法" * 6)

    record_pdf(tmp_path / "one.pdf", sheet)

    assert bare(sheet.unit) + "闽信通" in pages_of(tmp_path / "one.pdf")[0]


def test_the_picture_of_a_print_is_not_blank(desk, a_penalty, a_sheet, tmp_path):
    record_pdf(tmp_path / "one.pdf", a_sheet(drafts.create(desk, "XZCF_FR", a_penalty(5))))

    document = pypdfium2.PdfDocument(tmp_path / "one.pdf")
    dark = sum(document[0].render(scale=0.5).to_pil().convert("L").histogram()[:200])
    document.close()

    assert dark > 500
