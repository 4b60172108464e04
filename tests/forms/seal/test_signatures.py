"""Signatures over approvals and receipts: whole, or they do not hold."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.catalog.problems import Answer
from forms.seal import approval, receipt
from forms.seal.canonical import digest
from forms.seal.content import CONTENT_KEYS, Content, content_digest
from forms.seal.keys import BadKey, SigningKey, from_text, to_text, verifies

KEY = SigningKey(bytes(range(32)))
OTHER = SigningKey(bytes(range(1, 33)))


def an_approval(**changes: Any) -> dict[str, Any]:
    digests = approval.ordered([digest(b"1"), digest(b"2"), digest(b"3")])
    whole = {
        "approval_id": "018f",
        "unit": "350200-01",
        "digests": digests,
        "excluded": [1],
        "maker": {"operator": "m", "sig": approval.sign_as_maker(KEY, "018f", "350200-01", digests)},
        "checker": {
            "operator": "c",
            "sig": approval.sign_as_checker(OTHER, "018f", "350200-01", digests, [1]),
        },
    }
    return {**whole, **changes}


def a_receipt() -> dict[str, Any]:
    body = {name: name for name in receipt.RECEIPT_KEYS} | {"problem": None}
    return receipt.sign_receipt(KEY, body)


def test_both_signatures_of_an_approval_hold():
    assert approval.part_verifies(KEY.public, "maker", an_approval())
    assert approval.part_verifies(OTHER.public, "checker", an_approval())


def test_the_makers_signature_does_not_serve_as_the_checkers():
    mine = an_approval(excluded=[])
    mine["checker"] = mine["maker"]

    assert not approval.part_verifies(KEY.public, "checker", mine)


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ({"approval_id": "018e"}, ("maker", "checker")),
        ({"unit": "350200-02"}, ("maker", "checker")),
        ({"digests": [digest(b"4")]}, ("maker", "checker")),
        ({"excluded": []}, ("checker",)),
    ],
    ids=["another act", "another unit", "another list", "a place smuggled back in"],
)
def test_a_changed_approval_does_not_hold(changed: dict[str, Any], parts: tuple[approval.Part, ...]):
    keys = {"maker": KEY.public, "checker": OTHER.public}

    assert not any(approval.part_verifies(keys[part], part, an_approval(**changed)) for part in parts)


def test_a_receipt_holds_only_whole():
    whole = a_receipt()
    assert receipt.receipt_verifies(KEY.public, whole)
    assert not receipt.receipt_verifies(OTHER.public, whole)
    for name in (*receipt.RECEIPT_KEYS, "sig"):
        lacking, other = deepcopy(whole), deepcopy(whole)
        del lacking[name]
        other[name] = "other"
        assert not receipt.receipt_verifies(KEY.public, lacking)
        assert not receipt.receipt_verifies(KEY.public, other)


def test_what_travels_beside_a_receipt_is_not_signed():
    assert receipt.receipt_verifies(KEY.public, a_receipt() | {"feed_seq": 7})


def test_content_is_digested_without_the_approval():
    content = Content(
        record_id="r", version_id="v", parent=None, op="create", catalog="XZCF_FR@2026.1",
        item_sha256="0" * 64, payload={"CF_WSH": "厦市监罚〔2026〕9号"},
        answers=[Answer("CF_XDR_SHXYM", "uscc_pilot", "有证照原件")],
    )  # fmt: skip
    item = content.as_dict()

    assert tuple(item) == CONTENT_KEYS
    assert content_digest(item | {"approval": {"id": "018f", "place": 0}}) == digest(content.frozen())


def test_answers_have_one_order():
    pair = [Answer("B", "x", "1"), Answer("A", "y", "2")]
    one, two = (
        Content("r", "v", None, "create", "X@1", "0" * 64, {}, answers=order) for order in (pair, pair[::-1])
    )

    assert one.frozen() == two.frozen()


@given(st.binary(max_size=80))
def test_text_of_bytes_reads_back(raw: bytes):
    assert from_text(to_text(raw)) == raw


@pytest.mark.parametrize("text", ["!", "a b", "é", "=abc"])
def test_text_that_is_no_key_is_refused_and_never_verifies(text: str):
    with pytest.raises(BadKey):
        from_text(text)
    assert not verifies(text, text, "receipt", {})
    assert not verifies(KEY.public, text, "receipt", {})
