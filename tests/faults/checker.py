"""Says what is broken, from the history and from both databases, by SQL of its own.

It shares no code with what it checks: nothing of `client.sync`, `client.store` or `regional_platform` is
imported here. A request without an answer may have had its effect or not; both are allowed.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.faults.history import History
from tests.platform_rows import Entry, feed_of, receipts_of

Rows = Callable[[str], Sequence[tuple[Any, ...]]]
"""Runs one query."""

FINAL: Final = frozenset({"accepted", "accepted_with_warnings", "rejected"})
ACCEPTED: Final = frozenset({"accepted", "accepted_with_warnings"})
LEFT: Final = frozenset({"done", "recalled"})


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken invariant of docs/architecture.md, and where."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


@dataclass(frozen=True)
class Side:
    """One desk as it is now."""

    name: str
    unit: str
    rows: Rows


@dataclass
class Facts:
    """What the checker has read.

    Attributes:
        calm: no fault has happened for some cycles: everything must have come to its end.
        put_back: desks whose disk was replaced by an older one.
        again: versions that a restored platform had to judge a second time.
    """

    history: History
    desks: Sequence[Side]
    platform: Rows
    calm: bool
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    feed: tuple[Entry, ...] = ()
    put_back: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    restored: bool = False

    def __post_init__(self) -> None:
        columns = ("version_id", "unit", "record_id", "content_sha256", "outcome", "n", "parent", "op",
                   "approval_id", "place", "content")  # fmt: skip
        found = self.platform(
            "SELECT k.version_id, k.unit, k.record_id, k.content_sha256, k.outcome, v.n, v.parent, v.op,"
            " v.approval_id, v.place, v.content FROM version_key k"
            " LEFT JOIN version v ON v.version_id = k.version_id ORDER BY v.n"
        )
        self.versions = {row[0]: dict(zip(columns, row, strict=True)) for row in found}
        self.receipts = receipts_of(self.platform)
        self.feed = tuple(feed_of(self.platform))
        self.put_back = frozenset(event.who for event in self.history.of("disk put back"))
        self.restored = any(self.history.of("platform restored"))
        self.again = frozenset(
            one for event in self.history.of("platform restored") for one in event.said["lost"]
        )


def violations(history: History, desks: Sequence[Side], platform: Rows, *, calm: bool) -> list[Violation]:
    """Return all that is broken.

    Args:
        history: of the run.
        desks: all of them.
        platform: its database.
        calm: nothing has gone wrong for some cycles, so that nothing may be under way any more.
    """
    facts = Facts(history, desks, platform, calm)
    found = [one for rule in OF_THE_REGION for one in rule(facts)]
    for desk in desks:
        found += [one for rule in OF_A_DESK for one in rule(facts, desk)]
    return found


# --- the platform


def _once(facts: Facts) -> Iterator[Violation]:
    """I2: no version has its effect twice, and none that nobody approved has any."""
    for table, key in (("version", "version_id"), ("receipt", "version_id || ' ' || stage")):
        rows = facts.platform(f"SELECT {key}, COUNT(*) FROM {table} GROUP BY {key} HAVING COUNT(*) > 1")
        yield from (Violation("I2", f"{row[0]} stands {row[1]} times in {table}") for row in rows)
    told = Counter((one.unit, one.version_id, one.stage) for one in facts.feed if one.version_id)
    yield from (Violation("I2", f"{key} was told {n} times") for key, n in told.items() if n > 1)
    approved = {one for event in facts.history.of("approved") for one in event.said["versions"]}
    for version_id in facts.versions.keys() - approved:
        yield Violation("I2", f"the platform has {version_id}, which nobody approved")
    keys = facts.platform(
        "SELECT unit, natural_key, COUNT(*) FROM record WHERE natural_key IS NOT NULL"
        " GROUP BY unit, natural_key HAVING COUNT(*) > 1"
    )
    yield from (Violation("I2", f"{row[1]} was reported {row[2]} times") for row in keys)


def _chains(facts: Facts) -> Iterator[Violation]:
    """I3, I10: every version stands on the one before; none is overwritten, none comes before its parent."""
    heads = dict(facts.platform("SELECT record_id, head FROM record WHERE head IS NOT NULL"))
    children: dict[str, dict[str | None, list[str]]] = defaultdict(lambda: defaultdict(list))
    for version in facts.versions.values():
        if version["outcome"] in ACCEPTED and version["op"] != "decide":
            children[version["record_id"]][version["parent"]].append(version["version_id"])
    for record_id, after in children.items():
        yield from _chain(record_id, after, heads.get(record_id))


def _chain(record_id: str, after: Mapping[str | None, list[str]], head: str | None) -> Iterator[Violation]:
    seen, at = 0, None
    while next_ones := after.get(at):
        if len(next_ones) > 1:
            yield Violation("I3", f"{record_id}: {next_ones} all stand on {at}")
            return
        at, seen = next_ones[0], seen + 1
    if seen != sum(map(len, after.values())):
        yield Violation("I10", f"{record_id}: accepted versions without their parent: {dict(after)}")
    elif at != head:
        yield Violation("I3", f"{record_id}: its head is {head}, the last version is {at}")


def _two_people(facts: Facts) -> Iterator[Violation]:
    """I11: a maker and another checker stand behind all that was accepted."""
    bodies = {
        row[0]: json.loads(bytes(row[1])) for row in facts.platform("SELECT approval_id, body FROM approval")
    }
    for version_id, version in facts.versions.items():
        if version["outcome"] not in ACCEPTED:
            continue
        body = bodies.get(version["approval_id"])
        if body is None:
            yield Violation("I11", f"{version_id} was accepted without an approval")
        elif body["maker"]["operator"] == body["checker"]["operator"]:
            yield Violation("I11", f"{version_id} was approved by its maker")
        elif body["digests"][version["place"]] != version["content_sha256"]:
            yield Violation("I11", f"{version_id} is not what was approved")
        elif hashlib.sha256(bytes(version["content"])).hexdigest() != version["content_sha256"]:
            yield Violation("I6", f"{version_id}: what lies at the platform has another digest")


def _one_content(facts: Facts) -> Iterator[Violation]:
    """I6: no id of a batch or a version ever has two contents."""
    bodies: dict[str, set[str]] = defaultdict(set)
    contents: dict[str, set[str]] = defaultdict(set)
    for event in facts.history.of("asked"):
        if "batch_id" in event.said:
            bodies[event.said["batch_id"]].add(event.said["body_sha256"])
            for version_id, sha in event.said["versions"].items():
                contents[version_id].add(sha)
    for name, seen in (("batch", bodies), ("version", contents)):
        yield from (Violation("I6", f"{name} {key} was sent with {len(v)} contents")
                    for key, v in seen.items() if len(v) > 1)  # fmt: skip
    for event in facts.history.of("answered"):
        if event.said.get("code") == "key-reused":
            yield Violation("I6", "the platform was given one id for two contents")


def _no_false_conflict(facts: Facts) -> Iterator[Violation]:
    """I8: who alone touches a record never meets a conflict."""
    touched: dict[str, set[str]] = defaultdict(set)
    for event in facts.history.of("approved"):
        for record_id in event.said["records"]:
            touched[record_id].add(event.who)
    cases = {event.said["case_id"] for event in facts.history.of("objected")}
    for (version_id, stage), raw in facts.receipts.items():
        if stage != "checked" or b":stale" not in raw or version_id not in facts.versions:
            continue
        record_id = facts.versions[version_id]["record_id"]
        if record_id in cases:  # a case is changed by the platform, too
            continue
        if len(touched[record_id]) == 1 and not touched[record_id] & facts.put_back:
            yield Violation("I8", f"{version_id} of {record_id} is stale, and only one desk touched it")


def _feed_of_the_platform(facts: Facts) -> Iterator[Violation]:
    """I5: the feed of a unit has no hole."""
    for unit, head in facts.platform("SELECT unit, n FROM feed_head"):
        held = [one.seq for one in facts.feed if one.unit == unit]
        if held != list(range(1, head + 1)):
            yield Violation("I5", f"{unit}: the feed counts {head}, and holds {held}")


OF_THE_REGION: Final = (
    _once, _chains, _two_people, _one_content, _no_false_conflict, _feed_of_the_platform,
)  # fmt: skip


# --- a desk


def _nothing_lost(facts: Facts, desk: Side) -> Iterator[Violation]:
    """I1, I7, I12: what was approved is still there, on its way, or has its receipt."""
    ours = dict(desk.rows("SELECT v.version_id, o.state FROM version v"
                          " LEFT JOIN outbox o ON o.version_id = v.version_id"))  # fmt: skip
    final = dict(desk.rows("SELECT version_id, outcome FROM receipt WHERE stage = 'checked'"))
    recalled = {row[0] for row in desk.rows("SELECT object FROM audit WHERE action = 'version_recalled'")}
    recalled |= _taken_back_decisions(facts, desk) | _of_rejected_decisions(facts, desk)
    expected = _approved_since(facts.history, desk.name)
    for version_id in sorted(expected):
        state = ours.get(version_id)
        if state is None:
            yield Violation("I1", f"{desk.name}: {version_id} was approved and is gone")
        elif state == "done" and final.get(version_id) not in FINAL:
            yield Violation("I1", f"{desk.name}: {version_id} counts as done without a receipt")
        elif state == "recalled" and version_id not in recalled:
            yield Violation("I1", f"{desk.name}: {version_id} was taken back by nobody")
        elif (
            facts.calm and state == "done" and final.get(version_id) in ACCEPTED
            and version_id not in facts.versions
        ):  # fmt: skip
            yield Violation("I1", f"{desk.name}: {version_id} counts as done, and the platform lacks it")
    records = {row[0] for row in desk.rows("SELECT record_id FROM record")}
    for event in facts.history.of("saved"):
        if event.who == desk.name and event.said["record_id"] not in records | _lost(
            facts.history, desk.name
        ):
            yield Violation("I7", f"{desk.name}: record {event.said['record_id']} was saved and is gone")


def _of_rejected_decisions(facts: Facts, desk: Side) -> set[str]:
    """Corrections that the program takes back by itself: the decision that they carry out was refused."""
    rows = desk.rows(
        "SELECT v.version_id, v.content, r.outcome FROM version v"
        " JOIN receipt r ON r.version_id = v.version_id WHERE v.op = 'decide'"
    )
    taken_back = _taken_back_decisions(facts, desk)
    refused = [raw for version_id, raw, outcome in rows if outcome == "rejected" or version_id in taken_back]
    return {one for raw in refused for one in json.loads(raw)["payload"]["corrections"]}


def _taken_back_decisions(facts: Facts, desk: Side) -> set[str]:
    """Decisions of this desk that the platform accepted, and refused after it was restored."""
    ours = {row[0] for row in desk.rows("SELECT version_id FROM version WHERE op = 'decide'")}
    return {one for one in ours & facts.again
            if facts.versions.get(one, {}).get("outcome") == "rejected"}  # fmt: skip


def _approved_since(history: History, desk: str) -> set[str]:
    """What was approved on this disk: all, or what it held when it was put back, and all since."""
    found: set[str] = set()
    for event in history.of("approved", "disk put back"):
        if event.who == desk:
            if event.what == "approved":
                found |= set(event.said["versions"])
            else:
                found = set(event.said["versions"])
    return found


def _lost(history: History, desk: str) -> set[str]:
    """Records that were saved before an older disk was put back."""
    back = [event.n for event in history.of("disk put back") if event.who == desk]
    return {e.said["record_id"] for e in history.of("saved") if back and e.n < back[-1]}


def _agree(facts: Facts, desk: Side) -> Iterator[Violation]:
    """I4: desk and platform say the same, and the receipt is the same."""
    decisions = _taken_back_decisions(facts, desk)
    for version_id, state, stage, outcome, raw in desk.rows(
        "SELECT r.version_id, o.state, r.stage, r.outcome, s.raw FROM receipt r"
        " JOIN receipt_said s ON s.version_id = r.version_id AND s.stage = r.stage"
        " LEFT JOIN outbox o ON o.version_id = r.version_id"
    ):
        if version_id in facts.again:
            if facts.calm and version_id in facts.versions and stage == "checked":
                theirs_now = facts.versions[version_id]["outcome"]
                named = state == "blocked" or (state == "recalled" and version_id in decisions)
                if (outcome in ACCEPTED) != (theirs_now in ACCEPTED) and not named:
                    yield Violation(
                        "I4", f"{desk.name}: {version_id} is {outcome} here and {theirs_now} there"
                    )
            continue
        theirs = facts.receipts.get((version_id, stage))
        if theirs is None:
            yield Violation("I4", f"{desk.name}: the platform never gave a receipt {stage} for {version_id}")
        elif json.loads(bytes(raw)) != json.loads(theirs):
            yield Violation("I4", f"{desk.name}: the receipt {stage} of {version_id} differs")
        elif stage == "checked" and facts.versions[version_id]["outcome"] != outcome:
            yield Violation("I4", f"{desk.name}: {version_id} is {outcome} here, and not there")
        elif stage == "checked" and outcome in FINAL and state not in LEFT:
            yield Violation("I4", f"{desk.name}: {version_id} has its receipt, and is still {state}")
    approved = {
        version_id: sha
        for event in facts.history.of("approved")
        for version_id, sha in event.said["versions"].items()
    }
    for version_id, sha in desk.rows("SELECT version_id, content_sha256 FROM version"):
        if approved.get(version_id, sha) != sha:
            yield Violation("I6", f"{desk.name}: {version_id} was changed after it was approved")
        theirs_sha = facts.versions.get(version_id, {}).get("content_sha256", sha)
        if theirs_sha != sha:
            yield Violation("I6", f"{desk.name}: {version_id} has another content at the platform")


def _all_receipts(facts: Facts, desk: Side) -> Iterator[Violation]:
    """I4, in a calm: every receipt that the platform gave has arrived."""
    if not facts.calm:
        return
    kept = set(desk.rows("SELECT version_id, stage FROM receipt"))
    ours = {row[0] for row in desk.rows("SELECT version_id FROM version")}
    for version_id, stage in facts.receipts.keys() - kept:
        if version_id in ours:
            yield Violation("I4", f"{desk.name}: the receipt {stage} of {version_id} never arrived")


def _feed(facts: Facts, desk: Side) -> Iterator[Violation]:
    """I5: what was applied of the feed is all up to the cursor, and what the platform said."""
    ((epoch, cursor),) = desk.rows("SELECT epoch, cursor FROM device")
    rows = desk.rows("SELECT epoch, seq, type, data FROM heard ORDER BY epoch, seq")
    here = [row for row in rows if row[0] == epoch]
    if [row[1] for row in here] != list(range(1, cursor + 1)):
        yield Violation("I5", f"{desk.name}: the cursor is {cursor}, but {[row[1] for row in here]}")
    ((now,),) = facts.platform("SELECT epoch FROM server")
    if epoch != now:
        if facts.calm:
            yield Violation("I5", f"{desk.name}: still in epoch {epoch}")
        return
    theirs = {one.seq: (one.type, one.version_id, one.stage) for one in facts.feed if one.unit == desk.unit}
    for _, seq, kind, data in here:
        told = theirs.get(seq)
        said = json.loads(data)
        if told is None or told[0] != kind:
            yield Violation("I5", f"{desk.name}: number {seq} is {kind} here and {told} there")
        elif kind == "stage" and (said["version_id"], said["stage"]) != told[1:]:
            yield Violation("I5", f"{desk.name}: number {seq} is not what the platform said")
    if facts.calm and cursor != len(theirs):
        yield Violation("I5", f"{desk.name}: read {cursor} of {len(theirs)}")


def _audit(_facts: Facts, desk: Side) -> Iterator[Violation]:
    """I9: the audit chain holds."""
    before = "0" * 64
    names = ("n", "at", "actor", "action", "object", "detail_sha256", "prev")
    for n, row in enumerate(desk.rows(f"SELECT {', '.join(names)}, h FROM audit ORDER BY n"), start=1):
        *entry, h = row
        text = json.dumps(
            dict(zip(names, entry, strict=True)), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        if entry[0] != n or entry[6] != before or hashlib.sha256(text.encode()).hexdigest() != h:
            yield Violation("I9", f"{desk.name}: the audit chain breaks at {n}")
            return
        before = h


DECISIONS_SET_ASIDE: Final = (
    "SELECT v.record_id FROM version v JOIN outbox o ON o.version_id = v.version_id"
    " WHERE v.op = 'decide' AND o.state = 'blocked'"
)


def _drained(facts: Facts, desk: Side) -> Iterator[Violation]:
    """L1, L2: once faults have stopped the outbox is empty, but for what is blocked and says why."""
    if not facts.calm:
        return
    for event in facts.history.of("calm"):
        if desk.name in event.said["late"]:
            yield Violation("L1", f"{desk.name}: after three calm cycles the outbox was not empty")
    suspect = {one for event in facts.history.of("refused by the world") for one in event.said["versions"]}
    there = {one["version_id"] for one in facts.versions.values() if one["outcome"] != "held"}
    stuck: set[str] = {case_id for (case_id,) in desk.rows(DECISIONS_SET_ASIDE)}
    for version_id, state, problem, parent, record_id, case_id in desk.rows(
        "SELECT o.version_id, o.state, o.last_problem, v.parent, v.record_id, v.case_id FROM outbox o"
        " JOIN version v ON v.version_id = o.version_id ORDER BY v.n"
    ):
        if state == "held" and parent is not None and parent not in there:
            stuck.add(record_id)
            continue  # what it stands on never came; if that one is stuck, it is named itself
        if state == "queued" and (record_id in stuck or case_id in stuck):
            continue  # and so do those that follow it
        if state == "blocked":
            said = json.loads(problem or "{}")
            if not (said.get("code") or said.get("type")):
                yield Violation("L2", f"{desk.name}: {version_id} is blocked, and nobody says why")
            elif version_id not in suspect and said.get("of") != "restore":
                yield Violation(
                    "L2", f"{desk.name}: {version_id} is blocked ({problem}), and nothing spoke against it"
                )
        elif state not in LEFT:
            yield Violation("L1", f"{desk.name}: {version_id} is still {state} ({problem})")
    for batch_id, state in desk.rows("SELECT batch_id, state FROM batch WHERE state = 'open'"):
        yield Violation("L1", f"{desk.name}: batch {batch_id} is still {state}")


def _honest(facts: Facts, desk: Side) -> Iterator[Violation]:
    """No cycle calls itself well while a batch of it has no answer."""
    for event in facts.history.of("cycle"):
        if event.who == desk.name and event.said["problem"] is None and event.said["unanswered"]:
            yield Violation("S1", f"{desk.name}: all was said to be well, without an answer to a batch")


def _carried_out(facts: Facts, desk: Side) -> Iterator[Violation]:
    """What carries out a decision has no effect when the decision was refused."""
    for version_id in sorted(_of_rejected_decisions(facts, desk)):
        if facts.versions.get(version_id, {}).get("outcome") in ACCEPTED:
            yield Violation("D1", f"{desk.name}: {version_id} carries out a decision that was refused")


OF_A_DESK: Final = (_carried_out, _nothing_lost, _agree, _all_receipts, _feed, _audit, _drained, _honest)
