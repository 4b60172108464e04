"""The calls of the contract (resources/api/openapi.yaml), typed, over any transport.

Each call asks once. What came back is verified by `reading` before anything of it is handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from client.core.answers import Answer, FeedPage, Hello, Renewed, Upload
from client.core.batches import FrozenBatch, Pace
from client.core.case_openings import Found, Post
from client.core.comparisons import Shown, Told
from client.core.questions import Question
from client.core.reconciled import Theirs
from client.core.records import Attachment
from client.core.times import from_text
from client.errors import LinkError, NotAllowed
from client.sync import reading, replies
from client.sync.pace import expected_s
from client.sync.wire import (
    ACCEPT,
    CHUNK_TYPE,
    IN_SHORT,
    JSON_TYPE,
    Pinned,
    Reply,
    Request,
    Transport,
    approval_request,
    batch_request,
    content_digest,
)
from forms.seal.canonical import canonical
from forms.seal.tree import Path

FEED_ITEMS: Final = 200
"""Of the feed, at a time, on a line that nothing is known of."""

MOST_ASKED: Final = 1_000
"""Versions in one question for what is missing."""

MOST_PATHS: Final = 100
"""Places in one question for reconciliation."""

MOST_WAIT_S: Final = 30
"""Longest that the platform holds an answer back."""

FEED_ITEM_BYTES: Final = 80
SHORT_ITEM_BYTES: Final = 4
SMALL_ANSWER_BYTES: Final = 4_096
"""What an item of the feed is reckoned with, whole and in short, and an answer of which nothing is known."""

POSTS: Final[Mapping[str, str]] = {"event": "events", "transfer": "transfers", "waiver": "waivers"}
"""Kind of what is said of a case → the last part of the address that takes it."""

MOST_UUID: Final = (1 << 128) - 1

Token = Callable[[], str | None]
Expect = Callable[[int], float]
"""Returns how many seconds so many bytes take, by what the line bore."""


def unmeasured(size_bytes: int) -> float:
    """What is expected of a line that was never measured."""
    return expected_s(Pace(), 0, size_bytes)


class Platform:
    """The platform of this desk.

    Args:
        transport: carries questions and answers.
        pinned: the platform as it was learned at enrolment.
        token: returns the session of the operator at work, or None.
        expect: what takes longer than this by far is cut off.
    """

    def __init__(
        self, transport: Transport, pinned: Pinned, token: Token, expect: Expect = unmeasured
    ) -> None:
        self._transport, self._pinned, self._token, self._expect = transport, pinned, token, expect
        self._encodings: tuple[str, ...] = ("zstd",)

    def hello(self) -> Hello:
        """Ask who is there; what it unpacks is remembered for `post_batch`."""
        reply = self._transport.exchange(Request("GET", "/v1/hello", {"Accept": ACCEPT}))
        hello = reading.read_hello(reply, self._pinned)
        self._encodings = hello.encodings
        return hello

    def pack_batch(self, batch: FrozenBatch, expected_s: float = 0.0, *, is_slow: bool = False) -> Request:
        """Return the frozen bytes of a batch as they travel."""
        coded = self._encodings
        made = batch_request(batch.batch_id, batch.body, batch.body_sha256, coded, is_slow=is_slow)
        return replace(made, expected_s=expected_s)

    def post_batch(self, batch: FrozenBatch, packed: Request | None = None) -> Answer:
        """Send the frozen bytes of a batch, packed here or before."""
        reply = self._ask(packed or self.pack_batch(batch))
        return reading.read_answer(reply, self._pinned, batch.batch_id, batch.versions, batch.body)

    def ask_batch(self, batch: FrozenBatch, expected_s: float = 0.0, *, is_slow: bool = False) -> Answer:
        """Ask what became of a batch; PlatformRefusal ``batch_unknown`` when it never arrived."""
        headers = {"Accept": ACCEPT, "Prefer": IN_SHORT} if is_slow else {"Accept": ACCEPT}
        asked = Request("GET", f"/v1/batches/{batch.batch_id}", headers, expected_s=expected_s)
        reply = self._ask(asked)
        return reading.read_answer(reply, self._pinned, batch.batch_id, batch.versions, batch.body)

    def missing(self, version_ids: Sequence[str]) -> list[str]:
        """Ask which versions of our unit the platform does not hold; at most `MOST_ASKED` at once."""
        reply = self._ask(json_request("POST", "/v1/missing", {"version_ids": list(version_ids)}))
        reading.expect(reply, self._pinned, 200)
        return replies.read_missing(reading.json_body(reply), version_ids)

    def reconcile(self, paths: Sequence[Path]) -> list[Theirs]:
        """Ask for places of the tree over what the platform holds of our unit; at most `MOST_PATHS`."""
        said = {"paths": [list(path) for path in paths]}
        reply = self._ask(json_request("POST", "/v1/reconciliations", said))
        reading.expect(reply, self._pinned, 200)
        return replies.read_nodes(reading.json_body(reply), paths)

    def put_approval(self, approval_id: str, body: bytes, *, is_slow: bool = False) -> int:
        """Send the frozen bytes of an approval; returns how many they were as they travelled."""
        request = approval_request(approval_id, body, self._encodings, is_slow=is_slow)
        reply = self._ask(request)
        reading.expect(reply, self._pinned, 200, 201)
        said = reading.json_body(reply)
        if said.get("approval_id") != approval_id or said.get("confirmed") is not True:
            raise LinkError("not_ours", why="approval_id")
        return len(request.body)

    def put_post(self, post: Post, body: bytes) -> None:
        """Hand over what was said of a case; the same bytes again are answered as the first time.

        Raises:
            PlatformRefusal: ``stale``: the case is another than the person saw; ``event_unfitting``,
                ``case_unknown``, ``not_authorised``, ``record_unknown``, ``withdrawn_already`` …
        """
        path = "/v1/cases" if post.kind == "opening" else f"/v1/cases/{post.case_id}/{POSTS[post.kind]}"
        headers = {
            "Content-Type": JSON_TYPE, "Accept": ACCEPT, "Idempotency-Key": f'"{post.post_id}"',
        }  # fmt: skip
        reply = self._ask(Request("POST", path, headers, body))
        reading.expect(reply, self._pinned, 200, 201)
        if reading.json_body(reply).get("case_id") != post.case_id:
            raise LinkError("not_ours", why="case_id")

    def take_lease(self, case_id: str) -> tuple[str, datetime]:
        """Take a case in hand, or keep it; returns whose it is then, and until when.

        Raises:
            PlatformRefusal: ``case_leased``: somebody else has it.
        """
        reply = self._ask(Request("PUT", f"/v1/cases/{case_id}/lease", {"Accept": ACCEPT}))
        reading.expect(reply, self._pinned, 200)
        said = reading.json_body(reply)
        return reading.shaped(lambda s: (reading.text(s["name"]), from_text(reading.text(s["until"]))), said)

    def release_lease(self, case_id: str) -> None:
        """Let a case go."""
        reading.expect(
            self._ask(Request("DELETE", f"/v1/cases/{case_id}/lease", {"Accept": ACCEPT})), self._pinned, 204
        )

    def feed(
        self,
        epoch: str,
        after: int,
        *,
        applied: int | None = None,
        wait_s: int = 0,
        items: int = FEED_ITEMS,
    ) -> FeedPage:
        """Ask for the page of the feed after a number; the platform may hold an empty one back.

        The platform relies on it that all up to `applied` (None: to `after`) is applied here.
        """
        reply = self._page(epoch, after, after if applied is None else applied, wait_s, items)
        return reading.read_feed(reply, self._pinned, epoch, after)

    def short_feed(self, epoch: str, after: int, *, applied: int, wait_s: int, items: int) -> dict[str, Any]:
        """Ask for the same with receipts in short; returns what it says, which `proved` is to prove."""
        reply = self._page(epoch, after, applied, wait_s, items, Prefer=IN_SHORT)
        return reading.page_said(reply, self._pinned)

    def proved(self, page: Mapping[str, Any], epoch: str, after: int) -> FeedPage:
        """Return a page whose receipts were filled in; raises LinkError as `feed`."""
        return reading.proved_page(page, self._pinned, epoch, after)

    def _page(self, epoch: str, after: int, applied: int, wait_s: int, items: int, **headers: str) -> Reply:
        wait_s = min(wait_s, MOST_WAIT_S)
        asked = {"epoch": epoch, "after": after, "limit": items, "wait": wait_s}
        if applied != after:
            asked["applied"] = applied
        expected_s = self._expect(items * (SHORT_ITEM_BYTES if headers else FEED_ITEM_BYTES))
        sent = {"Accept": ACCEPT, **headers}
        path = f"/v1/feed?{urlencode(asked)}"
        return self._ask(Request("GET", path, sent, wait_s=wait_s, expected_s=expected_s))

    def begin_upload(self, attachment: Attachment) -> Upload | None:
        """Begin to hand an attachment over, or go on with it; None when the platform has all of it."""
        reply = self._ask(json_request("POST", "/v1/uploads", attachment.as_dict()))
        reading.expect(reply, self._pinned, 200, 201)
        return replies.read_upload(reading.json_body(reply), attachment.size_bytes)

    def upload_offset(self, upload_id: str) -> int:
        """Ask how much of an upload the platform has; PlatformRefusal ``upload_unknown`` when it is none."""
        reply = self._ask(Request("HEAD", f"/v1/uploads/{upload_id}", {"Accept": ACCEPT}))
        return replies.read_offset(reply, self._pinned, 200)

    def add_chunk(self, upload_id: str, offset: int, chunk: bytes) -> int:
        """Send a chunk; returns how much the platform has now.

        Raises:
            PlatformRefusal: ``upload_unknown``, ``offset_differs``, ``batch_digest_mismatch``: the chunk is
                damaged; ``attachment_mismatch``: the whole is.
        """
        headers = {
            "Content-Type": CHUNK_TYPE,
            "Accept": ACCEPT,
            "Upload-Offset": str(offset),
            "Content-Digest": content_digest(chunk),
        }
        reply = self._ask(Request("PATCH", f"/v1/uploads/{upload_id}", headers, chunk))
        return replies.read_offset(reply, self._pinned, 204)

    def piece_of(self, sha256: str, start: int, size: int) -> bytes:
        """Fetch so many bytes of an attachment; LinkError when they are not as many."""
        headers = {"Accept": ACCEPT, "Range": f"bytes={start}-{start + size - 1}"}
        asked = Request("GET", f"/v1/attachments/{sha256}", headers, expected_s=self._expect(size))
        reply = self._ask(asked)
        reading.expect(reply, self._pinned, 206)
        if len(reply.body) != size:
            raise LinkError("not_ours", why="range")
        return reply.body

    def renew_device(self, public_key: str, feed_ack: int) -> Renewed:
        """Ask for a new id for this desk; the session goes on under another token."""
        said = {"public_key": public_key, "feed_ack": feed_ack}
        reply = self._ask(json_request("POST", "/v1/devices/current/renewal", said))
        reading.expect(reply, self._pinned, 200, 201)
        return replies.read_renewed(reading.json_body(reply))

    def compare(self, item: str, acts: Mapping[str, str], reason: str = "") -> dict[str, Told]:
        """Ask who else has reported acts of an item; MOST_ACTS at most.

        Args:
            item: code.
            acts: natural key → exact number of the person that the act is about; empty for the others.
            reason: why persons are asked about.
        """
        said = [{"item": item, "key": key} | ({"person": of} if of else {}) for key, of in acts.items()]
        headers = {"Content-Type": JSON_TYPE, "Accept": JSON_TYPE} | _why(
            reason if any(acts.values()) else ""
        )
        body = canonical({"acts": said, "subjects": []})
        reply = self._ask(Request("POST", "/v1/comparisons", headers, body))
        return reading.read_compared(reply, self._pinned, item, list(acts))

    def seen_record(self, subject_code: str, act_on: str, record_id: str, reason: str = "") -> Shown | None:
        """Ask for one record on the page of its subject; None when it is not shown there."""
        before = UUID(int=min(UUID(record_id).int + 1, MOST_UUID))  # pages go down from there
        query = urlencode({"after": f"{act_on}~{before}", "limit": 1})
        path = f"/v1/subjects/{quote(subject_code, safe='')}?{query}"
        reply = self._ask(Request("GET", path, {"Accept": ACCEPT} | _why(reason)))
        return reading.read_seen(reply, self._pinned, record_id)

    def subject_records(
        self, code: str, after: str | None, reason: str = ""
    ) -> tuple[list[Found], str | None]:
        """Ask for a page of a subject's records, newest first; returns it and where the next one begins."""
        query = urlencode({"limit": 200} | ({"after": after} if after else {}))
        path = f"/v1/subjects/{quote(code, safe='')}?{query}"
        reply = self._ask(Request("GET", path, {"Accept": ACCEPT} | _why(reason)))
        return reading.read_subject_page(reply, self._pinned)

    def questions(self, after: int = 0) -> tuple[list[Question], int | None]:
        """Ask for a page of the unit's questions (疑问数据); returns it and where the next one begins."""
        query = urlencode({"after": after, "limit": MOST_ASKED})
        reply = self._get(f"/v1/questions?{query}")
        return reading.read_question_page(reply, self._pinned)

    def ignore_question(self, version_id: str, reason: str) -> Question:
        """Set a question aside, with a reason."""
        headers = {"Content-Type": JSON_TYPE, "Accept": ACCEPT}
        path = f"/v1/questions/{version_id}/ignore"
        reply = self._ask(Request("POST", path, headers, canonical({"reason": reason})))
        return reading.read_question(reply, self._pinned, version_id)

    def reopen_question(self, version_id: str) -> Question:
        """Take up again what was set aside."""
        reply = self._ask(Request("POST", f"/v1/questions/{version_id}/reopen", {"Accept": ACCEPT}))
        return reading.read_question(reply, self._pinned, version_id)

    def sign_out(self) -> None:
        """End the session at the platform."""
        reading.expect(self._ask(Request("DELETE", "/v1/sessions/current")), self._pinned, 204)

    def _get(self, path: str, *, wait_s: int = 0, size_bytes: int = SMALL_ANSWER_BYTES) -> Reply:
        expected_s = self._expect(size_bytes)
        return self._ask(Request("GET", path, {"Accept": ACCEPT}, wait_s=wait_s, expected_s=expected_s))

    def _ask(self, request: Request) -> Reply:
        token = self._token()
        if token is None:
            raise NotAllowed("sign_in_needed")
        headers = {**request.headers, "Authorization": f"Bearer {token}"}
        expected_s = request.expected_s or self._expect(len(request.body) + SMALL_ANSWER_BYTES)
        return self._transport.exchange(replace(request, headers=headers, expected_s=expected_s))


def json_request(method: str, path: str, said: Mapping[str, Any]) -> Request:
    """Return the request that sends an object."""
    return Request(method, path, {"Content-Type": JSON_TYPE, "Accept": ACCEPT}, canonical(dict(said)))


def post_json(transport: Transport, path: str, said: Mapping[str, Any]) -> Reply:
    """Send an object without a session: enrolment and sign-in."""
    return transport.exchange(json_request("POST", path, said))


def _why(reason: str) -> dict[str, str]:
    """Say why a person is asked about; the platform keeps it."""
    return {"X-Reason": quote(reason)} if reason else {}
