"""The engine beside a platform that was restored, and on a disk that was copied."""

import copy

from client.sync import acts, engine, events
from client.sync.plan import Failure
from tests.client.sync.cycles import states, world
from tests.client.sync.world import Platform


def test_a_restored_platform_is_read_from_the_beginning_and_nothing_is_dropped():
    made = world(versions=3)
    made.cycle()
    made.platform.epoch = "e2"
    made.desk.new("r9")

    made.cycle()

    assert (made.desk.epoch, made.desk.cursor) == ("e2", 4)
    assert set(states(made)) == {"done"}


def test_what_a_restored_platform_has_lost_is_sent_again_under_its_ids_and_the_rest_is_not():
    made = world(versions=5)
    made.cycle()
    backup = copy.deepcopy(made.platform)
    for n in range(8):
        made.desk.new(f"r{n}")
    made.cycle()
    made.platform.restored(backup)
    posts, first = made.posts, dict(made.desk.receipts)

    made.cycle()

    assert made.last_done == acts.Done()
    assert made.posts == posts + 2
    assert len(made.platform.applied) == 13
    assert set(states(made)) == {"done"}
    assert made.desk.receipts == first
    assert made.desk.asked_up_to is None


def test_asking_what_is_missing_goes_on_where_it_was_killed():
    made = world(versions=7)
    made.cycle()
    made.platform.restored(Platform())
    made.script = iter(["fine", "fine", "killed"])
    made.cycle()
    assert (made.desk.asked_up_to, states(made).count("queued")) == (3, 3)

    made.cycle()

    assert len(made.platform.applied) == 7
    assert set(states(made)) == {"done"}


def test_a_platform_that_cannot_tell_what_it_lacks_holds_up_nothing_else_and_is_asked_in_the_next_cycle():
    made = world("fine", "fault", "fault", "fault", versions=3)
    made.desk.asked_up_to = 0

    made.cycle()

    assert set(states(made)) == {"done"}
    assert made.last_done.failure.code == "internal"
    assert made.desk.asked_up_to == 0


def test_a_copied_desk_goes_on_under_a_new_id_with_the_same_versions():
    made = world("fine", "forked", versions=12, in_flight=3)

    made.cycle()

    assert made.desk.renewals == 1
    assert made.last_done == acts.Done()
    assert set(states(made)) == {"done"}
    assert len(made.platform.applied) == 12


def test_batches_that_are_on_the_line_together_when_the_copy_is_found_out_all_go_on_under_the_new_id():
    made = world("fine", "forked", "forked", versions=12, in_flight=3)

    made.cycle()

    assert made.desk.renewals == 1
    assert made.last_done == acts.Done()
    assert set(states(made)) == {"done"}


def test_a_desk_that_is_called_a_copy_twice_in_one_cycle_stops_and_says_so():
    made = world("fine", "forked", "forked", versions=1)

    made.cycle()

    assert made.last_done == acts.Done(Failure("refused", "device_forked", 409), None)
    assert states(made) == ["unknown"]


def test_a_platform_restored_without_end_stops_the_cycle():
    state, _ = engine.begin(events.Started("e1"))
    for n in range(2):
        state, effects = engine.step(
            state, events.Failed(Failure("refused", "epoch_changed", 410, epoch=f"f{n}"), 0.5)
        )
        assert effects == (acts.AdoptEpoch(f"f{n}"),)
        state, _ = engine.step(state, events.EpochAdopted(f"f{n}"))

    state, effects = engine.step(
        state, events.Failed(Failure("refused", "epoch_changed", 410, epoch="f9"), 0.5)
    )

    assert isinstance(effects[-1], acts.Done)
