"""What 设置 reads and does. Verbs take values and return values; they touch no widget."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from client.core.people import Operator
from client.store import backup, link
from client.store import profile as profiles
from client.store.backup import Backup
from client.store.desk import Desk
from client.sync import lines
from client.ui.session import Halves
from client.ui.settings.network_words import ca_words
from client.ui.sync.standing import read_facts
from client.ui.sync.status import notices


@dataclass(frozen=True, slots=True)
class Person:
    """One operator of the unit, as this desk knows it.

    Attributes:
        unlocks: he or she can unlock this desk.
        keyring: half of the key lies in the system's keyring.
    """

    operator: Operator
    unlocks: bool
    keyring: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows, read in one go."""

    people: tuple[Person, ...]
    backups: tuple[Backup, ...]
    last_contact_at: str | None
    last_error: str | None
    notices: tuple[str, ...]
    keyring: str
    own_authority: str | None


def read_overview(desk: Desk, halves: Halves | None) -> Overview:
    """Return it; asks the keyring for its name, which may take a moment."""
    reader = desk.db.reader()
    choices = {choice.operator_id: choice for choice in profiles.locked_profile(desk.profile)}
    people = tuple(
        Person(
            one, one.operator_id in choices, one.operator_id in choices and choices[one.operator_id].keyring
        )
        for one in profiles.read_operators(reader)
    )
    now = link.link(reader)
    return Overview(
        people=tuple(sorted(people, key=lambda person: (not person.unlocks, person.operator.name))),
        backups=tuple(backup.list_backups(desk.profile)),
        last_contact_at=now.last_contact_at,
        last_error=now.last_error,
        notices=notices(read_facts(desk)),
        keyring=halves.backend() if halves is not None else "",
        own_authority=ca_words(desk),
    )


def use_ca_file(desk: Desk, source: Path | None) -> str | None:
    """Believe only the authority in a file from now on; returns when it runs out, or None for the system's.

    Raises:
        LinkError: ``ca_file_missing``, ``ca_file_unreadable``.
    """
    lines.use_ca_file(desk, source)
    return ca_words(desk)


def add_operator(desk: Desk, halves: Halves | None, operator: Operator, passphrase: str) -> bool:
    """Let an operator unlock this desk; returns whether half of the key lies in the keyring."""
    half = halves.store(desk.profile_id, operator.operator_id) if halves is not None else None
    profiles.add_operator(desk, operator, passphrase, half)
    return half is not None


def change_passphrase(desk: Desk, halves: Halves | None, old: str, new: str) -> None:
    """Give the operator at work another passphrase."""
    me = desk.operator.operator_id
    half = profiles.half_of(desk.profile, me, halves.fetch) if halves is not None else None
    profiles.change_passphrase(desk, old, new, half)


def remove_operator(desk: Desk, operator_id: str) -> None:
    """Take away an operator's way into this desk."""
    profiles.remove_operator(desk, operator_id)
