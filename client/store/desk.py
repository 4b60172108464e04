"""The open desk: who works at it, its database, its keys. The first argument of every act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from client.core.ids import NewId
from client.core.in_force import in_force
from client.core.people import Device, Operator
from client.core.times import day_in_shanghai, to_text
from client.core.workflow import Act, refusal
from client.errors import NotAllowed
from client.store import audit
from client.store.database import Connection, Database
from client.store.files import ProfileLock, remove_opened
from client.store.wraps import DataKey
from forms.catalog.schema import CatalogSet, Item
from forms.seal.keys import SigningKey

if TYPE_CHECKING:
    from client.store.second_copy import SecondCopy

__all__ = ["Catalogs", "Desk", "Device", "FoundAgain", "Operator"]


class Catalogs:
    """The catalog sets (目录集) that the program has, side by side, oldest first."""

    def __init__(self, sets: Iterable[CatalogSet], *, today: Callable[[], date] | None = None) -> None:
        """Hold sets.

        Args:
            sets: at least one.
            today: the legal day, which tells what is in force; None takes the newest for it.
        """
        self._sets = sorted(sets, key=lambda one: (one.effective_on, one.name))
        self._today = today
        if not self._sets:
            raise ValueError("at least one set is needed")

    @property
    def current(self) -> CatalogSet:
        """The set in which new drafts are made: the newest that is in force."""
        if self._today is None:
            return self._sets[-1]
        return in_force(self._sets, self._today())

    @property
    def sets(self) -> tuple[CatalogSet, ...]:
        """All sets, oldest first."""
        return tuple(self._sets)

    def take_in(self, new: CatalogSet) -> None:
        """Put a set that was installed just now beside the others; one of the same name is there already."""
        if all(one.name != new.name for one in self._sets):
            self._sets = sorted([*self._sets, new], key=lambda one: (one.effective_on, one.name))

    def item(self, ref: str) -> Item:
        """Return the item of ``CODE@SET``, or of ``CODE`` in the current set.

        Raises:
            NotAllowed: ``catalog_unknown``: this program does not have the set, or the set not the item.
        """
        code, _, name = ref.partition("@")
        for one in reversed(self._sets):
            if (not name or one.name == name) and code in one.items:
                return one.items[code]
        raise NotAllowed("catalog_unknown", item=ref)

    def items(self) -> list[Item]:
        """Return the items of the current set, by code."""
        return sorted(self.current.items.values(), key=lambda item: item.code)


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """Unsent work that was read back from the second copy.

    Attributes:
        versions, approvals: how many.
        damaged: part of the copy could not be read.
    """

    versions: int
    approvals: int
    damaged: bool = False


@dataclass(slots=True)
class Desk:
    """The open desk.

    Attributes:
        profile: its folder.
        key: the operator's signing key.
        data_key: for what lies encrypted beside the database.
        device_key: the device's signing key.
        profile_id: what the keyring's half is kept under.
        second_copy: of unsent work; None where the desk is only read.
        clock: gives aware times.
    """

    profile: Path
    db: Database
    operator: Operator
    key: SigningKey = field(repr=False)
    data_key: DataKey = field(repr=False)
    device_key: SigningKey = field(repr=False)
    device: Device
    catalogs: Catalogs
    clock: Callable[[], datetime]
    new_id: NewId
    profile_id: str
    lock: ProfileLock | None = field(default=None, repr=False)
    second_copy: SecondCopy | None = field(default=None, repr=False)

    def now(self) -> str:
        """The time as the desk writes it: UTC text with milliseconds."""
        return to_text(self.clock())

    def today(self) -> date:
        """The legal day: Shanghai's, whatever the PC's zone."""
        return day_in_shanghai(self.clock())

    def require(self, act: Act, state: str | None = None) -> None:
        """Refuse an act that is not this operator's, or not possible in `state`.

        Raises:
            NotAllowed: ``not_your_role``, ``not_in_this_state``.
        """
        why = refusal(act, self.operator.roles, state)
        if why is not None:
            raise NotAllowed(why, act=act, state=state or "")

    def tell(self, tx: Connection, action: str, thing: str, **detail: Any) -> None:
        """Write an act into the audit chain, in its own transaction."""
        self.tell_as(tx, self.operator.operator_id, action, thing, detail)

    def tell_as(self, tx: Connection, actor: str, action: str, thing: str, detail: Mapping[str, Any]) -> None:
        """Write what somebody else, or the program itself (``system``), did."""
        audit.append(tx, at=self.now(), actor=actor, action=action, thing=thing, detail=detail)

    def close(self) -> None:
        """Lock the desk: close the database, drop the keys, let go of the profile. Deletes nothing.

        Python cannot wipe a key from memory; it can only let go of it.
        """
        home = self.db.close()
        self.key = self.device_key = SigningKey(b"")
        self.data_key = DataKey(b"")
        self.second_copy = None
        if self.lock is not None:
            remove_opened(self.profile)
            self.lock.release(home=home)
