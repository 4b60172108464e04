"""Signatures over approvals and receipts: whole, or they do not hold."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.catalog.problems import Answer
from forms.seal import approval, receipt
from forms.seal.canonical import canonical, digest
from forms.seal.content import CONTENT_KEYS, Content, content_digest
from forms.seal.keys import BadKey, SigningKey, from_text, to_text, verifies
from forms.seal.proof import unproved

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


def a_receipt(**other: Any) -> dict[str, Any]:
    return {name: name for name in receipt.RECEIPT_KEYS} | {"problem": None, "server_id": "mx-1"} | other


def of_before_seals() -> dict[str, Any]:
    return a_receipt() | {"sig": KEY.sign("receipt", a_receipt())}


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


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TEXT = ANY | st.sampled_from([chr(34), "\\", "\x7f", "é"])


@given(st.dictionaries(st.sampled_from(receipt.RECEIPT_KEYS), TEXT), st.none() | st.just({"detail": "不行"}))
def test_the_quick_bytes_of_a_receipt_are_the_canonical_ones(changed: dict[str, str], problem: Any):
    one = a_receipt() | changed | {"problem": problem}

    assert receipt.receipt_bytes(one | {"feed_seq": 7}) == canonical(one)


def test_a_seal_is_over_the_receipts_of_its_message_in_their_order_and_no_others():
    digests = receipt.digests_of(receipt.receipt_bytes(a_receipt(receipt_no=n)) for n in ("1", "2"))
    seal = receipt.seal_receipts(KEY, "mx-1", digests)

    assert receipt.seal_verifies(KEY.public, "mx-1", seal, digests)
    assert not receipt.seal_verifies(OTHER.public, "mx-1", seal, digests)
    assert not receipt.seal_verifies(KEY.public, "mx-2", seal, digests)
    for other in (digests[:32], digests[32:] + digests[:32], digests + digests[:32], digests[:-1], b""):
        assert not receipt.seal_verifies(KEY.public, "mx-1", seal, other)
    for name in seal:
        assert not receipt.seal_verifies(KEY.public, "mx-1", seal | {name: "other"}, digests)


def a_file() -> dict[str, Any]:
    many = [a_receipt(receipt_no=str(n)) for n in range(3)]
    digests = receipt.digests_of(map(receipt.receipt_bytes, many))
    seal = {"digests": to_text(digests), "sig": receipt.seal_receipts(KEY, "mx-1", digests)["sig"]}
    return {"receipts": [many[1]], "seals": [seal], "server_id": "mx-1"}


def test_one_receipt_is_proved_by_the_list_that_the_platform_sealed():
    assert unproved(KEY.public, **a_file()) == []
    assert unproved(OTHER.public, **a_file()) == a_file()["receipts"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"seals": []}, id="no seal"),
        pytest.param({"server_id": "mx-2"}, id="another platform"),
        pytest.param({"server_id": None}, id="no platform"),
        pytest.param({"seals": [3]}, id="no seal of ours"),
        pytest.param({"seals": [a_file()["seals"][0] | {"digests": "!"}]}, id="no list"),
        pytest.param({"seals": [a_file()["seals"][0] | {"digests": to_text(bytes(32))}]}, id="another list"),
        pytest.param({"receipts": [a_receipt(receipt_no="1", outcome="rejected")]}, id="changed"),
        pytest.param({"receipts": [{"receipt_no": "1"}]}, id="half a receipt"),
        pytest.param({"receipts": [a_receipt(problem={"x": 1.5})]}, id="a fraction"),
    ],
)
def test_a_receipt_is_not_proved_by_less(changed: dict[str, Any]):
    assert len(unproved(KEY.public, **a_file() | changed)) == 1


def test_a_receipt_of_before_seals_is_proved_by_its_own_signature_as_long_as_it_is_whole():
    whole = of_before_seals()

    assert unproved(KEY.public, [whole], [], None) == []
    assert unproved(OTHER.public, [whole], [], None) == [whole]
    for name in (*receipt.RECEIPT_KEYS, "sig"):
        lacking, other = deepcopy(whole), deepcopy(whole)
        del lacking[name]
        other[name] = "other"
        assert len(unproved(KEY.public, [lacking, other], [], None)) == 2


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
