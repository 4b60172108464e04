"""目录: the tree of items at the left, one item at the right."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from client.core.workflow import refusal
from client.ui.catalog import set_verbs, set_words, words
from client.ui.catalog.item_view import ItemView
from client.ui.catalog.sets_view import SetsView
from client.ui.catalog.tree import CatalogTree, by_class, matches
from client.ui.navigation import Page
from client.ui.session import Session
from client.ui.widgets.buttons import on_keys, plain
from client.ui.widgets.elided import ElidedLabel
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.icons import icon
from forms.catalog.schema import CatalogSet, Item
from forms.qt.inputs import Line

SPLITTER: Final = "catalog/splitter"
SIZES: Final = [360, 840]
REST_MS: Final = 150


class CatalogPage(Page):
    """The page 目录. Reads nothing of the desk but its catalog."""

    name: ClassVar[str] = "catalog"
    title: ClassVar[str] = words.TITLE
    icon: ClassVar[str] = "books"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._catalog: CatalogSet = session.desk.catalogs.current
        self._scheme = "category"
        self._field_titles: dict[str, str] = {}
        self._wanted = ""
        self.box = Line()
        self.tree = CatalogTree()
        self.view = ItemView()
        self.count = QLabel()
        self._schemes = {scheme: QPushButton(word) for scheme, word in words.SCHEMES.items()}
        self.sets = SetsView(session)
        self.sets_button = plain(set_words.TITLE, self._on_sets, set_words.KEYS)
        self.sets_button.setCheckable(True)
        self._about = ElidedLabel()
        self._whole = QStackedWidget()
        self._right = QStackedWidget()
        self._left = QStackedWidget()
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._lay_out()
        self._rest.timeout.connect(self._search)
        self.box.textChanged.connect(self._rest.start)
        self.box.entered.connect(self._search_now)
        self.tree.picked.connect(self._on_picked)
        self.tree.opened.connect(self._on_opened)
        self.view.new_asked.connect(self._on_new)
        on_keys("Ctrl+F", self, self.box.setFocus)
        on_keys(set_words.KEYS, self, self._on_sets)
        self._search()
        session.tasks.read(partial(_titles, self._catalog), self._take_titles)

    def open(self, **where: Any) -> None:
        """Show what `where` names: item (a code) and field, or sets=True; nothing keeps what is shown."""
        if where:
            self.show_sets(bool(where.get("sets")))
        if "item" in where:
            self.box.clear()
            self._search()
            self.tree.select(where["item"])
            if "field" in where:
                self.view.show_field(where["field"])
        self.tree.setFocus()

    def bottom_px(self) -> int:
        """There is no action bar."""
        return 0

    def scheme_button(self, scheme: str) -> QPushButton:
        """The switch to one way of classing."""
        return self._schemes[scheme]

    def show_sets(self, shown: bool) -> None:
        """Show the sets and what changed, or the items again."""
        self.sets_button.setChecked(shown)
        self._whole.setCurrentIndex(int(shown))
        if shown:
            self.sets.open_set()
            return
        now = self.session.desk.catalogs.current
        if now is not self._catalog:  # one was installed, or came into force
            self._catalog = now
            self._say_set()
            self._search()
            self.session.tasks.read(partial(_titles, now), self._take_titles)

    def _take_titles(self, titles: dict[str, str]) -> None:
        self._field_titles = titles
        if self.box.text().strip():
            self._search()

    def _search_now(self) -> None:
        self._search()
        self.tree.setFocus()

    def _search(self) -> None:
        self._rest.stop()
        text = self.box.text().strip()
        more = self._field_titles
        classes = {
            name: [one for one in entries if matches(one, text, more.get(one.code, ""))]
            for name, entries in by_class(self._catalog, self._scheme).items()
        }
        self.tree.show_classes(classes, unfolded=bool(text))
        n = sum(len(entries) for entries in classes.values())
        self.count.setText(words.FOUND.format(n=n))
        self._left.setCurrentIndex(0 if n else 1)

    def _on_sets(self) -> None:
        self.show_sets(self._whole.currentIndex() == 0)

    def _on_scheme(self) -> None:
        self._scheme = next(scheme for scheme, button in self._schemes.items() if button.isChecked())
        self._search()

    def _on_picked(self, code: str) -> None:
        if not code:
            return
        self._wanted = code
        if code in self._catalog.items:
            self._show(code, self._catalog.items[code])

    def _show(self, code: str, item: Item) -> None:
        if code == self._wanted:
            may = refusal("create", self.session.operator.roles) is None
            self.view.show_item(item, may_create=may)
            sets = self.session.desk.catalogs.sets
            old = set_verbs.before(sets, self._catalog)
            told = set_verbs.changes_of_item(old, self._catalog, code) if old is not None else []
            self.view.show_changes(old.name if old is not None else "", [one.text for one in told])
            self._right.setCurrentWidget(self.view)

    def _on_opened(self, _code: str) -> None:
        self.view.fields.setFocus()

    def _on_new(self, code: str) -> None:
        self.session.navigate("records", new=code)

    def _lay_out(self) -> None:
        title = QLabel(words.TITLE)
        title.setProperty("role", "title")
        self._about.setProperty("role", "small")
        self._say_set()
        top = QHBoxLayout()
        top.setContentsMargins(16, 8, 12, 8)
        top.setSpacing(12)
        top.addWidget(title)
        top.addWidget(self._about, 1)
        top.addWidget(self.sets_button)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.addWidget(self._lay_out_left())
        self._right.addWidget(EmptyState("books", words.NONE_CHOSEN, words.NONE_CHOSEN_WAY))
        self._right.addWidget(self.view)
        self._split.addWidget(self._right)
        self._split.setChildrenCollapsible(False)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes(SIZES)
        self.session.remember(SPLITTER, self._split)
        middle = QVBoxLayout()
        middle.setContentsMargins(12, 0, 12, 12)
        self._whole.addWidget(self._split)
        self._whole.addWidget(self.sets)
        middle.addWidget(self._whole)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(middle, 1)

    def _say_set(self) -> None:
        catalog, signature = self._catalog, self._catalog.signature
        signed = words.UNSIGNED
        if signature is not None:
            signed = words.SIGNED.format(by=signature.signed_by, until=signature.until.isoformat())
        line = words.SET_LINE.format(title=catalog.title, date=catalog.effective_on.isoformat())
        self._about.say(f"{line}　{signed}")

    def _lay_out_left(self) -> QWidget:
        self.box.setAccessibleName(words.SEARCH)
        self.box.setPlaceholderText(words.SEARCH)
        self.box.setClearButtonEnabled(True)
        self.box.addAction(
            icon("magnifying-glass", self.palette(), "plain"), Line.ActionPosition.LeadingPosition
        )
        self.count.setProperty("role", "small")
        switch = QHBoxLayout()
        switch.setSpacing(4)
        self._group = QButtonGroup(self)
        for scheme, button in self._schemes.items():
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{words.SCHEME_NAME}：{button.text()}")
            button.setChecked(scheme == self._scheme)
            button.clicked.connect(self._on_scheme)
            self._group.addButton(button)
            switch.addWidget(button, 1)
        self._left.addWidget(self.tree)
        self._left.addWidget(EmptyState("magnifying-glass", words.NONE_FOUND, words.NONE_FOUND_WAY))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(switch)
        column.addWidget(self.box)
        column.addWidget(self._left, 1)
        column.addWidget(self.count)
        return left


def _titles(catalog: CatalogSet) -> dict[str, str]:
    """Return for each item the titles of its fields, to be searched; reads every item once."""
    return {code: "\n".join(field.title for field in item.fields) for code, item in catalog.items.items()}
