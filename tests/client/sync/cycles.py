"""Cycles in a world in memory, and the invariants that hold after each; no tests."""

from client.sync.plan import Failure
from tests.client.sync.world import World

NO_LINE = Failure("link", "no_connection")


def world(*script, versions=0, **more):
    made = World(iter(script), **more)
    for n in range(versions):
        made.desk.new(f"r{n}")
    return made


def states(made):
    return list(made.desk.outbox.values())


def calm(made, cycles=3):
    """Nothing goes wrong any more; late requests arrive."""
    made.script = iter(())
    for post in made.late:
        made.arrive(post)
    made.late.clear()
    for _ in range(cycles):
        made.cycle()


def check_invariants(made):
    desk, platform = made.desk, made.platform
    ids = [one.version_id for one in platform.applied]
    assert len(set(ids)) == len(ids), "I2: applied twice"
    heads = {}
    for one in platform.applied:
        assert heads.get(one.record_id) == one.parent, "I3: overwritten without having been seen"
        heads[one.record_id] = one.version_id
    for (version_id, stage), receipt in desk.receipts.items():
        if stage == "checked":
            assert platform.judged[version_id].raw == receipt.raw, "I4: the two sides disagree"
    for version_id, state in desk.outbox.items():
        assert (state == "done") == ((version_id, "checked") in desk.receipts), "I1: gone without a receipt"
    assert desk.seen == list(range(1, desk.cursor + 1)), "I5: the feed has a hole"
