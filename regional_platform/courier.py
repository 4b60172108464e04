"""Exchange packages (交换包) that come on a stick: read, handed to the same routes as HTTP, and answered.

Nothing of a package has effect before all of it was read once, found whole, and proved to be of an enrolled
desk and of a person of its unit. Then it is read again, and each thing in it is asked for as that person. The
answers, byte for byte, go into the package that goes back, with the feed from where the desk has read it.
"""

from __future__ import annotations

import io
import json
import os
import re
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import zstandard
from fastapi import FastAPI
from sqlalchemy import Connection, func, insert, select

from forms.seal.canonical import digest
from forms.seal.package import HELD_DAYS, Header, PackageError, key_id
from forms.seal.package_parts import open_package, put_on_stick
from forms.seal.package_stream import Entry, Package, write_package
from regional_platform.attachments import Kept, find, keep, parts
from regional_platform.auth.by_package import device_key, open_session
from regional_platform.auth.callers import Caller, caller_of
from regional_platform.auth.signin import sign_out
from regional_platform.case_log import papers_of
from regional_platform.feed import page_body, read_page
from regional_platform.inside import Answer, Inside
from regional_platform.limits import RateLimit
from regional_platform.pipeline.worker import settle
from regional_platform.platform import Platform
from regional_platform.problems import MEDIA_TYPE, Refusal, problem
from regional_platform.store.package_tables import package as table
from regional_platform.times import iso

JSON: Final = "application/json"
PAGE: Final = 200
MOST_PAGES: Final = 1_000
MOST_EVIDENCE_BYTES: Final = 512 * 1024 * 1024
MOST_EVIDENCE: Final = 500
"""What one answer takes; the rest comes with the next."""

MOST_NUMBERS: Final = 10_000
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA: Final = re.compile(r"[0-9a-f]{64}")
_MEDIA: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,63}/[A-Za-z0-9!#$&^_.+-]{1,63}")


@dataclass(frozen=True, slots=True)
class Made:
    """The package that goes back."""

    header: Header
    sha256: str
    files: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of a package.

    Attributes:
        header: of the package; its content was `sha256`.
        unit: of the desk.
        replayed: it was read before; it had no second effect.
        missing: numbers of packages of this desk before it that never came.
        forked: its number was used by another package: the desk was copied, or a backup put back.
        counts: approvals, attachments, batches; accepted, rejected, held, refused.
    """

    header: Header
    sha256: str
    unit: str
    replayed: bool
    missing: tuple[int, ...]
    forked: bool
    counts: Mapping[str, int]
    reply: Made


def take_in(app: FastAPI, file: Path, reply: Path, *, part_bytes: int | None = None) -> TakenIn:
    """Read a package, let it have its effect, and write the one that goes back.

    Again, it has no second effect and is answered anew: the answer may have been lost.

    Args:
        app: the application, with its platform open; it need not be serving.
        file: the package, any of its parts, or the name that its parts were made from.
        reply: file for the answer.
        part_bytes: size of a part of the answer.

    Raises:
        PackageError: it is not whole, or not for this platform; nothing had effect.
        Refusal: device-unknown, device-revoked, signature-invalid, operator-locked, not-authorised: the same.
    """
    platform: Platform = app.state.platform
    platform.batch_rate = RateLimit(1_000_000, 1_000_000)  # a stick holds what the desk sends in days
    with open_package(file) as package:
        asks = _proved(platform, package)
        assert package.seal is not None
        known = _known(platform, package)
        with _session(platform, package) as (token, caller), closing(Inside(app, token)) as inside:
            reader = _Reader(platform, caller, inside, package, asks)
            made = _answer(platform, package.header, caller, reader, reply, part_bytes)
            note = _Note(package.header, package.sha256, caller.unit, package.seal.by, dict(reader.counts))
            if known is None:
                platform.store.write(lambda connection: note.insert(connection, platform), units=())
        missing, forked = _gaps(platform, package.header)
    return TakenIn(
        package.header, package.sha256, caller.unit, known is not None, missing, forked, reader.counts, made
    )


def _proved(platform: Platform, package: Package) -> Entry | None:
    """Read a package to its end and believe it, or not; returns what it asks for beside its content."""
    header, identity = package.header, platform.identity
    if header.way != "up":
        raise PackageError("package_wrong_way")
    if header.server_id != identity.server_id or header.recipient_key != identity.package_key.key_id:
        raise PackageError("package_for_another")
    with platform.store.reading() as connection:
        public = device_key(connection, header.device_id)
    package.sealed.require_sender(public)
    package.sealed.require_fresh(iso(platform.clock()))
    asks: Entry | None = None
    for entry in package.walk(identity.package_key):
        if entry.kind == "asks":
            asks = entry
    return asks


def _known(platform: Platform, package: Package) -> str | None:
    """Return the digest of a package that came before; an id never has two contents."""
    with platform.store.reading() as connection:
        known: str | None = connection.execute(
            select(table.c.sha256).where(table.c.package_id == package.header.package_id)
        ).scalar_one_or_none()
    if known not in (None, package.sha256):
        raise Refusal("key-reused")
    return known


@contextmanager
def _session(platform: Platform, package: Package) -> Iterator[tuple[str, Caller]]:
    assert package.seal is not None
    token = open_session(platform, package.header.device_id, package.seal)
    with platform.store.reading() as connection:
        caller = caller_of(connection, token, platform.clock())
    try:
        if not caller.roles:
            raise Refusal("not-authorised")
        yield token, caller
    finally:
        sign_out(platform, caller)


@dataclass(slots=True)
class _Reader:
    """Hands the entries of a package over, one by one, and gives the entries of the answer."""

    platform: Platform
    caller: Caller
    inside: Inside
    package: Package
    asks: Entry | None
    counts: Counter[str] = field(default_factory=Counter)
    _evidence: set[str] = field(default_factory=set)

    def answers(self) -> Iterator[Entry]:
        """Give all that goes back, in the order in which the desk applies it."""
        for entry in self.package.walk(self.platform.identity.package_key):
            handle = _HANDLERS.get(entry.kind)
            name = entry.about.get("name")
            if handle is not None and isinstance(name, str):
                answer = handle(self, name, entry)
                self.counts["refused"] += answer.status >= 400
                yield _carried(entry.kind, answer, name=name)
        settle(self.platform, self.caller.unit)
        yield from self._feed()
        yield from self._files()

    def approval(self, name: str, entry: Entry) -> Answer:
        self.counts["approvals"] += 1
        return self._ask("PUT", "/v1/approvals/", name, {"content-type": JSON}, entry.content)

    def batch(self, name: str, entry: Entry) -> Answer:
        self.counts["batches"] += 1
        headers = {
            "content-type": "application/vnd.minxin.batch+json",
            "content-encoding": "zstd",
            "idempotency-key": f'"{name}"',
            "x-body-sha256": digest(entry.content),
        }
        answer = self.inside.ask(
            "POST", "/v1/batches", headers=headers, body=zstandard.compress(entry.content, 3)
        )
        if answer.status == 200:
            self.counts.update(one["outcome"] for one in json.loads(answer.body)["receipts"])
        return answer

    def missing(self, _name: str, entry: Entry) -> Answer:
        return self.inside.ask("POST", "/v1/missing", headers={"content-type": JSON}, body=entry.content)

    def _ask(self, method: str, path: str, name: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if not _ID.fullmatch(name):
            return _refused(Refusal("malformed"))
        return self.inside.ask(method, path + name, headers=headers, body=body)

    def attachment(self, name: str, entry: Entry) -> Answer:
        """Keep an attachment, as its route does."""
        self.counts["attachments"] += 1
        size, said = len(entry.content), entry.about
        media, file_name = str(said.get("media_type")), str(said.get("file_name"))
        if size > self.platform.settings.limits.attachment_bytes:
            return _refused(Refusal("batch-too-large"))
        if digest(entry.content) != name:
            return _refused(Refusal("attachment-mismatch"))
        kept = Kept(
            self.caller.unit, name, size, file_name[:255] or "attachment",
            media if _MEDIA.fullmatch(media) else "application/octet-stream",
        )  # fmt: skip
        made = keep(self.platform, self.caller, kept, io.BytesIO(entry.content))
        return Answer(201 if made else 200, JSON, json.dumps({"sha256": name, "size": size}).encode())

    def _feed(self) -> Iterator[Entry]:
        """Give the feed from where the desk has read it, as it would have been served."""
        identity, after = self.platform.identity, self._after()
        yield Entry({"kind": "epoch", "epoch": identity.epoch})
        # The first page is asked for as by the desk: it confirms what the desk has read, and no more.
        query = f"epoch={identity.epoch}&after={after}&limit={PAGE}"
        answer = self.inside.ask("GET", "/v1/feed", query=query)
        for _ in range(MOST_PAGES):
            yield _carried("feed", answer, after=after)
            if answer.status != 200:
                return
            self._note_evidence(answer.body)
            with self.platform.store.reading() as connection:
                after = json.loads(answer.body)["next"]
                page = read_page(connection, identity, self.caller.unit, after, PAGE)
            if not page.entries:
                return
            answer = Answer(200, JSON, page_body(identity, page))

    def _after(self) -> int:
        """Where the desk stands in this epoch; at the beginning in another one."""
        asked = self.asks.about if self.asks else {}
        after = asked.get("after")
        if asked.get("epoch") != self.platform.identity.epoch or not isinstance(after, int) or after < 0:
            return 0
        return after

    def _note_evidence(self, page: bytes) -> None:
        """Note what the cases of a page name, so that they can be read without a line."""
        if b'"case.' in page:
            for item in json.loads(page)["items"]:
                if item["type"].startswith("case."):
                    self._evidence |= papers_of(item["data"])

    def _files(self) -> Iterator[Entry]:
        """Give the evidence of cases that the desk lacks; what it may not see is left out."""
        left = MOST_EVIDENCE_BYTES
        for sha256 in sorted(self._evidence | self._lacking())[:MOST_EVIDENCE]:
            try:
                with self.platform.store.reading() as connection:
                    kept = find(connection, self.caller, sha256)
            except Refusal:
                continue
            left -= kept.size_bytes
            if left < 0:
                return
            whole = (kept.size_bytes, parts(self.platform, kept, range(kept.size_bytes)))
            yield Entry({"kind": "evidence", "name": sha256}, pieces=whole)

    def _lacking(self) -> set[str]:
        try:
            said = json.loads(self.asks.content)["evidence"] if self.asks else []
            return {one for one in said if isinstance(one, str) and _SHA.fullmatch(one)}
        except (ValueError, KeyError, TypeError, RecursionError):
            return set()


_HANDLERS: Final[Mapping[str, Callable[[_Reader, str, Entry], Answer]]] = {
    "approval": _Reader.approval,
    "attachment": _Reader.attachment,
    "batch": _Reader.batch,
    "missing": _Reader.missing,
}
"""What is done with an entry of each kind; its answer bears the same name."""


def _carried(kind: str, answer: Answer, **more: Any) -> Entry:
    return Entry({"kind": kind, "status": answer.status, "media": answer.media, **more}, answer.body)


def _refused(refusal: Refusal) -> Answer:
    made = problem(refusal.code, instance="", errors=refusal.errors, extras=refusal.extras)
    return Answer(made["status"], MEDIA_TYPE, json.dumps(made, ensure_ascii=False).encode())


# the answer


def _answer(
    platform: Platform, asked: Header, caller: Caller, reader: _Reader, reply: Path, part_bytes: int | None
) -> Made:
    """Write the package that goes back; what is asked in the other is done on the way."""
    identity, now = platform.identity, platform.clock()
    if asked.reply_key is None:
        raise PackageError("package_damaged")
    with platform.store.reading() as connection:
        number, before = _last(connection, asked.device_id)
    header = Header(
        package_id=str(uuid.uuid4()),
        way="down",
        device_id=asked.device_id,
        server_id=identity.server_id,
        package_seq=number + 1,
        prev_sha256=before,
        recipient_key=key_id(asked.reply_key),
        reply_key=None,
        ack_of=asked.package_id,
        created_at=iso(now),
        expires_at=iso(now + timedelta(days=HELD_DAYS)),
    )
    with tempfile.TemporaryDirectory(prefix="minxin-package-") as folder:
        whole = Path(folder) / "package"
        with whole.open("wb") as out:
            made = write_package(
                out, header, reader.answers(), to=asked.reply_key, sender=identity.key,
                by=identity.server_id, signer=identity.key,
            )  # fmt: skip
            out.flush()
            os.fsync(out.fileno())
        files = put_on_stick(whole, header.package_id, reply, part_bytes=part_bytes)
        note = _Note(header, made.sha256, caller.unit, None, {"entries": made.entries})
        platform.store.write(lambda connection: note.insert(connection, platform), units=())
    return Made(header, made.sha256, files)


def _last(connection: Connection, device_id: str) -> tuple[int, str | None]:
    """Return number and digest of the last package that went to a desk."""
    row = connection.execute(
        select(table.c.package_seq, table.c.sha256)
        .where(table.c.device_id == device_id, table.c.way == "down")
        .order_by(table.c.package_seq.desc())
        .limit(1)
    ).one_or_none()
    return (0, None) if row is None else (row.package_seq, row.sha256)


@dataclass(frozen=True, slots=True)
class _Note:
    """A package to be remembered."""

    header: Header
    sha256: str
    unit: str
    operator_id: str | None
    counts: Mapping[str, int]

    def insert(self, connection: Connection, platform: Platform) -> None:
        header = self.header
        connection.execute(
            insert(table).values(
                package_id=header.package_id, way=header.way, device_id=header.device_id, unit=self.unit,
                package_seq=header.package_seq, sha256=self.sha256, operator_id=self.operator_id,
                ack_of=header.ack_of, created_at=header.created_at, noted_at=iso(platform.clock()),
                counts=json.dumps(dict(self.counts)),
            )
        )  # fmt: skip


def _gaps(platform: Platform, header: Header) -> tuple[tuple[int, ...], bool]:
    """Return the numbers before a package of a desk that never came, and whether its own came twice."""
    mine = (table.c.device_id == header.device_id, table.c.way == "up")
    first = max(1, header.package_seq - MOST_NUMBERS)
    with platform.store.reading() as connection:
        known = set(
            connection.execute(
                select(table.c.package_seq).where(
                    *mine, table.c.package_seq.between(first, header.package_seq)
                )
            ).scalars()
        )
        same = connection.execute(
            select(func.count()).where(*mine, table.c.package_seq == header.package_seq)
        ).scalar_one()
    return tuple(n for n in range(first, header.package_seq) if n not in known), same > 1
