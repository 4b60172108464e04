"""How an attachment (附件) goes up: chunk by chunk, as large as the line bears, on from where it was cut.

After a cut the platform is asked how much it has, so that one chunk at most is sent again. Who reads the
bytes and who knows the time is passed in: nothing here opens a file, waits or looks at a clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from client.core.answers import Upload
from client.core.records import Attachment
from client.errors import LinkError, PlatformRefusal, StoreError
from client.sync.api import Platform
from client.sync.plan import LINK, Verdict

LEAST_BYTES: Final = 16_384
MOST_BYTES: Final = 1_048_576
QUICK_S: Final = 2.0
SLOW_S: Final = 5.0
"""A chunk that took less, or more, is followed by one twice or half as large."""

MOST_SETBACKS: Final = 3
"""In a row, with not a byte more at the platform; then whoever asked decides when to come back."""

GOES_ON: Final = frozenset({"upload_unknown", "offset_differs", "batch_digest_mismatch"})
"""Refusals after which the platform is asked where to go on."""

Read = Callable[[int, int], bytes]
"""Returns bytes of the attachment: from where, and how many."""

Told = Callable[[int], object]
"""Told how many bytes the platform has."""


def next_size(size: int, seconds: float) -> int:
    """Return the size of the next chunk, after one of `size` bytes took `seconds`."""
    if seconds < QUICK_S:
        return min(size * 2, MOST_BYTES)
    return max(size // 2, LEAST_BYTES) if seconds > SLOW_S else size


def send(
    platform: Platform,
    attachment: Attachment,
    read: Read,
    *,
    timer: Callable[[], float],
    cancelled: Callable[[], bool] = lambda: False,
    told: Told = lambda _offset: None,
) -> bool:
    """Hand an attachment over; False when it was stopped in between, which costs nothing.

    Raises:
        LinkError: the line is cut, and asking how far it came did not work either.
        PlatformRefusal: ``attachment_mismatch``; or the platform says no.
        StoreError: ``attachment_damaged``.
    """
    upload, size, setbacks = platform.begin_upload(attachment), LEAST_BYTES, 0
    while upload is not None and upload.offset < attachment.size_bytes:
        if cancelled():
            return False
        told(upload.offset)
        chunk = read(upload.offset, min(size, attachment.size_bytes - upload.offset))
        if not chunk:
            raise StoreError("attachment_damaged")  # shorter than it was when it was taken in
        begun = timer()
        try:
            offset = platform.add_chunk(upload.upload_id, upload.offset, chunk)
        except (LinkError, PlatformRefusal) as error:
            setbacks += 1
            if not _goes_on(error) or setbacks > MOST_SETBACKS:
                raise
            before, size = upload.offset, max(size // 2, LEAST_BYTES)
            upload = _where(platform, attachment, upload)
            setbacks = 0 if upload is None or upload.offset > before else setbacks
        else:
            size, setbacks = next_size(size, timer() - begun), 0
            upload = Upload(upload.upload_id, offset)
    told(attachment.size_bytes)
    return True


def _goes_on(error: LinkError | PlatformRefusal) -> bool:
    return LINK[error.code] is Verdict.AGAIN if isinstance(error, LinkError) else error.code in GOES_ON


def _where(platform: Platform, attachment: Attachment, upload: Upload) -> Upload | None:
    """Ask where to go on. An upload that is unknown was finished, or given up: it is begun again."""
    try:
        return Upload(upload.upload_id, platform.upload_offset(upload.upload_id))
    except PlatformRefusal as refusal:
        if refusal.code != "upload_unknown":
            raise
        return platform.begin_upload(attachment)
