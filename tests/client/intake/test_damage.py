"""Files with bytes changed anywhere: each is read or refused in words; a change within a part never passes.

The damaged files are read in a child process, as all files are: a library may give up there.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.errors import FileRefused
from client.intake import child, table
from client.intake.candidates import Candidates
from client.intake.read import open_book
from client.intake.table import Records
from client.ui.messages import SENTENCES
from forms.catalog.schema import Item

FIXTURES = Path(__file__).parent / "fixtures"
WORKBOOKS = sorted(p for p in FIXTURES.iterdir() if p.suffix in {".xls", ".xlsb", ".ods", ".xlsx"})
TEXT = '名称,文号,备注\r\n厦门鹭岛示例商行,"厦示监罚〔2026〕1号",一\r\n漳州水仙示例厂,"第""二""号",二\r\n'
TEXTS = [TEXT.encode(codec) for codec in ("utf-8", "gb18030", "utf-16", "utf-8-sig")]
SUBSTITUTES = (b"", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"<", b"&a;", b'"', b"\r")

Change = tuple[int, float, int, bytes]
"""Which part of an archive, where in it (share of its length), how many bytes go, and what comes instead."""

changes = st.tuples(
    st.integers(0, 20),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 8),
    st.sampled_from(SUBSTITUTES) | st.binary(max_size=4),
)
case = st.tuples(st.integers(0, len(WORKBOOKS) + len(TEXTS) - 1), st.lists(changes, min_size=1, max_size=3))


def damaged(which: int, edits: list[Change]) -> tuple[bytes, str]:
    """Return a file with changes. Archives are packed anew, so that their check sums hide nothing."""
    if which >= len(WORKBOOKS):
        content, ending = TEXTS[which - len(WORKBOOKS)], ".csv"
    else:
        content, ending = WORKBOOKS[which].read_bytes(), WORKBOOKS[which].suffix
    for edit in edits:
        content = _edited_archive(content, edit) if content[:2] == b"PK" else _edited(content, edit)
    return content, ending


def _edited(content: bytes, edit: Change) -> bytes:
    _, share, gone, instead = edit
    place = int(share * len(content))
    return content[:place] + instead + content[place + gone :]


def _edited_archive(content: bytes, edit: Change) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    name = list(parts)[edit[0] % len(parts)]
    parts[name] = _edited(parts[name], edit)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return packed.getvalue()


def read_all(folder: Path, item: Item, cases: list[tuple[int, list[Change]]]) -> Iterator[str]:
    """Read one damaged file after another; runs in the child."""
    for which, edits in cases:
        content, ending = damaged(which, edits)
        path = folder / f"坏{ending}"
        path.write_bytes(content)
        try:
            with open_book(path) as book:
                for name, _ in book.names:
                    list(book.sheet(name).rows())
                list(Records(table.choose(book, Candidates((item,)))))
        except FileRefused as refused:
            yield refused.code
        else:
            yield "read"


@pytest.mark.timeout(120)
@settings(
    max_examples=6, deadline=None, derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.large_base_example, HealthCheck.too_slow,
    ],
)  # fmt: skip
@given(cases=st.lists(case, min_size=40, max_size=60))
def test_a_damaged_file_is_read_or_refused_in_words(
    tmp_path: Path, penalty: Item, cases: list[tuple[int, list[Change]]]
):
    outcomes: list[str] = []
    try:
        outcomes += child.run(read_all, tmp_path, penalty, cases, silence=30)
    except FileRefused as refused:
        # A workbook of the old kind may promise more cells than there is memory: that ends the child.
        outcomes.append(refused.code)
    assert set(outcomes) - {"read"} <= SENTENCES.keys() - {"takes_too_long", "reader_broke"}


@settings(
    max_examples=150, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(file=st.sampled_from(["sheetjs.xlsx", "binary.xlsb", "sheetjs.ods"]), data=st.data())
def test_no_bit_that_flips_within_an_archive_changes_a_cell(tmp_path: Path, file: str, data: st.DataObject):
    whole = (FIXTURES / file).read_bytes()
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    content = bytearray(whole)
    content[bit // 8] ^= 1 << bit % 8
    path = tmp_path / file
    path.write_bytes(content)

    try:
        got = cells(path)
    except FileRefused as refused:
        assert refused.code in SENTENCES  # noqa: PT017 - refusing is one of the two right answers
    else:
        assert got == cells(FIXTURES / file)


def cells(path: Path) -> list[object]:
    with open_book(path) as book:
        return [(name, list(book.sheet(name).rows())) for name, _ in book.names]
