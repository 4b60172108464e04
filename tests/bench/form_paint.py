"""A form of 60 fields from nothing to its first paint, whole, and refilled with the next record.

The widgets are real and painted by Qt's own raster engine, without a screen. Beside it stands a form of 60
bare QLineEdit and QLabel in the same grid: what Qt itself takes.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import replace
from datetime import date
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QLineEdit, QScrollArea, QWidget

from client.paths import resources
from client.ui import theme
from forms.catalog.loader import load_set
from forms.catalog.schema import Field, Item, Value
from forms.qt.editor import Setting
from forms.qt.form import CatalogForm

NAME = "form"

FIELDS: Final = 60
TIMES: Final = 15
TODAY: Final = date(2026, 11, 24)
SIZE: Final = (700, 640)


def run() -> dict[str, float | int | str]:
    """Measure, and return the figures in ms: the middle of `TIMES`, and the worst."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, "light", resources() / "icons")
    item = an_item()
    records = [values_of(item, n) for n in range(2)]
    first, whole, bare = list[float](), list[float](), list[float]()
    for n in range(TIMES + 1):
        painted, made = one_form(item, records[n % 2])
        bare.append(bare_form(item))
        first.append(painted)
        whole.append(made)
    refill = refills(item, records)
    found: dict[str, float | int | str] = {"fields": FIELDS, "made before the first paint": shown(item)}
    for name, times in (
        ("to first paint", first), ("whole", whole), ("refill", refill), ("bare Qt to first paint", bare),
    ):  # fmt: skip
        found[f"{name}, ms"] = statistics.median(times[1:])
        found[f"{name}, worst ms"] = max(times[1:])
    found["to first paint / bare Qt"] = statistics.median(first[1:]) / statistics.median(bare[1:])
    return found


def an_item() -> Item:
    """行政处罚 with more of its own fields, so that every type is there as often as in life."""
    penalty = load_set(resources() / "catalogs" / "2026.1").items["XZCF_FR"]
    fields: list[Field] = list(penalty.fields)
    for n, field in enumerate(penalty.fields * 2):
        if len(fields) < FIELDS:
            fields.append(
                replace(field, id=f"{field.id}_{n}", section=f"{field.section}{n // 28 + 2}", rules=())
            )
    return replace(penalty, fields=tuple(fields), by_id={field.id: field for field in fields})


def values_of(item: Item, number: int) -> dict[str, Value]:
    """Values for every field, others for each number."""
    return {field.id: _value(field, number) for field in item.fields}


def _value(field: Field, number: int) -> Value:
    codes = field.code_set.codes if field.code_set is not None else ()
    if field.type == "set":
        return [codes[number].code]
    if field.type == "enum":
        return codes[number].code
    if field.type == "date":
        return f"2026-11-{10 + number}"
    if field.type in {"decimal", "int"}:
        return "12.5" if number else "3"
    return "91350203MA2XYL4C7J" if "SHXYM" in field.id else f"{field.title}的内容，第{number}条"


def one_form(item: Item, values: dict[str, Value]) -> tuple[float, float]:
    """Return ms until the first paint is done, and until every field is there and painted."""
    begun = time.perf_counter()
    form = CatalogForm(item, Setting(lambda: TODAY))
    form.set_values(values)
    form.resize(*SIZE)
    form.show()
    form.grab()
    painted = (time.perf_counter() - begun) * 1000
    while not form.is_whole():
        QCoreApplication.processEvents()
    form.grab()
    made = (time.perf_counter() - begun) * 1000
    _drop(form)
    return painted, made


def bare_form(item: Item) -> float:
    """Return ms that Qt takes for as many bare lines and labels, all of them made before the paint."""
    begun = time.perf_counter()
    page = QWidget()
    grid = QGridLayout(page)
    for n, field in enumerate(item.fields):
        grid.addWidget(QLabel(field.title), n, 0)
        grid.addWidget(QLineEdit(field.title), n, 1)
    area = QScrollArea()
    area.setWidget(page)
    area.resize(*SIZE)
    area.show()
    area.grab()
    took = (time.perf_counter() - begun) * 1000
    _drop(area)
    return took


def refills(item: Item, records: list[dict[str, Value]]) -> list[float]:
    """Return ms that the next record takes in a form that is there, painted."""
    form = CatalogForm(item, Setting(lambda: TODAY))
    form.resize(*SIZE)
    form.show()
    form.make_all()
    form.grab()
    found = []
    for n in range(2 * TIMES + 1):
        begun = time.perf_counter()
        form.set_values(records[n % 2])
        form.grab()
        found.append((time.perf_counter() - begun) * 1000)
    _drop(form)
    return found


def shown(item: Item) -> int:
    """Return how many fields are made at once."""
    form = CatalogForm(item, Setting(lambda: TODAY))
    made = len(form.rows_made())
    _drop(form)
    return made


def _drop(widget: QWidget) -> None:
    widget.hide()
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
