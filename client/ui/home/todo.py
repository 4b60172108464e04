"""What waits for the person at the desk, counted. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from client.store import acts, cases, import_files, questions, records
from client.store.desk import Desk

MOST_LOOKED_AT: Final = 1_000
OPEN_STATES: Final = frozenset({
    "draft", "problems", "returned", "in_review", "queued", "sent", "unknown", "held", "blocked",
    "rejected", "unmatched", "stored", "corrected", "withdrawn",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Todo:
    """Things to do; each is 0 when it is not this operator's to do.

    Attributes:
        review: acts that wait for this operator as reviewer.
        review_records: records in them.
        others_review: acts of this operator that wait for somebody else.
        cases: objections without a submitted decision.
        doubts: open questions of the platform about what it did not give back.
        cut_import: name of the file whose import was cut short; empty for none.
        stored: records that the platform has taken in, changed ones included.
    """

    drafts: int = 0
    problems: int = 0
    returned: int = 0
    rejected: int = 0
    review: int = 0
    review_records: int = 0
    others_review: int = 0
    cases: int = 0
    blocked: int = 0
    waiting: int = 0
    stored: int = 0
    unmatched: int = 0
    doubts: int = 0
    cut_import: str = ""

    @property
    def nothing(self) -> bool:
        """Say whether there is nothing to do."""
        return (
            not any(
                (
                    self.drafts,
                    self.problems,
                    self.returned,
                    self.rejected,
                    self.review,
                    self.cases,
                    self.blocked,
                    self.doubts,
                )
            )
            and not self.cut_import
        )


def read_todo(desk: Desk) -> Todo:
    """Count what waits."""
    reader, operator = desk.db.reader(), desk.operator
    counts = records.states(reader, wanted=OPEN_STATES)
    waiting_acts = acts.acts_waiting(reader, limit=MOST_LOOKED_AT)
    mine = [act for act in waiting_acts if act.maker == operator.operator_id]
    theirs = [act for act in waiting_acts if act.maker != operator.operator_id]
    may_review = "reviewer" in operator.roles
    may_write = bool(operator.roles & {"reporter", "handler"})
    opened = (
        cases.list_cases(reader, state="opened", limit=MOST_LOOKED_AT) if "handler" in operator.roles else []
    )
    cut = import_files.cut_short(reader)
    return Todo(
        drafts=counts["draft"] if may_write else 0,
        problems=counts["problems"] if may_write else 0,
        returned=counts["returned"] if may_write else 0,
        rejected=counts["rejected"] if may_write else 0,
        review=len(theirs) if may_review else 0,
        review_records=sum(act.waiting for act in theirs) if may_review else 0,
        others_review=len(mine),
        cases=sum(case.decision in (None, "editing") for case in opened),
        blocked=counts["blocked"],
        waiting=sum(counts[state] for state in ("queued", "sent", "unknown", "held")),
        stored=counts["stored"] + counts["corrected"] + counts["withdrawn"],
        unmatched=counts["unmatched"],
        doubts=questions.doubtful(reader) if may_write else 0,
        cut_import=cut.file_name if cut is not None else "",
    )


COUNTS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "records": (("problems", "returned", "rejected"), "bad"),
    "review": (("review",), "info"),
    "sync": (("blocked", "doubts"), "bad"),
    "cases": (("cases",), "warn"),
}
"""Page → what is counted beside it in the navigation, and its tone."""


def counts(todo: Todo) -> dict[str, tuple[int, str]]:
    """Return what the navigation shows: page → count and tone."""
    return {
        page: (sum(getattr(todo, name) for name in names), tone) for page, (names, tone) in COUNTS.items()
    }
