"""打印 and 导出 on every page: what the menu says, the file that comes, what a person is told."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from client.store import drafts, review
from client.ui.papers.button import Papers, with_ending
from client.ui.papers.verbs import PRINTS
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House, a_case, a_penalty

UNKNOWN = "\U0002a6d0"
"""In no packaged face."""


class Viewer(QObject):
    """Stands where the system's viewer does; remembers what it is to show."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Path] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.shown.append(Path(url.toLocalFile()))


@pytest.fixture
def viewer(qapp: Any) -> Iterator[Viewer]:
    made = Viewer()
    QDesktopServices.setUrlHandler("file", made, "show")
    yield made
    QDesktopServices.unsetUrlHandler("file")


@pytest.fixture
def filled(profile: House) -> House:
    """Three penalties, one of them submitted, and an objection."""
    desk = profile.desk_of("许可")
    ids = drafts.create_many(desk, "XZCF_FR", [drafts.NewDraft(a_penalty(n)) for n in (1, 2, 3)])
    review.submit(desk, ids[:1], title="处罚")
    a_case(desk, a_penalty(9))
    profile.close()
    return profile


def papers_of(driver: Driver, page: str, **where: Any) -> Papers:
    found = driver.go(page, **where).findChild(Papers)
    assert isinstance(found, Papers)
    found.offer()
    return found


@pytest.mark.parametrize(
    ("page", "title", "record"),
    [
        ("records", "记录清单", False),
        ("review", "复核清单", True),
        ("sync", "待发送清单", False),
        ("cases", "异议办件清单", False),
        ("intake", "导入清单", False),
    ],
)
def test_every_page_with_a_list_exports_it(
    filled: House, driver: Driver, tmp_path: Path, page: str, title: str, record: bool
) -> None:
    driver.unlock("许可")
    papers = papers_of(driver, page)

    papers.export_to(tmp_path / "out.xlsx", papers._what().make)
    driver.settle()

    assert papers.export_action.text().startswith(f"导出{title}…")
    assert papers.print_record_action.isEnabled() is record
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book["说明"]["B1"].value == title
    book.close()
    assert "已导出" in driver.message()


def test_ctrl_p_shows_the_record_in_view_and_the_copy_goes_at_the_lock(
    filled: House, driver: Driver, viewer: Viewer, qtbot: Any
) -> None:
    driver.unlock("许可")
    page = driver.go("records")
    page.list.table.selectRow(0)
    driver.settle()
    papers = papers_of(driver, "records")

    papers.print_now()
    qtbot.waitUntil(lambda: bool(viewer.shown), timeout=20_000)
    (shown,) = viewer.shown
    assert shown.suffix == ".pdf"
    assert shown.parent.name == PRINTS
    assert shown.read_bytes().startswith(b"%PDF")
    driver.lock()

    assert not shown.exists()


def test_what_is_selected_is_exported_alone_with_what_was_just_typed(
    filled: House, driver: Driver, tmp_path: Path
) -> None:
    driver.unlock("许可")
    page = driver.go("records")
    page.list.table.selectAll()
    driver.settle()
    papers = papers_of(driver, "records", item="XZCF_FR")
    page.list.table.selectAll()
    driver.settle()
    papers.offer()
    assert papers.export_action.text().startswith("导出选中的 3 条…")

    papers.export_to(tmp_path / "out.csv", papers._what().make)
    driver.settle()

    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 3
    assert {row["行政处罚决定书文号"] for row in rows} == {a_penalty(n)["CF_WSH"] for n in (1, 2, 3)}


def test_a_sign_that_cannot_be_drawn_is_named_and_a_number_offered(
    profile: House, driver: Driver, viewer: Viewer, qtbot: Any
) -> None:
    desk = profile.desk_of("许可")
    drafts.create(desk, "XZCF_FR", a_penalty(1, CF_XDR_MC=f"海湾{UNKNOWN}记商行"))
    profile.close()
    driver.unlock("许可")
    papers = papers_of(driver, "records")

    papers.print_list()
    driver.settle()
    assert "U+2A6D0" in driver.message()
    assert viewer.shown == []
    assert driver.window.frame is not None
    driver.window.frame.messages.action_button().click()
    qtbot.waitUntil(lambda: bool(viewer.shown), timeout=20_000)

    assert viewer.shown[0].exists()


def test_a_place_that_cannot_be_written_is_said_and_nothing_else_happens(
    filled: House, driver: Driver, tmp_path: Path
) -> None:
    driver.unlock("许可")
    papers = papers_of(driver, "records")

    papers.export_to(tmp_path / "gone" / "out.xlsx", papers._what().make)
    driver.settle()

    assert "没有写成" in driver.message()


def test_an_empty_list_has_nothing_to_export(profile: House, driver: Driver) -> None:
    profile.close()
    driver.unlock("许可")
    papers = papers_of(driver, "records")

    assert not papers.export_action.isEnabled()
    papers.print_now()

    assert "没有可以打印" in driver.message()


@pytest.mark.parametrize(
    ("name", "kind", "ending"),
    [
        ("清单", "Excel 表格 (*.xlsx)", ".xlsx"),
        ("清单", "CSV 文本 (*.csv)", ".csv"),
        ("清单 11.24", "PDF (*.pdf)", ".pdf"),
        ("清单.csv", "Excel 表格 (*.xlsx)", ".csv"),
    ],
)
def test_a_name_gets_the_ending_that_was_chosen(name: str, kind: str, ending: str) -> None:
    assert with_ending(Path(name), kind).suffix == ending
