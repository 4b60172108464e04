"""Who this platform is: its id, its signing key and its epoch, made once and kept in the database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from forms.seal.keys import SigningKey
from forms.seal.package import PackageKey
from regional_platform.store.tables import server
from regional_platform.times import iso


@dataclass(frozen=True, slots=True)
class Identity:
    """What clients pin at enrolment, and the keys behind it.

    Attributes:
        key: signs what the platform says.
        package_key: opens the packages that desks send on a stick; derived from `key`, for ever the same.
    """

    server_id: str
    epoch: str
    key: SigningKey
    package_key: PackageKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "package_key", PackageKey.derived(self.key.raw))


def identity_of(connection: Connection, now: datetime) -> Identity:
    """Return the platform's identity, making it in an empty database."""
    row = connection.execute(select(server)).one_or_none()
    if row is not None:
        return Identity(row.server_id, row.epoch, SigningKey(row.signing_key))
    made = Identity(f"mx-{secrets.token_hex(8)}", secrets.token_hex(8), SigningKey.generate())
    connection.execute(
        insert(server).values(
            server_id=made.server_id, epoch=made.epoch, signing_key=made.key.raw, made_at=iso(now)
        )
    )
    return made


def begin_epoch(connection: Connection, now: datetime) -> Identity:
    """Begin a new epoch: the database is not what it was. Desks ask what is missing, and read anew."""
    anew = replace(identity_of(connection, now), epoch=secrets.token_hex(8))
    connection.execute(update(server).values(epoch=anew.epoch))
    return anew
