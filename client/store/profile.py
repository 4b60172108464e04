"""A profile: the folder of one desk. Made at enrolment, unlocked by one operator at a time.

    desk.db  outbox.log  keys.json  lock  backups/  attachments/  opened/

Half keys of the keyring are handed in; this module never asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from client.core.ids import NewId
from client.core.people import Device, Operator
from client.core.times import to_text
from client.errors import NotAllowed, ProfileError, StoreError, UnlockError
from client.store import audit
from client.store.case_shown import show_missing
from client.store.connection import Connection
from client.store.database import Database
from client.store.desk import Catalogs, Desk
from client.store.files import ProfileLock, file_error, remove_opened, set_log_aside
from client.store.link import SYSTEM
from client.store.second_copy import SecondCopy
from client.store.wraps import Cost, DataKey, KeyFile, Opened, open_wrap, read_keys, seal, write_keys
from forms.seal.keys import SigningKey

DATABASE: Final = "desk.db"
KEYS: Final = "keys.json"
LOCK: Final = "lock"
BACKUPS: Final = "backups"
STANDARD: Final = Cost()


@dataclass(frozen=True, slots=True, repr=False)
class NewOperator:
    """One of the unit's operators, and the passphrase that he or she chose. Never printed."""

    operator_id: str
    passphrase: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An operator who can unlock the profile; known without a key.

    Attributes:
        keyring: the passphrase is not enough, the half in the keyring is needed too.
    """

    operator_id: str
    name: str
    keyring: bool


def create_profile(
    directory: Path,
    *,
    profile_id: str,
    device: Device,
    device_key: SigningKey,
    operators: Sequence[Operator],
    first: NewOperator,
    possession: bytes | None,
    clock: Callable[[], datetime],
    cost: Cost = STANDARD,
) -> None:
    """Make the folder of a new desk, with one operator who can unlock it.

    Args:
        directory: new or empty.
        device: what the platform made of this desk at enrolment.
        profile_id: the id that the half in the keyring lies under.
        device_key: the private half of the key that the device was enrolled with.
        operators: all of the unit, as the platform named them.
        first: one of them.
        possession: the half in the keyring; None where there is no keyring.
        clock: gives aware times.
        cost: of a try at the passphrase.

    Raises:
        ProfileError: ``profile_exists``.
        UnlockError: ``passphrase_too_short``; ``operator_unknown``.
        StoreError: the folder cannot be written.
    """
    who = next((o for o in operators if o.operator_id == first.operator_id), None)
    if who is None:
        raise UnlockError("operator_unknown")
    if (directory / KEYS).exists():
        raise ProfileError("profile_exists")
    keys = Opened(DataKey.generate(), SigningKey.generate())
    wrap = seal(
        profile_id, who.operator_id, who.name, keys,
        passphrase=first.passphrase, possession=possession, cost=cost,
    )  # fmt: skip
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _set_aside(directory / DATABASE)
    except OSError as error:
        raise file_error(error) from error
    database = Database.create(directory / DATABASE, keys.data_key.raw)
    try:
        with database.transaction() as tx:
            at = to_text(clock())
            _write_device(tx, device, device_key)
            for operator in operators:
                _write_operator(tx, operator, at)
            _write_key(tx, who.operator_id, keys.signing_key, at)
            audit.append(
                tx, at=at, actor=who.operator_id, action="profile_created", thing=profile_id,
                detail={"device": device.device_id, "unit": device.unit_code},
            )  # fmt: skip
    finally:
        database.close()
    # Last of all: without the keys there is no profile, and what was begun is not in anyone's way.
    write_keys(directory / KEYS, KeyFile(profile_id, (wrap,)))


def _set_aside(path: Path) -> None:
    """Rename a database that has no keys: a creation that was cut, or keys that were lost. Delete nothing."""
    if path.exists():
        number = sum(1 for _ in path.parent.glob(f"{path.name}.without-keys-*")) + 1
        path.rename(path.with_name(f"{path.name}.without-keys-{number}"))


def locked_profile(directory: Path) -> list[Choice]:
    """Return who can unlock a profile, without any key.

    Raises:
        ProfileError: ``profile_missing``, ``profile_newer``, ``keys_damaged``.
    """
    return [Choice(w.operator_id, w.name, w.keyring) for w in read_keys(directory / KEYS).wraps]


def profile_id(directory: Path) -> str:
    """Return the id that the halves in the keyring lie under."""
    return read_keys(directory / KEYS).profile_id


def half_of(directory: Path, operator_name: str, fetch: Callable[[str, str], bytes | None]) -> bytes | None:
    """Fetch the half in the keyring of an operator (name or id) who needs one; None for who does not.

    Args:
        directory: of the profile.
        operator_name: name or id.
        fetch: gives the half of (profile id, operator id), or None when the keyring has none.

    Raises:
        UnlockError: ``operator_unknown``.
        ProfileError: as `locked_profile`.
    """
    keys = read_keys(directory / KEYS)
    wrap = keys.named(operator_name)
    return fetch(keys.profile_id, wrap.operator_id) if wrap.keyring else None


def unlock(
    directory: Path,
    operator_name: str,
    passphrase: str,
    possession: bytes | None,
    *,
    catalogs: Catalogs,
    clock: Callable[[], datetime],
    new_id: NewId,
    writable: bool = True,
) -> Desk:
    """Open the desk for one operator.

    Args:
        directory: of the profile.
        operator_name: name or id.
        passphrase: as typed.
        possession: the half in the keyring, when the operator has one.
        catalogs: the sets that this program has.
        clock: gives aware times.
        new_id: makes UUIDv7.
        writable: False reads beside another process that holds the profile.

    Raises:
        ProfileError: ``profile_in_use``, ``profile_missing``, ``profile_newer``.
        UnlockError: ``passphrase_wrong``, ``keyring_half_missing``, ``operator_unknown``.
        StoreError: ``damaged`` and whatever else the database says.
    """
    keys = read_keys(directory / KEYS)
    wrap = keys.named(operator_name)
    opened = open_wrap(keys.profile_id, wrap, passphrase=passphrase, possession=possession)
    lock = ProfileLock(directory / LOCK) if writable else None
    try:
        strange = set_log_aside(directory / DATABASE) if lock is not None and lock.was_home else None
        database = _open_database(directory, opened.data_key, writable=writable)
        try:
            if lock is not None:
                _after_a_crash(directory, database, unclean=lock.was_unclean)
            device, device_key = read_device(database.reader())
            operator = read_operator(database.reader(), wrap.operator_id)
        except BaseException:
            database.close()
            raise
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    desk = Desk(
        profile=directory, db=database, operator=operator, key=opened.signing_key, data_key=opened.data_key,
        device_key=device_key, device=device, catalogs=catalogs, clock=clock, new_id=new_id,
        profile_id=keys.profile_id, lock=lock,
    )  # fmt: skip
    if writable:
        try:
            with database.transaction() as tx:
                _know_key(tx, operator.operator_id, desk.key, desk.now())
                desk.tell(tx, "unlocked", keys.profile_id)
                show_missing(desk, tx)
                if strange is not None:
                    desk.tell_as(tx, SYSTEM, "strange_log_set_aside", strange, {})
            desk.second_copy = SecondCopy(desk)
        except BaseException:
            desk.close()
            raise
    return desk


def _open_database(directory: Path, key: DataKey, *, writable: bool) -> Database:
    path = directory / DATABASE
    if not path.exists():
        raise ProfileError("database_missing")
    try:
        if not writable:
            return Database.open_to_read(path, key.raw)
        return Database.open(path, key.raw, backups=directory / BACKUPS)
    except UnlockError as error:
        # The wrap has proved the key; so it is the file that is not what was written.
        raise StoreError("damaged") from error


def _after_a_crash(directory: Path, database: Database, *, unclean: bool) -> None:
    """Remove decrypted copies that were left open; read every page if the last holder was killed."""
    remove_opened(directory)
    if unclean and not database.is_sound():
        raise StoreError("damaged")


def add_operator(
    desk: Desk, operator: Operator, passphrase: str, possession: bytes | None, *, cost: Cost = STANDARD
) -> None:
    """Let another operator of the unit unlock this desk; also gives one who forgot the passphrase a new one.

    A new signing key is made each time; what was signed with the old one still verifies.

    Raises:
        UnlockError: ``passphrase_too_short``.
    """
    keys = Opened(desk.data_key, SigningKey.generate())
    wrap = seal(
        desk.profile_id, operator.operator_id, operator.name, keys,
        passphrase=passphrase, possession=possession, cost=cost,
    )  # fmt: skip
    path = desk.profile / KEYS
    with desk.db.transaction() as tx:
        at = desk.now()
        _write_operator(tx, operator, at)
        _write_key(tx, operator.operator_id, keys.signing_key, at)
        desk.tell(tx, "operator_added", operator.operator_id, keyring=possession is not None)
        # Inside, so that no wrap stands without its public key; a wrap too many harms nobody.
        write_keys(path, read_keys(path).with_wrap(wrap))


def remove_operator(desk: Desk, operator_id: str) -> None:
    """Take an operator's wrap away. What he or she did, and the public keys, stay.

    Raises:
        NotAllowed: ``last_operator``: nobody could unlock the desk any more; ``operator_at_work``.
    """
    path = desk.profile / KEYS
    left = read_keys(path).without(operator_id)
    if not left.wraps:
        raise NotAllowed("last_operator")
    if operator_id == desk.operator.operator_id:
        raise NotAllowed("operator_at_work")
    with desk.db.transaction() as tx:
        tx.execute(
            "UPDATE operator SET token = NULL, token_expires_at = NULL WHERE operator_id = ?", (operator_id,)
        )
        desk.tell(tx, "operator_removed", operator_id)
        write_keys(path, left)


def change_passphrase(
    desk: Desk, old: str, new: str, possession: bytes | None, *, cost: Cost = STANDARD
) -> None:
    """Give the operator at work a new passphrase; the keys stay.

    Raises:
        UnlockError: ``passphrase_wrong``; ``passphrase_too_short``.
    """
    path = desk.profile / KEYS
    keys = read_keys(path)
    wrap = keys.named(desk.operator.operator_id)
    opened = open_wrap(keys.profile_id, wrap, passphrase=old, possession=possession)
    new_wrap = seal(
        keys.profile_id, wrap.operator_id, wrap.name, opened,
        passphrase=new, possession=possession, cost=cost,
    )  # fmt: skip
    with desk.db.transaction() as tx:
        desk.tell(tx, "passphrase_changed", wrap.operator_id)
        write_keys(path, keys.with_wrap(new_wrap))


def confirm(desk: Desk, passphrase: str, possession: bytes | None) -> None:
    """Prove that the operator at work is the one who sits there: before a review, once a sitting.

    Raises:
        UnlockError: ``passphrase_wrong``, ``keyring_half_missing``.
    """
    keys = read_keys(desk.profile / KEYS)
    open_wrap(
        keys.profile_id, keys.named(desk.operator.operator_id), passphrase=passphrase, possession=possession
    )
    with desk.db.transaction() as tx:
        desk.tell(tx, "confirmed", desk.operator.operator_id)


def read_operator(reader: Connection, operator_id: str) -> Operator:
    """Return one operator of the unit; raises UnlockError ``operator_unknown``."""
    row = reader.execute("SELECT name, roles FROM operator WHERE operator_id = ?", (operator_id,)).fetchone()
    if row is None:
        raise UnlockError("operator_unknown")
    return Operator(operator_id, row["name"], frozenset(json.loads(row["roles"])))


def read_operators(reader: Connection) -> list[Operator]:
    """Return all operators of the unit, by name; those who can unlock are in `locked_profile`."""
    rows = reader.execute("SELECT operator_id, name, roles FROM operator ORDER BY name LIMIT 1000")
    return [Operator(row["operator_id"], row["name"], frozenset(json.loads(row["roles"]))) for row in rows]


def write_operators(desk: Desk, operators: Sequence[Operator]) -> None:
    """Keep what the platform now says of the unit's operators: names and roles."""
    with desk.db.transaction() as tx:
        for operator in operators:
            _write_operator(tx, operator, desk.now())
        desk.tell(tx, "operators_updated", desk.device.device_id, count=len(operators))


def read_device(reader: Connection) -> tuple[Device, SigningKey]:
    """Return the desk as the platform knows it, and its key."""
    row = reader.execute("SELECT * FROM device LIMIT 1").fetchone()
    if row is None:
        raise StoreError("damaged")
    device = Device(
        row["device_id"], row["name"], row["unit_code"], row["unit_name"], row["city"],
        row["platform_url"], row["ca_file"], row["server_id"], row["server_key"], row["epoch"],
        row["package_key"],
    )  # fmt: skip
    return device, SigningKey(row["signing_key"])


def _write_device(tx: Connection, device: Device, key: SigningKey) -> None:
    tx.execute(
        "INSERT INTO device (device_id, name, signing_key, unit_code, unit_name, city, platform_url, ca_file,"
        " server_id, server_key, epoch, package_key) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            device.device_id, device.name, key.raw, device.unit_code, device.unit_name, device.city,
            device.platform_url, device.ca_file, device.server_id, device.server_key, device.epoch,
            device.package_key,
        ),
    )  # fmt: skip


def _write_operator(tx: Connection, operator: Operator, at: str) -> None:
    tx.execute(
        "INSERT INTO operator (operator_id, name, roles, added_at) VALUES (?,?,?,?)"
        " ON CONFLICT (operator_id) DO UPDATE SET name = excluded.name, roles = excluded.roles",
        (operator.operator_id, operator.name, json.dumps(sorted(operator.roles)), at),
    )


def _write_key(tx: Connection, operator_id: str, key: SigningKey, at: str) -> None:
    tx.execute("UPDATE operator SET public_key = ? WHERE operator_id = ?", (key.public, operator_id))
    _know_key(tx, operator_id, key, at)


def _know_key(tx: Connection, operator_id: str, key: SigningKey, at: str) -> None:
    """Keep a public key for ever. Known already, unless a wrap was written and the power failed."""
    tx.execute("INSERT OR IGNORE INTO operator_key VALUES (?,?,?)", (key.public, operator_id, at))
