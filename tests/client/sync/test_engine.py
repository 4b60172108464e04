import math
from dataclasses import replace

import pytest

from client.core.answers import Answer, Applied, FeedPage
from client.core.batches import OpenBatch, Pace
from client.sync import acts, engine, events
from client.sync.pace import LARGE_BYTES
from client.sync.plan import Failure
from client.sync.state import Flight, go_on
from tests.client.sync.cycles import NO_LINE, calm, states, world
from tests.client.sync.world import Refused, Version, a_receipt


def test_a_cycle_without_faults_sends_everything_and_reads_the_feed():
    made = world(versions=10)

    made.cycle()

    assert set(states(made)) == {"done"}
    assert made.posts == 3
    assert made.desk.cursor == 10
    assert made.last_done == acts.Done()


def test_three_batches_fly_at_once_and_may_come_down_in_any_order():
    made = world(versions=24, in_flight=3, order=iter([2, 1, 0, 1, 1, 0]))

    made.cycle()

    assert made.most_in_air == 3
    assert set(states(made)) == {"done"}
    assert made.last_done == acts.Done()


def test_the_next_version_of_a_record_flies_when_the_one_before_has_come_down():
    made = world(versions=10, in_flight=3)
    for n in range(10):
        made.desk.new(f"r{n}")

    made.cycle()

    assert set(states(made)) == {"done"}
    assert len(made.platform.applied) == 20


def test_what_fell_together_is_one_failure_and_then_batches_go_one_by_one_until_one_comes_through():
    made = world("fine", *["request_lost"] * 3, "request_lost", versions=24, in_flight=3)

    made.cycle()

    assert made.last_done == acts.Done()
    assert len(made.waited) == 2
    assert set(states(made)) == {"done"}


def test_a_cycle_that_must_end_hears_what_is_on_the_line_to_its_end():
    made = world("fine", "html", versions=12, in_flight=3)

    made.cycle()

    assert made.last_done.failure.code == "portal"
    assert states(made).count("done") == 8
    assert states(made).count("unknown") == 4


def test_ten_cycles_do_the_same_as_one():
    made = world(versions=6)
    made.cycle()
    posts, applied = made.posts, list(made.platform.applied)

    for _ in range(9):
        made.cycle()

    assert (made.posts, made.platform.applied) == (posts, applied)


def test_after_a_lost_answer_the_engine_asks_before_it_sends_again():
    made = world("fine", "answer_lost", versions=3)

    made.cycle()

    assert made.posts == 1
    assert set(states(made)) == {"done"}


def test_a_batch_that_never_arrived_is_sent_again_with_the_same_bytes():
    made = world("fine", "request_lost", versions=3)

    made.cycle()

    assert list(made.platform.answers) == ["b1"]
    assert set(states(made)) == {"done"}


def test_a_kill_between_answer_and_store_costs_one_question():
    made = world("fine", "killed", versions=3)
    made.cycle()
    assert set(states(made)) == {"sent"}

    made.cycle()

    assert made.posts == 1
    assert set(states(made)) == {"done"}


def test_without_a_line_the_cycle_ends_at_the_greeting_and_says_when_it_comes_back():
    made = world("request_lost", versions=1)

    made.cycle()

    assert made.last_done is not None
    assert made.last_done.failure == NO_LINE
    assert made.last_done.retry_in_s == 1.0
    assert states(made) == ["queued"]


def test_a_portal_on_the_way_makes_a_batch_unknown_and_ends_the_cycle():
    made = world("fine", "html", versions=1)

    made.cycle()

    assert states(made) == ["unknown"]
    assert made.last_done is not None
    assert made.last_done.failure.code == "portal"


def test_three_failures_in_a_row_leave_the_rest_to_the_next_cycle():
    made = world("fine", *["request_lost"] * 3, versions=1)

    made.cycle()

    assert made.last_done is not None
    assert made.last_done.failure == NO_LINE
    assert len(made.waited) == 2


def test_a_short_wait_of_the_platform_is_waited_out_in_the_cycle():
    made = world("fine", "busy", versions=1)

    made.cycle()

    assert made.waited == [pytest.approx(1.1)]
    assert states(made) == ["done"]


@pytest.mark.parametrize(
    ("failure", "retry"),
    [
        pytest.param(Failure("refused", "token_expired", 401), None, id="sign in"),
        pytest.param(Failure("refused", "device_revoked", 403), None, id="revoked"),
        pytest.param(Failure("refused", "key_reused", 422), None, id="must never happen"),
        pytest.param(Failure("refused", "rate_limited", 429, 600.0), 660.0, id="a long wait"),
    ],
)
def test_what_a_cycle_cannot_mend_ends_it_and_nothing_is_dropped(failure, retry):
    made = world(versions=2)
    state, effects = engine.begin(events.Started("e1"))
    while not isinstance(effects[-1], acts.AwaitFlight):
        state, effects = engine.step(state, made.carry_out(effects))

    state, effects = engine.step(state, events.Failed(failure, 0.5, "b1"))

    assert effects == (acts.MarkUnknown("b1", failure.code), acts.Done(failure, retry))
    assert state.is_done


@pytest.mark.parametrize("in_flight", [1, 3])
@pytest.mark.parametrize("poisoned_at", [0, 1, 250, 498, 499])
def test_one_poisoned_record_among_500_is_found_in_22_requests_and_the_others_are_delivered(
    monkeypatch, poisoned_at, in_flight
):
    monkeypatch.setattr("tests.client.sync.world.BATCH_ITEMS", 500)
    made = world(in_flight=in_flight)
    for n in range(500):
        made.desk.new(f"r{n}", poison=n == poisoned_at)

    made.cycle()

    assert made.posts <= 2 * math.ceil(math.log2(500)) + 3 + 1
    assert states(made).count("done") == 499
    assert states(made)[poisoned_at] == "blocked"


def test_a_platform_that_fails_on_everything_blocks_nothing():
    made = world(versions=8)
    for version_id, version in made.desk.versions.items():
        made.desk.versions[version_id] = replace(version, poison=True)

    for _ in range(12):
        made.cycle()

    assert "blocked" not in states(made)
    assert made.last_done is not None
    assert made.last_done.failure == Failure("refused", "internal", 500)


def test_a_poisoned_record_alone_is_kept_and_set_aside_once_others_pass():
    made = world()
    made.desk.new("r1", poison=True)
    for _ in range(4):
        made.cycle()
    assert states(made) == ["unknown"]
    made.desk.new("r2")

    made.cycle()

    assert states(made) == ["blocked", "done"]


def test_a_good_record_among_poisoned_ones_gets_its_turn():
    made = world()
    for n, poison in enumerate([True, True, False, True, True, True, True, True]):
        made.desk.new(f"r{n}", poison=poison)
        made.script = iter(["fine", "html"])
        made.cycle()

    calm(made, cycles=12)

    assert states(made)[2] == "done"


def test_an_oversized_batch_is_halved_until_it_fits():
    made = world(versions=4)
    real = made.platform.post

    def at_most_one(batch_id, versions):
        if len(versions) > 1:
            raise Refused(Failure("refused", "batch_too_large", 413))
        return real(batch_id, versions)

    made.platform.post = at_most_one

    made.cycle()

    assert set(states(made)) == {"done"}
    assert made.posts == 7


def test_a_held_version_comes_back_under_its_own_id_in_the_next_cycle():
    made = world(versions=1)
    made.desk.versions["v1"] = replace(made.desk.versions["v1"], parent="v0")
    made.cycle()
    assert states(made) == ["held"]
    made.platform.judged["v0"] = a_receipt(Version("v0", "r0", None, 0), "accepted", None)
    made.platform.heads["r0"] = "v0"

    made.cycle()

    assert states(made) == ["done"]
    assert made.posts == 2


def test_what_an_answer_left_out_is_asked_for_again():
    made = world("fine", "left_out", versions=3)
    made.cycle()

    made.cycle()

    assert set(states(made)) == {"done"}
    assert len(made.platform.applied) == 3


def test_a_platform_that_is_not_done_is_asked_again_and_nothing_is_sent_twice():
    made = world("fine", "working", "working", versions=1)

    made.cycle()

    assert made.posts == 1
    assert made.waited == [pytest.approx(1.1)] * 2
    assert states(made) == ["done"]


def test_a_platform_that_is_never_done_is_left_to_the_next_cycle_and_the_feed_is_read():
    made = world("fine", *["working"] * 6, versions=1)

    made.cycle()

    assert made.last_done.failure.code == "in_progress"
    assert states(made) == ["sent"]
    assert made.desk.cursor == 1


@pytest.mark.parametrize(
    ("spread_s", "has_spread", "what"),
    [
        pytest.param(0, False, acts.Survey(), id="not asked for"),
        pytest.param(100, False, acts.Wait(50.0), id="a short while is waited out"),
        pytest.param(
            600, False, acts.Done(Failure("refused", "asked_to_spread", 503, 300.0), 300.0),
            id="a long one is left to the next cycle",
        ),
        pytest.param(600, True, acts.Survey(), id="which does not wait again"),
    ],
)  # fmt: skip
def test_after_an_outage_desks_come_back_over_a_while(spread_s, has_spread, what):
    state, _ = engine.begin(events.Started("e1", has_spread=has_spread))
    hello = world()._at_platform(acts.SayHello()).hello

    state, effects = engine.step(state, events.Greeted(replace(hello, spread_s=spread_s), 0.5))
    assert effects == (what,)

    if isinstance(what, acts.Wait):
        _, effects = engine.step(state, events.Waited())
        assert effects == (acts.Survey(),)


def test_a_refused_approval_is_named_and_the_others_go_on():
    state, _ = engine.begin(events.Started("e1"))
    state, _ = engine.step(state, world()._at_platform(acts.SayHello()))
    state, effects = engine.step(state, events.Surveyed(0, attachments=["s1"], approvals=["a1", "a2"]))
    assert effects == (acts.PutAttachment("s1"),)
    state, effects = engine.step(state, events.Failed(Failure("refused", "attachment_mismatch", 422), 0.5))
    assert effects == (acts.RefuseAttachment("s1", "attachment_mismatch"), acts.PutApproval("a1"))

    state, effects = engine.step(state, events.Failed(Failure("refused", "checker_key_unknown", 422), 0.5))

    assert effects == (acts.RefuseApproval("a1", "checker_key_unknown"), acts.PutApproval("a2"))


def test_what_decisions_and_withdrawals_need_and_they_themselves_go_before_everything_else():
    state, _ = engine.begin(events.Started("e1"))
    state, _ = engine.step(state, world()._at_platform(acts.SayHello()))
    waits = events.Surveyed(
        0, ["s1", "s2"], ["a1", "a2"], [OpenBatch("b0", 1, 0)], legal=frozenset({"s2", "a2"})
    )

    state, effects = engine.step(state, waits)
    asked = [*effects]
    for event in (
        events.AttachmentPut(),
        events.ApprovalConfirmed(),
        events.BatchCut(OpenBatch("b1", 1, 0)),
        events.BatchCut(None),
        events.AttachmentPut(),
    ):
        state, effects = engine.step(state, event)
        asked += effects

    cut = acts.CutBatch(state.limits, 4, LARGE_BYTES, legal_only=True)
    assert asked == [
        acts.PutAttachment("s2"), acts.PutApproval("a2"), cut, cut, acts.PostBatch("b1"),
        acts.PutAttachment("s1"), acts.PutApproval("a1"),
    ]  # fmt: skip


def test_batches_of_before_are_asked_about_before_new_ones_are_cut_and_lone_failures_come_last():
    state, _ = engine.begin(events.Started("e1"))
    state, _ = engine.step(state, world()._at_platform(acts.SayHello()))

    state, effects = engine.step(
        state,
        events.Surveyed(
            0, unsent=[OpenBatch("b3", 1, 0)], unknown=[OpenBatch("b1", 1, 3), OpenBatch("b2", 5, 1)]
        ),
    )
    seen = [*effects]
    while not isinstance(effects[-1], acts.Done):
        state, effects = engine.step(state, _answer_to(effects, state))
        seen += effects

    assert [one for one in seen if isinstance(one, acts.AskBatch | acts.PostBatch | acts.CutBatch)] == [
        acts.AskBatch("b2"),
        acts.PostBatch("b3"),
        acts.CutBatch(state.limits, 4, LARGE_BYTES),
        acts.AskBatch("b1"),
    ]


def _answer_to(effects, state):
    if isinstance(effects[-1], acts.AwaitFlight):
        return events.Answered(Answer(state.flying[0].batch.batch_id, ()))
    if isinstance(effects[-1], acts.ApplyAnswer):
        return events.AnswerApplied(Applied())
    return world().carry_out(effects[-1:])


def test_stop_begins_nothing_new_and_takes_in_what_is_on_the_line():
    made = world(versions=40, in_flight=3)
    state, effects = engine.begin(events.Started("e1", pace=Pace(4, 3)))
    while not isinstance(effects[-1], acts.AwaitFlight):
        state, effects = engine.step(state, made.carry_out(effects))

    event = events.Stop()
    made.carry_out([*effects[:-1], acts.Survey()])
    while event is not None:
        state, effects = engine.step(state, event)
        event = made.carry_out(effects)

    assert effects == (acts.Done(stopped=True),)
    assert states(made).count("done") == 12


def test_stop_ends_the_cycle_at_the_next_step():
    state, _ = engine.begin(events.Started("e1"))

    state, effects = engine.step(state, events.Stop())

    assert effects == (acts.Done(stopped=True),)
    with pytest.raises(ValueError, match="after Done"):
        engine.step(state, events.Waited())


def test_the_feed_is_looked_into_while_batches_are_on_their_way():
    state, _ = engine.begin(events.Started("e1", pace=Pace(items=500, in_flight=3)))
    state = replace(
        state, asked=acts.AwaitFlight(), unread=500, all_cut=True, legal_cut=True,
        flying=(Flight(OpenBatch("b1", 5, 1), is_question=False),),
    )  # fmt: skip

    looking = go_on(state)
    sooner = go_on(replace(state, unread=499))
    page = FeedPage("e1", [], 0, 0)
    read, (*_, awaited) = engine.step(
        engine.step(looking[0], events.Pulled(page))[0], events.PageApplied(0, 0)
    )

    assert looking[1] == (acts.PullFeed("e1", 0, 0),)
    assert sooner[1] == (acts.AwaitFlight(),)
    assert awaited == acts.AwaitFlight()
    assert not read.pulled


def test_what_was_said_of_cases_goes_one_by_one_before_decisions_and_none_holds_up_the_others():
    state, _ = engine.begin(events.Started("e1"))
    state, _ = engine.step(state, world()._at_platform(acts.SayHello()))
    waits = events.Surveyed(0, ["s1"], posts=["p1", "p2", "p3", "p4"], legal=frozenset({"s1"}))
    asked = []

    state, effects = engine.step(state, waits)
    for event in (
        events.AttachmentPut(),
        events.Failed(Failure("refused", "stale", 412), 0.5),
        events.Failed(Failure("refused", "token_expired", 401), 0.5),
        events.PostPut(),
        *(events.Failed(Failure("refused", "internal", 500), 0.0), events.Waited()) * 2,
        events.Failed(Failure("refused", "internal", 500), 0.0),
    ):
        asked += effects
        state, effects = engine.step(state, event)
    asked += effects

    assert [one for one in asked if not isinstance(one, acts.Wait)] == [
        acts.PutAttachment("s1"), acts.PutPost("p1"), acts.RefusePost("p1", "stale"), acts.PutPost("p2"),
        acts.RefusePost("p2", "token_expired"), acts.PutPost("p3"), *[acts.PutPost("p4")] * 3,
        acts.CutBatch(state.limits, 4, LARGE_BYTES, legal_only=True),
    ]  # fmt: skip
    assert state.deferred == Failure("refused", "internal", 500)
