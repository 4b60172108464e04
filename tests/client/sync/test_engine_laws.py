"""Whatever the line and the platform do: the invariants of the engine, over cycles by chance."""

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.client.sync.cycles import calm, check_invariants, states, world
from tests.client.sync.world import FAULTS

LINE = [fault for fault in FAULTS if fault != "fault"]
"""With poisoned records about, a platform that fails by chance as well may have one more set aside."""
VERSIONS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["good", "good", "good", "wrong", "poison"])), max_size=12
)


ORDER = st.lists(st.integers(0, 2), max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(VERSIONS, st.lists(st.sampled_from(LINE), max_size=14)), min_size=1, max_size=6),
    st.integers(1, 3),
    ORDER,
)
def test_whatever_the_line_does_nothing_is_lost_or_doubled_and_the_outbox_drains_once_it_stops(
    cycles, in_flight, order
):
    made = world(in_flight=in_flight, order=iter(order))
    for versions, script in cycles:
        for record, kind in versions:
            made.desk.new(f"r{record}", poison=kind == "poison", wrong=kind == "wrong")
        made.script = iter(script)
        made.cycle()
        check_invariants(made)

    calm(made, cycles=25)

    check_invariants(made)
    poisoned = {v.record_id for v in made.desk.versions.values() if v.poison}
    stuck = {v for v, state in made.desk.outbox.items() if state != "done"}
    assert {made.desk.versions[v].record_id for v in stuck} <= poisoned, "L1: something never got through"
    assert made.desk.cursor == len(made.platform.feed)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 5), max_size=6), st.lists(st.sampled_from(LINE), max_size=8)),
        min_size=2, max_size=5,
    ),
    st.integers(0, 3),
    st.integers(1, 3),
    ORDER,
)  # fmt: skip
def test_whatever_a_restored_platform_has_lost_it_holds_in_the_end(cycles, backed_up_at, in_flight, order):
    made = world(in_flight=in_flight, order=iter(order))
    backup = copy.deepcopy(made.platform)
    for n, (records, script) in enumerate(cycles):
        for record in records:
            made.desk.new(f"r{record}")
        made.script = iter(script)
        made.cycle()
        if n == backed_up_at:
            backup = copy.deepcopy(made.platform)
    made.platform.restored(backup)
    made.late.clear()
    made.script = iter(cycles[0][1])
    made.cycle()

    calm(made, cycles=6)

    check_invariants(made)
    assert set(states(made)) <= {"done"}
    assert {one.version_id for one in made.platform.applied} == made.desk.versions.keys()
    assert made.desk.cursor == len(made.platform.feed)


def at_most_three_faults(script):
    """The platform must fail four times before one version alone is blamed."""
    faults = [n for n, what in enumerate(script) if what == "fault"]
    return ["fine" if n in faults[3:] else what for n, what in enumerate(script)]


SCRIPT = st.lists(st.sampled_from(FAULTS), max_size=14).map(at_most_three_faults)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.lists(st.integers(0, 5), max_size=10), SCRIPT), min_size=1, max_size=6),
    st.integers(1, 3),
    ORDER,
)
def test_without_poisoned_records_three_calm_cycles_are_enough(cycles, in_flight, order):
    made = world(in_flight=in_flight, order=iter(order))
    for records, script in cycles:
        for record in records:
            made.desk.new(f"r{record}")
        made.script = iter(script)
        made.cycle()
        check_invariants(made)

    calm(made)

    check_invariants(made)
    assert set(states(made)) <= {"done"}
    assert made.desk.cursor == len(made.platform.feed)
