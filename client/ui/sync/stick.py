"""用 U 盘报送: what is due goes into a package on a stick, and the platform's answer comes back from one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QIntValidator
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from client.core.packages import Packed, TakenIn
from client.errors import ClientError
from client.letters.slip import print_slip
from client.store.courier import is_answered
from client.store.desk import Desk
from client.sync import courier
from client.ui import messages
from client.ui.session import Session
from client.ui.sync import stick_words as words
from client.ui.sync.facts import LineTone
from client.ui.tasks import Cancelled, Progress, Task
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner

FILES: Final = "交换包 (*.mxp *.mxp.*);;所有文件 (*)"
FOLDER: Final = "stick/folder"
CHANGES: Final = ("records", "outbox", "cases")
ROLL: Final = 1 << 53
MOST_PARTS: Final = 999
PART_PX: Final = 48
STEPS: Final = 1_000

Written = tuple[Packed, Path, ClientError | None]
"""The package, where its slip is, and why there is none."""


class StickPanel(QFrame):
    """Under the head of the page; nothing here goes on beside a running cycle.

    Signals:
        closed(): a person has put it away.
    """

    closed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._task: Task | None = None
        self._last: Packed | None = None
        self._may, self._done = True, False
        self.out_button = buttons.plain("写到 U 盘…", self.ask_where_to, icon_name="floppy-disk")
        self.out_button.setToolTip("把待发送的记录、审核和附件装成报送包，写到 U 盘")
        self.in_button = buttons.plain("从 U 盘读回执包…", self.ask_where_from, icon_name="download-simple")
        self.in_button.setToolTip("平台读入报送包后给出的回执包；重复读入不会重复入库")
        self.close_button = buttons.plain("收起", self.put_away, "Esc")
        self.parts = QComboBox()
        self.parts.setAccessibleName("分卷")
        self.parts.setToolTip("U 盘小，或是 FAT32 格式放不下 4 GB 以上的文件时，分成几卷")
        for word, size in words.SIZES:
            self.parts.addItem(word, size)
        self.again_button = buttons.plain("再写一份…", self.ask_where_to_again)
        self.again_button.setToolTip("U 盘满了、丢了一卷或换一个 U 盘：把上一个包原样再写一份，不装新内容")
        self.from_part = QLineEdit("1")
        self.from_part.setAccessibleName("从第几卷写起")
        self.from_part.setValidator(QIntValidator(1, MOST_PARTS, self))
        self.from_part.setFixedWidth(PART_PX)
        self.from_part.setToolTip("前面几卷已经在别的 U 盘上时，从这一卷写起")
        self.from_row = QWidget()
        self.from_row.setLayout(_row(QLabel("从第"), self.from_part, QLabel("卷写起")))
        self.from_row.layout().setContentsMargins(0, 0, 0, 0)
        self.last = QLabel()
        self.last.setProperty("role", "secondary")
        self.last.setWordWrap(True)
        self.step = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop_button = buttons.plain("停止", self.stop)
        self.result = Banner()
        self._lay_out()
        self.parts.currentIndexChanged.connect(lambda _place: self._show_state())
        buttons.on_keys("Esc", self, self.put_away)
        self.hide()

    # --- what others ask ------------------------------------------------------------------------

    def allow(self, may: bool) -> None:
        """A cycle that runs writes the same outbox: one after the other."""
        self._may = may
        self._show_state()

    def open(self) -> None:
        """Show it, and say which package was the last."""
        self.show()
        self.out_button.setFocus()
        self._read_last()

    def put_away(self) -> None:
        """Hide it; what is being written or read goes on."""
        if self._task is None:
            self.result.clear()
        self.hide()
        self.closed.emit()

    def is_busy(self) -> bool:
        """Say whether a package is being written or read."""
        return self._task is not None

    def stop(self) -> None:
        """Stop at the next good place."""
        if self._task is not None:
            self._task.cancel()
            self.stop_button.setEnabled(False)

    # --- the acts -------------------------------------------------------------------------------

    def ask_where_to(self) -> None:
        """Ask for a file, and write what is due."""
        self._ask_place(self.write)

    def ask_where_to_again(self) -> None:
        """Ask for a file, and write the last package once more."""
        self._ask_place(self.write_again)

    def ask_where_from(self) -> None:
        """Ask for a file, and read it in."""
        folder = str(self._session.settings.value(FOLDER, ""))
        chosen, _ = QFileDialog.getOpenFileName(self.window(), "从 U 盘读回执包", folder, FILES)
        if chosen:
            self._session.settings.setValue(FOLDER, str(Path(chosen).parent))
            self.read(Path(chosen))

    def write(self, path: Path) -> None:
        """Write all that is due into a package, and its slip beside it."""
        desk, size = self._session.desk, words.part_bytes(self.parts.currentData())
        self._write(
            path,
            lambda tell, stopped: courier.out(desk, path, part_bytes=size, progress=tell, cancelled=stopped),
        )

    def write_again(self, path: Path) -> None:
        """Write the last package once more, or its parts from one on, and its slip beside it."""
        desk, size = self._session.desk, words.part_bytes(self.parts.currentData())
        first = int(self.from_part.text() or 1) if size is not None else 1
        self._write(
            path,
            lambda tell, stopped: courier.again(
                desk, path, part_bytes=size, from_part=first, progress=tell, cancelled=stopped
            ),
        )

    def read(self, path: Path) -> None:
        """Read a package of the platform and take in what it says."""
        desk = self._session.desk
        self._begin(
            lambda tell, stopped: courier.take_in(
                desk, path, progress=tell, cancelled=stopped, entropy=_roll
            ),
            self._say_read,
        )

    # --- inside ---------------------------------------------------------------------------------

    def _ask_place(self, then: Callable[[Path], None]) -> None:
        desk = self._session.desk
        name = f"{desk.device.unit_code}-{desk.today():%Y%m%d}.mxp"
        place = str(Path(str(self._session.settings.value(FOLDER, ""))) / name)
        chosen, _ = QFileDialog.getSaveFileName(self.window(), "写到 U 盘", place, FILES)
        if chosen:
            self._session.settings.setValue(FOLDER, str(Path(chosen).parent))
            then(Path(chosen))

    def _write(self, path: Path, pack: Callable[[Progress, Cancelled], Packed]) -> None:
        desk = self._session.desk
        self._begin(lambda tell, stopped: _written(desk, path, pack(tell, stopped)), self._say_written)

    def _begin(self, work: Callable[[Progress, Cancelled], object], done: Callable[..., None]) -> None:
        self._done = False
        self.result.clear()
        self.step.setText("准备…")
        self.bar.setRange(0, 0)
        self.stop_button.setEnabled(True)
        self._task = self._session.tasks.net(
            work, done, self._refused, self._show_step, frozenset(CHANGES), ended=self._ended
        )
        self._show_state()

    def _show_step(self, step: courier.Progress) -> None:
        self.step.setText(words.step_words(step))
        self.bar.setRange(0, STEPS if step.total else 0)
        if step.total:
            self.bar.setValue(min(STEPS, step.done * STEPS // step.total))

    def _say_written(self, made: Written) -> None:
        packed, slip, problem = made
        self._done = True
        action = None if problem is not None else ("打开交接单", lambda: _open(slip))
        self._say(words.written_words(packed, problem), "good" if problem is None else "warn", action)

    def _say_read(self, taken: TakenIn) -> None:
        self._done = True
        self._say(*words.read_words(taken))

    def _refused(self, error: ClientError) -> None:
        part = error.params.get("part")
        if error.code.startswith("stick_") and self.parts.currentData() is not None and isinstance(part, int):
            self.from_part.setText(str(part))
            action = ("换一个 U 盘，接着写…", self.ask_where_to_again)
        else:
            action = None
        self._say(messages.sentence(error), "bad", action, error.code)

    def _say(
        self, text: str, tone: LineTone, action: tuple[str, Callable[[], object]] | None = None,
        code: str = "",
    ) -> None:  # fmt: skip
        self.result.say(text, tone, action, code)
        focus = QApplication.focusWidget()
        if action is not None and focus is not None and self.isAncestorOf(focus):
            self.result.button().setFocus()  # the button that was pressed is grey meanwhile
        if self.isHidden():
            self._session.show_message(text, "info" if tone == "plain" else tone, action, code or None)

    def _ended(self) -> None:
        task, self._task = self._task, None
        if task is not None and task.is_cancelled() and not self._done:
            self._say(words.STOPPED, "info")
        if not self._done:  # batches may be cut, and a package may be made that the stick did not take
            self._session.announce(*CHANGES)
        self._read_last()
        self._show_state()

    def _read_last(self) -> None:
        desk = self._session.desk
        self._session.tasks.read(lambda: _last(desk), lambda found: self._show_last(*found))

    def _show_last(self, packed: Packed | None, answered: bool) -> None:
        self._last = packed
        if packed is not None:
            said = words.last_words(packed, answered=answered, now=self._session.desk.clock())
            self.last.setText(said)
        self._show_state()

    def _show_state(self) -> None:
        runs = self._task is not None
        may = self._may and not runs
        for button in (self.out_button, self.in_button, self.again_button):
            button.setEnabled(may)
        for part in (self.last, self.again_button):
            part.setVisible(self._last is not None)
        self.from_row.setVisible(self._last is not None and self.parts.currentData() is not None)
        for shown in (self.step, self.bar, self.stop_button):
            shown.setVisible(runs)

    def _lay_out(self) -> None:
        line = QFrame()
        line.setProperty("role", "line")
        title = QLabel("用 U 盘报送")
        title.setProperty("role", "heading")
        hint = QLabel(
            "没有网络时：写好报送包带到平台，再把平台给的回执包读回来。和联网发送混着用也不会重复。"
        )
        hint.setProperty("role", "secondary")
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addWidget(line)
        column.addLayout(_row(title, hint, stretch=hint))
        acts = _row(self.out_button, self.parts, self.in_button)
        acts.addStretch(1)
        acts.addWidget(self.close_button)
        column.addLayout(acts)
        column.addLayout(_row(self.last, self.from_row, self.again_button, stretch=self.last))
        column.addLayout(_row(self.step, self.bar, self.stop_button, stretch=self.bar))
        column.addWidget(self.result)


def _row(*widgets: QWidget, stretch: QWidget | None = None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 1 if widget is stretch else 0)
    return row


def _written(desk: Desk, path: Path, packed: Packed) -> Written:
    """Write the slip of a package that lies on the stick; that there is none takes nothing from it."""
    slip = path.with_suffix(".pdf")
    try:
        print_slip(desk, packed, slip)
    except ClientError as error:
        return packed, slip, error
    return packed, slip, None


def _last(desk: Desk) -> tuple[Packed | None, bool]:
    packed = courier.last_out(desk)
    return packed, packed is not None and is_answered(desk.db.reader(), packed.package_id)


def _open(slip: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(slip)))


def _roll() -> float:
    return secrets.randbelow(ROLL) / ROLL
