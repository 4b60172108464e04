"""The closed list of problems: each type has a title and a way out for people, and some test gets it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from client.sync.plan import REFUSED, STATUS
from client.ui.messages import SENTENCES
from regional_platform.problems import KINDS

TESTS = Path(__file__).parents[1]
CHINESE = re.compile(r"[\u4e00-\u9fff]{2}")
WAY_OUT = re.compile("请|后再|自动")

OF_SYNC = (
    "field-invalid", "stale", "parent-unknown", "parent-rejected", "id-reused", "duplicate-business-key",
    "catalog-unknown", "catalog-not-in-force", "attachment-missing", "attachment-mismatch", "not-authorised",
    "maker-is-checker", "signature-invalid", "withdrawn-already", "batch-digest-mismatch", "key-reused",
    "batch-too-large", "device-forked", "device-revoked", "protocol-too-old", "rate-limited", "maintenance",
    "approval-unknown", "upload-unknown", "offset-differs", "epoch-changed", "token-expired",
)  # fmt: skip
"""What a desk may be told while it sends; a rule that fails is a `field-invalid`, the rule in `errors`."""

WHOLE = ("batch-too-large", "key-reused", "device-forked", "protocol-too-old", "rate-limited", "maintenance")
"""Refusals of a whole batch: the engine must have a verdict by name."""


@pytest.fixture(scope="module")
def said_in_tests():
    """All that tests of the platform and of the road say."""
    return "".join(
        path.read_text(encoding="utf-8")
        for path in TESTS.rglob("*.py")
        if path.parent.name in {"regional_platform", "sync"}
    )


@pytest.mark.parametrize("code", OF_SYNC)
def test_what_a_desk_may_be_told_has_a_title_and_a_way_out_on_both_sides(code):
    kind = KINDS[code]

    assert CHINESE.search(kind.title)
    assert WAY_OUT.search(kind.detail), kind.detail
    assert CHINESE.search(SENTENCES[code.replace("-", "_")])


@pytest.mark.parametrize("code", WHOLE)
def test_what_refuses_a_whole_batch_is_judged_by_name(code):
    assert code.replace("-", "_") in REFUSED
    assert KINDS[code].status in STATUS or KINDS[code].status in {409, 422}


def test_every_problem_is_got_by_a_test(said_in_tests):
    """By its name, as an answer or an outcome says it."""
    unheard = [code for code in KINDS if not re.search(rf"[\"' ]{code}[\"'\\s]", said_in_tests)]

    assert unheard == []
