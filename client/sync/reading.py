"""What the platform answered, believed only after every check.

HTTP 200 proves nothing. An answer is ours when it names the pinned platform, has the right media
type, parses, speaks of what was asked, and the pinned key sealed the receipts in it, as they stand. Anything
else counts as no answer and raises LinkError. No network, no database, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from operator import itemgetter
from typing import Any, Final, TypeVar, get_args

import orjson

from client.core.answers import Answer, FeedItem, FeedPage, Hello, Limits, Receipt, Seal
from client.core.case_openings import Found, Snapshot
from client.core.comparisons import Reported, Shown, Told
from client.core.questions import Question, read_questions
from client.core.times import from_text
from client.errors import LinkError, PlatformRefusal
from client.sync.short import filled_answer
from client.sync.wire import JSON_TYPE, Pinned, Reply
from forms.seal.canonical import NotCanonical
from forms.seal.keys import verifies
from forms.seal.receipt import Outcome, Stage, digests_of, receipt_bytes, seal_verifies

T = TypeVar("T")

PROBLEM_TYPE: Final = "application/problem+json"
PROBLEM_URN: Final = "urn:minxin:problem:"
SERVER_HEADER: Final = "x-minxin-server"
MOST_SPREAD_S: Final = 900
ACCEPTED: Final = 202
OUTCOMES: Final = frozenset(get_args(Outcome))
STAGES: Final = frozenset(get_args(Stage))


def check_origin(reply: Reply, pinned: Pinned) -> None:
    """Refuse what did not come from the pinned platform.

    Raises:
        LinkError: ``portal``: a log-in page, a proxy, some other server. ``not_ours``: another platform.
    """
    server = reply.headers.get(SERVER_HEADER)
    if server is None:
        raise LinkError("portal", status=reply.status)
    if server != pinned.server_id:
        raise LinkError("not_ours", why="server_id", status=reply.status)


def expect(reply: Reply, pinned: Pinned, *statuses: int) -> None:
    """Refuse an answer that is not ours, and one that says no.

    Raises:
        LinkError: it is not our platform's answer.
        PlatformRefusal: it is, and says no.
    """
    check_origin(reply, pinned)
    if reply.status not in statuses:
        raise refusal(reply)


def refusal(reply: Reply) -> PlatformRefusal:
    """Return the refusal that a problem (RFC 9457) of our platform tells of.

    Raises:
        LinkError: ``not_ours``: there is no problem in it.
    """
    if _media_type(reply) != PROBLEM_TYPE:
        raise LinkError("not_ours", why="media_type", status=reply.status)
    problem = _object(reply.body)
    kind = problem.get("type")
    if not isinstance(kind, str) or not kind.startswith(PROBLEM_URN):
        raise LinkError("not_ours", why="problem", status=reply.status)
    params: dict[str, str | int] = {"status": reply.status}
    for name in ("detail", "epoch", "part", "reason", "incident", "name", "until", "stage"):
        if isinstance(problem.get(name), str):
            params[name] = problem[name]
    params |= wait_of(reply)
    return PlatformRefusal(kind.removeprefix(PROBLEM_URN).replace("-", "_"), **params)


def wait_of(reply: Reply) -> dict[str, int]:
    """Return how long the platform asks to wait, as a parameter of a refusal; nothing when it does not."""
    wait = reply.headers.get("retry-after", "")
    return {"retry_after_s": int(wait)} if wait.isascii() and wait.isdigit() else {}


def json_body(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of an answer; LinkError ``not_ours`` when it is none."""
    if _media_type(reply) != JSON_TYPE:
        raise LinkError("not_ours", why="media_type", status=reply.status)
    return _object(reply.body)


def _media_type(reply: Reply) -> str:
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise LinkError("not_ours", why="json") from error
    if not isinstance(said, dict):
        raise LinkError("not_ours", why="json")
    return said


def read_hello(reply: Reply, pinned: Pinned | None) -> Hello:
    """Return the platform's greeting.

    Args:
        reply: to ``GET /v1/hello``.
        pinned: None before enrolment, when the platform is met for the first time.

    Raises:
        LinkError: ``portal``, ``not_ours``.
        PlatformRefusal: it is our platform, and it is closed.
    """
    said_by = pinned or Pinned(reply.headers.get(SERVER_HEADER, ""), "")
    expect(reply, said_by, 200)
    said = json_body(reply)
    hello = shaped(_hello, said)
    if pinned is not None and hello.server_key != pinned.server_key:
        raise LinkError("not_ours", why="server_key")
    if hello.server_id != said_by.server_id or not _signed(hello.server_key, said):
        raise LinkError("not_ours", why="signature")
    return replace(hello, sunset_at=_day_of(reply.headers.get("sunset")))


def _day_of(http_date: str | None) -> datetime | None:
    """Read an HTTP date; one that is none says nothing."""
    try:
        return None if http_date is None else parsedate_to_datetime(http_date)
    except ValueError:
        return None


def _signed(public: str, said: Mapping[str, Any]) -> bool:
    body = {name: value for name, value in said.items() if name != "sig"}
    signature = said.get("sig")
    try:
        return isinstance(signature, str) and verifies(public, signature, "hello", body)
    except NotCanonical:
        return False


def _hello(said: Mapping[str, Any]) -> Hello:
    limits = {one.name: whole(said["limits"][one.name]) for one in fields(Limits)}
    return Hello(
        server_id=text(said["server_id"]),
        server_key=text(said["server_key"]),
        epoch=text(said["epoch"]),
        at=from_text(text(said["time"])),
        protocol_min=whole(said["protocol"]["min"]),
        protocol_max=whole(said["protocol"]["max"]),
        limits=Limits(**limits),
        catalog_set=text(said["catalog_set"]["name"]),
        encodings=tuple(text(one) for one in said["encodings"]),
        spread_s=min(max(whole(said.get("spread_seconds", 0)), 0), MOST_SPREAD_S),
        package_key=None if said.get("package_key") is None else text(said["package_key"]),
    )


def read_answer(
    reply: Reply, pinned: Pinned, batch_id: str, versions: Mapping[str, str], body: bytes = b""
) -> Answer:
    """Return the platform's word on a batch.

    Args:
        reply: to the batch, or to the question what became of it.
        pinned: the platform that must have said it.
        batch_id: what was asked.
        versions: version_id → content digest, of every version in the batch.
        body: of the batch, unpacked; needed where the answer may be in short.

    Raises:
        LinkError: it is not ours, or speaks of something else.
        PlatformRefusal: the batch was refused whole; ``in_progress``: it came, and is not judged yet.
    """
    expect(reply, pinned, 200, ACCEPTED)
    said = json_body(reply)
    if said.get("batch_id") != batch_id:
        raise LinkError("not_ours", why="batch_id")
    if reply.status == ACCEPTED:
        raise PlatformRefusal("in_progress", status=ACCEPTED, **wait_of(reply))
    receipts: dict[str, Receipt] = {}
    told = shaped(lambda s: filled_answer(s["receipts"], pinned, versions, body), said)
    for receipt in shaped(lambda _s: [read_receipt(one, pinned) for one in told], said):
        if receipt.version_id not in versions or receipt.version_id in receipts:
            raise LinkError("not_ours", why="version_id")
        if receipt.stage != "checked" or receipt.content_sha256 != versions[receipt.version_id]:
            raise LinkError("not_ours", why="receipt")
        receipts[receipt.version_id] = receipt
    seal = _sealed(said, receipts.values(), pinned)
    return Answer(batch_id, tuple(receipts.values()), seal, reply.headers.get("x-minxin-epoch", ""))


def _sealed(said: Mapping[str, Any], receipts: Iterable[Receipt], pinned: Pinned) -> Seal:
    """Return the seal of a message, when it is over these receipts and no others."""
    seal, digests = said.get("seal"), digests_of(one.raw for one in receipts)
    if not isinstance(seal, dict) or not seal_verifies(pinned.server_key, pinned.server_id, seal, digests):
        raise LinkError("not_ours", why="signature")
    return Seal(digests, seal["sig"])


_TEXTS: Final = itemgetter("version_id", "record_id", "content_sha256", "receipt_no", "at")


def read_receipt(said: Mapping[str, Any], pinned: Pinned) -> Receipt:
    """Return a receipt as it stands in a message; whether the platform gave it, the message's seal says.

    Raises:
        LinkError: ``not_ours``: of another platform.
        KeyError, TypeError, ValueError: it is none.
    """
    if said["server_id"] != pinned.server_id:
        raise LinkError("not_ours", why="server_id")
    outcome, stage, problem = said["outcome"], said["stage"], said["problem"]
    if outcome not in OUTCOMES or stage not in STAGES:
        raise ValueError("outcome or stage")
    if problem is not None and not isinstance(problem, dict):
        raise ValueError("problem")
    texts = _TEXTS(said)
    if set(map(type, texts)) != {str}:
        raise TypeError("no text")
    version_id, record_id, content_sha256, receipt_no, at = texts
    raw = receipt_bytes(said)
    return Receipt(version_id, record_id, content_sha256, stage, outcome, receipt_no, at, problem, raw)


def page_said(reply: Reply, pinned: Pinned) -> dict[str, Any]:
    """Return what a page of the feed says, unproved.

    Raises:
        LinkError: ``not_ours``.
        PlatformRefusal: ``epoch_changed``, or it says no.
    """
    expect(reply, pinned, 200)
    return json_body(reply)


def read_feed(reply: Reply, pinned: Pinned, epoch: str, after: int) -> FeedPage:
    """Return a page of the feed; the receipts in it are sealed.

    Raises:
        LinkError: ``not_ours``; ``feed_gap``: a number is missing, and nothing may be skipped.
        PlatformRefusal: ``epoch_changed``, or it says no.
    """
    return proved_page(page_said(reply, pinned), pinned, epoch, after)


def proved_page(said: Mapping[str, Any], pinned: Pinned, epoch: str, after: int) -> FeedPage:
    """Return a page of the feed from what it says; raises LinkError as `read_feed`."""
    page = shaped(lambda s: _page(s, pinned), said)
    if page.epoch != epoch:
        raise LinkError("not_ours", why="epoch")
    numbers = [item.seq for item in page.items]
    end = after + len(numbers)
    if numbers != list(range(after + 1, end + 1)) or page.next != end or page.head < end:
        raise LinkError("feed_gap", after=after)
    return page


def _page(said: Mapping[str, Any], pinned: Pinned) -> FeedPage:
    items = [_feed_item(one, pinned) for one in said["items"]]
    seal = _sealed(said, (one.receipt for one in items if one.receipt is not None), pinned)
    return FeedPage(text(said["epoch"]), items, whole(said["next"]), whole(said["head"]), seal)


def _feed_item(said: Mapping[str, Any], pinned: Pinned) -> FeedItem:
    seq, kind, at, data = said["seq"], said["type"], said["at"], said["data"]
    if type(seq) is not int or type(kind) is not str or type(at) is not str or type(data) is not dict:
        raise TypeError("no item of the feed")
    return FeedItem(seq, kind, at, data, read_receipt(data, pinned) if kind == "stage" else None)


def read_compared(reply: Reply, pinned: Pinned, item: str, keys: Sequence[str]) -> dict[str, Told]:
    """Return natural key → what the platform tells of each act that was asked for, each once.

    Raises:
        LinkError: it is not ours, or speaks of something else.
        PlatformRefusal: it says no.
    """
    expect(reply, pinned, 200)
    answers = shaped(
        lambda said: [(one["item"], one["key"], _told(one)) for one in said["acts"]], json_body(reply)
    )
    if [(code, key) for code, key, _ in answers] != [(item, key) for key in keys]:
        raise LinkError("not_ours", why="acts")
    return {key: told for _, key, told in answers}


def _told(said: Mapping[str, Any]) -> Told:
    if not isinstance(said["more"], bool):
        raise TypeError("more")
    return Told(tuple(map(_reported, said["reported"])), said["more"], whole(said["hidden"]))


def _reported(said: Mapping[str, Any]) -> Reported:
    act_on = text(said["act_on"] or "")
    return Reported(
        text(said["record_id"]), text(said["unit_name"]), text(said["city"]), act_on,
        said["disputed"] is True,
    )  # fmt: skip


def read_seen(reply: Reply, pinned: Pinned, record_id: str) -> Shown | None:
    """Return one record of a subject's page as it is shown; None when it does not stand there.

    Raises:
        LinkError: it is not ours.
        PlatformRefusal: it says no.
    """
    expect(reply, pinned, 200)
    for said in shaped(lambda page: list(page["records"]), json_body(reply)):
        if shaped(lambda one: text(one["record_id"]), said) == record_id:
            return shaped(
                lambda one: Shown(dict(one["head"]["payload"]), frozenset(map(text, one["masked"]))), said
            )
    return None


def read_subject_page(reply: Reply, pinned: Pinned) -> tuple[list[Found], str | None]:
    """Return the records on a page of a subject, and where the next page begins.

    Raises:
        LinkError: it is not ours.
        PlatformRefusal: it says no.
    """
    expect(reply, pinned, 200)
    said = json_body(reply)
    return shaped(lambda page: [_found(one) for one in page["records"]], said), said.get("next")


def _found(said: Mapping[str, Any]) -> Found:
    head = said["head"]
    snapshot = Snapshot(
        text(said["unit"]), text(head["version_id"]), text(head["catalog"]), dict(head["payload"]),
        text(head["op"]),
    )  # fmt: skip
    return Found(text(said["record_id"]), text(said["unit_name"]), snapshot, bool(said["disputed"]))


def shaped(reader: Callable[[Mapping[str, Any]], T], said: Mapping[str, Any]) -> T:
    """Return what a reader makes of an object; LinkError ``not_ours`` when it cannot."""
    try:
        return reader(said)
    except (KeyError, TypeError, ValueError) as error:
        raise LinkError("not_ours", why="shape") from error


def text(value: object) -> str:
    """Return a text; TypeError when it is none."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def whole(value: object) -> int:
    """Return a whole number; TypeError when it is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no whole number")
    return value


def read_question_page(reply: Reply, pinned: Pinned) -> tuple[list[Question], int | None]:
    """Return a page of questions (疑问数据), and where the next one begins."""
    expect(reply, pinned, 200)
    said = json_body(reply)
    told, following = said.get("questions"), said.get("next")
    found = read_questions(told)
    if not isinstance(told, list) or len(found) != len(told) or not isinstance(following, int | None):
        raise LinkError("not_ours", why="shape")
    return found, following


def read_question(reply: Reply, pinned: Pinned, version_id: str) -> Question:
    """Return a question as it is now."""
    expect(reply, pinned, 200)
    found = read_questions([json_body(reply)])
    if not found or found[0].version_id != version_id:
        raise LinkError("not_ours", why="version_id")
    return found[0]
