"""The recipes (方案) of the desk, beside the columns: renamed, carried to other desks, thrown away."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from client.core.recipes import LONGEST_NAME, Recipe
from client.errors import ClientError
from client.ui.intake import recipe_verbs, words
from client.ui.messages import sentence_of
from client.ui.row_model import Column, RowModel, current, fill
from client.ui.session import Session
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner
from client.ui.widgets.tables import Table

WIDTH: Final = 330
CHANGED: Final = frozenset({"imports"})


class RecipesPane(QFrame):
    """Hidden until somebody asks for it.

    Signals:
        looked_again(): the file is to be looked at anew, by the recipes that there are now.
    """

    looked_again = Signal()

    def __init__(self, session: Session, banner: Banner) -> None:
        super().__init__()
        self._session, self._banner = session, banner
        self.setProperty("role", "surface")
        self.setFixedWidth(WIDTH)
        self.table = Table(words.RECIPES)
        self.table.setModel(RowModel(self._columns(), lambda one: one.recipe_id))
        self.table.lay_out((140, 110), 0)
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.none = QLabel(words.NO_RECIPES)
        self.none.setWordWrap(True)
        self.none.setProperty("role", "secondary")
        self.name = QLineEdit()
        self.name.setAccessibleName(words.RECIPE_NAME)
        self.name.setPlaceholderText(words.RECIPE_NAME)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.returnPressed.connect(self.rename)
        self.rename_button = buttons.plain(words.RENAME, self.rename)
        self.export = buttons.plain(words.EXPORT_RECIPE, self.ask_where)
        self.bring_in = buttons.plain(words.IMPORT_RECIPE, self.ask_which)
        self.delete = buttons.danger(words.DELETE, self._delete)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_current())
        self._lay_out()
        self.hide()

    def open(self) -> None:
        """Show, or hide again."""
        self.setVisible(self.isHidden())
        if not self.isHidden():
            self.reload()
            self.table.setFocus()

    def reload(self) -> None:
        """Read the recipes."""
        desk = self._session.desk
        self._session.tasks.read(lambda: recipe_verbs.known(desk), self._show)

    def _show(self, known: list[Recipe]) -> None:
        fill(self.table, known, otherwise_first=True)
        self.none.setVisible(not known)
        self.table.setVisible(bool(known))
        self._show_current()

    def _show_current(self) -> None:
        one = current(self.table)
        self.name.setText(one.name if one else "")
        for part in (self.name, self.rename_button, self.export, self.delete):
            part.setEnabled(one is not None)

    # --- acts -------------------------------------------------------------------------------------

    def rename(self) -> None:
        """Give the current recipe the name that was typed."""
        desk, one, name = self._session.desk, current(self.table), self.name.text()
        if one is not None and name != one.name:
            self._session.tasks.write(
                lambda: recipe_verbs.rename(desk, one.recipe_id, name), self._renamed, self._refused, CHANGED
            )

    def _renamed(self, one: Recipe) -> None:
        self._banner.say(words.RENAMED.format(name=one.name), "good")
        self.reload()

    def _delete(self) -> None:
        """Throw the current recipe away; it can be put back."""
        desk, one = self._session.desk, current(self.table)
        if one is not None:
            self._session.tasks.write(
                lambda: recipe_verbs.delete(desk, one), self._deleted, self._refused, CHANGED
            )

    def _deleted(self, one: Recipe) -> None:
        back = (words.PUT_BACK, lambda: self._put_back(one))
        self._banner.say(words.RECIPE_DELETED.format(name=one.name), "info", back)
        self.reload()

    def _put_back(self, one: Recipe) -> None:
        desk = self._session.desk
        self._session.tasks.write(
            lambda: recipe_verbs.put_back(desk, one), self._kept, self._refused, CHANGED
        )

    def ask_where(self) -> None:
        """Let a person say where the file of the current recipe goes."""
        one = current(self.table)
        if one is None:
            return
        proposal = self._folder() / words.RECIPE_FILE.format(name=recipe_verbs.as_file_name(one.name))
        chosen, _ = QFileDialog.getSaveFileName(self, words.EXPORT_RECIPE, str(proposal), words.RECIPE_FILTER)
        if chosen:
            desk = self._session.desk
            self._session.tasks.write(
                lambda: recipe_verbs.write_file(desk, one, Path(chosen)), self._written, self._refused
            )

    def _written(self, out: Path) -> None:
        self._banner.say(words.RECIPE_WRITTEN.format(name=out.name), "good")

    def ask_which(self) -> None:
        """Let a person choose the file of a recipe."""
        chosen, _ = QFileDialog.getOpenFileName(
            self, words.IMPORT_RECIPE, str(self._folder()), words.RECIPE_FILTER
        )
        if chosen:
            desk = self._session.desk
            self._session.tasks.write(
                lambda: recipe_verbs.read_file(desk, Path(chosen)), self._kept, self._refused, CHANGED
            )

    def _kept(self, one: Recipe) -> None:
        again = (words.LOOK_BY_RECIPE, self.looked_again.emit)
        self._banner.say(words.RECIPE_KEPT.format(name=one.name), "good", again)
        self.reload()

    def _folder(self) -> Path:
        return Path(str(self._session.settings.value("intake/folder", "")))

    def _refused(self, error: ClientError) -> None:
        self._banner.say(sentence_of(error), "bad", code=error.code)
        self.reload()

    # --- looks ------------------------------------------------------------------------------------

    def _columns(self) -> list[Column]:
        name, item = words.RECIPE_TITLES
        entries = self._session.desk.catalogs.current.entries
        return [
            Column(name, lambda one: one.name),
            Column(item, lambda one: entries[one.item].name if one.item in entries else one.item),
        ]

    def _lay_out(self) -> None:
        title = QLabel(words.RECIPES)
        title.setProperty("role", "heading")
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(buttons.link(words.CLOSE, self.hide))
        naming = QHBoxLayout()
        naming.setSpacing(8)
        naming.addWidget(self.name, 1)
        naming.addWidget(self.rename_button)
        acts = QGridLayout()
        acts.setSpacing(8)
        for place, button in enumerate((self.export, self.bring_in, self.delete)):
            acts.addWidget(button, 0, place)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.none)
        column.addWidget(self.table, 1)
        column.addStretch()
        column.addLayout(naming)
        column.addLayout(acts)
