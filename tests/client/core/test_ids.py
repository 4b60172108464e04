"""UUIDv7 from a clock and randomness that are passed in."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.ids import ids_from, uuid7


@given(
    st.binary(min_size=10, max_size=10), st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC))
)
def test_an_id_is_a_version_7_uuid_of_its_time(entropy: bytes, at: datetime):
    made = uuid.UUID(uuid7(at, entropy))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(at.timestamp() * 1000)


@pytest.mark.parametrize(
    ("at", "entropy"), [(datetime(2026, 1, 1), bytes(10)), (datetime(2026, 1, 1, tzinfo=UTC), b"")]
)
def test_a_naive_time_or_too_little_randomness_is_refused(at: datetime, entropy: bytes):
    with pytest.raises(ValueError, match="needed"):
        uuid7(at, entropy)


@pytest.mark.parametrize("entropy", [b"\x12" * 10, b"\xff" * 10], ids=["room to count", "at the end"])
def test_ids_that_are_counted_are_in_order_all_different_and_of_their_time(entropy: bytes):
    first = uuid7(datetime(2026, 1, 1, tzinfo=UTC), entropy)

    made = ids_from(first, 1_000)

    assert made == sorted(set(made))
    assert len(made) == 1_000
    assert {uuid.UUID(one).int >> 48 for one in made} == {uuid.UUID(first).int >> 48}
