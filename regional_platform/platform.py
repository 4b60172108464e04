"""The open platform: everything that lives as long as the process, built once and passed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from forms.lists.book import Book, load_book
from regional_platform.auth.credentials import Credential, PasswordAndTotp
from regional_platform.catalogs import Catalogs, load_catalogs
from regional_platform.contradictions import Rules, load_rules
from regional_platform.feed import Bell
from regional_platform.limits import Rate, rate_of
from regional_platform.metrics import Metrics
from regional_platform.published import Shelf, refresh
from regional_platform.receipts import Numbers
from regional_platform.settings import Settings
from regional_platform.store.engine import Store, open_store
from regional_platform.store.identity import Identity, identity_of
from regional_platform.store.partitions import Partitions
from regional_platform.store.signals import Signals
from regional_platform.times import Clock
from regional_platform.working import UnderWay, Working


def _nobody() -> None:
    """Stand in until a pipeline listens."""


def _not_yet() -> bool:
    """Stand in until a pipeline runs."""
    return False


@dataclass(slots=True)
class Platform:
    """What requests and the pipeline work with.

    Attributes:
        catalogs: what is published, as of the last `published.refresh`.
        book: which items are lists.
        contradictions: which records contradict each other.
        credential: how a person proves who they are.
        working: batches that are being judged.
        opened_at: when this process began to serve.
        wake_pipeline: tells the pipeline that a transaction left it work.
        pipeline_alive: says whether the pipeline of this process runs.
    """

    settings: Settings
    store: Store
    identity: Identity
    catalogs: Catalogs
    shelf: Shelf
    book: Book
    contradictions: Rules
    clock: Clock
    bell: Bell
    batch_rate: Rate
    door_rate: Rate
    metrics: Metrics
    partitions: Partitions
    numbers: Numbers
    credential: Credential
    working: Working
    opened_at: datetime
    wake_pipeline: Callable[[], None] = field(default=_nobody)
    pipeline_alive: Callable[[], bool] = field(default=_not_yet)


@contextmanager
def hearing(platform: Platform) -> Iterator[None]:
    """Have the bell rung in other processes, and by them, where the database has a way to tell."""
    if not platform.store.on_postgresql:
        yield
        return
    signals = Signals(platform.store, platform.bell.hear)
    signals.start()
    platform.bell.tell = signals.send
    yield
    signals.stop()


def open_platform(settings: Settings, clock: Clock) -> Platform:
    """Open database and catalogs."""
    store = open_store(settings.database)
    limits = settings.limits
    shared = store.on_postgresql or settings.workers > 1
    catalogs = load_catalogs(settings.resources)
    platform = Platform(
        settings=settings,
        store=store,
        identity=store.write(lambda connection: identity_of(connection, clock())),
        catalogs=catalogs,
        shelf=Shelf(catalogs.sets),
        contradictions=load_rules(settings.resources),
        book=load_book(settings.resources, catalogs.sets.values()),
        clock=clock,
        bell=Bell(),
        batch_rate=rate_of(store, limits.batches_per_minute, limits.batch_burst, shared=shared),
        door_rate=rate_of(store, settings.door_per_minute, settings.door_burst, shared=shared),
        metrics=Metrics(),
        partitions=Partitions(store),
        numbers=Numbers(store),
        credential=PasswordAndTotp(),
        working=Working(UnderWay(store, clock) if store.on_postgresql else None),
        opened_at=clock(),
    )
    store.write(lambda connection: platform.shelf.register(connection, settings.resources, clock()))
    refresh(platform)
    return platform
