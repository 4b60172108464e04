"""设置: platform, network, operators, backup, looks, catalog and calendar, about; with true results."""

from __future__ import annotations

from email.message import Message
from importlib import metadata
from typing import Any, ClassVar, Final

from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from client import __version__
from client.ui.navigation import Page
from client.ui.session import Session
from client.ui.settings import verbs
from client.ui.settings.backup_card import BackupCard
from client.ui.settings.card import Card
from client.ui.settings.law_card import LawCard
from client.ui.settings.letters_card import LettersCard
from client.ui.settings.network_card import NetworkCard
from client.ui.settings.people_card import PeopleCard
from client.ui.settings.platform_card import PlatformCard
from client.ui.settings.verbs import Overview
from client.ui.tall_page import TallPage, scrolled
from client.ui.widgets import buttons

THEMES: Final = (("system", "跟随系统"), ("light", "浅色"), ("dark", "深色"))
WIDEST_PX: Final = 892
PARTS: Final = (
    "PySide6-Essentials", "qtawesome", "pylopdf-fonts-zh-cn", "sqlcipher3", "sqlite-utils", "requests",
    "keyring", "cryptography", "rfc8785", "zstandard", "python-calamine", "charset-normalizer", "xlsxwriter",
    "click", "quickjs-ng", "pypdfium2", "docxtpl", "python-docx",
)  # fmt: skip
"""What the program is made of; the names of the packages, as pyproject.toml has them."""
OWN_WORDS: Final = "见组件自带的许可文件"


class SettingsPage(Page):
    """See the module."""

    name = "settings"
    title = "设置"
    icon = "gear"
    kinds: ClassVar[frozenset[str]] = frozenset({"operators", "outbox", "cases"})

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.platform = PlatformCard(session)
        self.network = NetworkCard(session)
        self.people = PeopleCard(session)
        self.backups = BackupCard(session)
        self.letters = LettersCard(session)
        self.looks = LooksCard(session)
        self.law = LawCard(session)
        self.catalog = CatalogCard(session)
        self.about = AboutCard()
        page = TallPage()
        page.setProperty("role", "plain")
        page.setMaximumWidth(WIDEST_PX)
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 0, 16, 16)
        column.setSpacing(12)
        for card in (
            self.platform,
            self.network,
            self.people,
            self.letters,
            self.backups,
            self.looks,
            self.law,
            self.catalog,
            self.about,
        ):
            column.addWidget(card)
        column.addStretch(1)
        self.area = scrolled(page)
        self.area.setProperty("kind", "window")
        title = QLabel(self.title)
        title.setProperty("role", "title")
        title.setContentsMargins(16, 8, 16, 8)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(title)
        outer.addWidget(self.area, 1)

    def open(self, **where: Any) -> None:
        """Show the page; `card`, the name of a card (e.g. network), scrolls to it."""
        card = getattr(self, str(where.get("card", "")), None)
        if isinstance(card, Card):
            self.area.ensureWidgetVisible(card)
        self.area.setFocus()

    def reload(self) -> None:
        """Read again who is there and which copies there are."""
        desk = self.session.desk
        halves = self.session.around.halves if self.session.around is not None else None
        self.session.tasks.read(lambda: verbs.read_overview(desk, halves), self._show)
        self.letters.reload()
        self.law.reload()

    def _show(self, overview: Overview) -> None:
        self.platform.show_overview(overview)
        self.network.show_overview(overview)
        self.people.show_overview(overview)
        self.backups.show_overview(overview)


class LooksCard(Card):
    """设置 · 外观."""

    def __init__(self, session: Session) -> None:
        super().__init__("外观")
        around = session.around
        self._group = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        row = QHBoxLayout()
        row.setSpacing(16)
        for name, word in THEMES:
            choice = self.choices[name] = QRadioButton(word)
            choice.setEnabled(around is not None)
            choice.setChecked(around is not None and around.theme() == name)
            self._group.addButton(choice)
            row.addWidget(choice)
            if around is not None:
                choice.clicked.connect(lambda _checked=False, chosen=name: around.set_theme(chosen))
        row.addStretch(1)
        self.column.addLayout(row)


class CatalogCard(Card):
    """设置 · 目录, with its age."""

    def __init__(self, session: Session) -> None:
        super().__init__("目录")
        current = session.desk.catalogs.current
        today = session.desk.today()
        age = (today - current.effective_on).days
        since = f"{current.effective_on:%Y-%m-%d} 起施行"
        self.row(
            "目录", f"{current.title}（{current.name}），{since}，已 {age:,} 天，{len(current.items)} 个事项"
        )
        digest = self.row("校验值", current.digest)
        digest.setProperty("role", "code")


class AboutCard(Card):
    """设置 · 关于, with the licences of everything inside."""

    def __init__(self) -> None:
        super().__init__("关于")
        self.row("版本", f"闽信通 {__version__}，Apache-2.0 许可")
        self._texts = QPlainTextEdit()
        self._texts.setReadOnly(True)
        self._texts.setAccessibleName("使用的开源组件和许可")
        self._texts.setFixedHeight(180)
        self._texts.hide()
        self.column.addWidget(self._texts)
        self.button = buttons.plain("使用的开源组件和许可", self._toggle)
        self.buttons(self.button)

    def _toggle(self) -> None:
        if not self._texts.toPlainText():
            self._texts.setPlainText("\n".join(licences()))
        self._texts.setVisible(self._texts.isHidden())


def licences() -> list[str]:
    """Return the parts of the program with version and licence, as their packages say."""
    return [_licence(name) for name in PARTS]


def _licence(name: str) -> str:
    try:
        said: Message = metadata.metadata(name)  # type: ignore[assignment]  # it is one; the stub says less
    except metadata.PackageNotFoundError:
        return name
    named = said.get("License-Expression") or said.get("License") or ""
    if not named or len(named) > 60:
        classified = [
            c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or () if c.startswith("License")
        ]
        named = "，".join(classified) or named.partition("\n")[0][:60] or OWN_WORDS
    return f"{name} {said['Version']}　{named}"
