"""Answering the platform's questions (疑问数据): fetch them, set one aside with a reason, take it up again.

Each needs the line; what came back is kept, so that the list can be read without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from client.core.questions import Question
from client.store import link, questions
from client.store.desk import Desk
from client.sync.api import Platform
from client.sync.wire import Pinned, Transport

MOST_PAGES: Final = 50
"""Of a thousand; a unit with more is told by the feed what changes."""


def fetch(desk: Desk, line: Transport, cancelled: Callable[[], bool]) -> int:
    """Fetch the questions of the unit; returns how many.

    Raises:
        LinkError, PlatformRefusal, NotAllowed: nothing more came; what came is kept.
    """
    platform, after, count = _platform(desk, line), 0, 0
    for _ in range(MOST_PAGES):
        told, following = platform.questions(after)
        questions.keep(desk, told)
        count += len(told)
        if following is None or cancelled():
            break
        after = following
    return count


def ignore(desk: Desk, line: Transport, version_id: str, reason: str) -> Question:
    """Set an open question aside, with a reason.

    Raises:
        LinkError: the platform could not be asked; nothing is changed.
        PlatformRefusal: ``question_settled``, ``question_unknown``, ``not_authorised``.
    """
    now = _platform(desk, line).ignore_question(version_id, reason)
    questions.keep(desk, [now])
    return now


def reopen(desk: Desk, line: Transport, version_id: str) -> Question:
    """Take up again what was set aside; raises as `ignore`."""
    now = _platform(desk, line).reopen_question(version_id)
    questions.keep(desk, [now])
    return now


def _platform(desk: Desk, line: Transport) -> Platform:
    pinned = Pinned(desk.device.server_id, desk.device.server_key)
    return Platform(line, pinned, lambda: link.token(desk.db.reader(), desk.operator.operator_id))
