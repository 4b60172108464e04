"""设置 · 文书: abbreviation of the unit, letter of the device, what stands under a letter, templates."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit

from client.core.letters import Stationery
from client.errors import ClientError
from client.letters import casework
from client.letters.kinds import KINDS
from client.store import case_documents
from client.ui import messages
from client.ui.letters import verbs, words
from client.ui.letters.verbs import Settings
from client.ui.session import Session
from client.ui.settings.card import Card, text
from client.ui.widgets import buttons

EXAMPLE_SEQ: Final = 12


class LettersCard(Card):
    """See the module."""

    def __init__(self, session: Session) -> None:
        super().__init__(words.CARD)
        self._session = session
        self._own: Settings | None = None
        self.short, self.letter, self.phone, self.address = (QLineEdit() for _ in range(4))
        for field, word, hint in (
            (self.short, words.SHORT, words.SHORT_HINT), (self.letter, words.LETTER, words.LETTER_HINT),
            (self.phone, words.PHONE, ""), (self.address, words.ADDRESS, ""),
        ):  # fmt: skip
            field.setAccessibleName(word)
            field.setPlaceholderText(hint)
            field.textChanged.connect(self._show_example)
            self.rows.addRow(text(word, "secondary"), field)
        self.example = self.row("")
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(words.TEMPLATE)
        for code, kind in KINDS.items():
            self.kinds.addItem(kind.title, code)
        self.kinds.currentIndexChanged.connect(lambda _place: self._show_template())
        self.rows.addRow(text(words.TEMPLATE, "secondary"), self.kinds)
        self.used = self.row("")
        self.save_button = buttons.plain(words.SAVE, self.save)
        self.export_button = buttons.plain(words.EXPORT, self._ask_export)
        self.import_button = buttons.plain(words.IMPORT, self._ask_import)
        self.reset_button = buttons.plain(words.RESET, self.reset)
        self.buttons(self.save_button, self.export_button, self.import_button, self.reset_button)
        may = "admin" in session.operator.roles
        for field in (self.short, self.letter, self.phone, self.address):
            field.setReadOnly(not may)
        for button in (self.save_button, self.import_button, self.reset_button):
            button.setVisible(may)
        if not may:
            self.say(words.ADMIN_ONLY)

    def reload(self) -> None:
        """Read what is set."""
        desk = self._session.desk
        self._session.tasks.read(lambda: verbs.read_settings(desk), self._show)

    def save(self) -> None:
        """Keep what was typed."""
        desk, said = self._session.desk, self._typed()
        self._session.tasks.write(
            lambda: case_documents.set_stationery(desk, said), lambda _nothing: self._done(words.SET_SAVED),
            self._refused,
        )  # fmt: skip

    def export_to(self, path: Path) -> None:
        """Write the template that is used."""
        desk, kind = self._session.desk, self._kind()
        self._session.tasks.read(
            lambda: casework.export_template(desk, kind, path),
            lambda _nothing: self.say(words.EXPORTED.format(name=path.name), "good"), self._refused,
        )  # fmt: skip

    def import_from(self, path: Path) -> None:
        """Use a department's own template."""
        desk, kind = self._session.desk, self._kind()
        said = words.IMPORTED.format(title=KINDS[kind].title, name=path.name)
        self._session.tasks.write(
            lambda: casework.import_template(desk, kind, path),
            lambda _nothing: self._done(said),
            self._refused,
        )

    def reset(self) -> None:
        """Use the shipped template again."""
        desk, kind = self._session.desk, self._kind()
        said = words.WAS_RESET.format(title=KINDS[kind].title)
        self._session.tasks.write(
            lambda: case_documents.reset_template(desk, kind),
            lambda _nothing: self._done(said),
            self._refused,
        )

    def _ask_export(self) -> None:
        name = f"{KINDS[self._kind()].title}.docx"
        chosen, _ = QFileDialog.getSaveFileName(self, words.PICK, str(Path.home() / name), words.WORD_FILTER)
        if chosen:
            self.export_to(Path(chosen))

    def _ask_import(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, words.IMPORT, str(Path.home()), words.WORD_FILTER)
        if chosen:
            self.import_from(Path(chosen))

    def _kind(self) -> str:
        return str(self.kinds.currentData())

    def _typed(self) -> Stationery:
        return Stationery(
            self.short.text().strip(), self.letter.text().strip(), self.phone.text().strip(),
            self.address.text().strip(),
        )  # fmt: skip

    def _show(self, settings: Settings) -> None:
        self._own = settings
        said = settings.stationery
        for field, value in (
            (self.short, said.short), (self.letter, said.letter), (self.phone, said.phone),
            (self.address, said.address),
        ):  # fmt: skip
            if not field.isModified():
                field.setText(value)
        self._show_example()
        self._show_template()

    def _show_example(self) -> None:
        said = self._typed()
        number = said.number(self._session.desk.today().year, EXAMPLE_SEQ)
        self.example.setText(words.LOOKS_LIKE.format(number=number) if said.can_number else words.NOT_SET)

    def _show_template(self) -> None:
        own = self._own.own.get(self._kind()) if self._own is not None else None
        used = words.OURS
        if own is not None:
            used = words.THEIRS.format(name=own.name, day=own.imported_at[:10])
        self.used.setText(used)
        self.reset_button.setEnabled(own is not None)

    def _done(self, said: str) -> None:
        for field in (self.short, self.letter, self.phone, self.address):
            field.setModified(False)
        self.say(said, "good")
        self.reload()

    def _refused(self, error: ClientError) -> None:
        self.say(messages.sentence(error), "bad")
