"""What is chosen for rows that meet records in every state of the road: the sum, and nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from client.core.imports import AS_USUAL, Choice, Choices, Import
from client.core.reasons import ChangeOp
from client.core.records import Reason
from client.intake.compare import Known
from client.intake.importing import import_file
from client.intake.outcome import check_file
from client.store import drafts, feed, imports, outbox, receipts, records, review, versions
from client.store.approvals import approve
from client.store.desk import Catalogs, Desk
from forms.seal.content import Content
from tests.client.intake.here import ReadHere
from tests.client.sync.office import Office, a_problem, a_stage, an_office

Build = Callable[..., dict[str, Any]]
Write = Callable[..., Path]

REASONS: Mapping[ChangeOp, Reason] = {
    "correct": Reason("wrong_entry", "看错了一行"), "withdraw": Reason("decision_revoked", "决定已撤销"),
}  # fmt: skip


class Road:
    """One record a name, each left at another place of the road."""

    def __init__(self, office: Office, names: list[str], ids: list[str]) -> None:
        self.office, self.desk = office, office.desk
        self.ids = dict(zip(names, ids, strict=True))
        self._seq = 0

    def submit(self, *names: str) -> str:
        done = review.submit(self.desk, [self.ids[name] for name in names], title="试")
        assert done.act_id is not None
        assert not done.stopped
        return done.act_id

    def queue(self, *names: str) -> None:
        for approval_id in approve(self.office.checker, self.submit(*names)).approval_ids:
            outbox.confirm_approval(self.desk, approval_id)

    def send(self, *names: str, outcome: str | None = "accepted", stored: bool = False) -> None:
        """Let records go, and the platform answer; `outcome` None: no answer has come."""
        self.queue(*names)
        cut = self.office.cut()
        assert cut is not None
        if outcome is None:
            return
        rows = self.desk.db.reader().execute(
            "SELECT v.content FROM outbox o JOIN version v ON v.version_id = o.version_id"
            " WHERE o.batch_id = ?",
            (cut.batch_id,),
        )
        contents = [Content(**json.loads(row["content"])) for row in rows.fetchall()]
        problems = {"rejected": a_problem("field-invalid"), "held": a_problem("parent-unknown")}
        said = [self.office.receipt(one, outcome, problem=problems.get(outcome)) for one in contents]
        receipts.apply(self.desk, self.office.answer(cut.batch_id, *said), retry_in_s=lambda _tries: 9_000.0)
        if stored:
            self._store(contents)

    def _store(self, contents: list[Content]) -> None:
        items = []
        for one in contents:
            self._seq += 1
            items.append(a_stage(self._seq, self.office.receipt(one, stage="stored")))
        feed.apply(self.desk, self.office.page(*items))

    def change(self, op: ChangeOp, *names: str) -> None:
        for name in names:
            drafts.begin_change(self.desk, self.ids[name], op)
            drafts.set_reason(self.desk, self.ids[name], REASONS[op])
            if op == "correct":
                values = records.get(self.desk.db.reader(), self.ids[name]).draft.values
                drafts.save(self.desk, self.ids[name], {**values, "BZ": "先改过一次"})

    def state(self, name: str) -> str:
        return records.get(self.desk.db.reader(), self.ids[name]).row.state


# name → its state, and what a row with other values meets there: the usual end, the kind, the code
PLACES: Mapping[str, tuple[str, str, str, str]] = {
    "draft": ("draft", "updated", "draft_differs", ""),
    "faulty draft": ("problems", "updated", "draft_differs", ""),
    "returned": ("returned", "updated", "draft_differs", ""),
    "in review": ("in_review", "skipped", "not_now", "in_review"),
    "queued": ("queued", "skipped", "not_now", "on_its_way"),
    "recalled": ("draft", "updated", "draft_differs", ""),
    "sent": ("sent", "skipped", "not_now", "on_its_way"),
    "held": ("held", "skipped", "not_now", "on_its_way"),
    "rejected": ("rejected", "updated", "draft_differs", ""),
    "rejected, given up": ("deleted", "created", "", ""),
    "accepted": ("checked", "corrected", "accepted_differs", ""),
    "stored": ("stored", "corrected", "accepted_differs", ""),
    "corrected": ("corrected", "corrected", "accepted_differs", ""),
    "being corrected": ("draft", "updated", "draft_differs", ""),
    "correction in review": ("in_review", "skipped", "not_now", "in_review"),
    "correction rejected": ("rejected", "updated", "draft_differs", ""),
    "being withdrawn": ("draft", "skipped", "not_now", "being_withdrawn"),
    "withdrawal in review": ("in_review", "skipped", "not_now", "being_withdrawn"),
    "withdrawal rejected": ("rejected", "skipped", "not_now", "withdrawal_rejected"),
    "withdrawal accepted": ("checked", "skipped", "not_now", "being_withdrawn"),
    "withdrawn": ("withdrawn", "created", "", ""),
    "thrown away": ("deleted", "created", "", ""),
}

ROWS = {name: number for number, name in enumerate(PLACES, start=2)}


@pytest.fixture
def road(tmp_path: Path, catalogs: Catalogs, penalties: Write, typed: Build) -> Iterator[Road]:
    office = an_office(tmp_path / "desk", catalogs)
    done = import_file(office.desk, penalties(*map(typed, ROWS.values()), name="旧.xlsx"), item="XZCF_FR").sum
    reader = office.desk.db.reader()
    found = records.list_records(reader, limit=100, import_id=done.import_id)
    by_row = {one.import_row: one.record_id for one in found}
    road = Road(office, list(PLACES), [by_row[row] for row in ROWS.values()])
    _go(road)
    assert {name: road.state(name) for name in PLACES} == {name: one[0] for name, one in PLACES.items()}
    yield road
    office.desk.close()


def _go(road: Road) -> None:
    changed = [name for name in PLACES if name.startswith(("being", "correct", "with"))]
    road.send("stored", *changed, stored=True)
    road.change("correct", "corrected", "being corrected", "correction in review", "correction rejected")
    road.change("withdraw", *(name for name in changed if name.startswith(("being w", "with"))))
    road.send("corrected", "withdrawn", stored=True)
    road.send("accepted", "withdrawal accepted")
    road.send(
        "rejected", "rejected, given up", "correction rejected", "withdrawal rejected", outcome="rejected"
    )
    drafts.delete(road.desk, [road.ids["rejected, given up"], road.ids["thrown away"]])
    road.submit("returned")
    review.return_(road.office.checker, [road.ids["returned"]], "再看看")
    values = records.get(road.desk.db.reader(), road.ids["faulty draft"]).draft.values
    drafts.save(road.desk, road.ids["faulty draft"], {**values, "CF_YXQ": "明年"})
    road.send("held", outcome="held")
    road.send("sent", outcome=None)
    road.queue("queued", "recalled")
    recalled = records.get(road.desk.db.reader(), road.ids["recalled"]).versions[0].version_id
    versions.recall(road.desk, recalled)
    road.submit("in review", "correction in review", "withdrawal in review")


def fates(desk: Desk, one: Import) -> dict[str, str]:
    """Return what became of each row of an import that adds up."""
    assert one.adds_up()
    assert one.rows_read == len(PLACES)
    reader = desk.db.reader()
    rows = {row.row: row.fate for row in imports.list_rows(reader, one.import_id)}
    made = records.list_records(reader, limit=100, import_id=one.import_id)
    rows |= {row.import_row or 0: "created" for row in made}
    counted = [*rows.values()]
    assert len(counted) == one.rows_read
    for fate in ("created", "updated", "corrected", "skipped", "faulty"):
        assert counted.count(fate) == getattr(one, fate), fate
    return {name: rows[row] for name, row in ROWS.items()}


KEEP = Choice("keep", "两份决定")
CHOICES: Mapping[str, tuple[Choices, Mapping[str, str]]] = {
    "as usual": (AS_USUAL, {}),
    "skip all": (
        Choices({kind: Choice("skip") for kind in ("draft_differs", "accepted_differs", "not_now")}),
        {"draft_differs": "skipped", "accepted_differs": "skipped", "not_now": "skipped"},
    ),
    "keep all beside": (
        Choices(dict.fromkeys(("draft_differs", "accepted_differs", "not_now"), KEEP)),
        {"draft_differs": "created", "accepted_differs": "created", "not_now": "created"},
    ),
    "correct by kind, though some cannot be now": (
        Choices({"accepted_differs": Choice("correct"), "not_now": Choice("correct")}), {},
    ),
    "row by row": (
        Choices(
            {"accepted_differs": Choice("skip")},
            {ROWS["stored"]: Choice("correct"), ROWS["draft"]: KEEP, ROWS["in review"]: KEEP},
        ),
        {"accepted_differs": "skipped", "stored": "corrected", "draft": "created", "in review": "created"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("chosen", CHOICES)
def test_rows_with_other_values_become_what_was_chosen_and_come_in_no_second_time(
    road: Road, penalties: Write, typed: Build, chosen: str
):
    choices, instead = CHOICES[chosen]
    path = penalties(*(typed(row, BZ="又一版") for row in ROWS.values()), name="新.xlsx")
    outcome = check_file(
        path, road.desk.catalogs.current, today=road.desk.today(), item="XZCF_FR", known=Known(road.desk)
    )  # fmt: skip
    assert outcome.compared is not None
    met = {one.row: (one.kind, one.code) for one in outcome.compared.meetings}
    assert met == {ROWS[name]: place[2:] for name, place in PLACES.items() if place[2]}

    done = import_file(road.desk, path, item="XZCF_FR", reader=ReadHere(), choices=choices).sum

    expected = {
        name: instead.get(name, instead.get(kind, usual)) for name, (_, usual, kind, _) in PLACES.items()
    }
    assert fates(road.desk, done) == expected
    before = {name: road.state(name) for name in PLACES}
    count = records.count(road.desk.db.reader())
    for said in (choices, AS_USUAL):
        again = import_file(road.desk, path, item="XZCF_FR", reader=ReadHere(), choices=said).sum
        assert again.rows_read == again.skipped + again.updated + again.corrected
        assert records.count(road.desk.db.reader()) == count
        if said is choices:
            assert again.skipped == again.rows_read
            assert {name: road.state(name) for name in PLACES} == before


def test_rows_with_the_same_values_change_nothing_wherever_their_records_are(
    road: Road, penalties: Write, typed: Build
):
    path = penalties(*map(typed, ROWS.values()), name="同.xlsx")
    gone = {"rejected, given up", "withdrawn", "thrown away"}
    mended = {"faulty draft", "being corrected", "corrected", "correction rejected"}  # other values there

    done = fates(road.desk, import_file(road.desk, path, item="XZCF_FR", reader=ReadHere()).sum)

    assert {name for name, fate in done.items() if fate == "created"} == gone
    assert {name for name, fate in done.items() if fate in {"updated", "corrected"}} == mended
    again = import_file(road.desk, path, item="XZCF_FR", reader=ReadHere()).sum
    assert again.skipped == again.rows_read


def test_records_that_a_person_names_are_changed_where_they_can_be(
    road: Road, penalties: Write, typed: Build
):
    """The number is another: nothing meets by its key, and each row names its record."""
    rows = [typed(row, CF_WSH=typed(row)["CF_WSH"].replace("罚", "罚字", 1)) for row in ROWS.values()]
    path = penalties(*rows, name="近.xlsx")
    choices = Choices(rows={ROWS[name]: Choice("update", record_id=road.ids[name]) for name in PLACES})

    done = import_file(road.desk, path, item="XZCF_FR", reader=ReadHere(), choices=choices).sum

    gone = {"rejected, given up", "withdrawn", "thrown away"}
    expected = {name: "skipped" if name in gone else place[1] for name, place in PLACES.items()}
    assert fates(road.desk, done) == expected
    why = {
        row.row: row.problems[0]["code"]
        for row in imports.list_rows(road.desk.db.reader(), done.import_id, fate="skipped")
    }
    assert why == {
        ROWS[name]: "record_changed" if name in gone else PLACES[name][3]
        for name in PLACES
        if expected[name] == "skipped"
    }
    again = import_file(road.desk, path, item="XZCF_FR", reader=ReadHere(), choices=choices).sum
    assert again.skipped == again.rows_read
