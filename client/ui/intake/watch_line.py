"""The line of the watched folder (监视文件夹): which folder, on or off, and what came of the last files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from client.ui.intake import words
from client.ui.intake.watching import SHOWN, Result, Watching
from client.ui.messages import sentence_of
from client.ui.theme import Tone, restyle
from client.ui.widgets import buttons
from client.ui.widgets.elided import ElidedLabel
from client.ui.widgets.times import clock

TONES: Final[dict[str, Tone]] = {"imported": "plain", "faulty": "warn", "refused": "bad", "waiting": "plain"}


class WatchLine(QWidget):
    """See the module."""

    def __init__(self, watching: Watching) -> None:
        super().__init__()
        self._watching = watching
        title = QLabel(words.WATCH)
        title.setProperty("role", "heading")
        self.folder = ElidedLabel("", "secondary")
        self.switch = QCheckBox(words.WATCH_ON)
        self.switch.toggled.connect(lambda on: watching.switch(on=on))
        self.pick = buttons.plain(words.WATCH_PICK, self.ask_for_folder)
        self.pick.setAccessibleName(words.WATCH_PICK_TITLE)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(title)
        line.addWidget(self.folder, 1)
        line.addWidget(self.switch)
        line.addWidget(self.pick)
        self.results = [ElidedLabel("", "small") for _ in range(SHOWN)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        for label in self.results:
            column.addWidget(label)
        watching.changed.connect(self._show)
        self._show()

    def ask_for_folder(self) -> None:
        """Let a person choose the folder; from then on it is watched."""
        last = str(self._watching.folder or "")
        chosen = QFileDialog.getExistingDirectory(self, words.WATCH_PICK_TITLE, last)
        if chosen:
            self._watching.choose(Path(chosen))

    def _show(self) -> None:
        watching = self._watching
        allowed, folder, trouble = watching.is_allowed(), watching.folder, watching.trouble
        self.pick.setEnabled(allowed)
        self.switch.setEnabled(allowed and folder is not None)
        self.switch.blockSignals(True)
        self.switch.setChecked(watching.is_on())
        self.switch.blockSignals(False)
        if not allowed:
            self.folder.say(words.WATCH_REFUSED)
        elif folder is None:
            self.folder.say(words.WATCH_HINT, words.WATCH_HOW)
        else:
            said = f"{folder}　{sentence_of(trouble)}" if trouble is not None else str(folder)
            self.folder.say(said, words.WATCH_HOW)
        restyle(self.folder, "tone", "bad" if trouble is not None else "plain")
        results = list(watching.results)
        for place, label in enumerate(self.results):
            label.setVisible(place < len(results))
            if place < len(results):
                self._say(label, results[place])

    def _say(self, label: ElidedLabel, result: Result) -> None:
        label.say(words.watch_result(clock(result.at), result.taken))
        restyle(label, "tone", TONES[result.taken.outcome])
