from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.times import day_in_shanghai, from_text, to_text


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1990, 1, 1)))
def test_a_time_comes_back_to_the_millisecond(at: datetime):
    assert from_text(to_text(at)) == at.replace(microsecond=at.microsecond // 1000 * 1000)


def test_a_time_is_written_in_utc_with_milliseconds():
    at = datetime(2026, 11, 24, 16, 0, 0, 5_000, timezone(timedelta(hours=8)))

    assert to_text(at) == "2026-11-24T08:00:00.005Z"


def test_a_naive_time_is_refused_both_ways():
    with pytest.raises(ValueError, match="aware"):
        to_text(datetime(2026, 11, 24))
    with pytest.raises(ValueError, match="no zone"):
        from_text("2026-11-24T08:00:00")


def test_the_legal_day_changes_at_midnight_in_shanghai():
    assert day_in_shanghai(datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert day_in_shanghai(datetime(2026, 11, 23, 16, 0, 0, tzinfo=UTC)) == date(2026, 11, 24)
