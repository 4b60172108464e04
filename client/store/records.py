"""What lists and pages read: records by filter and page, and one record in full. Never writes.

Paging is by key (`after` is the last row seen), so the hundredth page costs what the first does.
Records of an import that is still loading are not there yet.

The state is a view, worked out for each record that is asked for. So that a rare state is not
looked for in every record, the table that makes the state names the candidates first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from client.core.records import RecordDetail, RecordRow, ReviewNote
from client.core.workflow import STATES
from client.errors import NotAllowed
from client.store.connection import Connection, Row
from client.store.draft_rows import as_json, read_draft
from client.store.merges import open_choices
from client.store.versions import head, history, last_values
from forms.catalog.schema import Values

Order = Literal["changed", "created", "import_row"]
"""``changed`` and ``created``: newest first; ``import_row``: as the spreadsheet has them."""

MOST_ROWS: Final = 1_000
"""Most rows of one page."""

SORTED: Final = 10_000
"""Up to so many candidates are sorted; of more, the newest are soon found by walking the list."""


def _sql(*parts: str) -> str:
    """Put a statement together from constants; values travel as parameters."""
    return " ".join(parts)


_DRAFTS: Final[Mapping[str, str]] = {
    "deleted": "deleted_at IS NOT NULL",
    "in_review": "edit_state = 'in_review'",
    "returned": "returned = 1",
    "problems": "errors > 0",
    "draft": "deleted_at IS NULL",
}
"""State → what its draft must be. More may pass; the view decides."""

_DRAFT: Final = "SELECT record_id FROM draft INDEXED BY draft_state"
_NO_DRAFT: Final = _sql("NOT EXISTS (", _DRAFT, "WHERE record_id = r.record_id AND deleted_at IS NULL)")
_ON_THE_WAY: Final = (
    "SELECT v.record_id FROM outbox o INDEXED BY outbox_due"
    " JOIN version v INDEXED BY version_owner ON v.version_id = o.version_id WHERE o.state = "
)
_HALF_WAY: Final = (
    "SELECT v.record_id FROM (SELECT version_id FROM receipt GROUP BY version_id"
    " HAVING MAX(stage = 'stored') = 0) c JOIN version v INDEXED BY version_owner USING (version_id)"
)
_CHANGED: Final = "SELECT record_id FROM version INDEXED BY version_record WHERE op = "

_CANDIDATES: Final[Mapping[str, str]] = {
    **{state: _sql(_DRAFT, "WHERE", rule) for state, rule in _DRAFTS.items()},
    "queued": _ON_THE_WAY + "'queued'",
    "sent": _ON_THE_WAY + "'sent'",
    "unknown": _ON_THE_WAY + "'unknown'",
    "held": _ON_THE_WAY + "'held'",
    "blocked": _ON_THE_WAY + "'blocked'",
    "rejected": "SELECT v.record_id FROM receipt c INDEXED BY receipt_rejected"
    " JOIN version v INDEXED BY version_owner ON v.version_id = c.version_id WHERE c.outcome = 'rejected'",
    "unmatched": "SELECT v.record_id FROM receipt c INDEXED BY receipt_unmatched"
    " JOIN version v INDEXED BY version_owner ON v.version_id = c.version_id WHERE c.stage = 'unmatched'",
    "checked": _HALF_WAY,
    "matched": _HALF_WAY,
    "corrected": _CHANGED + "'correct'",
    "withdrawn": _CHANGED + "'withdraw'",
}
"""State → ids that can be in it; only ``stored``, where most records end, has none."""

_LOADING: Final = "SELECT import_id FROM import_file INDEXED BY import_loading WHERE state = 'loading'"
_VISIBLE: Final = _sql("(r.import_id IS NULL OR r.import_id NOT IN (", _LOADING, "))")
_FROM: Final = "FROM record r JOIN record_state s ON s.record_id = r.record_id"
_ORDERS: Final[Mapping[Order, tuple[str, str]]] = {
    "changed": ("r.changed_at DESC, r.record_id DESC", "(r.changed_at, r.record_id) < (:key, :id)"),
    "created": ("r.record_id DESC", "r.record_id < :id"),
    "import_row": ("r.import_row, r.record_id", "(r.import_row, r.record_id) > (:key, :id)"),
}
_BRACKETS: Final = str.maketrans(dict.fromkeys("()[]（）［］【】〔〕", "_"))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records; all of it must hold.

    Attributes:
        item: code of an item.
        states: one of these; empty for any but ``deleted``.
        text: part of a name, a code or a document number; brackets of any kind are equal.
        import_id: came with this import.
    """

    item: str | None = None
    states: frozenset[str] = frozenset()
    text: str = ""
    import_id: str | None = None


def list_records(
    reader: Connection,
    *,
    item: str | None = None,
    state: str | Sequence[str] | None = None,
    text: str = "",
    import_id: str | None = None,
    order: Order = "changed",
    after: RecordRow | None = None,
    limit: int = 200,
    sort_up_to: int = SORTED,
) -> list[RecordRow]:
    """Return one page of records, the one changed last first.

    Args:
        reader: of the desk.
        item: code of an item.
        state: one state or several; None for any but ``deleted``.
        text: part of a name, a code or a document number.
        import_id: only what came with this import.
        order: ``created`` stays still while somebody types; ``import_row`` goes with `import_id`.
        after: last row of the page before.
        limit: rows, 1 to 1,000.
        sort_up_to: candidates for a state; only the speed depends on it.
    """
    which = _filter(item, state, text, import_id)
    by, beyond = _ORDERS[order]
    where, params = _where(reader, which)
    if after is not None:
        where.append(beyond)
        params |= {"key": after.changed_at if order == "changed" else after.import_row, "id": after.record_id}
    where += _narrowed(reader, which, sort_up_to)
    params["limit"] = max(1, min(limit, MOST_ROWS))
    rows = reader.execute(
        _sql("SELECT r.record_id", _FROM, _all(where), "ORDER BY", by, "LIMIT :limit"), params
    )
    return read_rows(reader, [row[0] for row in rows])


def _filter(item: str | None, state: str | Sequence[str] | None, text: str, import_id: str | None) -> Filter:
    states = [] if state is None else [state] if isinstance(state, str) else state
    return Filter(item, frozenset(states), text.strip(), import_id)


def _where(reader: Connection, which: Filter) -> tuple[list[str], dict[str, object]]:
    """Return conditions on `r` and `s`, and their parameters."""
    where, params = _where_record(reader, which.item, which.import_id)
    if which.text:
        where.append(
            "(r.subject_name LIKE :text ESCAPE '\\' OR r.subject_code LIKE :text ESCAPE '\\'"
            " OR r.doc_no LIKE :text ESCAPE '\\')"
        )
        params["text"] = _pattern(which.text)
    if which.states:
        where.append("s.state IN (SELECT value FROM json_each(:states))")
        params["states"] = as_json(sorted(which.states))
    else:
        where.append("s.state <> 'deleted'")
    return where, params


def _where_record(
    reader: Connection, item: str | None, import_id: str | None
) -> tuple[list[str], dict[str, object]]:
    """Return conditions on `r` alone; none is worth asking for while no import is loading."""
    where, params = list[str](), dict[str, object]()
    if reader.value(_LOADING) is not None:
        where.append(_VISIBLE)
    if item is not None:
        where.append("r.item = :item")
        params["item"] = item
    if import_id is not None:
        where.append("r.import_id = :import_id")
        params["import_id"] = import_id
    return where, params


def _all(where: Sequence[str]) -> str:
    return "WHERE " + " AND ".join(where) if where else ""


def _pattern(text: str) -> str:
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal.translate(_BRACKETS)}%"


def _narrowed(reader: Connection, which: Filter, sort_up_to: int) -> list[str]:
    """Return a condition that spares most records the question of their state."""
    if not which.states or which.text:
        return []  # every record is walked through anyway
    if not which.states <= _CANDIDATES.keys():
        return [] if which.states & _DRAFTS.keys() else [_NO_DRAFT]
    if _candidates_up_to(reader, which.states, sort_up_to):
        return [_sql("r.record_id IN (", _union(which.states), ")")]
    if which.states <= _DRAFTS.keys():
        rules = " OR ".join(_DRAFTS[state] for state in sorted(which.states))
        return [_sql("EXISTS (", _DRAFT, "WHERE record_id = r.record_id AND (", rules, "))")]
    return []


def _union(states: frozenset[str]) -> str:
    return " UNION ".join(sorted({_CANDIDATES[state] for state in states}))


def read_rows(reader: Connection, ids: Sequence[str]) -> list[RecordRow]:
    """Return the rows of `ids`, in their order; what is not there is left out."""
    rows = reader.execute(
        "SELECT r.*, s.state, COALESCE(d.op, s.op, '') AS op, COALESCE(d.errors, 0) AS errors,"
        " COALESCE(d.warnings, 0) AS warnings FROM json_each(?) j JOIN record r ON r.record_id = j.value"
        " JOIN record_state s ON s.record_id = r.record_id"
        " LEFT JOIN draft d INDEXED BY draft_state"
        " ON d.record_id = r.record_id AND (d.deleted_at IS NULL OR d.op = 'create') ORDER BY j.key",
        (as_json(ids),),
    )
    return [_record_row(row) for row in rows]


def _record_row(row: Row) -> RecordRow:
    return RecordRow(
        record_id=row["record_id"],
        item=row["item"],
        state=row["state"],
        op=row["op"],
        subject_name=row["subject_name"],
        subject_code=row["subject_code"],
        doc_no=row["doc_no"],
        act_on=row["act_on"],
        errors=row["errors"],
        warnings=row["warnings"],
        changed_at=row["changed_at"],
        import_id=row["import_id"],
        import_row=row["import_row"],
    )


def count(
    reader: Connection,
    *,
    item: str | None = None,
    state: str | Sequence[str] | None = None,
    text: str = "",
    import_id: str | None = None,
) -> int:
    """Count records; the arguments are those of `list_records`."""
    which = _filter(item, state, text, import_id)
    if not which.text:
        counts = states(reader, item=item, import_id=import_id, wanted=which.states or frozenset({"deleted"}))
        if which.states:
            return sum(counts.values())
        return _total(reader, item, import_id) - counts["deleted"]
    where, params = _where(reader, which)
    return int(reader.value(_sql("SELECT COUNT(*)", _FROM, _all(where)), params))


def states(
    reader: Connection,
    *,
    item: str | None = None,
    import_id: str | None = None,
    wanted: frozenset[str] = frozenset(STATES),
) -> dict[str, int]:
    """Count records by state.

    Args:
        reader: of the desk.
        item: only of this item.
        import_id: only of this import.
        wanted: states to count; without those that the platform has accepted it takes a fraction of the time.

    Returns:
        A number for each wanted state, 0 included.
    """
    asked = (wanted if "stored" not in wanted else frozenset(STATES)) - {"stored"}
    where, params = _where_record(reader, item, import_id)
    few = import_id is None and _candidates_up_to(reader, asked, 4 * SORTED)
    if few:
        where.append(_sql("r.record_id IN (", _union(asked), ")"))
    rows = reader.execute(_sql("SELECT s.state, COUNT(*)", _FROM, _all(where), "GROUP BY s.state"), params)
    found = dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in rows}
    if few and "stored" in wanted:
        found["stored"] = 0
        found["stored"] = _total(reader, item, import_id) - sum(found.values())
    return {state: found[state] for state in STATES if state in wanted}


def _candidates_up_to(reader: Connection, states: frozenset[str], most: int) -> bool:
    count = reader.value(_sql("SELECT COUNT(*) FROM (", _union(states), "LIMIT ?)"), (most + 1,))
    return int(count) <= most


def _total(reader: Connection, item: str | None, import_id: str | None) -> int:
    where, params = _where_record(reader, item, import_id)
    return int(reader.value(_sql("SELECT COUNT(*) FROM record r", _all(where)), params))


def get(reader: Connection, record_id: str) -> RecordDetail:
    """Return one record with its draft, versions and notes.

    Raises:
        NotAllowed: ``record_unknown``.
    """
    rows = read_rows(reader, [record_id])
    if not rows:
        raise NotAllowed("record_unknown")
    draft = read_draft(reader, record_id)
    return RecordDetail(
        row=rows[0],
        draft=draft,
        versions=tuple(history(reader, record_id)),
        notes=tuple(notes(reader, record_id)),
        head=head(reader, record_id),
        open=open_choices(reader, draft) if draft is not None else (),
    )


def last_of_item(reader: Connection, item: str, *, but: str | None = None) -> Values | None:
    """Return the values of the record of an item that was made last, other than `but`; None without any."""
    rows = list_records(reader, item=item, order="created", limit=2)
    record_id = next((row.record_id for row in rows if row.record_id != but), None)
    if record_id is None:
        return None
    draft = read_draft(reader, record_id)
    if draft is not None and draft.deleted_at is None and draft.op != "withdraw":
        return draft.values
    said = last_values(reader, record_id)
    return said.values if said is not None else None


def notes(reader: Connection, record_id: str, *, limit: int = 50) -> list[ReviewNote]:
    """Return why a record came back, newest first."""
    rows = reader.execute(
        "SELECT at, operator, field, reason FROM review_note WHERE record_id = ? ORDER BY n DESC LIMIT ?",
        (record_id, limit),
    )
    return [ReviewNote(row["at"], row["operator"], row["field"], row["reason"]) for row in rows]
