"""What a package of the platform brings, applied entry by entry, by the functions that the network uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from client.core.answers import Applied
from client.core.packages import Refused, TakenIn
from client.errors import LinkError, NotAllowed, PlatformRefusal
from client.store import attachments, batches, cases, courier, feed, link, missing, outbox, receipts
from client.store.desk import Desk
from client.sync import reading
from client.sync.api import MOST_ASKED, Platform
from client.sync.outcome import failure_of
from client.sync.plan import Verdict, judge, return_s
from client.sync.reading import shaped, text
from client.sync.wire import Pinned, Reply, Request, batch_body
from forms.seal.canonical import digest
from forms.seal.package import Header
from forms.seal.package_stream import Entry

NO_SESSION: Final = "carried"
"""Stands where the network has a session: what was carried is proved by its seal."""

Entropy = Callable[[], float]


class _Carried:
    """A transport whose answer is the one that was carried here."""

    def __init__(self, server_id: str) -> None:
        self._server_id = server_id
        self.reply = Reply(0, {}, b"")

    def put(self, entry: Entry) -> None:
        """Hold the answer of an entry ready."""
        status, media = entry.about.get("status"), entry.about.get("media")
        headers = {"x-minxin-server": self._server_id, "content-type": str(media)}
        self.reply = Reply(status if isinstance(status, int) else 0, headers, entry.content)

    def exchange(self, _request: Request) -> Reply:
        """Answer."""
        return self.reply


@dataclass(slots=True)
class Taker:
    """Applies the entries of one package, in their order."""

    desk: Desk
    header: Header
    entropy: Entropy
    _applied: Applied = field(default_factory=Applied)
    _counts: dict[str, int] = field(default_factory=lambda: {"approval": 0, "attachment": 0})
    _events: int = 0
    _evidence: int = 0
    _refused: list[Refused] = field(default_factory=list)
    _resent: int = 0
    _epoch: str = ""
    _epoch_changed: bool = False
    _outdated: bool = False
    _carried: _Carried = field(init=False)
    _pinned: Pinned = field(init=False)
    _platform: Platform = field(init=False)

    def __post_init__(self) -> None:
        self._carried = _Carried(self.header.server_id)
        self._pinned = Pinned(self.desk.device.server_id, self.desk.device.server_key)
        self._platform = Platform(self._carried, self._pinned, lambda: NO_SESSION)

    def take(self, entry: Entry) -> None:
        """Apply one entry; a kind that this program does not know is passed over."""
        handle = _HANDLERS.get(entry.kind)
        if handle is not None:
            self._carried.put(entry)
            try:
                handle(self, entry)
            except NotAllowed:  # this desk is a backup put back: what it does not know will come again
                self._outdated = True

    def taken(self, *, again: bool) -> TakenIn:
        """What came of it."""
        reader, header = self.desk.db.reader(), self.header
        ack_of = header.ack_of or ""
        return TakenIn(
            header.package_id, header.package_seq, ack_of, courier.number_of(reader, ack_of), again,
            courier.never_read(reader, header), self._applied, self._counts["approval"],
            self._counts["attachment"], self._events, self._evidence, tuple(self._refused),
            self._epoch_changed, self._outdated, self._resent,
        )  # fmt: skip

    def approval(self, entry: Entry) -> None:
        name = _name(entry)
        body = outbox.approval_body(self.desk.db.reader(), name)
        try:
            self._platform.put_approval(name, body)
        except PlatformRefusal as refusal:
            self._refuse(entry, refusal, outbox.refuse_approval)
            return
        outbox.confirm_approval(self.desk, name)
        self._counts["approval"] += 1

    def attachment(self, entry: Entry) -> None:
        reply = self._carried.reply
        try:
            reading.expect(reply, self._pinned, 200, 201)
        except PlatformRefusal as refusal:
            self._refuse(entry, refusal, outbox.refuse_attachment)
            return
        if reading.json_body(reply).get("sha256") != _name(entry):
            raise LinkError("not_ours", why="sha256")
        outbox.confirm_attachment(self.desk, _name(entry))
        self._counts["attachment"] += 1

    def _refuse(self, entry: Entry, refusal: PlatformRefusal, note: Callable[[Desk, str, str], None]) -> None:
        """Note a refusal, unless the platform took it since over the network."""
        code = failure_of(refusal).code
        if not courier.is_confirmed(self.desk.db.reader(), entry.kind, _name(entry)):
            note(self.desk, _name(entry), code)
            self._refused.append(Refused(entry.kind, _name(entry), code))

    def batch(self, entry: Entry) -> None:
        batch, is_open = courier.whole_batch(self.desk.db.reader(), _name(entry))
        try:
            answer = self._platform.ask_batch(batch)
        except PlatformRefusal as refusal:
            if is_open:
                self._set_back(batch.batch_id, len(batch.versions), refusal)
            return
        self._applied += receipts.apply(
            self.desk, answer, retry_in_s=lambda tries: return_s(tries, self.entropy())
        )

    def _set_back(self, batch_id: str, items: int, refusal: PlatformRefusal) -> None:
        """A batch that was refused whole goes in two the next time, and alone it is set aside, as ever."""
        failure = failure_of(refusal)
        self._refused.append(Refused("batch", batch_id, failure.code))
        if judge(failure) not in {Verdict.FAULT, Verdict.HALVE}:
            batches.mark_unknown(self.desk, batch_id, failure.code)
        elif items > 1:
            batches.split(self.desk, batch_id, tries=0, encode=batch_body)
        else:
            batches.block(self.desk, batch_id, failure.code)

    def missing(self, entry: Entry) -> None:
        """Which versions a restored platform lacks: an answer to the question that is open now."""
        reader, reply = self.desk.db.reader(), self._carried.reply
        after = link.asked_up_to(reader)
        if after is None or str(after) != _name(entry):
            return
        try:
            reading.expect(reply, self._pinned, 200)
        except PlatformRefusal:
            return  # asked again with the next package
        page = missing.accepted_after(reader, after, limit=MOST_ASKED)
        # What was accepted since the question belongs to the page too, and is not lacking.
        told = set(shaped(lambda said: [text(one) for one in said["missing"]], reading.json_body(reply)))
        lacks = [one for one in page.version_ids if one in told]
        goes_on = page.up_to is not None and missing.accepted_after(reader, page.up_to, limit=1).version_ids
        self._resent += missing.queue_again(self.desk, lacks, page.up_to if goes_on else None)

    def epoch(self, entry: Entry) -> None:
        """Which epoch the news are of. One that differs counts only when nothing newer was heard here."""
        self._epoch = str(entry.about.get("epoch"))
        reader = self.desk.db.reader()
        if self._epoch == link.link(reader).epoch:
            return
        self._outdated = self.header.created_at <= courier.heard_until(reader)
        if not self._outdated:
            link.adopt_epoch(self.desk, self._epoch)
            self._epoch_changed = True

    def feed(self, entry: Entry) -> None:
        after = entry.about.get("after")
        cursor = link.link(self.desk.db.reader()).cursor
        if self._outdated or not isinstance(after, int):
            return
        if after > cursor:  # of a desk that has read further than this one, a backup put back
            self._outdated = True
            return
        self._events += feed.apply(self.desk, self._platform.feed(self._epoch, after))

    def evidence(self, entry: Entry) -> None:
        wanted = {one.sha256: one for one in cases.evidence_wanted(self.desk.db.reader(), limit=10_000)}
        about = wanted.get(_name(entry))
        if about is None or digest(entry.content) != about.sha256:
            return
        attachments.keep(self.desk, [entry.content], name=about.name, media_type=about.media_type)
        outbox.confirm_attachment(self.desk, about.sha256)
        self._evidence += 1


_HANDLERS: Final[Mapping[str, Callable[[Taker, Entry], None]]] = {
    "approval": Taker.approval,
    "attachment": Taker.attachment,
    "batch": Taker.batch,
    "missing": Taker.missing,
    "epoch": Taker.epoch,
    "feed": Taker.feed,
    "evidence": Taker.evidence,
}
"""What an entry of each kind does; on the way down it is the platform's answer to the entry of that name."""


def _name(entry: Entry) -> str:
    return str(entry.about.get("name"))
