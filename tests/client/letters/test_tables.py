from __future__ import annotations

import time
from functools import partial

import pytest

from client.core.listing import Head, Listing
from client.errors import ClientError, FileRefused
from client.letters import tables
from client.letters.tables import list_pdf

HEADS = (
    Head("行政相对人", width=24),
    Head("文书号", "code", 18),
    Head("内部", on_paper=False),
    Head("说明", width=30),
)

printed = partial(list_pdf, unit="海湾区样例监管局", operator="林晓", at="2026-11-24T02:42:00.000Z")


def a_list(count, **given):
    rows = (
        (f"海湾样例{n}号商贸有限公司", f"海监罚决〔2026〕{n}号", "x", "=1+1 已核对")
        for n in range(1, count + 1)
    )
    return Listing(**{"name": "records", "title": "记录清单", "heads": HEADS, "count": count, "rows": rows,
                      "notes": (("筛选", "全部事项"),)} | given)  # fmt: skip


def test_the_heading_stands_on_every_sheet_and_no_row_is_lost(tmp_path, pages_of):
    said = []

    count = printed(tmp_path / "list.pdf", a_list(90), progress=said.append)
    pages = pages_of(tmp_path / "list.pdf")

    assert count == 90
    assert len(pages) > 1
    assert all("行政相对人文书号说明" in page for page in pages)
    assert all(f"共{len(pages)}页" in page for page in pages)
    assert all(any(f"海监罚决〔2026〕{n}号" in page for page in pages) for n in range(1, 91))
    assert "内部" not in "".join(pages)


def test_a_row_taller_than_a_sheet_goes_on_at_the_next(tmp_path, pages_of):
    long = "".join(f"第{n}项已核对，" for n in range(2_000))

    printed(tmp_path / "list.pdf", a_list(1, rows=[("甲", "乙", "", long)]))
    text = "".join(pages_of(tmp_path / "list.pdf"))

    assert all(f"第{n}项已核对" in text for n in (0, 999, 1_999))


def test_an_empty_list_has_one_sheet(tmp_path, pages_of):
    assert printed(tmp_path / "list.pdf", a_list(0)) == 0
    assert len(pages_of(tmp_path / "list.pdf")) == 1


def test_a_list_that_nobody_would_print_is_refused(tmp_path):
    with pytest.raises(FileRefused) as refused:
        printed(tmp_path / "list.pdf", a_list(tables.MOST_ROWS + 1))

    assert refused.value.code == "too_long_to_print"
    assert not (tmp_path / "list.pdf").exists()


def test_a_print_can_be_stopped(tmp_path):
    with pytest.raises(ClientError) as stopped:
        printed(tmp_path / "list.pdf", a_list(1_000), cancelled=lambda: True)

    assert stopped.value.code == "stopped"
    assert not (tmp_path / "list.pdf").exists()


def test_two_thousand_rows_take_seconds(tmp_path):
    began = time.monotonic()

    printed(tmp_path / "list.pdf", a_list(2_000))

    assert time.monotonic() - began < 5
