"""What a person does on the page 导入, and the files that are dropped on it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QPushButton

from client.demo import samples
from client.demo.samples import Office, invented_subject, with_check
from tests.client.ui.house import CATALOGS

TODAY = date(2026, 11, 24)
OFFICE = Office("厦门市示范市场监督管理局", with_check("11350200M0DEM0000"))


def click(driver: Any, button: QPushButton) -> None:
    assert button.isVisible(), button.text()
    assert button.isEnabled(), button.text()
    driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.settle()


def drop(driver: Any, *paths: Path) -> None:
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    driver.page.start.zone.dropEvent(
        QDropEvent(
            QPoint(5, 5), Qt.DropAction.CopyAction, files, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )  # fmt: skip
    driver.settle()


def typed(number: int, **cells: Any) -> dict[str, Any]:
    """Cells of a right penalty; `number` tells one from another."""
    chance = random.Random(number)
    return samples.penalty(number, invented_subject(number, chance), OFFICE, TODAY, chance) | cells


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write penalties under their titles."""
    fields = CATALOGS.item("XZCF_FR").fields
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("行政处罚")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [field.title for field in fields])
        for number, row in enumerate(rows, start=1):
            for column, field in enumerate(fields):
                cell = row.get(field.id)
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif cell is not None:
                    sheet.write(number, column, cell)
    return path


def check(driver: Any, path: Path) -> Any:
    """Drop a file and check it; return what was found, as the page shows it."""
    drop(driver, path)
    click(driver, driver.page.check)
    return driver.page.found


def bring_in(driver: Any, path: Path) -> None:
    """Bring a whole file in."""
    check(driver, path)
    click(driver, driver.page.bring)
