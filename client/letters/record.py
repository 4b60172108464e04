"""A record on paper: its fields in sections, what is still wrong, what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from client.core.events import Event, events_of
from client.core.masking import shown, without_number
from client.core.records import Attachment, RecordDetail
from client.core.shown import draft_of, values_of
from client.core.times import day_and_clock
from client.core.words import OPS, REASONS, STATE_WORDS
from client.core.workflow import ACCEPTED
from client.letters.column import Column
from client.letters.faces import Faces, numbered, printable
from client.letters.paper import Imprint, draw
from client.letters.refusal import refuse_unprintable
from forms.catalog.check import check, unanswered
from forms.catalog.messages import sentence
from forms.catalog.problems import Answer, Problem
from forms.catalog.schema import Field, Item, Values

DRAFT_MARK: Final = "草稿"
WITHDRAWN_MARK: Final = "已撤销"

_SEVERITIES: Final = {"error": "错误", "warning": "提醒"}
_TONES: Final = {"error": "bad", "warning": "warn"}
_EVENT_HEADS: Final = ("时间", "事情", "填报 → 复核", "结果", "回执号")
_EVENT_SHARES: Final = (15, 20, 17, 24, 24)


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the form: titles and values that are filled, titles that are not."""

    title: str
    lines: tuple[tuple[str, str], ...]
    empty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordSheet:
    """All that is printed of one record.

    Attributes:
        subject: name over the page.
        facts: what stands under the name: state, item, catalog, number.
        problems: severity and sentence.
        made: when and by whom it was printed.
    """

    unit: str
    item: str
    subject: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    problems: tuple[tuple[str, str], ...]
    answers: tuple[str, ...]
    reason: str
    evidence: tuple[str, ...]
    events: tuple[Event, ...]
    made: str
    mark: str

    def texts(self) -> Iterator[str]:
        """Every text that a person or another system wrote into it."""
        yield from (self.unit, self.item, self.subject, self.reason, self.made)
        yield from (text for pair in self.facts for text in pair)
        for part in self.parts:
            yield from (part.title, *part.empty, *(text for line in part.lines for text in line))
        yield from (text for _, text in self.problems)
        yield from (*self.answers, *self.evidence)
        yield from (text for one in self.events for text in (one.what, one.who, one.result, one.receipt_no))


def record_sheet(
    detail: RecordDetail,
    item: Item,
    *,
    unit: str,
    operator: str,
    names: Mapping[str, str],
    at: str,
    today: date,
) -> RecordSheet:
    """Gather what is printed of a record: the working copy while it counts, else the newest version.

    Args:
        detail: the record.
        item: of the catalog that its values are of, see `catalog_of`.
        unit: name of the unit whose desk it is.
        operator: name of who prints.
        names: operator id → name.
        at: now, as UTC text.
        today: the legal day.
    """
    state = detail.row.state
    draft = draft_of(detail)
    values = values_of(detail)
    answers = draft.answers if draft else ()
    found = check(item, values, reported_on=today) if draft is not None else []
    newest = detail.versions[0] if detail.versions else None
    reason = draft.reason if draft else newest.reason if newest else None
    evidence = draft.evidence if draft else newest.evidence if newest else ()
    word = STATE_WORDS.get(state, state)
    op = draft.op if draft else newest.op if newest else detail.row.op
    mark = WITHDRAWN_MARK if state == "withdrawn" else "" if state in ACCEPTED else DRAFT_MARK
    return RecordSheet(
        unit=unit,
        item=item.name,
        subject=detail.row.subject_name or "（还没有名称）",
        facts=(
            ("状态", word if op == "create" else f"{OPS.get(op, op)} · {word}"),
            ("目录", f"{item.code}　{item.set_name} 版"),
            ("记录号", detail.row.record_id),
        ),
        parts=tuple(_parts(item, values, _before(detail))),
        problems=tuple((p.severity, _said(p, item)) for p in unanswered(found, answers)),
        answers=tuple(_answer(one, found, item) for one in answers),
        reason="" if reason is None else f"{REASONS.get(reason.code, reason.code)}　{reason.text}".strip(),
        evidence=tuple(_evidence(one) for one in evidence),
        events=tuple(events_of(detail, names)),
        made=f"{day_and_clock(at)}　{operator} 打印",
        mark=mark,
    )


def record_pdf(path: Path, record: RecordSheet, *, numbers: bool = False, faces: Faces | None = None) -> int:
    """Write a record as a PDF on A4; return the number of sheets.

    Args:
        path: of the file to write.
        record: what is printed.
        numbers: signs that no face has are printed as their numbers, e.g. 〔U+2A6D6〕.
        faces: by default the packaged ones and the system's.

    Raises:
        FileRefused: ``signs_unprintable`` with the signs, unless `numbers`.
        OSError: the disk says no.
    """
    faces = faces or Faces()
    lacking = faces.lacking(record.texts())
    if not numbers:
        refuse_unprintable(lacking)
    page = Column(faces, lambda text: numbered(printable(text), lacking))
    _head(page, record)
    for part in record.parts:
        page.section(part.title)
        for title, value in part.lines:
            page.pair(title, value)
        if part.empty:
            page.pair("未填", "、".join(part.empty), tone="quiet")
    _after(page, record)
    imprint = Imprint(
        title=f"{record.item}　{record.subject}", unit=page.clean(record.unit),
        made=page.clean(record.made), mark=record.mark,
    )  # fmt: skip
    draw(path, page.sheets, imprint, faces)
    return len(page.sheets)


def _head(page: Column, record: RecordSheet) -> None:
    page.edges(record.unit, "　".join(("闽信通", record.item, *(value for _, value in record.facts[:2]))))
    page.line(record.item, 15)
    page.line(record.subject, 11)
    page.gap(2)
    for title, value in record.facts:
        page.pair(title, value)


def _after(page: Column, record: RecordSheet) -> None:
    if record.reason:
        page.section("变更理由")
        page.line(record.reason, 9.5)
    if record.evidence:
        page.section("证明材料")
        for name in record.evidence:
            page.line(name, 9.5)
    if record.problems:
        page.section(f"还有 {len(record.problems):,} 个问题")
        for severity, said in record.problems:
            page.pair(_SEVERITIES[severity], said, tone=_TONES[severity])
    if record.answers:
        page.section("对提醒的说明")
        for said in record.answers:
            page.line(said, 9.5)
    if record.events:
        page.section("经过", 34)
        page.table(
            _EVENT_HEADS,
            _EVENT_SHARES,
            ((one.at, one.what, one.who, one.result, one.receipt_no) for one in record.events),
        )


def _before(detail: RecordDetail) -> Values | None:
    """Return what the platform holds while a correction of it is being written."""
    draft = draft_of(detail)
    if draft is None or draft.op != "correct" or detail.head is None:
        return None
    return detail.head.values


def _parts(item: Item, values: Values, before: Values | None) -> Iterator[Part]:
    for section in dict.fromkeys(field.section for field in item.fields):
        fields = [field for field in item.fields if field.section == section]
        known = values.keys() | (before or {}).keys()
        filled = [field for field in fields if field.id in known]
        lines = tuple((_title(field), _value(field, values, before)) for field in filled)
        yield Part(section, lines, tuple(field.title for field in fields if field.id not in known))


def _value(field: Field, values: Values, before: Values | None) -> str:
    """Return a value; of a correction, what it was before beside it."""
    if before is None or values.get(field.id) == before.get(field.id):
        return shown(field, values)
    return f"{shown(field, values) or '（清空）'}　（更正前：{shown(field, before) or '没有填'}）"


def _title(field: Field) -> str:
    return field.title if not field.unit or field.unit in field.title else f"{field.title}（{field.unit}）"


def _said(problem: Problem, item: Item) -> str:
    return sentence(without_number(problem, item.by_id.get(problem.field_id)), item)


def _answer(answer: Answer, found: Sequence[Problem], item: Item) -> str:
    asked = next((p for p in found if (p.path, p.code) == (answer.path, answer.code)), None)
    said = _said(asked, item) if asked is not None else answer.path
    return f"{said}　说明：{answer.reason}"


def _evidence(one: Attachment) -> str:
    return f"{one.name}（{max(1, round(one.size_bytes / 1024)):,} KB）"
