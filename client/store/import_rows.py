"""The rows under an import: new records and drafts in bulk, and what a row meets on the desk.

A row meets a record when both have the same natural key (比对). What is to become of it is decided
by a pure function; changes of records that are there already wait in `import_row` until the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from client.core.ids import ids_from
from client.core.imports import GoodRow, KeptRow
from client.core.records import answers_of
from client.core.workflow import ACCEPTED, ON_THE_DESK, ON_THE_WAY
from client.store import drafts
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import Shown, answers_json, as_json
from client.store.versions import head, last_values
from forms.catalog.problems import SAME_ACT, Answer

_GONE: Final = frozenset({"deleted", "withdrawn"})
"""A record in one of these states is not in the way of a new one."""


@dataclass(frozen=True, slots=True)
class Met:
    """The record that a row meets.

    Attributes:
        state: of the view.
        op: of the draft, else of the version that counts.
        values: of the draft, else as last reported.
        case_id: of the case that has the draft in hand.
        beside: whether somebody has kept it beside another record about the same act.
    """

    record_id: str
    state: str
    op: str
    values: Mapping[str, Any]
    case_id: str | None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a row that meets a record; `code` says why when it is skipped."""

    fate: str
    code: str = ""


SAME: Final = Fate("skipped", "same_values")
DELETED_BY_CASE: Final = Fate("skipped", "deleted_by_case")
"""A decision on a case has deleted the record: it does not come back because a file still has it."""


def fate_of(met: Met, values: Mapping[str, Any]) -> Fate:
    """Decide between skipping, updating the draft, and correcting what was accepted."""
    if met.state == "withdrawn":
        return DELETED_BY_CASE
    if met.values == values and met.op != "withdraw":
        return SAME
    if met.case_id is not None:
        return Fate("skipped", "belongs_to_case")
    if met.op == "withdraw":
        return Fate("skipped", "withdrawal_rejected" if met.state == "rejected" else "being_withdrawn")
    if met.state in ON_THE_DESK or met.state == "rejected":
        return Fate("updated")
    if met.state in ACCEPTED:
        return Fate("corrected")
    return Fate("skipped", "on_its_way" if met.state in ON_THE_WAY else "in_review")


def settled_before(tx: Connection, file_sha256: str, met: Mapping[int, Met]) -> set[int]:
    """Return rows whose record an earlier import of the same file gave the values of a later row.

    A person chose then that the later row stands; the same file again does not change it back.
    """
    before = tx.execute(
        "SELECT import_id FROM import_file WHERE file_sha256 = ? AND state = 'visible'"
        " AND updated + corrected > 0 LIMIT 1000",
        (file_sha256,),
    ).fetchall()
    if not before or not met:
        return set()
    rows = tx.execute(
        "SELECT i.record_id, i.row, i.payload FROM json_each(?) j JOIN import_row i ON i.record_id = j.value"
        " WHERE i.import_id IN (SELECT value FROM json_each(?)) AND i.fate IN ('updated','corrected')"
        " AND i.problems = ?",
        (
            as_json(sorted({one.record_id for one in met.values()})),
            as_json([row["import_id"] for row in before]),
            why("chosen_later"),
        ),
    )
    later: dict[str, list[tuple[int, Any]]] = {}
    for row in rows:
        later.setdefault(row["record_id"], []).append((row["row"], json.loads(row["payload"])))
    return {
        number
        for number, one in met.items()
        if any(row > number and values == one.values for row, values in later.get(one.record_id, ()))
    }


def fate_in_file(met: Met, values: Mapping[str, Any], *, settled: bool) -> Fate:
    """Decide as `fate_of`; what an earlier import of the same file has settled stays."""
    fate = fate_of(met, values)
    return Fate("skipped", "later_row_stands") if settled and fate.fate != "skipped" else fate


def meet(tx: Connection, keys: Iterable[str | None]) -> dict[str, tuple[Met, ...]]:
    """Return the records that each natural key meets, newest last; keys that meet none are left out."""
    rows = tx.execute(
        "SELECT j.value AS natural_key, s.record_id, s.state, s.op, d.op AS draft_op, d.payload, d.answers,"
        " d.case_id"
        " FROM json_each(?) j JOIN record r ON r.natural_key = j.value"
        " JOIN record_state s ON s.record_id = r.record_id"
        " LEFT JOIN draft d ON d.record_id = r.record_id AND d.deleted_at IS NULL"
        " WHERE NOT EXISTS"
        " (SELECT 1 FROM import_file f WHERE f.import_id = r.import_id AND f.state = 'loading')"
        " ORDER BY r.changed_at, r.record_id",
        (as_json([key for key in keys if key is not None]),),
    )
    met: dict[str, tuple[Met, ...]] = {}
    deleted: dict[str, tuple[Met, ...]] = {}
    for row in rows:
        if row["state"] not in _GONE:
            met[row["natural_key"]] = (*met.get(row["natural_key"], ()), _met(tx, row))
        elif row["state"] == "withdrawn" and _is_of_case(tx, row["record_id"]):
            deleted[row["natural_key"]] = (_met(tx, row),)
    return deleted | met


def best_of(met: Sequence[Met], values: Mapping[str, Any]) -> Met:
    """Return, of records about the same act, the one that says the very same, else the newest."""
    return same_of(met, values) or met[-1]


def same_of(met: Iterable[Met], values: Mapping[str, Any]) -> Met | None:
    """Return the record that says the very same, one that is kept beside another before any else."""
    same = [one for one in met if one.values == values and one.op != "withdraw"]
    return next((one for one in same if one.beside), same[0] if same else None)


def met_by_id(tx: Connection, ids: Iterable[str]) -> dict[str, Met]:
    """Return records by id; those that are gone are left out."""
    rows = tx.execute(
        "SELECT s.record_id, s.state, s.op, d.op AS draft_op, d.payload, d.answers, d.case_id"
        " FROM json_each(?) j JOIN record_state s ON s.record_id = j.value"
        " LEFT JOIN draft d ON d.record_id = s.record_id AND d.deleted_at IS NULL",
        (as_json(list(ids)),),
    )
    return {row["record_id"]: _met(tx, row) for row in rows if row["state"] not in _GONE}


def meet_same(tx: Connection, item: str, seen: Shown, values: Mapping[str, Any]) -> Met | None:
    """Return the record without a natural key that says the very same; None when there is none.

    Args:
        tx: the open transaction.
        item: code of the item.
        seen: what lists show of the row; finds the few that can be meant.
        values: all of the row.
    """
    rows = tx.execute(
        "SELECT s.record_id, s.state, s.op, d.op AS draft_op, d.payload, d.answers, d.case_id FROM record r"
        " JOIN record_state s ON s.record_id = r.record_id"
        " LEFT JOIN draft d ON d.record_id = r.record_id AND d.deleted_at IS NULL"
        " WHERE r.subject_code = ? AND r.item = ? AND r.natural_key IS NULL AND r.subject_name = ?"
        " AND r.act_on = ? AND NOT EXISTS"
        " (SELECT 1 FROM import_file f WHERE f.import_id = r.import_id AND f.state = 'loading')"
        " LIMIT 1000",
        (seen.subject_code, item, seen.subject_name, seen.act_on),
    ).fetchall()
    same = same_of((_met(tx, row) for row in rows if row["state"] not in _GONE), values)
    return same or next(
        (
            met
            for row in rows
            if row["state"] == "withdrawn" and _is_of_case(tx, row["record_id"])
            for met in (_met(tx, row),)
            if met.values == values
        ),
        None,
    )


def _is_of_case(tx: Connection, record_id: str) -> bool:
    """Whether the last withdrawal of a record carries out the decision on a case."""
    case_id = tx.value(
        "SELECT case_id FROM version WHERE record_id = ? AND op = 'withdraw' ORDER BY n DESC LIMIT 1",
        (record_id,),
    )
    return case_id is not None


def _met(tx: Connection, row: Row) -> Met:
    record_id, state, op = row["record_id"], row["state"], row["draft_op"] or row["op"]
    if row["payload"]:
        values, answers = json.loads(row["payload"]), answers_of(json.loads(row["answers"]))
    else:
        held = head(tx, record_id) if state in ACCEPTED else last_values(tx, record_id)
        values, answers = (held.values, held.answers) if held else ({}, ())
    beside = any(answer.code == SAME_ACT for answer in answers)
    return Met(record_id, state, op, values, row["case_id"], beside)


def insert_new(
    desk: Desk, tx: Connection, import_id: str, item_code: str, catalog: str, rows: Sequence[GoodRow],
    reasons: Mapping[int, str],
) -> None:  # fmt: skip
    """Make records and drafts of good rows: the same as `drafts.create_many`, from JSON made elsewhere.

    Args:
        desk: the open desk.
        tx: the open transaction.
        import_id: they came with.
        item_code: without its set.
        catalog: ``CODE@SET``.
        rows: all new.
        reasons: row → why it is kept beside a record about the same act.
    """
    at, owner = desk.now(), desk.operator.operator_id
    # Ids in their order: each row goes to the end of its tree, whose pages fill up.
    made = list(zip(ids_from(desk.new_id(), len(rows)), rows, strict=True))
    tx.executemany(
        "INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        (
            (record_id, item_code, at, name, code, doc_no, act_on, key, import_id, number, at)
            for record_id, (number, _, key, name, code, doc_no, act_on, _) in made
        ),
    )
    tx.executemany(
        "INSERT INTO draft (record_id, catalog, op, payload, answers, edit_state, errors, warnings, owner,"
        " saved_at) VALUES (?,?,'create',CAST(? AS TEXT),?,?,0,?,?,?)",
        (
            (
                record_id, catalog, row[1], _answers(reasons.get(row[0])),
                "editing" if row[7] else "checked", row[7], owner, at,
            )
            for record_id, row in made
        ),
    )  # fmt: skip


def _answers(reason: str | None) -> str:
    """Write why a record is kept beside another about the same act."""
    return "[]" if reason is None else answers_json([Answer("", SAME_ACT, reason)])


def keep(
    tx: Connection, import_id: str, fate: str, rows: Iterable[KeptRow], record_id: str | None = None
) -> None:
    """Keep rows that make no new record, visible under their import."""
    tx.executemany(
        "INSERT INTO import_row (import_id, row, fate, record_id, cells, payload, problems)"
        " VALUES (?,?,?,?,?,?,?)",
        (
            (import_id, number, fate, record_id, cells, payload, problems)
            for number, cells, payload, problems in rows
        ),
    )


def why(code: str) -> str:
    """Write the reason why a row was skipped, as a problem of the whole row."""
    return as_json([{"path": "", "code": code, "severity": "warning"}])


def change(desk: Desk, met_id: str, state: str, values: Mapping[str, Any]) -> None:
    """Give a record the values of a row: its draft, or a new one that reopens or corrects."""
    merged = None
    if state == "rejected":
        merged = drafts.open_rejected(desk, met_id, values)
    elif state in ACCEPTED:
        merged = drafts.begin_change(desk, met_id, "correct", said=values)
    if merged is None:  # else saving would undo what another desk said
        drafts.save(desk, met_id, values)
