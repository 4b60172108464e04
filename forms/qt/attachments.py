"""The editor of attachments: the list of files as a field of the form."""

from __future__ import annotations

from typing import cast

from PySide6.QtWidgets import QVBoxLayout, QWidget

from forms.catalog.schema import Field, Value
from forms.qt import words
from forms.qt.editor import Editor, Setting
from forms.qt.file_list import FileList
from forms.qt.file_rows import SaidRow, say_instead
from forms.qt.files import FileEntry, is_entry


class AttachmentEditor(Editor):
    """Several files. What stands in their place and is none stays as given until somebody removes it."""

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self._given: Value | None = None
        self._touched = False
        self.files = FileList(setting.files, field.title, nothing=words.NO_FILES)
        self.files.set_editable(True)
        self.files.changed.connect(self._touch)
        self.files.left.connect(self.left)
        self.files.entered.connect(self.entered)
        self._strange: SaidRow | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self.files)
        self._read_only = False

    def value(self) -> Value | None:
        if not self._touched:
            return self._given
        return cast("Value", list(self.files.entries())) or None

    def set_value(self, value: Value | None) -> None:
        self._given, self._touched = value, False
        members = value if isinstance(value, list) else [] if value is None else [value]
        self.files.show_entries([cast("FileEntry", one) for one in members if is_entry(one)])
        strange = [str(one) for one in members if not is_entry(one)]
        self._show_strange("、".join(strange))

    def set_read_only(self, on: bool) -> None:
        self._read_only = on
        self.files.set_editable(not on)
        if self._strange is not None:
            self._strange.button.setVisible(not on)

    def is_busy(self) -> bool:
        return self.files.is_busy()

    def inputs(self) -> tuple[QWidget, ...]:
        return self.files.inputs()

    def set_tone(self, tone: str) -> None:
        self.files.set_tone(tone)

    def name_for_readers(self, name: str, description: str = "") -> None:
        self.files.setAccessibleName(name)
        self.files.setAccessibleDescription(description)
        self.files.add_button.setAccessibleName(f"{name}：{words.ADD_FILE}")

    def _touch(self) -> None:
        self._touched = True
        self._show_strange("")
        self.edited.emit()

    def _show_strange(self, text: str) -> None:
        said = words.NOT_A_FILE.format(text=text) if text else ""
        self._strange = say_instead(self._column, self._strange, said, self._touch)
        if self._strange is not None:
            self._strange.button.setVisible(not self._read_only)
