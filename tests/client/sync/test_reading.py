import json

import pytest

from client.core.answers import Limits
from client.errors import LinkError, PlatformRefusal
from client.sync import reading, replies
from client.sync.wire import Pinned, Reply
from forms.seal.canonical import canonical
from forms.seal.keys import SigningKey
from tests.client.sync.words import (
    KEY,
    OURS,
    PINNED,
    SERVER,
    SHA,
    a_page,
    a_problem,
    a_receipt,
    a_reply,
    a_seal,
    a_signed_hello,
    an_answer,
    an_item,
)

STRANGER = SigningKey(bytes(range(1, 33)))
VERSIONS = {"v1": SHA, "v2": SHA}


def answer(reply):
    return reading.read_answer(reply, PINNED, "b1", VERSIONS)


def test_an_answer_that_fits_is_believed():
    receipts = [
        a_receipt("v1"),
        a_receipt("v2", outcome="held", problem={"type": "x:parent-unknown"}),
    ]

    said = answer(a_reply(an_answer(*receipts)))

    assert [one.version_id for one in said.receipts] == ["v1", "v2"]
    assert [one.is_final for one in said.receipts] == [True, False]
    assert said.receipts[1].problem_code == "parent_unknown"
    assert said.receipts[0].raw == canonical(receipts[0])


def test_an_answer_may_leave_versions_out():
    assert answer(a_reply(an_answer(a_receipt("v1")))).receipts[0].version_id == "v1"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param(
            Reply(200, {"content-type": "text/html"}, b"<html>log in</html>"), "portal", id="a log-in page"
        ),
        pytest.param(Reply(502, {}, b""), "portal", id="a proxy's error"),
        pytest.param(
            Reply(200, {**OURS, "x-minxin-server": "another"}, json.dumps(an_answer()).encode()),
            "not_ours",
            id="another platform",
        ),
        pytest.param(a_reply(an_answer(), content_type="text/html"), "not_ours", id="another media type"),
        pytest.param(a_reply(b'{"batch_id":"b1","rec'), "not_ours", id="half of it"),
        pytest.param(a_reply(b"[]"), "not_ours", id="no object"),
        pytest.param(a_reply(b"[" * 100_000), "not_ours", id="a tower of brackets"),
        pytest.param(a_reply(b'{"batch_id":"b1","receipts":NaN}'), "not_ours", id="no JSON number"),
        pytest.param(a_reply(an_answer(batch_id="b2")), "not_ours", id="another batch"),
        pytest.param(a_reply({"batch_id": "b1"}), "not_ours", id="no receipts"),
        pytest.param(a_reply({"batch_id": "b1", "receipts": 3}), "not_ours", id="receipts that are none"),
        pytest.param(a_reply(an_answer("v1")), "not_ours", id="a receipt that is a text"),
        pytest.param(a_reply(an_answer(a_receipt("v9"))), "not_ours", id="a version that was not sent"),
        pytest.param(
            a_reply(an_answer(a_receipt("v1"), a_receipt("v1"))),
            "not_ours",
            id="a version twice",
        ),
        pytest.param(
            a_reply(an_answer(a_receipt("v1", content_sha256="cd" * 32))),
            "not_ours",
            id="another content",
        ),
        pytest.param(a_reply(an_answer(a_receipt("v1", stage="stored"))), "not_ours", id="another stage"),
        pytest.param(a_reply(an_answer(a_receipt("v1", outcome="ok"))), "not_ours", id="no outcome of ours"),
        pytest.param(
            a_reply(an_answer(a_receipt("v1", server_id="another"))),
            "not_ours",
            id="given by another",
        ),
        pytest.param(
            a_reply(an_answer(a_receipt("v1"), seal=a_seal([a_receipt("v1")], STRANGER))),
            "not_ours",
            id="sealed by a stranger",
        ),
        pytest.param(
            a_reply(an_answer(a_receipt("v1", outcome="rejected"), seal=a_seal([a_receipt("v1")]))),
            "not_ours",
            id="changed after sealing",
        ),
        pytest.param(
            a_reply(an_answer(a_receipt("v1"), seal=a_seal([a_receipt("v1"), a_receipt("v2")]))),
            "not_ours",
            id="a receipt taken out",
        ),
        pytest.param(
            a_reply(
                an_answer(a_receipt("v2"), a_receipt("v1"), seal=a_seal([a_receipt("v1"), a_receipt("v2")]))
            ),
            "not_ours",
            id="another order",
        ),
        pytest.param(
            a_reply(an_answer(a_receipt("v1"), seal=a_seal([a_receipt("v1")]) | {"count": 2})),
            "not_ours",
            id="a seal that counts wrong",
        ),
        pytest.param(a_reply(an_answer(a_receipt("v1"), seal=None)), "not_ours", id="no seal"),
        pytest.param(a_reply(an_answer(a_receipt("v1"), seal={"sig": 3})), "not_ours", id="half a seal"),
        pytest.param(
            a_reply(an_answer(a_receipt("v1")) | {"receipts": [a_receipt("v1", problem={"x": 1.5})]}),
            "not_ours",
            id="a fraction",
        ),
    ],
)
def test_a_200_proves_nothing(reply, code):
    with pytest.raises(LinkError) as caught:
        answer(reply)

    assert caught.value.code == code


def test_a_problem_of_our_platform_is_a_refusal_with_its_code_and_its_wish():
    with pytest.raises(PlatformRefusal) as caught:
        answer(a_problem("rate-limited", 429, retry_after="7"))

    assert caught.value.code == "rate_limited"
    assert caught.value.params == {"status": 429, "detail": "为什么", "retry_after_s": 7}


@pytest.mark.parametrize("retry_after", ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "٣", ""])
def test_a_wish_that_is_no_number_of_seconds_is_none(retry_after):
    refusal = reading.refusal(a_problem("maintenance", 503, retry_after=retry_after))

    assert "retry_after_s" not in refusal.params


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(
            a_reply({"type": "about:blank"}, 500, content_type="application/problem+json"),
            id="no type of ours",
        ),
        pytest.param(a_reply({"type": "urn:minxin:problem:x"}, 500), id="no problem's media type"),
        pytest.param(a_reply(b"<html>", 500, content_type="application/problem+json"), id="no JSON"),
    ],
)
def test_an_error_without_a_problem_of_ours_is_no_answer(reply):
    with pytest.raises(LinkError) as caught:
        answer(reply)

    assert caught.value.code == "not_ours"


def test_a_greeting_tells_limits_epoch_and_clock():
    hello = reading.read_hello(a_reply(a_signed_hello()), PINNED)

    assert (hello.epoch, hello.limits, hello.encodings) == ("e1", Limits(), ("zstd", "gzip"))
    assert hello.at.isoformat() == "2026-11-24T08:00:00+00:00"


def test_the_first_greeting_is_held_against_itself():
    assert reading.read_hello(a_reply(a_signed_hello()), None).server_key == KEY.public


@pytest.mark.parametrize(
    ("said", "pinned"),
    [
        pytest.param(
            a_signed_hello(server_key=STRANGER.public), None, id="signed by another key than it names"
        ),
        pytest.param(a_signed_hello(), Pinned(SERVER, STRANGER.public), id="another key than was pinned"),
        pytest.param(a_signed_hello(server_id="another"), PINNED, id="another name than its header"),
        pytest.param(a_signed_hello() | {"epoch": "e9"}, PINNED, id="changed after signing"),
        pytest.param(a_signed_hello(limits={}), PINNED, id="no limits"),
        pytest.param(a_signed_hello(time="yesterday"), PINNED, id="no time"),
    ],
)
def test_a_greeting_that_does_not_hold_is_not_ours(said, pinned):
    with pytest.raises(LinkError) as caught:
        reading.read_hello(a_reply(said), pinned)

    assert caught.value.code == "not_ours"


def feed(said, after=0):
    return reading.read_feed(a_reply(said), PINNED, "e1", after)


def test_a_page_keeps_what_it_does_not_know_and_its_seal_covers_every_receipt():
    stored = a_receipt("v1", stage="stored")

    page = feed(a_page(an_item(5, "stage", stored), an_item(6, "news.of.tomorrow"), after=4), after=4)

    assert [item.type for item in page.items] == ["stage", "news.of.tomorrow"]
    assert page.items[0].receipt is not None
    assert page.items[0].receipt.stage == "stored"
    assert (page.next, page.head) == (6, 6)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param(a_page(an_item(6), after=4, next=6, head=6), "feed_gap", id="a number is missing"),
        pytest.param(a_page(an_item(5), an_item(5), after=4), "feed_gap", id="a number twice"),
        pytest.param(a_page(an_item(5), after=4, next=9), "feed_gap", id="the next number skips"),
        pytest.param(a_page(after=4, head=2), "feed_gap", id="the platform is behind us"),
        pytest.param(a_page(an_item(5), after=4, epoch="e2"), "not_ours", id="another epoch"),
        pytest.param(
            a_page(an_item(5, "stage", a_receipt()), after=4, seal=a_seal([a_receipt()], STRANGER)),
            "not_ours",
            id="a stranger's seal",
        ),
        pytest.param(a_page(an_item(5), after=4, seal=None), "not_ours", id="no seal"),
        pytest.param(a_page(an_item(5) | {"data": 3}, after=4), "not_ours", id="no object"),
    ],
)
def test_a_page_with_a_hole_or_a_lie_is_not_applied(said, code):
    with pytest.raises(LinkError) as caught:
        feed(said, after=4)

    assert caught.value.code == code


def test_an_empty_page_may_be_behind_a_head_that_moved_meanwhile():
    assert feed(a_page(after=4, head=9), after=4).items == []


def test_a_batch_that_came_and_is_not_judged_yet_is_waited_for():
    with pytest.raises(PlatformRefusal, match="in_progress") as caught:
        answer(a_reply({"batch_id": "b1", "working": True}, 202, retry_after="2"))
    assert caught.value.params == {"status": 202, "retry_after_s": 2}
    with pytest.raises(LinkError, match="not_ours"):
        answer(a_reply({"batch_id": "b2", "working": True}, 202))


def test_the_greeting_may_ask_to_come_back_spread_out_and_say_until_when_the_protocol_is_spoken():
    def greeted(**headers):
        return reading.read_hello(a_reply(a_signed_hello(spread_seconds=9_000), **headers), PINNED)

    hello = greeted(sunset="Mon, 31 Jan 2028 16:00:00 GMT")
    assert hello.spread_s == 900
    assert hello.sunset_at.isoformat() == "2028-01-31T16:00:00+00:00"
    assert greeted(sunset="soon").sunset_at is None
    assert reading.read_hello(a_reply(a_signed_hello()), PINNED).spread_s == 0


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"missing": ["v2"]}, ["v2"]),
        ({"missing": []}, []),
        ({"missing": ["v3"]}, None),
        ({"missing": ["v1", "v1"]}, None),
        ({"missing": [1]}, None),
        ({}, None),
    ],
)
def test_what_is_missing_is_believed_only_of_what_was_asked(said, missing):
    if missing is None:
        with pytest.raises(LinkError, match="not_ours"):
            replies.read_missing(said, ["v1", "v2"])
    else:
        assert replies.read_missing(said, ["v1", "v2"]) == missing


A_QUESTION = {
    "version_id": "v1", "record_id": "r1", "unit": "350200-01", "item": "XZCF_FR", "cause": "rejected",
    "problem": "field-invalid", "state": "open", "since_at": "2026-11-24T08:00:02.000Z",
    "changed_at": "2026-11-24T08:00:02.000Z", "changed_by": None, "reason": None,
}  # fmt: skip


def test_a_page_of_questions_says_where_the_next_begins():
    told, following = reading.read_question_page(a_reply({"questions": [A_QUESTION], "next": 7}), PINNED)

    assert ([one.version_id for one in told], following) == (["v1"], 7)
    assert reading.read_question(a_reply(A_QUESTION), PINNED, "v1").state == "open"


@pytest.mark.parametrize(
    "said",
    [
        {"questions": [A_QUESTION | {"state": 1}], "next": None},
        {"questions": {}, "next": None},
        {"questions": [], "next": "soon"},
    ],
)
def test_a_page_of_questions_that_is_not_whole_is_no_answer(said):
    with pytest.raises(LinkError, match="not_ours"):
        reading.read_question_page(a_reply(said), PINNED)


def test_an_answer_about_another_question_is_no_answer():
    with pytest.raises(LinkError, match="not_ours"):
        reading.read_question(a_reply(A_QUESTION), PINNED, "v2")
