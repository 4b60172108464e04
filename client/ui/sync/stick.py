"""用 U 盘报送: what is due goes into a package on a stick, and the platform's answer comes back from one."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from client.core.packages import Packed, TakenIn
from client.errors import ClientError
from client.letters.slip import print_slip
from client.sync import courier
from client.ui import messages
from client.ui.session import Session

FILES: Final = "交换包 (*.mxp *.mxp.*);;所有文件 (*)"
FOLDER: Final = "stick/folder"
CHANGES: Final = frozenset({"records", "outbox", "cases"})
ROLL: Final = 1 << 53


class Stick(QObject):
    """Two acts for the head of the page; neither goes on beside a running cycle."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._window = session, parent
        self.out_action = QAction("写到 U 盘（报送包）…", self)
        self.out_action.triggered.connect(lambda _checked=False: self.ask_where_to())
        self.in_action = QAction("从 U 盘读回执包…", self)
        self.in_action.triggered.connect(lambda _checked=False: self.ask_where_from())

    def allow(self, may: bool) -> None:
        """A cycle that runs writes the same outbox: one after the other."""
        self.out_action.setEnabled(may)
        self.in_action.setEnabled(may)

    def ask_where_to(self) -> None:
        """Ask for a file, and write it."""
        desk = self._session.desk
        name = f"{desk.device.unit_code}-{desk.today():%Y%m%d}.mxp"
        place = str(Path(str(self._session.settings.value(FOLDER, ""))) / name)
        chosen, _ = QFileDialog.getSaveFileName(self._window, "写到 U 盘", place, FILES)
        if chosen:
            self._session.settings.setValue(FOLDER, str(Path(chosen).parent))
            self.write(Path(chosen))

    def ask_where_from(self) -> None:
        """Ask for a file, and read it in."""
        folder = str(self._session.settings.value(FOLDER, ""))
        chosen, _ = QFileDialog.getOpenFileName(self._window, "从 U 盘读回执包", folder, FILES)
        if chosen:
            self._session.settings.setValue(FOLDER, str(Path(chosen).parent))
            self.read(Path(chosen))

    def write(self, path: Path) -> None:
        """Write all that is due into a package, and its slip beside it."""
        desk = self._session.desk
        self._begin("正在写交换包…")

        def written(cancelled: courier.Cancelled) -> tuple[Packed, Path]:
            packed = courier.out(desk, path, progress=_silent, cancelled=cancelled)
            slip = path.with_suffix(".pdf")
            print_slip(desk, packed, slip)
            return packed, slip

        self._session.tasks.net(
            lambda _progress, cancelled: written(cancelled),
            lambda made: self._say_written(*made),
            self._refused,
            changes=CHANGES,
            ended=lambda: self.allow(True),
        )

    def read(self, path: Path) -> None:
        """Read a package of the platform and take in what it says."""
        desk = self._session.desk
        self._begin("正在读回执包…")
        self._session.tasks.net(
            lambda _progress, cancelled: courier.take_in(
                desk, path, progress=_silent, cancelled=cancelled, entropy=_roll
            ),
            self._say_read,
            self._refused,
            changes=CHANGES,
            ended=lambda: self.allow(True),
        )

    def _begin(self, said: str) -> None:
        self.allow(False)
        self._session.show_message(said, "info")

    def _say_written(self, packed: Packed, slip: Path) -> None:
        left = (
            f"还有 {packed.load.left_behind:,} 个附件装不下，随下一个包带走。"
            if packed.load.left_behind
            else ""
        )
        self._session.show_message(
            f"已写入 {'、'.join(packed.files)}：{packed.load.versions:,} 条记录，核对码 {packed.code}。"
            f"交接单在旁边。{left}读入平台的回执包后才算送达。",
            "good",
            ("打开交接单", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(slip)))),
        )

    def _say_read(self, taken: TakenIn) -> None:
        done = taken.applied
        parts = [
            f"平台接受 {done.accepted:,} 条" if done.accepted else "",
            f"退回 {done.rejected:,} 条" if done.rejected else "",
            f"待处理 {done.held:,} 条" if done.held else "",
            f"新消息 {taken.events:,} 条" if taken.events else "",
            f"没有接收 {len(taken.refused):,} 项" if taken.refused else "",
        ]
        said = "，".join(part for part in parts if part)
        again = "这个回执包以前读过。" if taken.again else ""
        missing = "此前还有回执包没有读入。" if taken.missing else ""
        self._session.show_message(
            f"已读入回执包：{said or '没有新内容'}。{again}{missing}",
            "warn" if taken.missing or taken.refused or done.rejected else "good",
        )

    def _refused(self, error: ClientError) -> None:
        self._session.show_message(messages.sentence(error), "bad", code=error.code)


def _silent(_step: courier.Progress) -> None:
    """A package is written and read within seconds; the message says that it goes on."""


def _roll() -> float:
    return secrets.randbelow(ROLL) / ROLL
