"""A whole act over its list: sums, filters, and a sample with the seed that draws it again."""

from __future__ import annotations

import secrets
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from client.store.act_sums import Sums, Which
from client.store.desk import Catalogs
from client.ui.review.reading import ActView
from client.ui.widgets import buttons
from forms.catalog.messages import short
from forms.catalog.problems import Problem

ALL: Final = "全部 {n:,} 条"
ANSWERED: Final = "回答过提示 {n:,}"
CLEANED: Final = "导入时理顺过 {n:,}"
SAMPLE: Final = "抽样 {n:,} 条，种子 {seed}，看过 {seen:,} 条"
FOUND: Final = "符合 {n:,} 条"
CUT: Final = "下面列出前 {n:,} 条"
ALL_GO: Final = "通过的是全部 {n:,} 条"
TOTAL: Final = "{title}：{n:,} 条，合计 {total:,f}{unit}，{least:,f}～{most:,f}"
DAYS: Final = "{title}：{first} ～ {last}"
CODES: Final = "{title}：{said}"
MOST_VALUES: Final = 40
MOST_SHOWN: Final = 6
LONG_TERM: Final = "2099-12-31"
SEEDS: Final = 1_000_000
FROM: Final = 20
"""Entries from which an act is worth filters and a sample."""


class WholeStrip(QWidget):
    """What stands over the entries of an act.

    Signals:
        asked(Which): other entries are wanted.
        drawn(Which): a sample of them.
    """

    asked = Signal(object)
    drawn = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act_id = ""
        self._which = Which()
        self.sums, self.totals = QLabel(), QLabel()
        for label in (self.sums, self.totals):
            label.setProperty("role", "secondary")
            label.setWordWrap(True)
        self.filter, self.above, self.how_many = QComboBox(), QLineEdit(), QSpinBox()
        self.filter.setAccessibleName("只看哪些记录")
        self.filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.filter.setMinimumContentsLength(10)
        self.above.setAccessibleName("金额大于")
        self.above.setPlaceholderText("金额大于")
        self.above.setFixedWidth(84)
        self.how_many.setAccessibleName("抽样条数")
        self.how_many.setRange(1, 1_000)
        self.how_many.setValue(30)
        self.how_many.setSuffix(" 条")
        self.how_many.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.how_many.setFixedWidth(64)
        self.sample_button = buttons.plain("抽样", self._draw, "S")
        self.more = buttons.link("合计…", self._unfold)
        self._tools = QWidget()
        row = QHBoxLayout(self._tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.filter, 1)
        for part in (self.above, self.how_many, self.sample_button, self.more):
            row.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for line in (self.sums, self.totals, self._tools):
            column.addWidget(line)
        self.totals.hide()
        self._tools.hide()
        self.filter.activated.connect(self._ask)

    def which(self, act_id: str) -> Which:
        """What is wanted of an act; everything of one that is not shown yet."""
        return self._which if act_id == self._act_id else Which()

    def clear(self) -> None:
        """Nothing is shown."""
        self._act_id, self._which = "", Which()
        self.hide()

    def show_view(self, view: ActView, catalogs: Catalogs) -> None:
        """Say the sums of an act, and how many of its entries are listed."""
        act, listed = view.act, len(view.entries)
        if act.act_id != self._act_id:
            self._act_id, self._which = act.act_id, Which()
            self.above.clear()
            self.totals.hide()
            self._fill(view.totals, act.waiting, catalogs)
        filtered = self._which != Which()
        parts = [view.sums]
        if self._which.sample:
            parts.append(SAMPLE.format(n=view.found, seed=self._which.seed, seen=view.looked))
        elif filtered:
            parts.append(FOUND.format(n=view.found))
        if view.found > listed:
            parts.append(CUT.format(n=listed))
        if filtered or act.waiting > listed:
            parts.append(ALL_GO.format(n=act.waiting))
        said = "；".join(part for part in parts if part)
        self.sums.setText(f"{said}。" if said else "")
        self.sums.setVisible(bool(said))
        self._tools.setVisible(act.case_id is None and act.waiting >= FROM)
        self.setVisible(bool(said) or not self._tools.isHidden())

    def took_enter(self) -> bool:
        """Enter in the field of the amount filters; it is not meant for the act."""
        here = self.above.hasFocus()
        if here:
            self._ask()
        return here

    def _fill(self, sums: Sums, waiting: int, catalogs: Catalogs) -> None:
        self.filter.clear()
        self.filter.addItem(ALL.format(n=waiting), Which())
        if sums.cleaned:
            self.filter.addItem(CLEANED.format(n=sums.cleaned), Which(cleaned=True))
        item = catalogs.item(next(iter(sums.items))) if sums.items else None
        for code, n in sums.answered.most_common():
            said = short(Problem("", code), item) if item is not None else code
            self.filter.addItem(f"{ANSWERED.format(n=n)}：{said}", Which(answered=code))
        values = [(n, key, code) for key, codes in sums.codes.items() for code, n in codes.items()]
        for n, (ref, field_id), code in sorted(values, key=lambda one: -one[0])[:MOST_VALUES]:
            self.filter.addItem(
                f"{_title(catalogs, ref, field_id)}：{_name(catalogs, ref, field_id, code)} {n:,}",
                Which(value=(field_id, code)),
            )
        self.totals.setText("\n".join(lines_of(sums, catalogs)))

    def _asked_for(self, sample: int = 0, seed: int = 0) -> Which:
        chosen = self.filter.currentData() or Which()
        try:
            above = Decimal(self.above.text().strip()) if self.above.text().strip() else None
        except InvalidOperation:
            self.above.clear()
            above = None
        return Which(chosen.answered, chosen.value, chosen.cleaned, above, sample, seed)

    def _ask(self) -> None:
        self._which = self._asked_for()
        self.asked.emit(self._which)

    def _draw(self) -> None:
        if self._tools.isHidden():
            return
        self._which = self._asked_for(self.how_many.value(), secrets.randbelow(SEEDS))
        self.drawn.emit(self._which)

    def _unfold(self) -> None:
        self.totals.setVisible(self.totals.isHidden())


def lines_of(sums: Sums, catalogs: Catalogs) -> list[str]:
    """Say the sums in lines: amounts, days, and how often each code stands there."""
    lines = []
    for (ref, field_id), amount in sums.amounts.items():
        field = catalogs.item(ref).by_id[field_id]
        unit = field.unit if field.unit and field.unit not in field.title else ""
        numbers = {"total": amount.total, "least": amount.least, "most": amount.most}
        plain: dict[str, Any] = {name: (number or Decimal(0)).normalize() for name, number in numbers.items()}
        lines.append(TOTAL.format(title=field.title, n=amount.count, unit=unit, **plain))
    for (ref, field_id), days in sums.days.items():
        first, last = ("长期" if day == LONG_TERM else day for day in days)
        lines.append(DAYS.format(title=_title(catalogs, ref, field_id), first=first, last=last))
    for (ref, field_id), codes in sums.codes.items():
        said = [f"{_name(catalogs, ref, field_id, code)} {n:,}" for code, n in codes.most_common(MOST_SHOWN)]
        said += ["…"] if len(codes) > MOST_SHOWN else []
        lines.append(CODES.format(title=_title(catalogs, ref, field_id), said="、".join(said)))
    return lines


def _title(catalogs: Catalogs, ref: str, field_id: str) -> str:
    return catalogs.item(ref).by_id[field_id].title


def _name(catalogs: Catalogs, ref: str, field_id: str, code: str) -> str:
    code_set = catalogs.item(ref).by_id[field_id].code_set
    known = code_set.by_code.get(code) if code_set is not None else None
    return known.name if known is not None else code
