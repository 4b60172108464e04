"""How names sound, for searching by the initials of their pinyin: worked out beside the window, and kept."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import cast

from PySide6.QtCore import QObject, Signal

from client.ui.session import Session
from forms.catalog.schema import Code, CodeSet, Entry
from forms.qt.code_search import NO_SOUNDS, Sounds


class NameSounds(QObject):
    """Knows nothing at first, and never keeps anybody waiting.

    Signals:
        known: the initials of the items are there.

    Attributes:
        items: name of an item → its initials.
    """

    known = Signal()

    def __init__(self, session: Session, entries: Sequence[Entry], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._sets: dict[str, Sounds] = {}
        self.items: dict[str, str] = {}
        names = [entry.name for entry in entries]
        session.tasks.work(lambda _progress, _cancelled: _initials(names), self._take_items)

    def of_item(self, name: str) -> str:
        """The initials of an item's name, or of a template's; empty while they are not known."""
        return self.items.get(name, "")

    def of_set(self, codes: CodeSet) -> Sounds:
        """Code → initials; empty at first, and there when one types on."""
        found = self._sets.get(codes.id)
        if found is None:
            found = self._sets[codes.id] = NO_SOUNDS
            self._session.tasks.work(
                lambda _progress, _cancelled: _sounds(codes.codes), partial(self._take_set, codes.id)
            )
        return found

    def _take_items(self, names: dict[str, str]) -> None:
        self.items = names
        self.known.emit()

    def _take_set(self, set_id: str, sounds: dict[str, str]) -> None:
        self._sets[set_id] = sounds


def _initials(names: Sequence[str]) -> dict[str, str]:
    initials = cast("Callable[[str], str]", _table().initials)
    return {name: initials(name) for name in names}


def _sounds(codes: Sequence[Code]) -> dict[str, str]:
    return cast("Callable[[Sequence[Code]], dict[str, str]]", _table().initials_of)(codes)


def _table() -> ModuleType:
    """Reading the table of sounds takes a quarter of a second: in a lane, and only when it is wanted."""
    return importlib.import_module("client.intake.initials")
