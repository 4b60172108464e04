import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.core.batches import Pace
from client.sync.pace import (
    LARGE_BYTES,
    MOST_IN_FLIGHT,
    SMALL_BYTES,
    Trip,
    after_answer,
    after_loss,
    after_silence,
    after_words,
    expected_s,
    is_slow,
    most_bytes,
    seconds_left,
)

PACKED = 130


def sent(pace, *, bytes_per_s, way_s, count, waiting=10**6):
    """Send batches over a line of this rate and this way there and back; returns all paces and times."""
    paces, times = [pace], []
    for _ in range(count):
        items = min(pace.items, most_bytes(pace) // PACKED, waiting)
        seconds = way_s + items * PACKED * pace.in_flight / bytes_per_s
        pace = after_answer(pace, Trip(items, items * PACKED, seconds, pace.in_flight), most_items=500)
        paces.append(pace)
        times.append(seconds)
    return paces, times


def test_on_a_fast_line_the_platforms_limit_is_reached_within_three_batches():
    paces, _ = sent(Pace(), bytes_per_s=10**7, way_s=0.02, count=3)

    assert [one.items for one in paces] == [20, 100, 500, 500]
    assert [one.in_flight for one in paces] == [1, 2, 3, 3]


@pytest.mark.parametrize("way_s", [0.3, 0.7, 1.5])
def test_on_a_slow_line_three_batches_fly_that_fill_it_for_some_seconds_each(way_s):
    paces, times = sent(Pace(), bytes_per_s=8_000, way_s=way_s, count=20)

    assert all(2.0 <= one / MOST_IN_FLIGHT <= 6.0 for one in times[-10:])
    assert paces[-1].in_flight == MOST_IN_FLIGHT
    assert paces[-1].bytes_per_s == pytest.approx(8_000, rel=0.4)


def test_a_fast_desk_that_moves_to_a_slow_line_makes_its_batches_smaller_at_once():
    _, times = sent(Pace(500, 3, 10**6, PACKED), bytes_per_s=8_000, way_s=0.3, count=8)

    assert times[0] > 20
    assert times[-1] / MOST_IN_FLIGHT < 7


def test_a_batch_that_was_not_full_says_nothing_of_a_larger_one():
    paces, _ = sent(Pace(), bytes_per_s=10**7, way_s=0.02, count=5, waiting=3)

    assert {one.items for one in paces} == {20}


def test_what_is_lost_halves_the_next_batch_and_one_less_flies():
    assert after_loss(Pace(20, 3, 9.0, 8.0)) == Pace(10, 2, 4.5, 8.0)
    assert after_loss(Pace(1, 1)).items == 1


def test_what_is_expected_of_a_line_follows_from_what_it_bore_and_doubles_with_every_loss():
    pace = Pace(500, 3, 8_000.0, 100.0)

    assert expected_s(pace, 400, more_bytes=8_000) == 6.0
    assert expected_s(after_silence(pace), 400) == 10.0
    assert expected_s(Pace(), 20, more_bytes=5_000) == 10.0


def test_a_batch_has_as_many_bytes_as_the_line_carries_in_its_time_and_an_unmeasured_line_counts_as_fast():
    assert [most_bytes(Pace(bytes_per_s=one)) for one in (1_000, 8_000)] == [SMALL_BYTES, 40_000]
    assert most_bytes(Pace(bytes_per_s=10**6)) == most_bytes(Pace()) == LARGE_BYTES
    assert [is_slow(Pace(bytes_per_s=one)) for one in (0, 15_999, 16_000)] == [False, True, False]


def test_how_long_it_takes_is_told_once_the_line_was_measured():
    assert seconds_left(Pace(), 100) is None
    assert seconds_left(Pace(20, 1, 1_000.0, 100.0), 50, more_bytes=5_000) == 10.0


@settings(suppress_health_check=[HealthCheck.too_slow])  # of the machine, not of the rule
@given(
    st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 500), st.floats(0, 900))), max_size=30),
    st.integers(1, 500),
)
def test_whatever_is_measured_a_batch_has_one_version_at_least_and_never_more_than_the_platform_takes(
    trips, most_items
):
    pace = Pace()
    for trip in trips:
        if trip is None:
            pace = after_loss(pace)
        else:
            pace = after_answer(pace, Trip(trip[0], trip[0] * PACKED, trip[1]), most_items=most_items)
            assert pace.items <= most_items
        assert pace.items >= 1
        assert 1 <= pace.in_flight <= MOST_IN_FLIGHT


def test_a_quick_line_is_known_from_the_approvals_and_the_first_batches_are_large():
    quick = after_words(Pace(), 100_000, 0.1, most_items=500)

    assert (quick.items, quick.in_flight, quick.bytes_per_s) == (500, 3, 1_000_000)


def test_a_slow_line_is_known_from_a_long_list_and_a_short_word_says_nothing_against_it():
    slow = after_words(Pace(), 40_000, 5.0, most_items=500)

    assert is_slow(slow)
    assert (slow.items, slow.in_flight) == (32, 1)
    assert after_words(Pace(), 900, 2.0, most_items=500) == Pace()
    assert after_words(slow, 100_000, 0.1, most_items=500) == slow
