"""How an attachment (附件) comes down: piece by piece, as large as the line bears; never all of it in memory.

After a cut the same piece is asked for again. Who keeps the pieces and who knows the time is passed in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from client.core.records import Attachment
from client.errors import LinkError
from client.sync.api import Platform
from client.sync.plan import LINK, Verdict
from client.sync.uploading import LEAST_BYTES, MOST_SETBACKS, next_size


class Stopped(Exception):
    """It was stopped in between; what came so far is not kept."""


def pieces_of(
    platform: Platform,
    attachment: Attachment,
    *,
    timer: Callable[[], float],
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[bytes]:
    """Give the bytes of an attachment; whether they are those that its digest names is known at their end.

    Raises:
        LinkError: the line is cut, and stays so; ``not_ours``: these are other bytes.
        PlatformRefusal: the platform says no.
        Stopped: `cancelled` says so.
    """
    hashed, done, size, setbacks = hashlib.sha256(), 0, LEAST_BYTES, 0
    while done < attachment.size_bytes:
        if cancelled():
            raise Stopped
        wanted, begun = min(size, attachment.size_bytes - done), timer()
        try:
            piece = platform.piece_of(attachment.sha256, done, wanted)
        except LinkError as error:
            setbacks += 1
            if LINK[error.code] is not Verdict.AGAIN or setbacks > MOST_SETBACKS:
                raise
            size = max(size // 2, LEAST_BYTES)
            continue
        size, setbacks = next_size(size, timer() - begun), 0
        hashed.update(piece)
        done += len(piece)
        yield piece
    if hashed.hexdigest() != attachment.sha256:
        raise LinkError("not_ours", why="sha256")
