"""What window, command line and demo build the same way: clock, ids, catalogs, an open desk.

Part of the composition root. Reads the real clock and the system's randomness, so that nothing below does.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from client import credentials, settings
from client.core.ids import uuid7
from client.core.times import day_in_shanghai
from client.errors import ClientError, ProfileError, UnlockError
from client.paths import resources
from client.store import catalog_sets
from client.store import profile as profiles
from client.store.desk import Catalogs, Desk
from client.store.files import file_error, write_whole
from client.sync import signin
from client.sync.lines import to_address, with_own_copy
from client.sync.signin import Enrolled
from client.sync.ways import Way, account
from forms.seal.keys import BadKey, SigningKey, from_text, to_text

JOINING = "joining.key"


def utc_now() -> datetime:
    """Return the time of this PC, aware."""
    return datetime.now(UTC)


def new_id() -> str:
    """Make a UUIDv7 from the time and the system's randomness."""
    return uuid7(utc_now(), secrets.token_bytes(10))


def load_catalogs(profile: Path | None = None) -> Catalogs:
    """Load every catalog set that ships with the program, and those that a desk installed.

    A set that was installed and is not sound any more is left out; `doctor` names it.
    """
    sets = catalog_sets.every_set(profile, catalog_home())
    return Catalogs(sets, today=lambda: day_in_shanghai(utc_now()))


def catalog_home() -> Path:
    """Return the folder of the catalog sets that ship with the program."""
    return resources() / "catalogs"


def open_desk(profile: Path, operator_name: str, passphrase: str, *, writable: bool = True) -> Desk:
    """Unlock a profile for one operator, with the half of the key that the keyring holds, if it holds one.

    Raises:
        ProfileError, UnlockError, StoreError: as `client.store.profile.unlock`.
    """
    return profiles.unlock(
        profile,
        operator_name,
        passphrase,
        profiles.half_of(profile, operator_name, credentials.fetch_half),
        catalogs=load_catalogs(profile),
        clock=utc_now,
        new_id=new_id,
        writable=writable,
    )


def way_out(likings: settings.Settings) -> Way:
    """Return the way to the platform that is set, with the password that the keyring keeps; may block."""
    way = Way(likings.proxy, likings.proxy_address, likings.proxy_user)
    return replace(way, password=credentials.fetch_word(account(way))) if way.user else way


class WayOut:
    """The way to the platform as it is set on one desk, for a window.

    A password that no keyring takes is kept here, until the window closes.
    """

    def __init__(self, profile: Path) -> None:
        self._profile, self._password = profile, ""

    def get(self) -> Way:
        """Return it; asks the keyring, so never in the window's own thread."""
        kept = way_out(likings(self._profile))
        return kept if kept.password else replace(kept, password=self._password)

    def set(self, way: Way) -> bool:
        """Keep another; False when its password could only be kept here.

        Raises:
            ClientError: ``settings_unwritable``.
        """
        way = replace(way, address=way.address.strip(), user=way.user.strip())
        had = likings(self._profile)
        settings.save(
            self._profile,
            replace(had, proxy=way.mode, proxy_address=way.address, proxy_user=way.user),
        )
        self._password = way.password
        return credentials.keep_word(account(way), way.password) or not way.password


def likings(profile: Path) -> settings.Settings:
    """Return the settings of a desk; those of a fresh one where its file cannot be read."""
    try:
        return settings.load(profile)
    except ClientError:
        return settings.Settings()


def enrol_desk(
    profile: Path,
    *,
    url: str,
    ca_file: str | None,
    code: str,
    desk_name: str,
    operator_name: str,
    passphrase: str,
    use_keyring: bool = True,
) -> Enrolled:
    """Make this desk known to the platform and make its profile, with one operator who can unlock it.

    Args:
        profile: folder, new or empty.
        url: address of the platform.
        ca_file: certificate authority of the platform, when it is not a public one.
        code: enrolment code of the unit.
        desk_name: as colleagues call this desk.
        operator_name: name or id of one of the unit's operators.
        passphrase: that this person chose.
        use_keyring: False leaves the keyring out, e.g. for a profile on a stick.

    Raises:
        ProfileError: ``profile_exists``.
        LinkError, PlatformRefusal: as `client.sync.signin.enrol`.
        UnlockError: ``operator_unknown``, ``passphrase_too_short``.
    """
    if (profile / profiles.KEYS).exists():
        raise ProfileError("profile_exists")
    device_key = joining_key(profile)
    transport = to_address(url, ca_file, way_out(likings(profile)))
    try:
        enrolled = signin.enrol(
            transport, url=url, ca_file=ca_file, code=code, name=desk_name, device_key=device_key
        )
    finally:
        transport.close()
    who = next((o for o in enrolled.operators if operator_name in (o.operator_id, o.name)), None)
    if who is None:
        raise UnlockError("operator_unknown")
    profile_id = new_id()
    profiles.create_profile(
        profile,
        profile_id=profile_id,
        device=with_own_copy(enrolled.device, profile),
        device_key=device_key,
        operators=enrolled.operators,
        first=profiles.NewOperator(who.operator_id, passphrase),
        possession=credentials.store_half(profile_id, who.operator_id) if use_keyring else None,
        clock=utc_now,
    )
    (profile / JOINING).unlink(missing_ok=True)
    return enrolled


def joining_key(profile: Path) -> SigningKey:
    """Return the key that a desk enrols with, kept in the folder before it is sent.

    An enrolment code is good for one key; when the answer is lost, or the operator was named wrong,
    the next try brings the same key and gets the same desk. Removed once the profile stands.

    Raises:
        StoreError: the folder cannot be written.
    """
    path = profile / JOINING
    try:
        if path.exists():
            return SigningKey(from_text(path.read_text(encoding="ascii")))
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise file_error(error) from error
    except (BadKey, UnicodeError):
        path.unlink()  # cut while it was written: nothing was sent with it
    made = SigningKey.generate()
    write_whole(path, to_text(made.raw).encode("ascii"))
    return made
