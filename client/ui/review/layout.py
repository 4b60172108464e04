"""How the parts of 复核 stand on the page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from client.ui.widgets import buttons


def split_of(acts: QWidget, whole: QWidget, entries: QWidget, record: QWidget) -> QSplitter:
    """Return acts over entries at the left, the record at the right."""
    left = QSplitter(Qt.Orientation.Vertical)
    left.addWidget(acts)
    below = QWidget()
    below_column = QVBoxLayout(below)
    below_column.setContentsMargins(0, 0, 0, 0)
    below_column.setSpacing(4)
    below_column.addWidget(whole)
    below_column.addWidget(entries, 1)
    left.addWidget(below)
    left.setSizes([170, 400])
    left.setStretchFactor(1, 1)
    left.setChildrenCollapsible(False)
    split = QSplitter(Qt.Orientation.Horizontal)
    split.addWidget(left)
    split.addWidget(record)
    split.setSizes([480, 700])
    split.setStretchFactor(0, 2)
    split.setStretchFactor(1, 3)
    split.setChildrenCollapsible(False)
    return split


def lay_out(
    page: QWidget,
    *,
    title: str,
    summary: QLabel,
    papers: QPushButton,
    split: QSplitter,
    strips: Sequence[QWidget],
    said: QWidget,
    parts: Sequence[QWidget],
) -> None:
    """Put the head, the split, the strips and the action bar on the page."""
    name = QLabel(title)
    name.setProperty("role", "title")
    head = QHBoxLayout()
    head.setContentsMargins(16, 8, 16, 8)
    head.addWidget(name)
    head.addSpacing(8)
    head.addWidget(summary)
    head.addStretch(1)
    head.addWidget(papers)
    middle = QHBoxLayout()
    middle.setContentsMargins(16, 0, 16, 8)
    middle.addWidget(split)
    frame, row = buttons.bar()
    row.addWidget(said, 1)
    for part in parts:
        row.addWidget(part)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addLayout(head)
    column.addLayout(middle, 1)
    for strip in strips:
        column.addWidget(strip)
    column.addWidget(frame)
