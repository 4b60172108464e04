import pytest

from client.sync.short import filled_answer, filled_page, runs_of
from client.sync.wire import Pinned
from forms.seal.canonical import canonical

PINNED = Pinned("platform-1", "key")
BODY = canonical({"items": [{"version_id": f"v{n}", "record_id": f"r{n}"} for n in (1, 2, 3)]})
VERSIONS = {f"v{n}": f"sha{n}" for n in (1, 2, 3)}


def a_receipt(n, stage="checked", at="08:00", **changed):
    return {
        "version_id": f"v{n}", "record_id": f"r{n}", "content_sha256": f"sha{n}", "outcome": "accepted",
        "stage": stage, "receipt_no": f"350200-{n}", "server_id": "platform-1", "at": at, "problem": None,
        **changed,
    }  # fmt: skip


def short(n):
    return {"at": "08:00", "outcome": "accepted", "receipt_no": f"350200-{n}"}


def test_an_answer_in_short_is_filled_in_from_the_batch_item_by_item():
    rejected = a_receipt(2, outcome="rejected", problem={"type": "x"})

    filled = filled_answer([short(1), rejected, short(3)], PINNED, VERSIONS, BODY)

    assert filled == [a_receipt(1), rejected, a_receipt(3)]
    assert filled_answer([a_receipt(1)], PINNED, VERSIONS, b"") == [a_receipt(1)]


@pytest.mark.parametrize("told", [[short(1)], [short(n) for n in (1, 2, 3, 3)]], ids=["fewer", "more"])
def test_as_many_receipts_as_items_or_none_can_be_filled_in(told):
    with pytest.raises(ValueError, match="zip"):
        filled_answer(told, PINNED, VERSIONS, BODY)


def an_entry(data, kind="stage"):
    return {"seq": 1, "type": kind, "at": "09:00", "data": data}


def test_a_page_in_short_is_filled_in_from_the_receipts_of_the_answers():
    whole = an_entry(a_receipt(2, "unmatched", "09:00", problem={"type": "x"}))
    notice = an_entry({"text": "…"}, "notice")
    page = {"items": [an_entry({"version_id": "v1", "stage": "stored"}), whole, notice], "next": 3}

    filled = filled_page(page, {("v1", 1): [canonical(a_receipt(1))]})

    assert runs_of(page) == [("v1", 1)]
    assert filled == {"items": [an_entry(a_receipt(1, "stored", "09:00")), whole, notice], "next": 3}
    with pytest.raises(KeyError):
        filled_page(page, {})


@pytest.mark.parametrize("count", [0, -1, 4_001, "3", 1.5, True, None])
def test_a_number_of_entries_that_is_none_is_refused(count):
    with pytest.raises(ValueError, match="run"):
        runs_of({"items": [an_entry({"version_id": "v1", "stage": "stored", "count": count})]})


def test_an_entry_that_stands_for_many_is_as_many_entries_with_the_numbers_that_follow():
    page = {"items": [an_entry({"version_id": "v1", "stage": "stored", "count": 2})], "next": 2}

    filled = filled_page(page, {("v1", 2): [canonical(a_receipt(n)) for n in (1, 2)]})

    assert runs_of(page) == [("v1", 2)]
    assert filled["items"] == [{**an_entry(a_receipt(n, "stored", "09:00")), "seq": n} for n in (1, 2)]
