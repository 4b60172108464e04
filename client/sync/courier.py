"""Sync by stick: what is due goes out in a package (交换包), what the platform says comes home in another.

The package holds the same bytes as the network would have carried, and what comes back is read and applied
by the same functions. So stick and network may be mixed in any order, and anything may be read twice: one
effect.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from client.core.packages import Load, Packed, TakenIn
from client.core.times import to_text
from client.errors import ClientError, FileRefused, NotAllowed, StoreError
from client.store import attachments, batches, cases, courier, link, missing, outbox
from client.store.desk import Desk
from client.store.files import file_error, sync_folder
from client.sync.api import MOST_ASKED
from client.sync.carried import Entropy, Taker
from client.sync.cutting import choose
from client.sync.driver import OF_AN_ATTACHMENT
from client.sync.pace import LARGE_BYTES
from client.sync.plan import is_due
from client.sync.wire import batch_body
from forms.seal.canonical import canonical
from forms.seal.package import HELD_DAYS, Header, PackageError, PackageKey, key_id
from forms.seal.package_parts import open_package, put_on_stick
from forms.seal.package_stream import Entry, Package, write_package

FOLDER: Final = "courier"
"""Folder of a profile where the package lies that went out last; encrypted, as it lies on the stick."""

MOST_ATTACHMENT_BYTES: Final = 1024**3
MOST_BATCHES: Final = 5_000
MOST_QUESTIONS: Final = 100
"""What one package takes; the rest comes with the next."""

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is.

    Attributes:
        phase: cutting, packing, writing; checking, applying.
        done, total: in the unit of the phase: versions, entries or bytes; `total` is 0 when nobody knows.
    """

    phase: str
    done: int
    total: int


Tell = Callable[[Progress], None]


def package_key(desk: Desk) -> PackageKey:
    """Return the key that packages for this desk are encrypted for; derived from the key of the profile."""
    return PackageKey(desk.data_key.subkey("package"))


@contextmanager
def _named() -> Iterator[None]:
    """Turn what is wrong with a package into an error that people are told."""
    try:
        yield
    except PackageError as error:
        raise FileRefused(error.code, **error.params) from error


# out


def out(
    desk: Desk, path: Path, *, part_bytes: int | None = None, progress: Tell, cancelled: Cancelled
) -> Packed:
    """Write all that is due into a package, on a stick.

    Its batches are frozen as for the network and count as sent; they may go over the network, too. When the
    stick is full or the program is killed, nothing is lost: `again` writes the same package once more, and
    what was not written yet goes with the next one.

    Args:
        desk: the open desk; the operator at work signs the package.
        path: file on the stick; with parts, their names are made from it.
        part_bytes: size of a part, for small sticks; None for one file.
        progress: told now and then.
        cancelled: asked now and then.

    Raises:
        NotAllowed: ``package_key_missing``: the platform never said for which key; sync once.
        FileRefused: ``stick_full``, ``stick_unwritable``, ``package_too_many_parts``.
        ClientError: ``stopped``.
        StoreError: this desk cannot be written.
    """
    to = desk.device.package_key
    if to is None:
        raise NotAllowed("package_key_missing")
    link.after_restore(desk)
    lots = _gather(desk, progress, cancelled)
    before = courier.newest(desk.db.reader(), "up")
    header = _header(desk, to, before)
    made = _spool(desk, header, to, lots, progress, cancelled)
    said = {"load": asdict(lots.load), "size_bytes": made[1], "expires_at": header.expires_at}
    courier.note_out(desk, header, made[0], lots.batches, said)
    _keep_only(desk, header.package_id)
    packed = Packed(
        header.package_id,
        header.package_seq,
        made[0],
        made[1],
        header.created_at,
        header.expires_at,
        lots.load,
    )
    return _put(desk, packed, path, part_bytes, 1, progress, cancelled)


def again(
    desk: Desk,
    path: Path,
    *,
    part_bytes: int | None = None,
    from_part: int = 1,
    progress: Tell,
    cancelled: Cancelled,
) -> Packed:
    """Write the package that went out last once more, byte for byte, or its parts from one on.

    Raises:
        NotAllowed: ``package_gone``: there is none.
        FileRefused, ClientError: as for `out`.
    """
    last = last_out(desk)
    if last is None:
        raise NotAllowed("package_gone")
    return _put(desk, last, path, part_bytes, from_part, progress, cancelled)


def last_out(desk: Desk) -> Packed | None:
    """Return the package that `again` would write; without files when it never came whole onto a stick."""
    last = courier.newest(desk.db.reader(), "up")
    if last is None or not _place(desk, last.package_id).is_file():
        return None
    return Packed(
        last.package_id, last.package_seq, last.sha256, last.said["size_bytes"], last.created_at,
        last.said["expires_at"], Load(**last.said["load"]), tuple(last.said.get("files", ())),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Lots:
    """What goes into a package, in the order in which the platform takes it."""

    approvals: tuple[str, ...]
    attachments: tuple[str, ...]
    batches: tuple[str, ...]
    load: Load


def _gather(desk: Desk, progress: Tell, cancelled: Cancelled) -> _Lots:
    reader = desk.db.reader()
    approvals = tuple(outbox.approvals_to_put(reader))
    files, left_behind = _files(desk)
    limits = link.link(reader).limits
    opened = batches.open_batches(reader, limit=MOST_BATCHES)
    versions = sum(one.items for one in opened)
    while len(opened) < MOST_BATCHES:
        _go_on(Progress("cutting", versions, 0), progress, cancelled)
        cut = outbox.cut_batch(
            desk,
            choose=lambda due: choose(due, limits, items=limits.batch_items, packed_bytes=LARGE_BYTES),
            encode=batch_body,
            is_over=is_due,
            look_at=limits.batch_items,
            unconfirmed=True,
        )
        if cut is None:
            break
        opened.append(cut)
        versions += cut.items
    load = Load(len(approvals), len(files), len(opened), versions, left_behind)
    return _Lots(approvals, files, tuple(one.batch_id for one in opened), load)


def _files(desk: Desk) -> tuple[tuple[str, ...], int]:
    """Return the attachments that fit, and how many are left behind; those that are not here are named."""
    wanted = outbox.attachments_to_put(desk.db.reader())
    gone = attachments.missing(desk, wanted)
    for sha256 in sorted(gone):
        outbox.refuse_attachment(desk, sha256, "attachment_missing")
    fitting, size, left_behind = list[str](), 0, 0
    for sha256 in (one for one in wanted if one not in gone):
        about = attachments.find(desk.db.reader(), sha256)
        size += about.size_bytes if about else 0
        if size > MOST_ATTACHMENT_BYTES:
            left_behind += 1
        else:
            fitting.append(sha256)
    return tuple(fitting), left_behind


def _header(desk: Desk, to: str, before: courier.Noted | None) -> Header:
    offset = timedelta(milliseconds=link.link(desk.db.reader()).clock_offset_ms)
    now = desk.clock() + offset  # the platform holds the end of its time against its own clock
    return Header(
        package_id=desk.new_id(),
        way="up",
        device_id=desk.device.device_id,
        server_id=desk.device.server_id,
        package_seq=1 if before is None else before.package_seq + 1,
        prev_sha256=None if before is None else before.sha256,
        recipient_key=key_id(to),
        reply_key=package_key(desk).public,
        ack_of=None,
        created_at=to_text(now),
        expires_at=to_text(now + timedelta(days=HELD_DAYS)),
    )


def _place(desk: Desk, package_id: str) -> Path:
    return desk.profile / FOLDER / package_id


def _spool(
    desk: Desk, header: Header, to: str, lots: _Lots, progress: Tell, cancelled: Cancelled
) -> tuple[str, int]:
    """Write the package whole beside the database; returns digest and size.

    Only from here is it copied onto sticks: so it can be written twice, and never half.
    """
    place = _place(desk, header.package_id)
    total = len(lots.approvals) + len(lots.attachments) + len(lots.batches)

    def counted() -> Iterator[Entry]:
        for done, entry in enumerate(_entries(desk, lots)):
            _go_on(Progress("packing", done, total), progress, cancelled)
            yield entry

    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(place, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            made = write_package(
                file, header, counted(), to=to, sender=desk.device_key, by=desk.operator.operator_id,
                signer=desk.key,
            )  # fmt: skip
            file.flush()
            os.fsync(file.fileno())
        sync_folder(place.parent)
    except OSError as error:
        place.unlink(missing_ok=True)
        raise file_error(error) from error
    except ClientError:
        place.unlink(missing_ok=True)
        raise
    return made.sha256, made.size_bytes


def _entries(desk: Desk, lots: _Lots) -> Iterator[Entry]:
    reader = desk.db.reader()
    now = link.link(reader)
    wanted = [one.sha256 for one in cases.evidence_wanted(reader)]
    yield Entry({"kind": "asks", "epoch": now.epoch, "after": now.cursor}, canonical({"evidence": wanted}))
    yield from _what_it_lacks(desk)
    for approval_id in lots.approvals:
        yield Entry({"kind": "approval", "name": approval_id}, outbox.approval_body(reader, approval_id))
    for sha256 in lots.attachments:
        about = attachments.find(reader, sha256)
        try:
            attachments.verify(desk, sha256)
        except StoreError as error:
            if error.code not in OF_AN_ATTACHMENT:
                raise
            outbox.refuse_attachment(desk, sha256, error.code)
            continue
        if about is not None:
            said = {"name": sha256, "file_name": about.name, "media_type": about.media_type}
            whole = (about.size_bytes, attachments.chunks_of(desk, sha256))
            yield Entry({"kind": "attachment", **said}, pieces=whole)
    for batch_id in lots.batches:
        yield Entry({"kind": "batch", "name": batch_id}, batches.frozen(reader, batch_id).body)


def _what_it_lacks(desk: Desk) -> Iterator[Entry]:
    """Ask a restored platform which versions it has lost, page by page, as the cycle does."""
    reader = desk.db.reader()
    after = link.asked_up_to(reader)
    for n in range(MOST_QUESTIONS):
        if after is None:
            return
        page = missing.accepted_after(reader, after, limit=MOST_ASKED)
        if page.up_to is None:
            if n == 0:
                missing.queue_again(desk, (), None)
            return
        said = canonical({"version_ids": list(page.version_ids)})
        yield Entry({"kind": "missing", "name": str(after)}, said)
        after = page.up_to


def _keep_only(desk: Desk, package_id: str) -> None:
    """Remove packages of before; what they carried lies in the database."""
    for old in (desk.profile / FOLDER).iterdir():
        if old.name != package_id:
            old.unlink(missing_ok=True)


def _put(
    desk: Desk,
    packed: Packed,
    path: Path,
    part_bytes: int | None,
    from_part: int,
    progress: Tell,
    cancelled: Cancelled,
) -> Packed:
    def told(done: int, total: int) -> None:
        _go_on(Progress("writing", done, total), progress, cancelled)

    with _named():
        files = put_on_stick(
            _place(desk, packed.package_id), packed.package_id, path,
            part_bytes=part_bytes, from_part=from_part, told=told,
        )  # fmt: skip
    names = tuple(one.name for one in files)
    courier.note_written(desk, packed.package_id, names)
    return replace(packed, files=names)


def _go_on(at: Progress, progress: Tell, cancelled: Cancelled) -> None:
    if cancelled():
        raise ClientError("stopped")
    progress(at)


# in


def take_in(desk: Desk, path: Path, *, progress: Tell, cancelled: Cancelled, entropy: Entropy) -> TakenIn:
    """Read a package of the platform and apply what it says, as if it had come over the network.

    Nothing of it has effect before all of it was found whole and the platform's. Again, it does nothing new.

    Args:
        desk: the open desk.
        path: the file, any of its parts, or the name that its parts were made from.
        progress: told now and then.
        cancelled: asked now and then; what was applied stays, and the package can be read again.
        entropy: a random number from 0 up to 1, for waits.

    Raises:
        FileRefused: see `forms.seal.package.PackageError`; nothing was applied.
        LinkError: ``receipt_conflict``, ``not_ours``: the platform contradicts itself.
        ClientError: ``stopped``.
        StoreError: this desk cannot be written.
    """
    key = package_key(desk)
    with _named(), open_package(path) as package:
        header = package.header
        total = _proved(desk, package, key, progress, cancelled)
        known = courier.number_of(desk.db.reader(), header.package_id) is not None
        taker = Taker(desk, header, entropy)
        for done, entry in enumerate(package.walk(key)):
            _go_on(Progress("applying", done, total), progress, cancelled)
            taker.take(entry)
        taken = taker.taken(again=known)
        said = {"ack_of": header.ack_of, "events": taken.events, **asdict(taken.applied)}
        courier.note_in(desk, header, package.sha256, said)
    if desk.second_copy is not None:
        desk.second_copy.trim(desk)
    return taken


def _proved(desk: Desk, package: Package, key: PackageKey, progress: Tell, cancelled: Cancelled) -> int:
    """Read a package to its end and believe it, or not; returns how many entries it has."""
    header, count = package.header, 0
    if header.way != "down":
        raise PackageError("package_wrong_way")
    if header.server_id != desk.device.server_id:
        raise PackageError("package_for_another")
    package.sealed.require_sender(desk.device.server_key)
    for count, _ in enumerate(package.walk(key), start=1):
        _go_on(Progress("checking", count, 0), progress, cancelled)
    if package.seal is None or not package.seal.proves(desk.device.server_key):
        raise PackageError("package_forged")
    return count
