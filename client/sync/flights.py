"""What is on the line: batches that fly beside one another, and a page of the feed that is fetched ahead.

Carries only: the store is not touched here, and what came down is handed to the driver as it was verified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from client.core.answers import Answer, FeedPage
from client.core.batches import FrozenBatch, Pace
from client.errors import LinkError
from client.sync.api import FEED_ITEM_BYTES, SHORT_ITEM_BYTES, Platform
from client.sync.lanes import Lanes
from client.sync.pace import Trip, expected_s, is_slow
from client.sync.plan import QUICK_PAGE_S, items_in
from client.sync.reading import shaped
from client.sync.short import Run, filled_page, runs_of

Timer = Callable[[], float]
Came = tuple[Answer, Trip | None]
Said = FeedPage | dict[str, Any]
"""A page of the feed; in short as it came, unproved."""


OFTEN: Final = 3
"""Pages in short for which this desk lacked something, after which whole ones are asked for in this cycle."""

Known = Callable[[Sequence[Run]], Mapping[Run, Sequence[bytes]]]
"""Returns the receipts that versions were given in answers, if all are here; asked by the driver's thread."""


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A question for a page of the feed.

    Attributes:
        after: it begins behind this number.
        applied: all up to here is applied; the platform may rely on that.
        items: at most.
        in_short: receipts without what this desk knows already.
    """

    epoch: str
    after: int
    applied: int
    wait_s: int
    items: int
    in_short: bool = False


@dataclass(frozen=True, slots=True)
class _Flight:
    coming: Future[Came]
    versions: int


class Flights:
    """The batches on the line, and the page ahead. Used by the driver's thread."""

    def __init__(self, platform: Platform, lanes: Lanes, timer: Timer) -> None:
        self._platform, self._lanes, self._timer = platform, lanes, timer
        self._flying: dict[str, _Flight] = {}
        self._lacked = 0
        self._ahead: tuple[PageAsked, Future[tuple[Said, float]]] | None = None

    @property
    def versions(self) -> int:
        """How many versions are on the line."""
        return sum(flight.versions for flight in self._flying.values())

    def post(self, batch: FrozenBatch, pace: Pace) -> None:
        """Send the bytes of a batch, and measure."""
        count, beside = len(batch.versions), len(self._flying) + 1
        most_s = expected_s(pace, self.versions + count)

        def carry() -> Came:
            packed = self._platform.pack_batch(batch, most_s, is_slow=is_slow(pace))
            begun = self._timer()
            answer = self._platform.post_batch(batch, packed)
            return answer, Trip(count, len(packed.body), self._timer() - begun, beside)

        self._flying[batch.batch_id] = _Flight(self._lanes.submit(carry), count)

    def ask(self, batch: FrozenBatch, pace: Pace) -> None:
        """Ask what became of a batch."""
        count = len(batch.versions)
        most_s = expected_s(pace, self.versions, count * FEED_ITEM_BYTES)

        def carry() -> Came:
            return self._platform.ask_batch(batch, most_s, is_slow=is_slow(pace)), None

        self._flying[batch.batch_id] = _Flight(self._lanes.submit(carry), count)

    def landed(self) -> str:
        """Wait until one of the batches has come down; returns its id."""
        down = self._lanes.first([flight.coming for flight in self._flying.values()])
        return next(batch_id for batch_id, flight in self._flying.items() if flight.coming is down)

    def take(self, batch_id: str) -> Came:
        """Return what came of a batch that has landed.

        Raises:
            LinkError: no answer.
            PlatformRefusal: it says no.
        """
        return self._flying.pop(batch_id).coming.result()

    def page(self, asked: PageAsked, known: Known) -> tuple[FeedPage, float]:
        """Return a page of the feed and how long it took: the one that was fetched ahead, or a new one.

        Args:
            asked: which.
            known: what receipts that come in short are filled in from.

        Raises:
            LinkError: no answer.
            PlatformRefusal: it says no.
        """
        if self._flying and not self._is_here(asked):
            return FeedPage(asked.epoch, [], asked.after, asked.after), 0.0
        ahead, self._ahead = self._ahead, None
        if ahead is not None and _is_same(ahead[0], asked):
            said, took_s = ahead[1].result()
        else:
            said, took_s = self._pulled(asked)
        if isinstance(said, FeedPage):
            return said, took_s
        needed = shaped(runs_of, said)
        checked = known(needed)
        if self._flying and not checked.keys() >= set(needed):
            # It tells of what is on the line: it is looked at again when that has landed.
            kept: Future[tuple[Said, float]] = Future()
            kept.set_result((said, took_s))
            self._ahead = asked, kept
            return FeedPage(asked.epoch, [], asked.after, asked.after), took_s
        return self._filled(said, asked, checked), took_s

    def _is_here(self, asked: PageAsked) -> bool:
        """Say whether a page has come beside the batches; if none is on its way, let one come."""
        ahead = self._ahead
        if ahead is not None and _is_same(ahead[0], asked):
            if not ahead[1].done():
                return False
            if ahead[1].exception() is None:
                return True
        self.fetch_ahead(asked)
        return False

    def _filled(
        self, said: dict[str, Any], asked: PageAsked, checked: Mapping[Run, Sequence[bytes]]
    ) -> FeedPage:
        """Fill in what came in short. Where this desk lacks something for it, the page is asked for whole."""
        try:
            whole = shaped(partial(filled_page, checked=checked), said)
            return self._platform.proved(whole, asked.epoch, asked.after)
        except LinkError as error:
            if error.code != "not_ours":
                raise
        self._lacked += 1
        return self._platform.feed(
            asked.epoch, asked.after, applied=asked.applied, wait_s=asked.wait_s, items=asked.items
        )

    def fetch_ahead(self, asked: PageAsked) -> None:
        """Let the next page come while this one is taken into the store."""
        self._ahead = asked, self._lanes.submit(lambda: self._pulled(asked))

    def _pulled(self, asked: PageAsked) -> tuple[Said, float]:
        begun = self._timer()
        ask = self._platform.short_feed if asked.in_short and self._lacked < OFTEN else self._platform.feed
        page: Said = ask(
            asked.epoch, asked.after, applied=asked.applied, wait_s=asked.wait_s, items=asked.items
        )
        return page, self._timer() - begun


def items_of_a_page(pace: Pace, tried: int, *, in_short: bool) -> int:
    """Return how many items of the feed to ask for: as many as come within a few seconds.

    Args:
        pace: what the line bore.
        tried: what counts while that is not known.
        in_short: receipts are told in short.
    """
    if not pace.bytes_per_s:
        return tried
    each = SHORT_ITEM_BYTES if in_short else FEED_ITEM_BYTES
    return items_in(pace.bytes_per_s * QUICK_PAGE_S, each, in_short=in_short)


def _is_same(one: PageAsked, other: PageAsked) -> bool:
    return (one.epoch, one.after) == (other.epoch, other.after)
