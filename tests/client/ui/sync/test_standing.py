"""What is known of the queue: nothing is called sent of which not a byte has left."""

from __future__ import annotations

from pathlib import Path

from client.cli.link import _how_far
from client.store import batches, drafts, outbox, review
from client.sync.cycle import Progress
from client.sync.wire import batch_body
from client.ui.sync.standing import read_facts
from tests.client.ui.house import a_house, a_penalty


def test_what_was_only_cut_into_a_batch_still_waits_and_what_has_left_is_not_known(tmp_path: Path):
    house = a_house(tmp_path / "desk")
    desk = house.desk_of("许可")
    act_id = review.submit(desk, [drafts.create(desk, "XZCF_FR", a_penalty(1))], title="处罚").act_id
    assert act_id is not None
    desk = house.desk_of("庄敏")
    review.approve(desk, act_id)
    (approval_id,) = outbox.approvals_to_put(desk.db.reader())
    outbox.confirm_approval(desk, approval_id)
    cut = outbox.cut_batch(desk, choose=list, encode=batch_body, is_over=lambda *_: True, look_at=9)
    assert cut is not None
    stopped = read_facts(desk)
    batches.mark_sending(desk, cut.batch_id)
    left = read_facts(desk)
    house.close()

    assert (stopped.queued, stopped.unsure, stopped.waiting) == (1, 0, 1)
    assert (left.queued, left.unsure, left.waiting) == (0, 1, 1)


def test_on_a_slow_line_the_command_says_bytes_and_time_left():
    said = _how_far(Progress("sending", 120, 500, 40_960, 163_840, 100.0))

    assert said == "发送 120 / 500（40 KB / 160 KB），还要约 2 分钟"
    assert _how_far(Progress("hello", 0, 3)) == "联系平台 0 / 3"
