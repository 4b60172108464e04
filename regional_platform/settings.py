"""What the platform is started with. Values only; read once, passed in everywhere."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from forms.lists.persons import COST

DEFAULT_DATABASE = "sqlite:///minxin-platform.db"
"""One file in the current folder; nothing to set up."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request or one device may ask for; told to clients by hello. Bytes and counts."""

    batch_items: int = 500
    batch_bytes: int = 1_048_576
    body_bytes: int = 16_777_216
    batches_per_minute: int = 120
    batch_burst: int = 240
    unit_bytes_per_day: int = 209_715_200
    attachment_bytes: int = 52_428_800
    approval_digests: int = 10_000

    def as_dict(self) -> dict[str, int]:
        """The limits as they stand in hello and in 413 answers."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Sunset:
    """A version of the protocol that will go: since when it is advised against, until when it is spoken."""

    protocol: int
    since_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Settings:
    """How one platform process runs.

    Attributes:
        database: SQLAlchemy URL.
        resources: folder with catalogs/ and api/.
        session_hours: life of a session.
        failures_allowed: failed sign-ins of one operator before sign-in closes.
        lockout_s: how long it stays closed, and how long failures are remembered.
        person_cost: how slow persons' tags are made, see `forms.lists.persons`; a database keeps its own.
        door_per_minute, door_burst: enrolments and sign-ins from one network address; a city may share one.
        poll_s: how often work made by another process is looked for.
        spread_s: over so many seconds desks are asked to spread their first batches, for as long after the
            start: all come back at once after an outage. 0 asks for nothing.
        workers: processes of this start that serve the database. On PostgreSQL there may be more elsewhere.
        sunsets: of the versions of the protocol that are still spoken and will not be for ever.
    """

    database: str
    resources: Path
    session_hours: int = 12
    failures_allowed: int = 5
    lockout_s: int = 900
    person_cost: int = COST
    poll_s: float = 1.0
    spread_s: int = 0
    sunsets: tuple[Sunset, ...] = ()
    workers: int = 1
    door_per_minute: int = 120
    door_burst: int = 240
    limits: Limits = field(default_factory=Limits)


def find_resources() -> Path:
    """Return the resources folder: MINXIN_RESOURCES, else installed beside us, else of the repository."""
    named = os.environ.get("MINXIN_RESOURCES")
    if named:
        return Path(named)
    beside = Path(__file__).resolve().parent.parent
    installed = beside / "minxin_resources"
    return installed if installed.is_dir() else beside / "resources"


def database_url(text: str) -> str:
    """Take a URL as it is, and a bare path as an SQLite file."""
    return text if "://" in text else f"sqlite:///{text}"
