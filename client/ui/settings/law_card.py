"""设置 · 期限与日历: working days that are known, the rules that the city follows, dates that have moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from client.core.words import CITIES
from client.store import case_dues, legal
from client.store.case_dues import Moved
from client.store.desk import Desk
from client.ui.session import Session
from client.ui.settings.card import Card, text
from client.ui.theme import restyle
from client.ui.widgets import buttons
from forms.law import words
from forms.law.clocks import Clock
from forms.law.rulesets import KINDS, Followed, RuleSet

CLOCKS: Final = {"objection": "异议期限", "repair": "修复期限"}
MOVES_SHOWN: Final = 6
WHY: Final = {"calendar": "放假通知", "rules": "期限规则"}
INTRO: Final = "日历和规则由平台管理员发布、签名下发；每个日期怎样算出来，在办件里可以展开看。"


@dataclass(frozen=True, slots=True)
class LawView:
    """What the card says.

    Attributes:
        rules: kind of case, rule set and confirmation, its clocks; all in words.
        unconfirmed: kinds whose rules nobody has confirmed.
    """

    calendar: str
    rules: tuple[tuple[str, str, str], ...]
    unconfirmed: tuple[str, ...]
    moves: tuple[Moved, ...]


def read_view(desk: Desk) -> LawView:
    """Return it; for the reading lane."""
    reader, today = desk.db.reader(), desk.today()
    law = legal.read_law(reader, desk.device)
    rules, unconfirmed = [], []
    for kind in KINDS:
        found = law.in_force(desk.device.city, kind, today)
        rules.append((kind, followed_words(found), clock_words(found.rule_set)))
        if not found.confirmed:
            unconfirmed.append(kind)
    return LawView(
        calendar_words(sorted(law.calendar.notices), today.year), tuple(rules), tuple(unconfirmed),
        tuple(case_dues.moves(reader)),
    )  # fmt: skip


def calendar_words(years: list[int], this_year: int) -> str:
    """Return which years have a notice, and from when dates are provisional."""
    if not years:
        return "没有放假通知，工作日一律按暂定计算。"
    said = f"{years[0]}–{years[-1]} 年，依据国务院办公厅放假通知。"
    missing = next((year for year in (this_year, this_year + 1) if year not in years), None)
    return said if missing is None else f"{said}{missing} 年的通知还没有，涉及的日期按暂定计算。"


def followed_words(found: Followed) -> str:
    """Return a rule set that is followed, since when, and who stands for it."""
    one = found.rule_set
    since = f"，{found.chosen_since.isoformat()} 起用" if found.chosen_since else "，程序自带"
    by = f"{found.confirmed_by} {found.confirmed_on} 确认" if found.confirmed else words.UNCONFIRMED
    note = f"\n{one.note}" if one.note else ""
    return f"{one.title}（{one.holds_in}）{since}；{by}。{note}"


def clock_words(one: RuleSet) -> str:
    """Return the clocks and the repair periods of a rule set, a line each."""
    lines = [_clock(clock) for clock in one.clocks]
    for period in one.repair_periods:
        spans = (period.shortest, period.longest)
        least, most = ("没有" if span is None else f"{span.length}{words.UNITS[span.unit]}" for span in spans)
        lines.append(f"{words.SEVERITIES[period.severity]}：最短 {least}，最长 {most}。{period.title}")
    return "\n".join(lines)


def _clock(clock: Clock) -> str:
    source = f"（{clock.clause}，{words.PROVENANCE[clock.provenance]}）" if clock.clause else ""
    actor = words.ACTORS[clock.actor]
    title = clock.title if clock.title.startswith(actor) else f"{actor}{clock.title}"
    return f"{title}：{words.length_words(clock)}{source}"


def move_words(one: Moved) -> str:
    """Return one moved date in a line."""
    due = one.due_on or "没有日期"
    doubt = "" if one.certain or one.due_on is None else f"（{words.PROVISIONAL}）"
    return f"{one.subject_name or one.case_id}：{one.was or '没有日期'} → {due}{doubt}，因{WHY[one.why]}"


class LawCard(Card):
    """See the module."""

    def __init__(self, session: Session) -> None:
        super().__init__("期限与日历")
        self._session = session
        self._last = 0
        self.column.insertWidget(1, text(INTRO, "secondary"))
        self.calendar = self.row("工作日历")
        city = CITIES.get(session.desk.device.city, session.desk.device.city)
        self.rules: dict[str, tuple[QLabel, QLabel]] = {}
        for kind in KINDS:
            follows = self.row(f"{city}{words.KINDS[kind]}")
            self.rules[kind] = (follows, self.row(CLOCKS[kind]))
        self.moved = self.row("期限有变")
        self.moved.setTextFormat(Qt.TextFormat.PlainText)
        self.seen_button = buttons.plain("知道了", self.note_seen)
        self.cases_button = buttons.plain("看办件", lambda: session.navigate("cases"))
        self.buttons(self.seen_button, self.cases_button)

    def reload(self) -> None:
        """Read again what is in force, and what has moved."""
        desk = self._session.desk
        self._session.tasks.read(lambda: read_view(desk), self.show_view)

    def show_view(self, view: LawView) -> None:
        """Show what was read."""
        self.calendar.setText(view.calendar)
        for kind, said, clocks in view.rules:
            follows, lines = self.rules[kind]
            follows.setText(said)
            restyle(follows, "tone", "warn" if kind in view.unconfirmed else "plain")
            lines.setText(clocks)
        self._last = max((one.n for one in view.moves), default=0)
        more = len(view.moves) - MOVES_SHOWN
        lines_said = [move_words(one) for one in view.moves[:MOVES_SHOWN]]
        self.moved.setText("\n".join([*lines_said, *([f"另有 {more} 件"] if more > 0 else [])]) or "没有")
        self.seen_button.setVisible(bool(view.moves))
        self.cases_button.setVisible(bool(view.moves))

    def note_seen(self) -> None:
        """Take the moved dates off the card; they stay in the audit chain."""
        desk, last = self._session.desk, self._last
        self._session.tasks.write(lambda: case_dues.seen(desk, last), lambda _none: self.reload())
