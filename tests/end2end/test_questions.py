"""疑问数据, from the real platform to the desk and back: told by the feed, ignored, taken up again."""

from __future__ import annotations

import pytest

from client.core.questions import STATES
from client.errors import PlatformRefusal
from client.store import questions
from client.sync import doubts
from regional_platform.pipeline.worker import settle
from tests.client.ui.house import a_uscc
from tests.end2end.by_stick import UNIT, Region, open_office


def test_a_question_comes_down_is_ignored_with_a_reason_and_taken_up_again(new_region: Region):
    office = open_office(new_region)
    (record_id,) = office.approved(1, CF_XDR_SHXYM=a_uscc(770_077), CF_XDR_MC="未登记样例商行")
    for _ in range(2):
        assert office.sync().problem is None
        settle(new_region.app.state.platform, UNIT)
    assert office.sync().problem is None
    desk, line = office.desk, office.transport()
    (row,) = questions.list_questions(desk.db.reader())
    version_id = row.question.version_id

    assert (row.question.record_id, row.question.cause, row.is_here) == (record_id, "unmatched", True)
    assert doubts.ignore(desk, line, version_id, "平台主体库登记滞后").state == "ignored"
    (row,) = questions.list_questions(desk.db.reader(), states=("ignored",))
    assert row.question.reason == "平台主体库登记滞后"
    assert doubts.reopen(desk, line, version_id).state == "open"

    with desk.db.transaction() as tx:
        tx.execute("DELETE FROM question")
    assert doubts.fetch(desk, line, lambda: False) == 1
    assert [one.question.version_id for one in questions.list_questions(desk.db.reader(), states=STATES)] == [
        version_id
    ]
    with pytest.raises(PlatformRefusal, match="question_unknown"):
        doubts.ignore(desk, line, desk.new_id(), "没有这条")
    office.stand_up()
