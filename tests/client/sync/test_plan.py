from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.batches import Due
from client.sync.plan import (
    CAP_S,
    LINK,
    PAGE_ITEMS,
    Failure,
    Move,
    Verdict,
    after_drop,
    after_fault,
    backoff_s,
    is_due,
    items_in,
    judge,
    next_batch,
    page_items,
    wait_s,
)

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def a_due(n, record=None, *, lane=2, size=10):
    return Due(f"v{n}", record or f"r{n}", lane, n, b"x" * size, "a", n)


def refused(code, status, **more):
    return Failure("refused", code, status, **more)


@pytest.mark.parametrize(
    ("failure", "verdict"),
    [
        pytest.param(
            Failure("link", "no_connection"), Verdict.AGAIN, id="no line: keep the bytes, ask later"
        ),
        pytest.param(Failure("link", "timeout"), Verdict.AGAIN, id="no answer in time is unknown"),
        pytest.param(Failure("link", "truncated"), Verdict.AGAIN, id="half an answer is unknown"),
        pytest.param(Failure("link", "not_ours"), Verdict.AGAIN, id="an answer that does not fit is unknown"),
        pytest.param(Failure("link", "portal"), Verdict.GIVE_UP, id="a portal stays a portal for this cycle"),
        pytest.param(refused("malformed", 400), Verdict.FAULT, id="400 is a fault"),
        pytest.param(refused("token_expired", 401), Verdict.SIGN_IN, id="401 asks to sign in"),
        pytest.param(refused("device_revoked", 403), Verdict.STOP, id="403 stops"),
        pytest.param(refused("batch_unknown", 404), Verdict.SEND, id="404 on a batch: send it"),
        pytest.param(refused("device_forked", 409), Verdict.RENEW, id="a cloned disk takes a new id"),
        pytest.param(refused("in_progress", 202), Verdict.WORKING, id="202 is asked about later"),
        pytest.param(refused("epoch_changed", 410), Verdict.NEW_EPOCH, id="410 is a restored platform"),
        pytest.param(refused("batch_too_large", 413), Verdict.HALVE, id="413 halves"),
        pytest.param(refused("key_reused", 422), Verdict.STOP, id="a reused key stops everything"),
        pytest.param(refused("protocol_too_old", 426), Verdict.STOP, id="426 waits for an update"),
        pytest.param(refused("rate_limited", 429), Verdict.BUSY, id="429 waits"),
        pytest.param(refused("internal", 500), Verdict.FAULT, id="500 is a fault"),
        pytest.param(refused("maintenance", 503), Verdict.BUSY, id="503 waits"),
        pytest.param(refused("something_new", 507), Verdict.FAULT, id="an unknown 5xx is a fault"),
        pytest.param(
            refused("something_new", 413), Verdict.HALVE, id="an unknown code is judged by its status"
        ),
        pytest.param(refused("something_new", 418), Verdict.STOP, id="an unknown 4xx stops"),
        pytest.param(Failure("local", "sign_in_needed"), Verdict.SIGN_IN, id="no session asks to sign in"),
    ],
)
def test_every_failure_has_its_verdict(failure, verdict):
    assert judge(failure) is verdict


@given(st.integers(0, 2_000), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_full_jitter_under_a_doubling_cap(failures, roll):
    seconds = backoff_s(failures, roll)

    assert 0 <= seconds <= min(CAP_S, 2.0 * 2.0 ** min(failures, 20))


@given(st.floats(0, CAP_S), st.floats(0, 1, exclude_max=True))
def test_the_wish_of_the_platform_wins_and_nobody_comes_early(wish, roll):
    seconds = wait_s(refused("rate_limited", 429, retry_after_s=wish), 9, roll)

    assert wish <= seconds <= wish * 1.2


@pytest.mark.parametrize(
    ("next_try_at", "due"),
    [
        pytest.param(None, True, id="no wait"),
        pytest.param(NOW - timedelta(seconds=1), True, id="a wait that is over"),
        pytest.param(NOW + timedelta(seconds=1), False, id="a wait that is not over"),
        pytest.param(NOW + timedelta(days=3650), True, id="a wait of a clock that stood wrong"),
    ],
)
def test_a_changed_clock_never_makes_a_version_wait_for_ever(next_try_at, due):
    assert is_due(next_try_at, NOW) is due


@pytest.mark.parametrize(
    ("tries", "faults", "items", "others_pass", "move"),
    [
        (1, 1, 500, False, Move.RETRY),
        (2, 2, 500, False, Move.RETRY),
        (3, 3, 500, False, Move.SPLIT),
        (3, 3, 1, True, Move.RETRY),
        (4, 4, 1, False, Move.LATER),
        (4, 4, 1, True, Move.BLOCK),
        (3, 1, 1, True, Move.RETRY),
        (9, 9, 1, False, Move.LATER),
    ],
)
def test_a_batch_that_fails_three_times_is_split_and_one_version_alone_is_blocked_when_others_pass(
    tries, faults, items, others_pass, move
):
    decided = after_fault(
        Verdict.FAULT, "internal", tries=tries, faults=faults, items=items, others_pass=others_pass
    )

    assert decided is move


def test_a_malformed_batch_is_tried_once_more_only():
    moves = [
        after_fault(Verdict.FAULT, "malformed", tries=n, faults=n, items=8, others_pass=False) for n in (1, 2)
    ]

    assert moves == [Move.RETRY, Move.SPLIT]


@pytest.mark.parametrize(("items", "move"), [(2, Move.SPLIT), (1, Move.BLOCK)])
def test_what_is_too_large_is_halved_at_once_and_one_version_alone_is_blocked(items, move):
    decided = after_fault(Verdict.HALVE, "batch_too_large", tries=1, faults=1, items=items, others_pass=False)

    assert decided is move


def test_a_bad_line_makes_batches_smaller_and_blocks_nothing():
    assert after_drop(tries=2, items=9) is Move.RETRY
    assert after_drop(tries=3, items=9) is Move.SPLIT
    assert after_drop(tries=99, items=1) is Move.RETRY


def test_legal_deadlines_go_first_and_alone_then_corrections_and_new_records():
    due = [a_due(1, lane=2), a_due(2, lane=1), a_due(3, lane=0), a_due(4, lane=0)]

    first = next_batch(due, most_items=9, most_bytes=999)
    second = next_batch([one for one in due if one not in first], most_items=9, most_bytes=999)

    assert [one.lane for one in first] == [0, 0]
    assert [one.lane for one in second] == [1, 2]


def test_the_version_that_would_cross_the_limit_waits():
    due = [a_due(1, size=60), a_due(2, size=60)]

    assert next_batch(due, most_items=9, most_bytes=100) == due[:1]


def test_a_version_larger_than_the_limit_goes_alone_so_that_the_platform_can_say_so():
    due = [a_due(1, size=600), a_due(2, size=60)]

    assert next_batch(due, most_items=9, most_bytes=100) == due[:1]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(1, 40)), max_size=30),
    st.integers(1, 8),
    st.integers(1, 120),
    st.frozensets(st.integers(0, 5)),
)
def test_a_batch_never_holds_two_versions_of_a_record_nor_a_newer_one_before_an_older(
    versions, most_items, most_bytes, busy
):
    due = [a_due(n, f"r{r}", lane=lane, size=size) for n, (r, lane, size) in enumerate(versions)]
    busy = frozenset(f"r{r}" for r in busy)

    chosen = next_batch(due, most_items=most_items, most_bytes=most_bytes, busy=busy)

    records = [one.record_id for one in chosen]
    assert len(set(records)) == len(records) <= most_items
    assert not busy & set(records)
    assert len(chosen) == 1 or sum(len(one.content) for one in chosen) <= most_bytes
    for one in chosen:
        assert one.queued_n == min(d.queued_n for d in due if d.record_id == one.record_id)
    assert chosen or all(one.record_id in busy for one in due)


def test_no_code_of_the_line_is_without_a_verdict():
    assert all(isinstance(verdict, Verdict) for verdict in LINK.values())


def test_pages_of_the_feed_grow_while_they_come_quickly_and_shrink_on_a_slow_line():
    quick = [200]
    while quick[-1] < PAGE_ITEMS[1]:
        quick.append(page_items(quick[-1], 0.2))

    assert quick == [200, 400, 800, 1000]
    assert [page_items(items, 5.0) for items in (400, 150, 100)] == [200, 100, 100]


def test_on_a_measured_line_a_page_has_as_many_items_as_come_soon_whatever_stands_before_it():
    """Beside batches a page waits its turn: pages that shrank for that were read when all else was done."""
    assert items_in(32_000, 20, in_short=True) == 1_600
    assert [items_in(size, 80, in_short=False) for size in (100, 10**6)] == [100, 1_000]
    assert items_in(10**6, 20, in_short=True) == 4_000
