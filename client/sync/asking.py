"""Asking the platform what other departments and cities hold of the acts in a file (比对).

Reads only. What was answered stands whatever happens after it; asking again goes on with the rest.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from client.core.comparisons import LOOKS_AT_PERSONS, MOST_ACTS, Asked, Shown
from client.errors import ClientError, LinkError, NotAllowed, PlatformRefusal
from client.store import link
from client.store.desk import Desk
from client.sync.api import Platform
from client.sync.pausing import Cancelled, Pause, real_pause
from client.sync.wire import Pinned, Transport

MOST_WAITS: Final = 5
"""Times that the platform may put one page off."""

LONGEST_WAIT_S: Final = 120
"""A person who waits for the answer is told, rather than kept, when the platform wants longer."""

NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
"""No act is about a person."""

Tell = Callable[[int, int | None], None]


class Line(Transport, Protocol):
    """A transport that is opened for one asking."""

    def close(self) -> None:
        """Let go of it."""
        ...


Connect = Callable[[Desk], Line]
"""Opens the line to the platform of a desk; may raise LinkError."""


def ask(
    desk: Desk,
    connect: Connect,
    item: str,
    keys: Sequence[str],
    *,
    persons: Mapping[str, str] = NOBODY,
    reason: str = "",
    before: Asked | None = None,
    progress: Tell,
    cancelled: Cancelled,
    pause: Pause | None = None,
) -> Asked:
    """Ask who else has reported acts, in pages.

    Args:
        desk: the open desk; its operator is signed in.
        connect: opens the line to the platform.
        item: code of the item.
        keys: natural keys of the acts.
        persons: natural key → exact number of the person that the act is about. Left out unless there is a
            reason, and the operator is one who may ask about persons.
        reason: why they are asked about; the platform keeps it.
        before: what an earlier asking brought; those acts are not asked for again.
        progress: told how many are answered, and of how many.
        cancelled: asked before each page.
        pause: lets time pass; real time when None.

    Returns:
        What is known now; why it stopped early stands in `problem`.
    """
    known = before or Asked()
    may = bool(reason and desk.operator.roles & LOOKS_AT_PERSONS)
    wanted = [key for key in dict.fromkeys(keys) if may or key not in persons]
    asked = Asked(set(known.keys), dict(known.told), known.persons or (may and bool(persons)))
    waiting = [key for key in wanted if key not in asked.keys]
    done, total = len(wanted) - len(waiting), len(wanted)
    pause = pause or real_pause(cancelled)
    try:
        if not waiting:
            return asked
        with contextlib.closing(connect(desk)) as line:
            platform = _platform(desk, line)
            for start in range(0, len(waiting), MOST_ACTS):
                progress(done + start, total)
                page = {key: persons.get(key, "") for key in waiting[start : start + MOST_ACTS]}
                _ask_page(platform, asked, item, page, reason, cancelled, pause)
        progress(total, total)
    except (LinkError, PlatformRefusal, NotAllowed) as error:
        asked.problem = error
    return asked


def look(
    desk: Desk, connect: Connect, subject_code: str, act_on: str, record_id: str, reason: str = ""
) -> Shown | None:
    """Return another unit's record as the platform shows it; None when not under this subject.

    A person's is shown only with the reason that it was asked about with.

    Raises:
        LinkError, PlatformRefusal, NotAllowed: it could not be asked.
    """
    with contextlib.closing(connect(desk)) as line:
        try:
            return _platform(desk, line).seen_record(subject_code, act_on, record_id, reason)
        except PlatformRefusal as error:
            if error.code == "no_such_subject":
                return None
            raise


def _platform(desk: Desk, line: Line) -> Platform:
    """Return the platform once it has shown that it is ours: no session goes to anybody else."""
    if link.token(desk.db.reader(), desk.operator.operator_id) is None:
        raise NotAllowed("sign_in_needed")
    pinned = Pinned(desk.device.server_id, desk.device.server_key)
    platform = Platform(line, pinned, lambda: link.token(desk.db.reader(), desk.operator.operator_id))
    platform.hello()
    return platform


def _ask_page(
    platform: Platform, asked: Asked, item: str, page: Mapping[str, str], reason: str, cancelled: Cancelled,
    pause: Pause,
) -> None:  # fmt: skip
    waits = 0
    while True:
        if cancelled():
            raise NotAllowed("stopped")
        try:
            told = platform.compare(item, page, reason)
        except PlatformRefusal as error:
            waits += 1
            pause(_wait_s(error, waits))
            continue
        asked.keys.update(page)
        asked.told |= {key: one for key, one in told.items() if one}
        return


def _wait_s(error: ClientError, waits: int) -> int:
    """Return how long to wait before the page is asked for again; raise what waiting does not mend."""
    seconds = error.params.get("retry_after_s")
    if not isinstance(seconds, int) or seconds > LONGEST_WAIT_S or waits > MOST_WAITS:
        raise error
    return seconds
