from __future__ import annotations

import csv
import json
import resource
import zipfile
from pathlib import Path

import openpyxl
import pytest

from client.core.listing import Head, Listing
from client.errors import FileRefused, NotAllowed
from client.intake.child import Stopped
from client.intake.disarming import disarmed, rearmed
from client.intake.export import export_list
from client.intake.importing import import_file
from client.intake.listings import Which, act_listing, problems_listing, records_listing
from client.intake.road_lists import LISTS, audit_listing, import_rows_listing, imports_listing
from client.store import drafts, imports, review

ODD = ("=1+1", "+86 592", "-5", "@SUM(A1)", "\t=cmd", "＝1+1", "－2", "正常", "0012", "350203199001011234567")


def a_list(rows, **given):
    heads = (Head("名称"), Head("编号", "code"), Head("数量", "number"))
    return Listing(**{"name": "records", "title": "清单", "heads": heads, "count": 0, "rows": rows} | given)


def audited(desk, action):
    sql = "SELECT COUNT(*) FROM audit WHERE action = ?"
    return desk.db.reader().value(sql, (action,))


def read_csv(path):
    with Path(path).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def read_xlsx(path):
    book = openpyxl.load_workbook(path)
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    return rows


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "'  =1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+86 592", "'+86 592"),
        ("\t=cmd", "'\t=cmd"),
        ("＝1+1", "'＝1+1"),
        ("-5", "-5"),
        ("-0.25", "-0.25"),
        ("-5+cmd", "'-5+cmd"),
        ("厦市监罚〔2026〕9号", "厦市监罚〔2026〕9号"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_disarmed(text, safe):
    assert disarmed(text) == safe


def test_a_text_file_opens_in_excel_and_holds_no_formula(desk, tmp_path):
    count = export_list(desk, a_list((text, "", "") for text in ODD), tmp_path / "out.csv")

    assert count == len(ODD)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    cells = [row[0] for row in read_csv(tmp_path / "out.csv")[1:]]
    assert cells == [disarmed(text) for text in ODD]


def test_a_spreadsheet_keeps_texts_as_texts(desk, tmp_path):
    rows = [(text, "0012", "12.5") for text in ODD] + [("大数", "1", "12345678901234567")]

    export_list(desk, a_list(rows), tmp_path / "out.xlsx")

    found = read_xlsx(tmp_path / "out.xlsx")
    assert found[0] == ["名称", "编号", "数量"]
    assert [row[0] for row in found[1:-1]] == list(ODD)
    assert found[1][1:] == ["0012", 12.5]
    assert found[-1][2] == "12345678901234567"
    with zipfile.ZipFile(tmp_path / "out.xlsx") as inside:
        assert b"<f>" not in inside.read("xl/worksheets/sheet1.xml")
        assert b"quotePrefix" in inside.read("xl/styles.xml")


def test_records_of_one_item_have_all_their_fields_and_more_than_a_page_of_them(desk, a_penalty, tmp_path):
    for n in range(3):
        drafts.create(desk, "XZCF_FR", a_penalty(n, CF_SY="=HYPERLINK(1)", CF_FR_ZJHM="350203199001011234"))
    listing = records_listing(desk, Which(item="XZCF_FR"))

    export_list(desk, listing, tmp_path / "out.xlsx")
    rows = read_xlsx(tmp_path / "out.xlsx")
    by_title = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]

    assert len(by_title) == 3
    assert by_title[0]["行政处罚决定书文号"] == "海监罚决〔2026〕2号"
    assert by_title[0]["处罚决定日期"] == "2026-11-20"
    assert by_title[0]["处罚有效期"] == "2099-12-31"
    assert by_title[0]["违法事实"] == "=HYPERLINK(1)"
    assert by_title[0]["罚款金额(万元)"] == 0.1
    assert by_title[0]["处罚类别"] == "罚款"
    assert by_title[0]["法定代表人证件号码"] == "350203********1234"
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    note = {row[0]: row[1] for row in book["说明"].iter_rows(values_only=True)}
    book.close()
    assert note["行数"] == "3"
    assert "隐去" in note["隐去"]
    assert audited(desk, "list_exported") == 1


def test_all_of_a_filter_is_exported_not_only_what_is_on_the_screen(desk, a_penalty, tmp_path):
    with desk.db.transaction():
        ids = drafts.create_many(
            desk, desk.catalogs.item("XZCF_FR").ref,
            (drafts.NewDraft(a_penalty(n), (), (), None) for n in range(1_201)),
        )  # fmt: skip

    count = export_list(desk, records_listing(desk, Which(states=("draft", "problems"))), tmp_path / "a.csv")
    chosen = export_list(desk, records_listing(desk, Which(record_ids=tuple(ids[:2]))), tmp_path / "b.csv")

    assert count == 1_201
    assert chosen == 2
    assert len({row[3] for row in read_csv(tmp_path / "a.csv")[1:]}) == 1_201


def test_problems_are_a_list_too(desk, a_penalty, tmp_path):
    faulty = drafts.create(desk, "XZCF_FR", {})
    drafts.save(desk, faulty, a_penalty(1, CF_WSH=None))
    fine = drafts.create(desk, "XZCF_FR", {})
    drafts.save(desk, fine, a_penalty(2))

    export_list(desk, problems_listing(desk, Which()), tmp_path / "out.csv")
    rows = read_csv(tmp_path / "out.csv")

    assert {row[5] for row in rows[1:]} == {faulty}
    assert any("必填" in row[4] for row in rows[1:])


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_no_list_of_problems_holds_a_formula(desk, a_penalty, tmp_path, ending):
    drafts.create(desk, "XZCF_FR", a_penalty(1, CF_XDR_MC="=cmd|' /C calc'!A0", CF_WSH="@1", CF_CFLB=["99"]))
    out = tmp_path / f"out{ending}"

    export_list(desk, problems_listing(desk, Which()), out)

    rows = read_csv(out) if ending == ".csv" else read_xlsx(out)
    shown = disarmed if ending == ".csv" else str
    assert rows[1][:2] == [shown("=cmd|' /C calc'!A0"), shown("@1")]
    assert not any(text.lstrip()[:1] in set("=+@＝") for row in cells_as_text(out) for text in row)


def test_an_act_of_review_is_a_list_too(desk, a_penalty, tmp_path):
    record_id = drafts.create(desk, "XZCF_FR", {})
    drafts.save(desk, record_id, a_penalty(2))
    act_id = review.submit(desk, [record_id], title="一份").act_id

    assert export_list(desk, act_listing(desk, act_id), tmp_path / "out.csv") == 1
    assert read_csv(tmp_path / "out.csv")[1][3] == "待复核"
    with pytest.raises(NotAllowed):
        act_listing(desk, "none")


@pytest.mark.parametrize("name", [name for name in LISTS if name != "audit"])
def test_every_list_of_the_desk_can_leave_even_when_it_is_empty(desk, tmp_path, name):
    assert export_list(desk, LISTS[name](desk), tmp_path / "out.xlsx") == 0
    assert len(read_xlsx(tmp_path / "out.xlsx")) == 1


def test_the_audit_is_for_auditors(house, a_penalty, tmp_path):
    drafts.create(house.desk, "XZCF_FR", a_penalty(1))
    with pytest.raises(NotAllowed):
        audit_listing(house.desk)
    house.switch("吴昊")

    count = export_list(house.desk, audit_listing(house.desk), tmp_path / "out.csv")
    rows = read_csv(tmp_path / "out.csv")

    assert count == len(rows) - 1 > 0
    assert [row[6] for row in rows[2:]] == [row[7] for row in rows[1:-1]]  # each carries the hash before


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_stopped_export_leaves_nothing_and_keeps_what_was_there(desk, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    path.write_text("old")
    seen = []

    with pytest.raises(Stopped):
        export_list(desk, a_list(("a", "b", "1") for _ in range(2_000)), path, progress=seen.append,
                    cancelled=lambda: len(seen) == 2)  # fmt: skip

    assert seen == [500, 1_000]
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.glob("out*")] == [path.name]
    assert not list(tmp_path.glob(".minxin-*"))
    assert audited(desk, "list_exported") == 0


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_place_that_cannot_be_written_is_said(desk, tmp_path, ending):
    with pytest.raises(FileRefused) as refused:
        export_list(desk, a_list([("a", "b", "1")]), tmp_path / "gone" / f"out{ending}")

    assert refused.value.code == "file_unwritable"


def test_another_ending_is_refused(desk, tmp_path):
    with pytest.raises(FileRefused, match="format_unknown"):
        export_list(desk, a_list([]), tmp_path / "out.doc")


def test_the_groups_of_an_import_are_lists_too(desk, penalties, typed, tmp_path):
    one = import_file(desk, penalties(typed(1), typed(2, CF_CFLB="罚金"), typed(1))).sum

    faulty = export_list(desk, import_rows_listing(desk, one.import_id, "faulty"), tmp_path / "faulty.csv")
    kept = export_list(desk, import_rows_listing(desk, one.import_id), tmp_path / "kept.xlsx")
    files = export_list(desk, imports_listing(desk), tmp_path / "files.xlsx")
    created = records_listing(desk, Which(item="XZCF_FR", import_id=one.import_id)).count

    rows = read_csv(tmp_path / "faulty.csv")
    assert (faulty, kept, files, created) == (1, 2, 1, 1)
    assert rows[1][:2] == ["3", "有误"]
    assert "罚金" in rows[1]
    assert read_xlsx(tmp_path / "files.xlsx")[1][4:10] == [3, 1, 0, 0, 1, 1]


def test_faulty_rows_that_are_drafts_now_are_still_in_the_list_of_faulty_ones(
    desk, penalties, typed, tmp_path
):
    one = import_file(desk, penalties(typed(1), typed(2, CF_CFLB="罚金"), typed(3, CF_CFLB="罚金"))).sum
    imports.take_faulty(desk, one.import_id, [4])

    listing = import_rows_listing(desk, one.import_id, "faulty")
    written = export_list(desk, listing, tmp_path / "faulty.csv")

    assert (written, listing.count) == (one.faulty, one.faulty)
    assert ("结果", "有误（其中 1 行已转草稿）") in listing.notes
    assert [row[:2] for row in read_csv(tmp_path / "faulty.csv")[1:]] == [["3", "有误"], ["4", "已转草稿"]]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_what_was_exported_can_be_imported_again_and_says_the_same(desk, a_penalty, tmp_path, ending):
    """Also what was disarmed on its way out."""
    said = [
        {"CF_SY": text, "BZ": text} for text in ("=1+1", "+86 592", "-甲", "@SUM(A1)", "＝1", "'甲'", "-5")
    ]
    for n, more in enumerate(said):
        drafts.create(desk, "XZCF_FR", a_penalty(n, **more))
    before = payloads(desk)

    out = tmp_path / f"out{ending}"
    export_list(desk, records_listing(desk, Which(item="XZCF_FR")), out)
    again = import_file(desk, out).sum

    assert (again.rows_read, again.skipped) == (7, 7)
    assert payloads(desk) == before
    assert not any(text.lstrip()[:1] in set("=+@＝") for row in cells_as_text(out) for text in row)


def payloads(desk):
    rows = desk.db.reader().execute("SELECT payload FROM draft").fetchall()
    return sorted((json.loads(row[0]) for row in rows), key=lambda values: values["CF_WSH"])


def cells_as_text(path):
    """Return what a spreadsheet program would calculate: of an .xlsx its formulas, of a text all of it."""
    if path.suffix == ".csv":
        return read_csv(path)
    cells = openpyxl.load_workbook(path).worksheets[0].iter_rows()
    return [[str(cell.value) for cell in row if cell.data_type == "f"] for row in cells]


@pytest.mark.parametrize("text", [*ODD, "'甲'", "'", "", "''=1"])
def test_what_is_disarmed_comes_back_as_it_was(text):
    assert rearmed(disarmed(text)) == text


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_full_disk_leaves_nothing(desk, tmp_path, ending):
    rows = ((f"样例{n}号商行" * 9, f"{n}", "1") for n in range(3_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(FileRefused) as refused:
            export_list(desk, a_list(rows), tmp_path / f"out{ending}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert refused.value.code == "file_unwritable"
    assert list(tmp_path.glob("out*")) == list(tmp_path.glob(".minxin-*")) == []
    assert audited(desk, "list_exported") == 0
