"""What becomes of one item: every verdict that a version can meet."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from forms.catalog.loader import load_set
from regional_platform.catalogs import Catalogs
from regional_platform.pipeline.incoming import read_items
from tests.forms.catalog.conftest import CatalogFiles

NOWHERE = "018f0000-0000-7000-8000-000000000000"
BYTES = b"%PDF-1.7 evidence"
EVIDENCE = {
    "sha256": hashlib.sha256(BYTES).hexdigest(), "size": len(BYTES), "name": "决定书.pdf",
    "media_type": "application/pdf",
}  # fmt: skip


@pytest.fixture
def served(shared):
    return shared


def test_a_good_record_is_accepted_with_a_receipt_that_verifies(desk):
    content = desk.content()
    (receipt,) = desk.send([content])

    assert (receipt["outcome"], receipt["stage"], receipt["problem"]) == ("accepted", "checked", None)
    assert (receipt["version_id"], receipt["record_id"]) == (content["version_id"], content["record_id"])
    assert receipt["receipt_no"].startswith("350200-")


def test_one_bad_record_among_many_is_rejected_alone_and_pointed_at(desk):
    contents = [desk.content(n) for n in range(20)]
    contents[7]["payload"]["CF_XDR_SHXYM"] = "91350200MA0000000A"
    del contents[7]["payload"]["CF_NR_FK"]

    receipts = desk.send(contents)

    assert [one["outcome"] for one in receipts].count("accepted") == 19
    problem = receipts[7]["problem"]
    assert problem["type"] == "urn:minxin:problem:field-invalid"
    assert {"#/payload/CF_XDR_SHXYM", "#/payload/CF_NR_FK"} <= {one["pointer"] for one in problem["errors"]}
    assert all(one["detail"] for one in problem["errors"])


def test_a_warning_stops_a_record_until_it_is_answered(desk):
    old = {"CF_JDRQ": "1999-03-01"}
    answer = {"path": "CF_JDRQ", "code": "long_ago", "reason": "补录历史数据"}
    (before,) = desk.send([desk.content(payload=old)])
    (after,) = desk.send([desk.content(payload=old, answers=[answer])])

    assert (before["outcome"], before["problem"]["errors"][0]["severity"]) == ("rejected", "warning")
    assert after["outcome"] == "accepted_with_warnings"
    assert after["problem"]["type"] == "urn:minxin:problem:answered-warnings"


def test_an_error_cannot_be_answered(desk):
    answer = {"path": "CF_NR_FK", "code": "required_if", "reason": "没有金额"}
    content = desk.content(payload={"CF_NR_FK": None}, answers=[answer])
    (receipt,) = desk.send([content])

    assert receipt["outcome"] == "rejected"
    assert "not_answerable" in {one["code"] for one in receipt["problem"]["errors"]}


def test_a_correction_of_an_unknown_version_is_held_and_accepted_once_that_has_come(desk, tools):
    first = desk.content()
    second = desk.correction(first, payload=desk.penalty(0, CF_NR_FK="0.06"))
    early = desk.batch(desk.approved([second]))

    assert [tools.outcome(one) for one in desk.receipts(desk.post(early))] == ["held parent-unknown"]
    assert desk.outcomes([first]) == ["accepted"]
    assert desk.outcomes([second]) == ["accepted"]
    assert desk.record(first["record_id"])["head"]["payload"]["CF_NR_FK"] == "0.06"


def test_parent_and_child_may_come_in_one_batch(desk):
    first = desk.content()
    second = desk.correction(first, payload=desk.penalty(0, CF_NR_FK="0.06"))

    assert desk.outcomes([first, second]) == ["accepted", "accepted"]
    assert desk.record(first["record_id"])["head"]["version_id"] == second["version_id"]


def test_a_correction_of_a_rejected_version_is_rejected(desk):
    first = desk.content(payload={"CF_NR_FK": None})
    second = desk.correction(first, payload=desk.penalty(0))

    assert desk.outcomes([first, second]) == ["rejected field-invalid", "rejected parent-rejected"]


def test_after_a_rejection_the_record_may_be_created_again(desk):
    first = desk.content(payload={"CF_NR_FK": None})
    again = {**first, "version_id": desk.content()["version_id"], "payload": desk.penalty(0)}

    assert desk.outcomes([first]) == ["rejected field-invalid"]
    assert desk.outcomes([again]) == ["accepted"]
    assert [one["outcome"] for one in desk.record(first["record_id"])["versions"]] == ["rejected", "accepted"]


def test_who_edited_an_older_version_gets_the_current_one(desk):
    first = desk.content()
    second = desk.correction(first, payload=desk.penalty(0, CF_NR_FK="0.06"))
    late = desk.correction(first, payload=desk.penalty(0, CF_NR_FK="0.07"))
    desk.send([first, second])
    (receipt,) = desk.send([late])

    assert receipt["problem"]["type"] == "urn:minxin:problem:stale"
    assert receipt["problem"]["current"] == {
        "version_id": second["version_id"], "op": "correct", "catalog": second["catalog"],
        "payload": second["payload"],
    }  # fmt: skip


def test_a_second_create_of_a_record_is_stale(desk):
    first = desk.content()
    again = {**first, "version_id": desk.content()["version_id"]}

    assert desk.outcomes([first, again]) == ["accepted", "rejected stale"]


def test_nothing_follows_a_withdrawal(desk):
    first = desk.content()
    gone = desk.withdrawal(first)
    late = desk.correction(first, payload=desk.penalty(0, CF_NR_FK="0.06"))

    assert desk.outcomes([first, gone, late]) == ["accepted", "accepted", "rejected withdrawn-already"]
    assert desk.record(first["record_id"])["head"]["op"] == "withdraw"


def test_an_approval_that_has_not_come_holds_the_item(desk, tools):
    content = desk.content()
    approval = desk.approval([content])
    batch = desk.batch(desk.items([content], approval))

    assert [tools.outcome(one) for one in desk.receipts(desk.post(batch))] == ["held approval-unknown"]
    assert desk.put_approval(approval).status_code == 201
    again = desk.batch(batch["items"])
    assert [tools.outcome(one) for one in desk.receipts(desk.post(again))] == ["accepted"]


def test_content_that_was_not_approved_is_rejected(desk, tools):
    content, other = desk.content(0), desk.content(1)
    (item,) = desk.approved([content])
    changed = {**item, "payload": desk.penalty(0, CF_NR_FK="9")}
    left_out = desk.approved([other], excluded=[0])[0]

    receipts = desk.receipts(desk.post(desk.batch([changed, left_out])))

    assert [tools.outcome(one) for one in receipts] == ["rejected signature-invalid"] * 2


def test_a_place_beyond_the_list_is_rejected(desk, tools):
    (item,) = desk.approved([desk.content()])
    item["approval"]["place"] = 9_999

    (receipt,) = desk.receipts(desk.post(desk.batch([item])))

    assert tools.outcome(receipt) == "rejected signature-invalid"


def test_an_attachment_that_has_not_come_holds_the_item(desk, tools):
    first = desk.content()
    second = desk.correction(first, payload=desk.penalty(0, CF_NR_FK="0.06"), evidence=[EVIDENCE])
    desk.send([first])
    (held,) = desk.send([second])

    desk.put(BYTES)

    assert (tools.outcome(held), held["problem"]["missing"]) == (
        "held attachment-missing", [EVIDENCE["sha256"]],
    )  # fmt: skip
    assert desk.outcomes([second]) == ["accepted"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"catalog": "XZCF_FR@1999.1"}, id="set that is not ours"),
        pytest.param({"catalog": "NOBODY@2026.1"}, id="item that is not ours"),
        pytest.param({"item_sha256": "f" * 64}, id="item with another digest"),
    ],
)
def test_an_unknown_catalog_is_rejected(desk, changed):
    assert desk.outcomes([desk.content(**changed)]) == ["rejected catalog-unknown"]


def test_the_same_business_under_another_record_is_rejected_until_the_first_is_withdrawn(desk):
    first, twin, later = desk.content(0), desk.content(0), desk.content(0)
    receipts = desk.send([first, twin])

    assert [one["outcome"] for one in receipts] == ["accepted", "rejected"]
    assert receipts[1]["problem"]["type"] == "urn:minxin:problem:duplicate-business-key"
    assert receipts[1]["problem"]["record_id"] == first["record_id"]
    assert desk.outcomes([desk.withdrawal(first), later]) == ["accepted", "accepted"]


def test_the_same_business_twice_stands_when_a_person_says_why(desk):
    why = {"path": "", "code": "same_act", "reason": "两次检查，两份决定，文书号相同"}
    first, beside = desk.content(0), desk.content(0, answers=[why])
    receipts = desk.send([first, beside])

    assert [one["outcome"] for one in receipts] == ["accepted", "accepted_with_warnings"]
    assert receipts[1]["problem"]["errors"][0]["code"] == "same_act"
    mended = desk.correction(beside, payload=desk.penalty(0, CF_NR_FK="0.06"))
    assert desk.outcomes([mended, desk.content(0)]) == [
        "accepted_with_warnings answered-warnings", "rejected duplicate-business-key",
    ]  # fmt: skip


def test_why_two_records_stand_needs_words(desk):
    blank = {"path": "", "code": "same_act", "reason": " "}

    assert desk.outcomes([desk.content(0), desk.content(0, answers=[blank])]) == [
        "accepted", "rejected duplicate-business-key",
    ]  # fmt: skip


def test_files_in_fields_are_waited_for_like_evidence(tmp_path):
    (tmp_path / "catalogs" / "9").mkdir(parents=True)
    files = CatalogFiles(tmp_path)
    files.item["fields"].append(files.field("FJ", "attachment"))
    item = files.load()
    raw = {
        "record_id": NOWHERE, "version_id": NOWHERE, "parent": None, "op": "create", "catalog": "SAMPLE@9",
        "item_sha256": item.digest, "payload": {"NAME": "甲公司", "FJ": [EVIDENCE]}, "answers": [],
        "reason": None, "evidence": [], "case_id": None, "approval": {"id": NOWHERE, "place": 0},
    }  # fmt: skip
    catalogs = Catalogs({"9": load_set(files.directory)})

    (incoming,) = read_items([raw], [None], catalogs, date(2026, 11, 24))
    assert incoming.standing == ()
    assert incoming.files == {EVIDENCE["sha256"]}


def test_a_correction_may_not_take_the_key_of_another_record(desk):
    first, second = desk.content(0), desk.content(1)
    grab = desk.correction(second, payload=desk.penalty(0))
    keep = desk.correction(first, payload=desk.penalty(0, CF_NR_FK="0.06"))

    assert desk.outcomes([first, second, grab, keep]) == [
        "accepted", "accepted", "rejected duplicate-business-key", "accepted",
    ]  # fmt: skip


def test_keys_let_go_in_a_batch_may_be_taken_in_the_same_batch(desk):
    a, b, c = desk.content(0), desk.content(1), desk.content(2)
    desk.send([a, b, c])
    a1 = desk.correction(a, payload=desk.penalty(3))
    b1 = desk.correction(b, payload=desk.penalty(0))
    c1 = desk.correction(c, payload=desk.penalty(1))
    a2 = desk.correction(a1, payload=desk.penalty(2))

    assert desk.outcomes([a1, b1, c1, a2]) == ["accepted"] * 4


def test_two_units_may_report_the_same_business(served):
    one, other = served.desk("350200-01"), served.desk("350600-01")
    other.first = one.first

    assert one.outcomes([one.content(0)]) == ["accepted"]
    assert other.outcomes([other.content(0)]) == ["accepted"]


def test_a_version_id_never_has_two_contents(desk):
    content = desk.content(0)
    other = {**desk.content(1), "version_id": content["version_id"]}

    assert desk.outcomes([content]) == ["accepted"]
    assert desk.outcomes([other]) == ["rejected id-reused"]
    assert desk.outcomes([content]) == ["accepted"]


def test_a_version_id_never_has_two_contents_even_while_held(desk):
    held = desk.correction(desk.content())
    other = {**desk.content(1), "version_id": held["version_id"]}

    assert desk.outcomes([held, other]) == ["held parent-unknown", "rejected id-reused"]


def test_a_known_version_gets_its_first_receipt_again_byte_for_byte(desk):
    content = desk.content()
    first = desk.send([content])

    assert desk.send([content]) == first
    assert desk.send([content, content]) == first * 2


def test_a_record_of_another_unit_cannot_be_touched(served):
    mine, theirs = served.desk("350200-01"), served.desk("350600-01")
    content = theirs.content()
    theirs.send([content])
    taken_over = {**mine.content(5), "record_id": content["record_id"]}
    corrected = mine.correction(content)

    assert mine.outcomes([taken_over, corrected]) == ["rejected not-authorised"] * 2
    assert mine.outcomes([{**mine.content(6), "version_id": content["version_id"]}]) == ["rejected id-reused"]
    assert len(theirs.record(content["record_id"])["versions"]) == 1


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        pytest.param({"surprise": 1}, "#/surprise", id="unknown member"),
        pytest.param({"op": "destroy"}, "#/op", id="unknown act"),
        pytest.param({"parent": NOWHERE}, "#/parent", id="create with a parent"),
        pytest.param({"op": "correct"}, "#/parent", id="correction without a parent"),
        pytest.param({"reason": {"code": "x", "text": ""}}, "#/reason", id="create with a reason"),
        pytest.param({"evidence": [{"sha256": "zz"}]}, "#/evidence/0/sha256", id="evidence without a digest"),
        pytest.param({"payload": []}, "#/payload", id="a payload that is no object"),
        pytest.param({"catalog": "CASE@1"}, "#/catalog", id="a record under the catalog of decisions"),
    ],
)
def test_a_misshapen_item_is_rejected_alone_and_pointed_at(desk, tools, changed, pointer):
    good, bad = desk.content(0), {**desk.content(1), **changed}
    approval = desk.approval([good, bad])
    desk.put_approval(approval)
    receipts = desk.receipts(desk.post(desk.batch(desk.items([good, bad], approval))))

    assert [tools.outcome(one) for one in receipts] == ["accepted", "rejected malformed"]
    assert pointer in {one["pointer"] for one in receipts[1]["problem"]["errors"]}


def test_a_correction_stays_with_its_item_and_its_record(desk):
    first, second = desk.content(0), desk.content(1)
    astray = desk.correction(first, record_id=second["record_id"])

    assert desk.outcomes([first, second, astray]) == ["accepted", "accepted", "rejected malformed"]


@pytest.mark.parametrize("field", ["CF_WSH", "CF_JDRQ", "CF_NR_FK", "CF_XDR_LB", "CF_CFLB", "CF_XDR_SHXYM"])
def test_a_value_of_the_wrong_shape_is_told_at_its_field(desk, field):
    values = [None, True, 5, [["deep"]], {"code": 1}, {"a": {"b": {}}}, ["x", 7], [], "", " "]
    contents = [desk.content(n) for n in range(len(values))]
    for content, value in zip(contents, values, strict=True):
        content["payload"][field] = value

    for receipt in desk.send(contents):
        assert receipt["problem"]["type"] == "urn:minxin:problem:field-invalid"
        assert f"#/payload/{field}" in {
            one["pointer"].removesuffix("/0") for one in receipt["problem"]["errors"]
        }


def test_a_fault_of_ours_holds_one_item_and_logs_no_value(alone, tools, caplog):
    """The head of a record was damaged on disk: telling a stale correction what it is fails."""
    desk = alone.desk()
    damaged, other = desk.content(0), desk.content(1)
    second = desk.correction(damaged, payload=desk.penalty(0, CF_NR_FK="0.06"))
    desk.send([damaged, second])
    with alone.platform.store.writing() as connection:
        tools.damage(connection, second["version_id"])
    late = desk.correction(damaged, payload=desk.penalty(0, CF_NR_FK="0.07"))

    held, accepted = desk.send([late, other])

    assert (tools.outcome(held), tools.outcome(accepted)) == ("held internal", "accepted")
    assert held["problem"]["incident"] in caplog.text
    assert "JSONDecodeError" in caplog.text
    assert "secret" not in caplog.text
