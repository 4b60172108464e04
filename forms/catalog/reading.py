"""Read JSON strictly: every key is asked for by name, what is left over is a fault, all faults are named.

Knows nothing of catalogs. A faulty place yields a neutral value, so that the rest is read too; whoever
started the reading looks at `Faults` before using anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file.

    Attributes:
        file: name of the file as it stands under the catalog.
        path: place within it, e.g. ``fields/3/checks/0``; empty for the whole file.
        code: lower_snake, e.g. ``unknown_key``.
        detail: what was found there, as text.
    """

    file: str
    path: str
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path or '(file)'}: {self.code} {self.detail}".rstrip()


class CatalogError(ValueError):
    """A catalog cannot be used; `faults` names every place and why."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: Final = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Faults:
    """Collects what is wrong while reading goes on."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, file: str, path: str, code: str, detail: object = "") -> None:
        """Note one fault."""
        self._found.append(Fault(file, path, code, str(detail)))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Note what was found elsewhere; a fault that is known already (of a shared file) only once."""
        self._found.extend(fault for fault in faults if fault not in self._found)

    def __len__(self) -> int:
        return len(self._found)

    def raise_if_any(self) -> None:
        """Raise CatalogError with all that was noted; do nothing when that is nothing."""
        if self._found:
            raise CatalogError(self._found)


class Table:
    """One JSON object being read. Ask for its keys, then call `done`."""

    def __init__(self, members: object, file: str, path: str, faults: Faults) -> None:
        self.file = file
        self.path = path
        self.faults = faults
        self._asked: set[str] = set()
        self._members: dict[str, object] = {}
        if isinstance(members, dict):
            self._members = members
        else:
            faults.add(file, path, "wrong_type", "an object is needed")

    def fault(self, key: str, code: str, detail: object = "") -> None:
        """Note a fault at `key` of this object; at the object itself for an empty key."""
        self.faults.add(self.file, self._at(key), code, detail)

    def _at(self, key: str) -> str:
        return "/".join(part for part in (self.path, key) if part)

    def __contains__(self, key: str) -> bool:
        return self._members.get(key) is not None

    def names(self) -> Iterator[str]:
        """The keys that are there, of an object whose keys are names; they count as asked for."""
        self._asked.update(self._members)
        return iter(self._members)

    def _take(self, key: str, *, needed: bool) -> object:
        self._asked.add(key)
        value = self._members.get(key)
        if value is None and needed:
            self.fault(key, "missing_key")
        return value

    def text(self, key: str) -> str:
        """A text that is there and not blank."""
        value = self._take(key, needed=True)
        return self._as_text(key, value) if value is not None else ""

    def maybe_text(self, key: str) -> str | None:
        """A text, or None when the key is missing or null."""
        value = self._take(key, needed=False)
        return self._as_text(key, value) if value is not None else None

    def _as_text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            self.fault(key, "wrong_type", "text is needed")
            return ""
        if not value.strip():
            self.fault(key, "blank")
        return value

    def choice(self, key: str, options: Iterable[str], default: str | None = None) -> str:
        """One of `options`; `default` when the key is missing."""
        known = tuple(options)
        value = self._take(key, needed=default is None)
        if value is None:
            return default or known[0]
        if not isinstance(value, str) or value not in known:
            self.fault(key, "not_of_choice", f"{value!r}, one of {', '.join(known)}")
            return default or known[0]
        return value

    def flag(self, key: str) -> bool:
        """True or false; false when the key is missing."""
        value = self._take(key, needed=False)
        if value is None:
            return False
        if not isinstance(value, bool):
            self.fault(key, "wrong_type", "true or false is needed")
        return value is True

    def whole(self, key: str) -> int:
        """A whole number of 0 or more."""
        return self.maybe_whole(key, needed=True) or 0

    def maybe_whole(self, key: str, *, needed: bool = False) -> int | None:
        """A whole number of 0 or more, or None when the key is missing or null."""
        value = self._take(key, needed=needed)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.fault(key, "wrong_type", "a whole number of 0 or more is needed")
            return None
        return value

    def day(self, key: str) -> date:
        """A date as ``YYYY-MM-DD``."""
        return self.maybe_day(key, needed=True) or date.min

    def maybe_day(self, key: str, *, needed: bool = False) -> date | None:
        """A date as ``YYYY-MM-DD``, or None when the key is missing or null."""
        value = self._take(key, needed=needed)
        if value is None:
            return None
        try:
            if isinstance(value, str) and len(value) == 10:
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fault(key, "not_a_date", value)
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none twice; empty when the key is missing."""
        found: list[str] = []
        for place, value in enumerate(self._list(key)):
            where = f"{key}/{place}"
            if not isinstance(value, str) or not value.strip():
                self.fault(where, "wrong_type", "text is needed")
            elif value in found:
                self.fault(where, "doubled", value)
            else:
                found.append(value)
        return tuple(found)

    def tables(self, key: str) -> list[Table]:
        """A list of objects; empty when the key is missing."""
        return [
            Table(value, self.file, self._at(f"{key}/{place}"), self.faults)
            for place, value in enumerate(self._list(key))
        ]

    def table(self, key: str) -> Table:
        """One object; an empty one when the key is missing."""
        value = self._take(key, needed=False)
        return Table({} if value is None else value, self.file, self._at(key), self.faults)

    def _list(self, key: str) -> list[object]:
        value = self._take(key, needed=False)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(key, "wrong_type", "a list is needed")
            return []
        return value

    def done(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self._members:
            if key not in self._asked:
                self.fault(key, "unknown_key")


def read_json(path: Path, name: str, faults: Faults) -> object:
    """Return the JSON in a file; None and a fault when it cannot be read or says a key twice."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        faults.add(name, "", "unreadable", error.strerror or type(error).__name__)
        return None
    return parse_json(raw, name, faults)


def parse_json(raw: bytes, name: str, faults: Faults) -> object:
    """Return the JSON in the bytes of a file; None and a fault when it is none or says a key twice."""

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            faults.add(name, "", "doubled_key", ", ".join(sorted({k for k in keys if keys.count(k) > 1})))
        return found

    def no_float(text: str) -> object:
        faults.add(name, "", "float", f"{text}: write decimals as text")
        return None

    try:
        value: object = json.loads(
            raw.decode("utf-8"), object_pairs_hook=members, parse_float=no_float, parse_constant=no_float
        )
    except ValueError as error:
        faults.add(name, "", "not_json", error)
        return None
    return value
