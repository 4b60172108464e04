"""Lists of the desk on their way out: which columns they have, and their rows, read page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.core.listing import Head, Kind, Listing
from client.core.masking import NOTE, shown, without_number
from client.core.records import ActEntry, RecordRow
from client.core.shown import SHOWS_DRAFT
from client.core.times import day_and_clock
from client.core.words import OPS, STATE_WORDS
from client.errors import NotAllowed
from client.store import acts, records
from client.store.desk import Desk
from client.store.exports import PAGE, values_of, walk
from forms.catalog.check import check, unanswered
from forms.catalog.masking import masked
from forms.catalog.messages import sentence
from forms.catalog.schema import Field, Item, Values

MASKED: Final = ("隐去", NOTE)
OTHERS: Final = "其他数据项"
"""Fields of another catalog set that the item of today does not have."""

_KINDS: Final[dict[str, Kind]] = {"decimal": "number", "int": "number", "date": "day"}
_SEVERITIES: Final = {"error": "错误", "warning": "提醒"}
_ENTRY_STATES: Final = {
    "waiting": "待复核", "approved": "已通过", "returned": "已退回", "taken_back": "已取回",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Which:
    """Records of a filter; all of it must hold.

    Attributes:
        item: code of an item; its fields become columns.
        states: none for any but deleted ones.
        record_ids: only these, whatever the rest says.
    """

    item: str | None = None
    states: tuple[str, ...] = ()
    text: str = ""
    import_id: str | None = None
    record_ids: tuple[str, ...] = ()


RECORD_HEADS: Final = (
    Head("事项", width=20),
    Head("行政相对人", width=22),
    Head("代码", "code", 16),
    Head("文书号", "code", 18),
    Head("决定日期", "day", 9),
    Head("记录状态", width=10),
    Head("问题数", "number", 6),
    Head("最近改动", width=12),
    Head("记录号", "code", 20, on_paper=False),
)

_SEEN_IN_FIELDS: Final = {"行政相对人", "代码", "文书号", "决定日期"}

_PROBLEM_HEADS: Final = (
    Head("行政相对人", width=18),
    Head("文书号", "code", 16),
    Head("数据项", width=14),
    Head("程度", width=5),
    Head("问题", width=36),
    Head("记录号", "code", 20, on_paper=False),
)


def records_listing(desk: Desk, which: Which, title: str = "记录清单") -> Listing:
    """Return the records that a filter lets through; those of one item with all their fields."""
    item = desk.catalogs.item(which.item) if which.item else None
    fields = item.fields if item else ()
    heads: tuple[Head, ...] = RECORD_HEADS
    if item is not None:
        seen = tuple(replace(head, in_file=head.title not in _SEEN_IN_FIELDS) for head in heads[1:])
        heads = (
            replace(heads[0], on_paper=False),
            *seen,
            *map(_head, fields),
            Head(OTHERS, width=20, on_paper=False),
        )
    return Listing(
        name="records",
        title=title,
        heads=heads,
        count=_count(desk, which),
        rows=_record_rows(desk, which, fields),
        notes=(("筛选", _filter_words(desk, which)), MASKED),
        said=_said(which),
    )


def problems_listing(desk: Desk, which: Which) -> Listing:
    """Return what is still wrong with the drafts that a filter lets through, a problem a row."""
    return Listing(
        name="problems",
        title="问题清单",
        heads=_PROBLEM_HEADS,
        count=_count(desk, which),
        rows=_problem_rows(desk, which),
        notes=(("筛选", _filter_words(desk, which)),),
        said=_said(which),
    )


def act_listing(desk: Desk, act_id: str) -> Listing:
    """Return the entries of one act of review, those that are decided, too."""
    act = acts.act(desk.db.reader(), act_id)
    if act is None:
        raise NotAllowed("act_unknown")
    return Listing(
        name="review",
        title="复核清单",
        heads=(
            Head("行政相对人", width=24),
            Head("文书号", "code", 20),
            Head("动作", width=8),
            Head("复核", width=8),
            Head("版本号", "code", 20, on_paper=False),
        ),
        count=act.waiting,
        rows=_entry_rows(desk, act_id),
        notes=(("提交", f"{act.title}　{act.maker_name}　{day_and_clock(act.submitted_at)}"),),
        said=(("act", act_id),),
    )


def pages_of(desk: Desk, which: Which) -> Iterator[list[RecordRow]]:
    """Return the records of a filter, in pages, the newest first."""
    if which.record_ids:
        for at in range(0, len(which.record_ids), PAGE):
            yield records.read_rows(desk.db.reader(), which.record_ids[at : at + PAGE])
        return
    after: RecordRow | None = None
    while True:
        page = records.list_records(
            desk.db.reader(), item=which.item, state=which.states or None, text=which.text,
            import_id=which.import_id, order="created", after=after, limit=PAGE,
        )  # fmt: skip
        yield page
        if len(page) < PAGE:
            return
        after = page[-1]


def _count(desk: Desk, which: Which) -> int:
    if which.record_ids:
        return len(which.record_ids)
    return records.count(
        desk.db.reader(), item=which.item, state=which.states or None, text=which.text,
        import_id=which.import_id,
    )  # fmt: skip


def _record_rows(desk: Desk, which: Which, fields: Sequence[Field]) -> Iterator[Sequence[str]]:
    items: dict[str, Item | None] = {}
    for page in pages_of(desk, which):
        values = _values(desk, page) if fields else {}
        for row in page:
            if row.item not in items:
                items[row.item] = _item_of(desk, row.item)
            cells = _record_cells(row, items[row.item])
            if fields:
                cells += _field_cells(desk, fields, *values.get(row.record_id, (row.item, {})))
            yield cells


def _values(desk: Desk, page: Sequence[RecordRow]) -> dict[str, tuple[str, Values]]:
    drafted = [row.record_id for row in page if row.state in SHOWS_DRAFT]
    return values_of(desk.db.reader(), [row.record_id for row in page], drafted)


def _record_cells(row: RecordRow, item: Item | None) -> list[str]:
    code = item.by_id.get(item.subject_code) if item is not None else None
    word = STATE_WORDS.get(row.state, row.state)
    return [
        item.name if item is not None else row.item,
        row.subject_name,
        masked(row.subject_code, code.sensitivity if code is not None else "none"),
        row.doc_no,
        row.act_on,
        f"{OPS[row.op]} · {word}" if row.op in {"correct", "withdraw"} else word,
        f"{row.errors + row.warnings}" if row.errors + row.warnings else "",
        day_and_clock(row.changed_at),
        row.record_id,
    ]


def _item_of(desk: Desk, ref: str) -> Item | None:
    try:
        return desk.catalogs.item(ref)
    except NotAllowed:  # of a set that this program does not have
        return None


def _field_cells(desk: Desk, fields: Sequence[Field], catalog: str, values: Values) -> list[str]:
    own = _item_of(desk, catalog)
    known = own.by_id if own is not None else {}
    cells = [_cell(known.get(field.id, field), values) for field in fields]
    left = values.keys() - {field.id for field in fields}
    rest = [f"{known[name].title}：{shown(known[name], values)}" for name in sorted(left) if name in known]
    return [*cells, "；".join(rest)]


def _cell(field: Field, values: Values) -> str:
    """Return a value for a cell: a day always as ISO, also an open end."""
    value = values.get(field.id, "")
    return value if field.type == "date" and isinstance(value, str) else shown(field, values)


def _head(field: Field) -> Head:
    title = field.title if not field.unit or field.unit in field.title else f"{field.title}({field.unit})"
    return Head(title, _KINDS.get(field.type, "text"), 20 if field.type == "text" else 12, on_paper=False)


def _problem_rows(desk: Desk, which: Which) -> Iterator[Sequence[str]]:
    for page in pages_of(desk, which):
        faulty = [row for row in page if row.state in SHOWS_DRAFT and (row.errors or row.warnings)]
        for row in faulty:
            draft = records.get(desk.db.reader(), row.record_id).draft
            item = _item_of(desk, draft.catalog) if draft is not None else None
            if draft is None or item is None:
                continue
            found = check(item, draft.values, reported_on=desk.today())
            for problem in unanswered(found, draft.answers):
                field = item.by_id.get(problem.field_id)
                said = sentence(without_number(problem, field), item)
                title, severity = field.title if field else "", _SEVERITIES[problem.severity]
                yield (row.subject_name, row.doc_no, title, severity, said, row.record_id)


def _entry_rows(desk: Desk, act_id: str) -> Iterator[Sequence[str]]:
    def read(after: ActEntry | None) -> list[ActEntry]:
        return acts.act_entries(desk.db.reader(), act_id, waiting_only=False, after=after, limit=PAGE)

    for entry in walk(read):
        yield (
            entry.subject_name, entry.doc_no, OPS.get(entry.op, entry.op),
            _ENTRY_STATES.get(entry.state, entry.state), entry.version_id,
        )  # fmt: skip


def _filter_words(desk: Desk, which: Which) -> str:
    if which.record_ids:
        return f"选中的 {len(which.record_ids):,} 条"
    item = _item_of(desk, which.item) if which.item else None
    parts = [item.name if item is not None else which.item or "全部事项"]
    parts.append("、".join(STATE_WORDS.get(state, state) for state in which.states) or "全部状态")
    if which.text:
        parts.append(f"含“{which.text}”")
    if which.import_id:
        parts.append("只含一次导入")
    return "　".join(parts)


def _said(which: Which) -> tuple[tuple[str, str], ...]:
    """The filter for the audit, whose digest is all that is kept."""
    return (
        ("item", which.item or ""), ("states", " ".join(which.states)), ("text", which.text),
        ("import", which.import_id or ""), ("chosen", str(len(which.record_ids))),
    )  # fmt: skip
