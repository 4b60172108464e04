"""The way of a record as a machine: whatever people do, the state view and the invariants hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from client.core.records import Reason
from client.core.workflow import ACCEPTED, ON_THE_DESK, STATES
from client.errors import NotAllowed
from client.store import audit, drafts, records, review, versions
from client.store.desk import Desk
from forms.seal.approval import ordered, part_verifies
from forms.seal.canonical import digest

pick = st.randoms(use_true_random=False)


@dataclass
class Expected:
    """What the machine knows of a record, beside the database.

    Attributes:
        held: state to which the record returns when a change is thrown away; None while nothing is held.
        op: of the draft or of the version under way.
        deleted: a draft is there that was thrown away.
    """

    state: str
    op: str = "create"
    held: str | None = None
    deleted: bool = False
    waiting_at: str = ""


class Road(RuleBasedStateMachine):
    """Two people at one desk, and a platform that answers as it likes."""

    def __init__(self, house: Any, a_penalty: Callable[..., dict[str, Any]]) -> None:
        super().__init__()
        checker = house.switch("陈敏")
        other, key = checker.operator, checker.key
        self.maker: Desk = house.switch("林晓")
        self.checker = replace(self.maker, operator=other, key=key)
        self.both_roles = replace(self.maker.operator, roles=frozenset({"reporter", "reviewer"}))
        self.keys = {self.maker.operator.operator_id: self.maker.key.public, other.operator_id: key.public}
        self.a_penalty = a_penalty
        self.known: dict[str, Expected] = {}
        self.frozen: dict[str, str] = {}
        self.number = count(1)

    def some(self, states: frozenset[str] | set[str], **what: Any) -> list[str]:
        return [
            i for i, e in self.known.items()
            if e.state in states and all(getattr(e, name) == value for name, value in what.items())
        ]  # fmt: skip

    @initialize()
    def records_that_have_come_far(self) -> None:
        """A stored record, one with a correction queued, one with it rejected, and a rejected new one."""
        made = [drafts.create(self.maker, "XZCF_FR", self.a_penalty(next(self.number))) for _ in range(4)]
        self.known = {record_id: Expected("draft") for record_id in made}
        self.send(made)
        for record_id in made[:3]:
            self.hear(record_id, "stored")
        self.hear(made[3], "rejected")
        for record_id in made[1:3]:
            drafts.begin_change(self.maker, record_id, "correct")
            drafts.save(self.maker, record_id, self.a_penalty(next(self.number)))
            self.known[record_id].op = "correct"
        self.send(made[1:3])
        self.hear(made[2], "rejected")

    def send(self, ids: list[str]) -> None:
        """Submit and approve."""
        act_id = self.submit_all(ids)
        assert act_id is not None
        review.approve(self.checker, act_id)
        for record_id in ids:
            self.known[record_id].state = "queued"

    # --- at the desk ---

    @rule(good=st.booleans())
    def create(self, good: bool) -> None:
        values = self.a_penalty(next(self.number)) if good else {"CF_SY": "还没写完"}
        record_id = drafts.create(self.maker, "XZCF_FR", values)
        self.known[record_id] = Expected("draft" if good else "problems")

    @precondition(lambda self: self.some(ON_THE_DESK))
    @rule(r=pick, good=st.booleans())
    def save(self, r: Any, good: bool) -> None:
        record_id = r.choice(self.some(ON_THE_DESK))
        now = self.known[record_id]
        values = self.a_penalty(next(self.number)) if good else {"CF_JDRQ": "前天"}
        if now.op == "withdraw":
            with pytest.raises(NotAllowed):
                drafts.save(self.maker, record_id, values)
            return
        drafts.save(self.maker, record_id, values)
        if now.state != "returned":
            now.state = "draft" if good else "problems"

    @precondition(lambda self: self.some(ON_THE_DESK | {"rejected"}))
    @rule(r=pick)
    def delete(self, r: Any) -> None:
        record_id = r.choice(self.some(ON_THE_DESK | {"rejected"}))
        now = self.known[record_id]
        drafts.delete(self.maker, [record_id])
        now.deleted = True
        now.state = "deleted" if now.op == "create" else now.held

    @precondition(lambda self: self.some(set(STATES), deleted=True))
    @rule(r=pick)
    def bring_back(self, r: Any) -> None:
        record_id = r.choice(self.some(set(STATES), deleted=True))
        drafts.bring_back(self.maker, [record_id])
        row = records.get(self.maker.db.reader(), record_id).row
        assert row.state in ON_THE_DESK
        self.known[record_id].state = row.state
        self.known[record_id].deleted = False

    @precondition(lambda self: self.some(ACCEPTED | {"rejected"}))
    @rule(r=pick, op=st.sampled_from(["correct", "withdraw"]))
    def begin_change(self, r: Any, op: str) -> None:
        record_id = r.choice(self.some(ACCEPTED | {"rejected"}))
        now = self.known[record_id]
        if now.held is None:
            with pytest.raises(NotAllowed, match="nothing_accepted"):
                drafts.begin_change(self.maker, record_id, op)
            return
        drafts.begin_change(self.maker, record_id, op)
        now.state, now.op, now.deleted = "draft", op, False

    @precondition(lambda self: self.some({"rejected"}))
    @rule(r=pick)
    def open_rejected(self, r: Any) -> None:
        record_id = r.choice(self.some({"rejected"}))
        drafts.open_rejected(self.maker, record_id)
        self.known[record_id].state = "draft"
        self.known[record_id].deleted = False

    # --- review ---

    @precondition(lambda self: self.some(ON_THE_DESK))
    @rule(r=pick)
    def submit(self, r: Any) -> None:
        ids = self.some(ON_THE_DESK)
        self.submit_all(r.sample(ids, r.randint(1, len(ids))))

    def submit_all(self, ids: list[str]) -> str | None:
        """Submit, and see that each is either submitted or stopped with a problem."""
        for record_id in ids:
            if self.known[record_id].op != "create":
                drafts.set_reason(self.maker, record_id, Reason("wrong_entry", "抄错了"))
        done = review.submit(self.maker, ids, title="几条")
        assert sorted([*done.submitted, *(i for i, _ in done.stopped)]) == sorted(ids)
        for record_id in done.submitted:
            self.known[record_id].state = "in_review"
            self.known[record_id].waiting_at = done.act_id
        for record_id, problems in done.stopped:
            assert problems
            if self.known[record_id].state != "returned":
                self.known[record_id].state = "problems"
        return done.act_id

    @precondition(lambda self: self.some({"in_review"}))
    @rule(r=pick, returned=st.booleans())
    def set_back(self, r: Any, returned: bool) -> None:
        record_id = r.choice(self.some({"in_review"}))
        if returned:
            review.return_(self.checker, [record_id], "请再核对")
        else:
            review.take_back(self.maker, [record_id])
        self.known[record_id].state = "returned" if returned else "draft"

    @precondition(lambda self: self.some({"in_review"}))
    @rule(r=pick, leave_out=st.booleans())
    def approve(self, r: Any, leave_out: bool) -> None:
        act_id = self.known[r.choice(self.some({"in_review"}))].waiting_at
        waiting = self.some({"in_review"}, waiting_at=act_id)
        out = waiting[:1] if leave_out else []
        with pytest.raises(NotAllowed, match="maker_is_checker"):
            review.approve(replace(self.checker, operator=self.both_roles), act_id)
        done = review.approve(self.checker, act_id, left_out=out, reason="这条不报")
        assert done.versions == len(waiting) - len(out)
        for record_id in waiting:
            self.known[record_id].state = "returned" if record_id in out else "queued"

    @precondition(lambda self: self.some({"queued"}))
    @rule(r=pick)
    def recall(self, r: Any) -> None:
        record_id = r.choice(self.some({"queued"}))
        versions.recall(self.maker, self.newest(record_id))
        self.known[record_id].state = "draft"

    # --- the platform ---

    @precondition(lambda self: self.some({"queued", "sent"}))
    @rule(r=pick, outcome=st.sampled_from(["sent", "checked", "unmatched", "matched", "stored", "rejected"]))
    def answer(self, r: Any, outcome: str) -> None:
        self.hear(r.choice(self.some({"queued", "sent"})), outcome)

    def hear(self, record_id: str, outcome: str) -> None:
        """Write what the platform says of the newest version, as the sync does."""
        now, version_id = self.known[record_id], self.newest(record_id)
        sent, said = outcome == "sent", "rejected" if outcome == "rejected" else "accepted"
        with self.maker.db.transaction() as tx:
            tx.execute(
                "UPDATE outbox SET state = ?, batch_id = 'b', tries = 1 WHERE version_id = ?",
                ("sent" if sent else "done", version_id),
            )
            for stage in {} if sent else {"checked": 1} if said == "rejected" else {"checked": 1, outcome: 1}:
                tx.execute(
                    "INSERT INTO receipt VALUES (?,?,?,NULL,'R',?,NULL,x'7b7d',NULL,NULL)",
                    (version_id, stage, said, self.maker.now()),
                )
        now.state = outcome
        if outcome == "stored":
            now.state = {"create": "stored", "correct": "corrected", "withdraw": "withdrawn"}[now.op]
        if outcome not in {"sent", "rejected"}:
            now.held = now.state
            if now.op == "withdraw":
                del self.known[record_id]  # nothing follows a withdrawal

    def newest(self, record_id: str) -> str:
        return records.get(self.maker.db.reader(), record_id).versions[0].version_id

    # --- what holds at every moment ---

    @invariant()
    def the_view_says_what_happened(self) -> None:
        reader = self.maker.db.reader()
        rows = records.read_rows(reader, list(self.known))
        assert {row.record_id: row.state for row in rows} == {i: e.state for i, e in self.known.items()}

    @rule()
    def lists_and_counts_agree_with_the_view(self) -> None:
        reader = self.maker.db.reader()
        said: dict[str, set[str]] = {state: set() for state in STATES}
        for row in reader.execute("SELECT record_id, state FROM record_state LIMIT 999"):
            said[row["state"]].add(row["record_id"])
        assert records.states(reader) == {state: len(ids) for state, ids in said.items()}
        for state, ids in said.items():
            assert {row.record_id for row in records.list_records(reader, state=state)} == ids

    @invariant()
    def nothing_is_lost(self) -> None:
        """I1: each version waits, or has a final receipt, or was recalled and that is in the audit."""
        lost = (
            self.maker.db.reader()
            .execute(
                "SELECT v.version_id FROM version v LEFT JOIN outbox o USING (version_id) WHERE NOT ("
                " COALESCE(o.state, '') IN ('queued','sent','unknown','held','blocked')"
                " OR (o.state = 'done' AND v.version_id IN (SELECT version_id FROM receipt))"
                " OR (o.state = 'recalled' AND EXISTS (SELECT 1 FROM audit a"
                "     WHERE a.action = 'version_recalled' AND a.object = v.version_id))) LIMIT 9"
            )
            .fetchall()
        )
        assert [tuple(row) for row in lost] == []

    @invariant()
    def an_id_never_has_two_contents(self) -> None:
        """I6."""
        for row in self.maker.db.reader().execute("SELECT * FROM version LIMIT 999"):
            assert digest(row["content"]) == row["content_sha256"]
            assert self.frozen.setdefault(row["version_id"], row["content_sha256"]) == row["content_sha256"]

    @invariant()
    def two_people_stand_behind_everything(self) -> None:
        """I11: both signatures hold, over a list that names each version, and are of two people."""
        reader = self.maker.db.reader()
        for row in reader.execute("SELECT * FROM approval LIMIT 999"):
            body = json.loads(row["body"])
            assert row["maker"] != row["checker"]
            assert body["digests"] == ordered(body["digests"])
            assert part_verifies(self.keys[row["maker"]], "maker", body)
            assert part_verifies(self.keys[row["checker"]], "checker", body)
            places = reader.execute(
                "SELECT place, content_sha256 FROM version WHERE approval_id = ? LIMIT 999",
                (row["approval_id"],),
            ).fetchall()
            assert places
            for version in places:
                assert body["digests"][version["place"]] == version["content_sha256"]
            assert {v["place"] for v in places} | set(body["excluded"]) == set(range(len(body["digests"])))

    @invariant()
    def nobody_works_on_what_is_on_its_way(self) -> None:
        both = self.maker.db.reader().value(
            "SELECT COUNT(*) FROM draft d JOIN version v ON v.record_id = d.record_id"
            " JOIN outbox o ON o.version_id = v.version_id"
            " WHERE d.deleted_at IS NULL AND o.state IN ('queued','sent','unknown','held','blocked')"
        )
        assert both == 0

    def teardown(self) -> None:
        self.lists_and_counts_agree_with_the_view()
        assert audit.verify(self.maker.db.reader()).holds
        self.maker.close()


def test_whatever_people_do_the_states_and_the_invariants_hold(a_desk: Any, a_penalty: Any):
    numbers = count(1)

    def a_road() -> Road:
        return Road(a_desk(name=f"desk-{next(numbers)}"), a_penalty)

    run_state_machine_as_test(
        a_road,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
