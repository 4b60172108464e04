"""The head of 报送: one sentence of truth, one button; what can be stopped, paused, carried by stick."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from client.ui.session import Session
from client.ui.sync.facts import LineFacts
from client.ui.sync.status import contact_words, error_words, next_words, notices, what_is_wrong, words
from client.ui.sync.stick import StickPanel
from client.ui.theme import restyle
from client.ui.widgets import buttons

SYNC_KEYS = "F5"
STICK_KEYS = "F6"
PAUSE_KEYS = "F7"
THOUSANDTHS = 1_000
HINT = f"急着报送，可以按 {STICK_KEYS} 用 U 盘"
BEGINNING = 6
"""By so many letters a sentence is known again within another."""


class HeadPanel(QFrame):
    """See the module."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._session = session
        self.sentence = QLabel()
        self.sentence.setProperty("role", "heading")
        self.sentence.setWordWrap(True)
        self._under = QLabel()
        self._under.setProperty("role", "secondary")
        self._under.setWordWrap(True)
        self.notice = QLabel()
        self.notice.setProperty("tone", "warn")
        self.notice.setWordWrap(True)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(6)
        self._progress.hide()
        self.sync_button = buttons.primary("立即同步", self.sync, SYNC_KEYS)
        self.stop_button = buttons.plain("停止", self._stop)
        self.stop_button.setToolTip("停下这一次；稍后会自动再试。要长时间停下，请用“暂停”")
        self.pause_button = buttons.plain("暂停", self.pause, PAUSE_KEYS)
        self.pause_button.setToolTip("不再自动发送和接收，直到恢复；重新打开程序也一样")
        self.stick = StickPanel(session)
        self.stick_button = buttons.plain("U 盘", self.turn_stick, STICK_KEYS, "floppy-disk")
        self.stick_button.setCheckable(True)
        self.stick_button.setAccessibleName("用 U 盘报送")
        self.stick_button.setToolTip("没有网络时，用交换包报送和取回执")
        self.stick.closed.connect(self._stick_put_away)
        self._lay_out()
        if session.line is not None:
            session.line.facts_changed.connect(self.show_facts)
            self.show_facts(session.line.facts())

    def show_facts(self, facts: LineFacts) -> None:
        """Say how things stand."""
        said = words(facts)
        self.sentence.setText(said.sentence)
        restyle(self.sentence, "tone", said.tone)
        word = "恢复报送" if facts.paused_at else "立即同步" if facts.signed_in else "联网登录"
        self.sync_button.setText(f"{word} {SYNC_KEYS}")
        self.sync_button.setAccessibleName(word)
        self.sync_button.setVisible(not facts.running)
        self.stop_button.setVisible(facts.running)
        self.pause_button.setVisible(facts.paused_at is None)
        self.stick.allow(not facts.running)
        self._show_progress(facts)
        own = what_is_wrong(facts.error)[:BEGINNING] if facts.error is not None else ""
        failed = "" if own in said.sentence else error_words(facts)
        parts = [failed, contact_words(facts), next_words(facts), stick_hint(facts)]
        if facts.running or said.tone == "good":
            parts = []
        self._under.setText("　·　".join(part for part in parts if part and part not in said.sentence))
        self._under.setVisible(bool(self._under.text()))
        told = [f"▲ {one}" for one in notices(facts) if one not in said.sentence]
        self.notice.setText("\n".join(told))
        self.notice.setVisible(bool(told))

    def sync(self) -> None:
        """Do what the one button says."""
        line = self._session.line
        if line is None:
            return
        facts = line.facts()
        if facts.paused_at is not None:
            line.resume()
        elif facts.signed_in:
            line.sync_now()
        else:
            self._session.ask_sign_in()

    def turn_stick(self) -> None:
        """Open what goes by stick, or put it away."""
        if self.stick.isHidden():
            self.stick_button.setChecked(True)
            self.stick.open()
        else:
            self.stick.put_away()

    def _stick_put_away(self) -> None:
        self.stick_button.setChecked(False)
        self.stick_button.setFocus()

    def pause(self) -> None:
        """Let nothing go by itself any more, until it is resumed."""
        if self._session.line is not None and self._session.line.facts().paused_at is None:
            self._session.line.pause()

    def _show_progress(self, facts: LineFacts) -> None:
        self._progress.setVisible(facts.running)
        if not facts.running:
            return
        if facts.total_bytes:
            share = min(facts.sent_bytes / facts.total_bytes, 1.0)
            self._progress.setRange(0, THOUSANDTHS)
            self._progress.setValue(int(share * THOUSANDTHS))
        else:
            done, of = facts.going or (0, 0)
            self._progress.setRange(0, of)
            self._progress.setValue(done)

    def _stop(self) -> None:
        if self._session.line is not None:
            self._session.line.stop_cycle()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self.sentence)
        column.addWidget(self._under)
        column.addWidget(self.notice)
        column.addWidget(self._progress)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(column, 1)
        row.addSpacing(8)
        row.addWidget(self.stick_button)
        row.addWidget(self.pause_button)
        row.addWidget(self.stop_button)
        row.addWidget(self.sync_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.setSpacing(8)
        outer.addLayout(row)
        outer.addWidget(self.stick)


def stick_hint(facts: LineFacts) -> str:
    """Name the other way while the line is dead and something waits that did not go by it yet."""
    return HINT if facts.down_since_at is not None and facts.waiting > facts.carried else ""
