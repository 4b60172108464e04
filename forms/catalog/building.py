"""A department's table of data items → items of a catalog, or everything that is wrong with it, by cell.

Pure: takes the cells of a sheet as text. Departments write one line a data item, the name of the item (事项)
on the first line of its block; what a catalog needs beyond that is derived here, and marked so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from forms.catalog.buildwords import (
    CYCLE,
    HEADINGS,
    REQUIRED_HEADINGS,
    RETENTION,
    SHARINGS,
    TYPES,
    YES_NO,
    plain,
)
from forms.catalog.codesetfile import CODE_LIMIT, TITLE_LIMIT
from forms.catalog.forbidden import forbidden_ground
from forms.catalog.itemfile import COLUMN_LIMIT
from forms.catalog.nested import NESTED
from forms.catalog.rulewords import BadRule, read_rules
from forms.catalog.schema import CodeSet

SOURCE: Final = "SHEET"
"""The tag under which the department's own table is named as a source."""

_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LENGTH: Final = re.compile(r"[A-Za-z]*(?:\.\.)?\s*([0-9]{1,6})(?:\s*[,，.]\s*([0-9]{1,2}))?")
_INLINE: Final = re.compile(r"([0-9A-Za-z]{1,20})\s*[-—:：.、]\s*([^;；,，\n]+)")
_ACTS: Final = re.compile(r"(决定|认定|登记|发证|核准|批准|评定|列入|处罚|许可|签订|作出|发布)(日期|时间)")
_NUMBERS: Final = re.compile(r"文号|文书号|案号|编号|证号|登记号")
_PERSONS: Final = re.compile(r"姓名|法定代表人$|负责人$|联系人$|电话$")
_ID_NUMBERS: Final = re.compile(r"身份证|证件号")


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one cell.

    Attributes:
        row: as the spreadsheet shows it.
        column: letters.
        code: key of `buildwords.FAULTS`.
    """

    row: int
    column: str
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(slots=True)
class Built:
    """What came of a table.

    Attributes:
        items: contents of item files, by code.
        code_sets: contents of code set files that the table itself spells out, by id.
        used: ids of the known code sets that items use.
    """

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    code_sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    faults: list[CellFault] = field(default_factory=list)


Row = tuple[int, Sequence[str]]
"""Number of a row as the spreadsheet shows it, and its cells as text."""


def letters(column: int) -> str:
    """Write a column, counted from 0, as the spreadsheet shows it."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def find_header(rows: Iterable[Row]) -> tuple[int, dict[str, int]] | None:
    """Find the row that names the columns: its number, and key → column from 0. None when there is none."""
    for number, cells in rows:
        found: dict[str, int] = {}
        for column, cell in enumerate(cells):
            key = HEADINGS.get(plain(cell))
            if key is not None:
                found.setdefault(key, column)
        if {"title", "type"} <= found.keys():
            return number, found
    return None


def build(rows: Sequence[Row], known: Mapping[str, CodeSet]) -> Built:
    """Turn a table into items.

    Args:
        rows: of one sheet, from the top.
        known: code sets that the table may name, by id.

    Returns:
        The items, and all faults of all cells; the items are of use only when there is no fault.
    """
    built = Built()
    header = find_header(rows)
    if header is None:
        built.faults.append(CellFault(1, "A", "no_header"))
        return built
    top, columns = header
    for key, heading in REQUIRED_HEADINGS.items():
        if key not in columns:
            built.faults.append(CellFault(top, "A", "heading_missing", {"heading": heading}))
    lines = [_Line(number, cells, columns, built.faults) for number, cells in rows if number > top]
    named = {code_set.name: code_set for code_set in known.values()} | dict(known)
    for block in _blocks(line for line in lines if not line.blank):
        _Block(block, built, named).build()
    if not built.items and not built.faults:
        built.faults.append(CellFault(top, "A", "no_rows"))
    return built


class _Line:
    """One row of the table; asks for cells by key, complains by cell."""

    def __init__(
        self, number: int, cells: Sequence[str], columns: Mapping[str, int], faults: list[CellFault]
    ) -> None:
        self.number = number
        self._cells = cells
        self._columns = columns
        self._faults = faults

    @property
    def blank(self) -> bool:
        return not any(self.text(key) for key in self._columns)

    def text(self, key: str) -> str:
        column = self._columns.get(key)
        if column is None or column >= len(self._cells):
            return ""
        return self._cells[column].strip()

    def fault(self, key: str, why: str, **params: str | int) -> None:
        column = self._columns.get(key, self._columns.get("title", 0))
        self._faults.append(CellFault(self.number, letters(column), why, params))


_Lines = list[tuple[_Line, dict[str, Any]]]
"""Lines of the table, each with the field that it describes."""


def _blocks(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    """Part lines into items: a line that names another item begins one."""
    block: list[_Line] = []
    current = ("", "")
    for line in lines:
        name, code = line.text("item_name"), line.text("item_code")
        if block and ((name and name != current[0]) or (code and code != current[1])):
            yield block
            block = []
        if not block:
            current = (name, code)
        block.append(line)
    if block:
        yield block


class _Block:
    """The lines of one item."""

    def __init__(self, lines: list[_Line], built: Built, known: Mapping[str, CodeSet]) -> None:
        self.lines = lines
        self.head = lines[0]
        self.built = built
        self.known = known

    def build(self) -> None:
        """Read the item; what is wrong is noted."""
        code = self._item_code()
        pairs = [(line, self._field(line)) for line in self.lines]
        own = [pair for pair in pairs if "." not in pair[0].text("id")]
        inner = self._inner(own, [pair for pair in pairs if "." in pair[0].text("id")])
        for of_one in (own, *inner):
            self._refuse_doubles(of_one)
            self._rules(of_one)
        if len(own) > COLUMN_LIMIT:
            self.head.fault("title", "too_many_fields", most=COLUMN_LIMIT)
        if code in self.built.items:
            self.head.fault("item_code", "item_doubled", code=code)
        self.built.items[code] = self._item(code, own)

    def _inner(self, own: _Lines, inner: _Lines) -> list[_Lines]:
        """Put the lines of each group (标识 ``MX.JE``) into it."""
        found = []
        for line, group in own:
            if group["type"] == "group":
                mine = [pair for pair in inner if pair[0].text("id").upper().startswith(f"{group['id']}.")]
                group["fields"] = [entry for _, entry in mine]
                found.append(mine)
                if not mine:
                    line.fault("id", "group_empty", id=group["id"])
        placed = {id(line) for mine in found for line, _ in mine}
        for line, entry in inner:
            if id(line) not in placed:
                line.fault("id", "group_unknown", group=line.text("id").upper().partition(".")[0])
            if entry["type"] in NESTED:
                line.fault("type", "nested_twice")
        return found

    def _rules(self, pairs: _Lines) -> None:
        ids = {entry["id"]: entry for _, entry in pairs}
        for line, entry in pairs:
            try:
                entry["checks"] += read_rules(line.text("rule"), entry, ids, self.known)
            except BadRule as bad:
                for why, params in bad.reasons:
                    line.fault("rule", why, **params)

    def _item_code(self) -> str:
        code = self.head.text("item_code").upper()
        if not code:
            self.head.fault("item_code", "item_code_missing")
        elif not _ID.fullmatch(code) or len(code) > CODE_LIMIT:
            self.head.fault("item_code", "id_unfit", id=code)
        return code

    def _lawful(self, line: _Line, key: str, missing: str) -> str:
        title = line.text(key)
        if not title:
            line.fault(key, missing)
        if len(title) > TITLE_LIMIT:
            line.fault(key, "title_too_long", most=TITLE_LIMIT, length=len(title))
        ground = forbidden_ground(title)
        if ground is not None:
            line.fault(key, "forbidden_by_law", title=title, ground=ground.name)
        return title

    def _field(self, line: _Line) -> dict[str, Any]:
        field_id = line.text("id").upper().rpartition(".")[2]
        if not field_id:
            line.fault("id", "id_missing")
        elif not _ID.fullmatch(field_id) or len(field_id) > CODE_LIMIT:
            line.fault("id", "id_unfit", id=field_id)
        title = self._lawful(line, "title", "title_missing")
        kind = TYPES.get(plain(line.text("type")), "")
        if not kind:
            line.fault("type", "type_unknown", value=line.text("type"))
        entry: dict[str, Any] = {"id": field_id, "title": title, "type": kind or "string"}
        self._length(line, entry)
        entry["required"] = self._required(line)
        if line.text("unit") and kind in {"decimal", "int"}:
            entry["unit"] = line.text("unit")
        self._code_set(line, entry)
        entry |= {"checks": [], "section": line.text("section") or "事项", "basis": {"field": SOURCE}}
        if _ID_NUMBERS.search(title) and kind in {"string", "text"}:
            entry["sensitivity"] = "id_number"
        elif _PERSONS.search(title) and kind in {"string", "text"}:
            entry["sensitivity"] = "person"
        if line.text("help"):
            entry["help"] = line.text("help")
        return entry

    def _length(self, line: _Line, entry: dict[str, Any]) -> None:
        text = line.text("length")
        found = _LENGTH.fullmatch(text)
        if text and found is None:
            line.fault("length", "length_unreadable", value=text)
        if entry["type"] == "decimal":
            entry["max_length"] = int(found[1]) if found else 18
            entry["scale"] = int(found[2] or 0) if found else 2
            if entry["scale"] >= entry["max_length"] or entry["max_length"] > 30:
                line.fault("length", "length_unreadable", value=text)
        elif found is not None and entry["type"] != "date":
            entry["max_length"] = int(found[1])
            if not 0 < entry["max_length"] <= 100_000:
                line.fault("length", "length_unreadable", value=text)

    def _required(self, line: _Line) -> bool:
        said = YES_NO.get(plain(line.text("required")))
        if said is None:
            line.fault("required", "required_unreadable", value=line.text("required"))
        return bool(said)

    def _code_set(self, line: _Line, entry: dict[str, Any]) -> None:
        text = line.text("code_set") or ("YES_NO" if plain(line.text("type")) == "是否" else "")
        coded = entry["type"] in {"enum", "set"}
        if not text:
            if coded:
                line.fault("code_set", "code_set_missing")
            return
        if not coded:
            line.fault("code_set", "code_set_unwanted")
            return
        known = self.known.get(text)
        if known is not None:
            entry["code_set"] = known.id
            self.built.used.add(known.id)
            return
        pairs = _INLINE.findall(text)
        codes = [code for code, _ in pairs]
        if len(pairs) < 2 or len(set(codes)) < len(codes):
            line.fault("code_set", "code_set_unknown", value=text)
            return
        set_id = f"{self.head.text('item_code').upper()}_{entry['id']}"
        entry["code_set"] = set_id
        self.built.code_sets[set_id] = {
            "id": set_id, "name": entry["title"], "provenance": "sourced", "source": [SOURCE],
            "codes": [{"code": code, "name": name.strip()} for code, name in pairs],
        }  # fmt: skip

    def _refuse_doubles(self, pairs: _Lines) -> None:
        seen: dict[tuple[str, str], int] = {}
        for line, entry in pairs:
            for key, value in (("id", entry["id"]), ("title", entry["title"])):
                first = seen.setdefault((key, value), line.number)
                if value and first != line.number:
                    line.fault(key, f"{key}_doubled", value=value, row=first)

    def _item(self, code: str, pairs: _Lines) -> dict[str, Any]:
        head, fields = self.head, [entry for _, entry in pairs]
        name = self._lawful(head, "item_name", "item_name_missing")
        sharing = SHARINGS.get(plain(head.text("sharing")))
        if sharing is None:
            head.fault("sharing", "sharing_unknown", value=head.text("sharing"))
        texts = [f for f in fields if f["type"] in {"string", "text"}] or fields
        subject = next((f["id"] for f in texts if re.search("名称|姓名", f["title"])), texts[0]["id"])
        item: dict[str, Any] = {
            "code": code, "name": name,
            "category": head.text("category") or "03 行政管理信息", "class7": head.text("class7") or "0 其它",
            "subject_kinds": _parts(head.text("subject_kinds")) or ["法人及非法人组织"],
            "unit_kinds": _parts(head.text("unit_kinds")) or ["各部门"],
            "cycle": head.text("cycle") or CYCLE,
            "natural_key": [f["id"] for line, f in pairs if line.text("key")],
            "subject_name": subject, "sharing": sharing or "共享",
            "retention": head.text("retention") or RETENTION,
        }  # fmt: skip
        dates = [f for f in fields if f["type"] == "date" and _ACTS.search(f["title"])]
        numbers = [f for f in texts if _NUMBERS.search(f["title"])]
        derived = {"act_on": dates, "doc_no": numbers}
        item |= {key: found[0]["id"] for key, found in derived.items() if found}
        basis = {"item": SOURCE, "cycle": SOURCE if head.text("cycle") else "DERIVED", "unit_kinds": SOURCE}
        basis |= {"subject": "DERIVED", "sharing": SOURCE}
        basis["retention"] = SOURCE if head.text("retention") else "DERIVED"
        basis |= {key: "DERIVED" for key, found in derived.items() if found}
        if item["natural_key"]:
            basis["natural_key"] = SOURCE
        return {**item, "basis": basis, "fields": fields}


def _parts(text: str) -> list[str]:
    return list(dict.fromkeys(part for part in re.split(r"[、,，;；\s]+", text) if part))
