"""Colours, sizes and the style sheet of the window: one table, light and dark, on Qt's Fusion style.

Widgets say what they are by a dynamic property (`kind` of a button, `role` of a text, `tone` of a
mark); only this module says how that looks.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from string import Template
from typing import Final, Literal

from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from client.ui import fonts

Scheme = Literal["light", "dark", "system"]
Tone = Literal["good", "warn", "bad", "info", "plain"]

ROW_PX: Final = 30
RADIUS_PX: Final = 4
LABEL_PX: Final = 128
BAR_PX: Final = 44


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, `#RRGGBB`; a name with `_weak` is the ground of the tone."""

    name: str
    window: str
    surface: str
    raised: str
    border: str
    divider: str
    text: str
    secondary: str
    disabled: str
    accent: str
    hover: str
    weak: str
    on_accent: str
    good: str
    warn: str
    bad: str
    info: str
    good_weak: str
    warn_weak: str
    bad_weak: str
    info_weak: str

    def tone(self, tone: Tone) -> str:
        """The colour of a text or mark in `tone`."""
        return self.secondary if tone == "plain" else str(getattr(self, tone))

    def ground(self, tone: Tone) -> str:
        """The ground under a text in `tone`."""
        return self.window if tone == "plain" else str(getattr(self, f"{tone}_weak"))


LIGHT: Final = Tokens(
    name="light",
    window="#F4F6F8", surface="#FFFFFF", raised="#FFFFFF", border="#D9DEE4", divider="#E9ECF0",
    text="#1E2731", secondary="#56616D", disabled="#98A2AD",
    accent="#1D5FA7", hover="#174C86", weak="#E7F0FA", on_accent="#FFFFFF",
    good="#1C7A4D", warn="#945800", bad="#B3261E", info="#1D5FA7",
    good_weak="#E6F4EC", warn_weak="#FFF3DF", bad_weak="#FCEBEA", info_weak="#E7F0FA",
)  # fmt: skip

DARK: Final = Tokens(
    name="dark",
    window="#15181C", surface="#1C2025", raised="#242930", border="#363C44", divider="#2A3037",
    text="#E7EAED", secondary="#A7B0BA", disabled="#6B747E",
    accent="#6FA8E8", hover="#8DBBEF", weak="#1F3247", on_accent="#15181C",
    good="#62C194", warn="#E1A548", bad="#F2938B", info="#6FA8E8",
    good_weak="#183126", warn_weak="#352A14", bad_weak="#3A2120", info_weak="#1F3247",
)  # fmt: skip

SCHEMES: Final = {"light": LIGHT, "dark": DARK}


def tokens_for(palette: QPalette) -> Tokens:
    """Return the table that `palette` was made from: a delegate that paints asks here."""
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def palette(tokens: Tokens) -> QPalette:
    """Return the palette of Fusion for `tokens`."""
    made = QPalette()
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.window, role.WindowText: tokens.text,
        role.Base: tokens.surface, role.AlternateBase: tokens.window, role.Text: tokens.text,
        role.Button: tokens.raised, role.ButtonText: tokens.text,
        role.ToolTipBase: tokens.raised, role.ToolTipText: tokens.text,
        role.Highlight: tokens.accent, role.HighlightedText: tokens.on_accent, role.Accent: tokens.accent,
        role.PlaceholderText: tokens.secondary, role.Link: tokens.accent, role.LinkVisited: tokens.accent,
        role.Light: tokens.raised, role.Midlight: tokens.divider, role.Mid: tokens.border,
        role.Dark: tokens.secondary, role.Shadow: tokens.border, role.BrightText: tokens.bad,
    }  # fmt: skip
    for one, colour in colours.items():
        made.setColor(one, QColor(colour))
    for one in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, one, QColor(tokens.disabled))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(tokens.divider))
    return made


def wanted(scheme: Scheme) -> Tokens:
    """Return the table for `scheme`; "system" asks the desktop."""
    if scheme != "system":
        return SCHEMES[scheme]
    hints = QGuiApplication.styleHints()
    return DARK if hints.colorScheme().name == "Dark" else LIGHT


def apply(app: QApplication, scheme: Scheme, icons: Path) -> Tokens:
    """Give the whole application its font, palette and style sheet.

    Args:
        app: the running application.
        scheme: "system" follows the desktop.
        icons: folder with the chevron images that the style sheet draws (`resources/icons`).
    """
    tokens = wanted(scheme)
    app.setStyle("Fusion")
    app.setFont(fonts.body_font(fonts.load_family(), fonts.load_rare()))
    app.setPalette(palette(tokens))
    app.setStyleSheet(stylesheet(tokens, icons))
    return tokens


def stylesheet(tokens: Tokens, icons: Path) -> str:
    """Return the style sheet for `tokens`; every colour in it comes from the table."""
    names: dict[str, str] = {one.name: getattr(tokens, one.name) for one in fields(tokens)}
    names |= {
        "radius": str(RADIUS_PX), "row": str(ROW_PX), "small": str(fonts.SMALL_PT),
        "body": str(fonts.BODY_PT), "title": str(fonts.TITLE_PT), "figure": str(fonts.FIGURE_PT),
        "check": (icons / f"check-{tokens.name}.svg").as_posix(),
        "chevron": (icons / f"chevron-down-{tokens.name}.svg").as_posix(),
    }  # fmt: skip
    return Template(SHEET).substitute(names)


def restyle(widget: QWidget, name: str, value: str | bool) -> None:
    """Set the dynamic property `name` and let the style sheet look again; nothing if unchanged."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


SHEET: Final = """
QToolTip { color: $text; background: $raised; border: 1px solid $border; padding: 4px 8px; }

QLabel[role="title"] { font-size: ${title}pt; font-weight: 700; }
QLabel[role="figure"] { font-size: ${figure}pt; font-weight: 700; }
QLabel[role="heading"] { font-weight: 700; }
QLabel[role="secondary"] { color: $secondary; }
QLabel[role="small"] { color: $secondary; font-size: ${small}pt; }
QLabel[role="code"] { color: $secondary; font-size: ${small}pt; }
QLabel[tone="good"] { color: $good; }
QLabel[tone="warn"] { color: $warn; }
QLabel[tone="bad"] { color: $bad; }
QLabel[tone="info"] { color: $info; }

QFrame[role="surface"] { background: $surface; border: 1px solid $border; border-radius: ${radius}px; }
QFrame[role="bar"] { background: $surface; border: none; border-top: 1px solid $border; }
QFrame[role="head"] { background: $window; border: none; }
QFrame[role="line"] { background: $divider; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="banner"] { border-radius: ${radius}px; border: 1px solid $border; }
QFrame[role="banner"][tone="good"] { background: $good_weak; border-color: $good; }
QFrame[role="banner"][tone="warn"] { background: $warn_weak; border-color: $warn; }
QFrame[role="banner"][tone="bad"] { background: $bad_weak; border-color: $bad; }
QFrame[role="banner"][tone="info"] { background: $info_weak; border-color: $info; }
QFrame[role="banner"] QLabel { color: $text; }
QFrame[role="drop"] { background: $surface; border: 1px dashed $secondary; border-radius: ${radius}px; }
QFrame[role="drop"][tone="bad"] { border-color: $bad; }
QFrame[role="drop"][tone="warn"] { border-color: $warn; }
QFrame[role="drop"][over="true"] { background: $weak; border: 2px dashed $accent; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDateEdit, QComboBox {
  color: $text; background: $surface; border: 1px solid $border; border-radius: ${radius}px;
  padding: 3px 7px; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit, QComboBox, QSpinBox, QDateEdit { min-height: 20px; }
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover { border-color: $secondary; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDateEdit:focus, QComboBox:focus {
  border: 2px solid $accent; padding: 2px 6px; }
QLineEdit[tone="bad"], QPlainTextEdit[tone="bad"] { color: $text; border-color: $bad; }
QLineEdit[tone="warn"], QPlainTextEdit[tone="warn"] { color: $text; border-color: $warn; }
QLineEdit:read-only, QPlainTextEdit[readOnly="true"] {
  background: $window; border-color: $divider; color: $text; }
QLineEdit:read-only:focus, QPlainTextEdit[readOnly="true"]:focus { border: 2px solid $accent; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled { color: $disabled; background: $window; }
QComboBox::drop-down, QDateEdit::drop-down {
  border: none; width: 24px; subcontrol-origin: padding; subcontrol-position: center right; }
QComboBox::down-arrow, QDateEdit::down-arrow { image: url("$chevron"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { border: 1px solid $border; background: $raised; outline: none; }

QPushButton { color: $text; background: $raised; border: 1px solid $border; border-radius: ${radius}px;
  padding: 4px 12px; min-height: 20px; }
QPushButton:hover { border-color: $secondary; background: $window; }
QPushButton:pressed { background: $divider; }
QPushButton:focus { border: 2px solid $accent; padding: 3px 11px; }
QPushButton:checked { background: $weak; border-color: $accent; color: $accent; }
QPushButton:disabled { color: $disabled; background: $window; border-color: $divider; }
QPushButton[kind="primary"] {
  color: $on_accent; background: $accent; border-color: $accent; font-weight: 700; }
QPushButton[kind="primary"]:hover { background: $hover; border-color: $hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { color: $disabled; background: $divider; border-color: $divider; }
QPushButton[kind="danger"] { color: $bad; }
QPushButton[kind="danger"]:disabled { color: $disabled; }
QPushButton[kind="link"] { color: $accent; background: transparent; border: 1px solid transparent;
  padding: 1px 4px; min-height: 16px; text-align: left; }
QPushButton[kind="link"]:hover { color: $hover; text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 2px solid $accent; padding: 0px 3px; }
QPushButton[kind="link"][tone="bad"] { color: $bad; }
QPushButton[kind="link"][tone="warn"] { color: $warn; }
QPushButton[kind="link"]:disabled { color: $disabled; }
QPushButton[kind="fold"] { color: $text; background: transparent; border: 1px solid transparent;
  padding: 3px 4px; text-align: left; font-weight: 700; }
QPushButton[kind="fold"]:hover { color: $accent; }
QPushButton[kind="fold"]:focus { border: 2px solid $accent; padding: 2px 3px; }
QPushButton::menu-indicator { image: url("$chevron"); width: 12px; height: 12px;
  subcontrol-origin: padding; subcontrol-position: center right; right: 6px; }
QPushButton[menu="true"] { padding-right: 24px; }
QPushButton[menu="true"]:focus { padding-right: 23px; }
QPushButton[menu="bare"] { padding: 4px 8px; }
QPushButton[menu="bare"]:focus { padding: 3px 7px; }
QPushButton[menu="bare"]::menu-indicator { image: none; width: 0px; }
QToolButton { color: $text; background: transparent; border: 1px solid transparent;
  border-radius: ${radius}px; padding: 3px 6px; }
QToolButton:hover { background: $weak; }
QToolButton:focus { border: 2px solid $accent; padding: 2px 5px; }
QToolButton:checked { background: $weak; color: $accent; }
QToolButton:disabled { color: $disabled; }
QToolButton::menu-indicator { image: none; }
QCheckBox, QRadioButton {
  spacing: 6px; padding: 2px; border: 2px solid transparent; border-radius: ${radius}px; }
QCheckBox:focus, QRadioButton:focus { border: 2px solid $accent; }
QCheckBox::indicator, QListView::indicator, QTableView::indicator {
  width: 14px; height: 14px; background: $surface; border: 1px solid $secondary; border-radius: 3px; }
QCheckBox::indicator:checked, QListView::indicator:checked, QTableView::indicator:checked {
  background: $accent; border-color: $accent; image: url("$check"); }
QCheckBox::indicator:disabled, QListView::indicator:disabled { border-color: $disabled; }
QRadioButton::indicator { width: 14px; height: 14px; background: $surface; border: 1px solid $secondary;
  border-radius: 8px; }
QRadioButton::indicator:checked { width: 8px; height: 8px; border: 4px solid $accent; }

QTableView, QListView, QTreeView, QTableWidget, QListWidget {
  color: $text; background: $surface; border: 1px solid $border; border-radius: ${radius}px;
  gridline-color: $divider; outline: none; padding: 1px;
  selection-background-color: $weak; selection-color: $text; }
QTableView:focus, QListView:focus, QTreeView:focus { border: 2px solid $accent; padding: 0px; }
QTableView[tone="bad"] { border-color: $bad; }
QTableView[tone="warn"] { border-color: $warn; }
QTableView::item, QListView::item { padding: 0px 6px; border: none; border-bottom: 1px solid $divider; }
QTableView::item:hover, QListView::item:hover { background: $window; }
QTableView::item:selected, QListView::item:selected { background: $weak; color: $text; }
QTreeView::item { min-height: 26px; padding: 0px 4px; border: none; }
QTreeView::item:hover { background: $window; }
QTreeView::item:selected { background: $weak; color: $text; }
QListWidget[role="ticks"] { padding: 1px; }
QListWidget[role="ticks"]:focus { border: 2px solid $accent; padding: 0px; }
QListWidget[role="ticks"][tone="bad"] { border-color: $bad; }
QListWidget[role="ticks"][tone="warn"] { border-color: $warn; }
QListWidget[role="ticks"][readOnly="true"] { background: $window; border-color: $divider; }
QListWidget[role="ticks"]::item { border: none; padding: 0px 4px; }
QListWidget[role="ticks"]::item:hover { background: $weak; }
QListWidget[role="ticks"]::item:selected:!active { background: transparent; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { color: $secondary; background: $surface; border: none;
  border-bottom: 1px solid $border; padding: 4px 9px; font-size: ${small}pt; font-weight: 700; }
QTableCornerButton::section { background: $surface; border: none; border-bottom: 1px solid $border; }

QMenu { color: $text; background: $raised; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: ${radius}px; }
QMenu::item:selected { background: $weak; color: $text; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $divider; margin: 4px 8px; }

QTabWidget::pane { border: none; border-top: 1px solid $border; }
QTabBar { background: transparent; font-weight: 700; }
QTabBar::tab { font-weight: 400; color: $secondary; background: transparent; border: none;
  border-bottom: 2px solid transparent; padding: 5px 12px; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $accent; border-bottom: 2px solid $accent; font-weight: 700; }
QTabBar::tab:focus { border: 2px solid $accent; padding: 3px 10px 5px; }

QScrollArea { border: none; background: $surface; }
QScrollArea > QWidget > QWidget[role="page"] { background: $surface; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 4px; margin: 1px; }
QScrollBar::handle:hover { background: $disabled; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $weak; }
QSplitter::handle:horizontal { width: 8px; }
QSplitter::handle:vertical { height: 8px; }
QProgressBar { color: $text; background: $divider; border: none; border-radius: 3px;
  text-align: center; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QStatusBar { background: $surface; color: $secondary; }
QCalendarWidget QWidget#qt_calendar_navigationbar { background: $raised; }
QCalendarWidget QToolButton { color: $text; font-weight: 700; }
QCalendarWidget QTableView { border: none; }
QCalendarWidget QTableView::item { padding: 0; border: none; }
QCalendarWidget QAbstractItemView { selection-background-color: $accent; selection-color: $on_accent; }
"""
