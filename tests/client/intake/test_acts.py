"""Rows about one act: the first is told from the later ones, however the rows are cut into parts."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from client.intake.acts import Acts

ROWS = st.lists(
    st.tuples(st.sampled_from([None, "A", "B"]), st.sampled_from([b"{1}", b"{2}"]), st.booleans()),
    min_size=1,
)


@settings(max_examples=50)
@given(rows=ROWS)
def test_each_later_row_is_told_with_the_first_about_its_act(rows: list[tuple[str | None, bytes, bool]]):
    """The third of each row says whether a new part begins with it."""
    first: dict[str | bytes, tuple[int, bytes]] = {}
    plainly = {}
    for number, (key, payload, _) in enumerate(rows, start=2):
        row, said = first.setdefault(key or payload, (number, payload))
        if row != number:
            plainly[number] = (row, said == payload)
    acts, told = Acts(), {}
    starts = [place for place, row in enumerate(rows) if row[2] or place == 0]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        numbers = range(start + 2, end + 2)
        some = rows[start:end]

        told |= acts.doubled(numbers, [key for key, _, _ in some], [payload for _, payload, _ in some])

    assert told == plainly
