"""Text files as tables: which encoding, which separator, and the rows. Knows no workbook.

Nothing is decoded with replacement characters: a byte that does not fit refuses the file.
"""

from __future__ import annotations

import codecs
import csv
import functools
import importlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, TextIO, cast

from client.errors import FileRefused
from client.intake.cells import Cell, Row
from client.intake.sheet_xml import MAX_COLUMNS

SEPARATORS: Final = (",", "\t", ";", "|")

_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the mark of UTF-16: looked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES: Final = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 BOM",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "gb18030": "GB18030",
    "cp950": "Big5",
    "big5hkscs": "Big5",
}
_SAMPLE_BYTES: Final = 1 << 16
_BLOCK_BYTES: Final = 1 << 17
_SAMPLE_RECORDS: Final = 50
_LONGEST_SEPARATOR_LINE: Final = 20
_LONGEST_FIELD: Final = 1 << 20
"""Characters; more in one cell means a quotation mark that was never closed."""

_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n)', re.IGNORECASE)
"""What Excel looks for before anything else: the file says its separator itself. It is no row."""

_FEW: Final = 4
_PART_GB: Final = ("gb2312", 0xB0, 0xD7)
_PART_BIG5: Final = ("cp950", 0xA4, 0xC6)
_LEAST_COMMON: Final = 0.5
"""Share of everyday characters; below it a text was decoded as what it is not. Real tables have over 0.9."""

_CONTROLS: Final = frozenset(map(chr, (*range(9), 11, 12, *range(14, 26), *range(27, 32))))
"""What no office writes into a table. 26 (Ctrl-Z) ends files of old DOS programs."""


def encoding_of(path: Path) -> str:
    """Return the name of the codec that decodes the whole file.

    Raises:
        FileRefused: `encoding_unknown`; `not_a_spreadsheet` when it is no text at all.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    for bom, codec in _BOMS:
        if sample.startswith(bom):
            return _checked(path, codec)
    if b"\x00" in sample:
        return _checked(path, _wide_codec(sample))
    if _decodes(path, "utf-8"):
        return _of_text(path, "utf-8")
    if chinese := _chinese_codec(path, sample):
        return _of_text(path, chinese)
    # Guessing by statistics comes last: on short tables it takes GBK for anything.
    best = importlib.import_module("charset_normalizer").from_bytes(sample).best()
    if best is None or best.encoding in _CHINESE or not _decodes(path, best.encoding):
        raise FileRefused("encoding_unknown")
    return _of_text(path, best.encoding)


def _chinese_codec(path: Path, sample: bytes) -> str | None:
    """Tell GBK and GB18030 from Big5: nearly any bytes are both, but only one gives everyday words."""
    if _nearly_utf8(sample):
        return None
    shares = [
        (_common_share(sample, codec, _everyday(*part)), codec)
        for codec, part in (("gb18030", _PART_GB), ("cp950", _PART_BIG5), ("big5hkscs", _PART_BIG5))
        if _decodes(path, codec)
    ]
    share, best = max(shares, key=lambda one: one[0], default=(0.0, ""))
    return best if share >= _LEAST_COMMON else None


def _nearly_utf8(sample: bytes) -> bool:
    """Whether a text is UTF-8 but for a few broken characters: it is damaged, not of another encoding."""
    text = sample.decode("utf-8", errors="replace")
    wide = sum(ord(character) > _LAST_LATIN for character in text)
    broken = text.count("\ufffd")
    return wide - broken > 3 * broken


def _common_share(sample: bytes, codec: str, common: frozenset[str]) -> float:
    text = codecs.getincrementaldecoder(codec)().decode(sample)
    wide = [character for character in text if ord(character) > _LAST_LATIN and character not in _SIGNS]
    if len(wide) < _FEW:
        return 1.0 if codec == "gb18030" else 0.0
    return sum(character in common for character in wide) / len(wide)


@functools.cache
def _everyday(codec: str, first: int, last: int) -> frozenset[str]:
    """List the characters of the everyday part of a character set."""
    pairs = (bytes((high, low)) for high in range(first, last + 1) for low in range(0x40, 0xFF))
    return frozenset("".join(pair.decode(codec, errors="ignore") for pair in pairs))


_LAST_LATIN: Final = 0x2FF
_SIGNS: Final = frozenset(
    "，。、；：？！“”‘’（）《》〈〉【】〔〕〖〗「」『』…—～·￥％×－／＋　０１２３４５６７８９"
)
_CHINESE: Final = frozenset({"gb18030", "gbk", "gb2312", "hz", "big5", "big5hkscs", "cp950"})


def shown_name(codec: str) -> str:
    """Return the encoding's name as people write it."""
    return _NAMES.get(codec, codec.upper().replace("_", "-"))


def separator_of(path: Path, codec: str) -> str:
    """Return the separator under which most of the first records have the same number of cells."""
    with path.open("r", encoding=codec, newline="") as file:
        sample = file.read(_SAMPLE_BYTES)
    said = _SEPARATOR_LINE.match(sample)
    if said is not None:
        return said[1]
    sample = sample[: sample.rfind("\n") + 1] or sample
    best, best_score = SEPARATORS[0], (0, 0)
    for separator in SEPARATORS:
        widths: Counter[int] = Counter()
        for number, record in enumerate(csv.reader(io.StringIO(sample, newline=""), delimiter=separator)):
            if number == _SAMPLE_RECORDS:
                break
            if len(record) > 1:
                widths[len(record)] += 1
        if widths:
            width, times = widths.most_common(1)[0]
            if (times, width) > best_score:
                best, best_score = separator, (times, width)
    return best


def rows(path: Path, codec: str, separator: str) -> Iterator[Row]:
    """Read the rows, numbered as a spreadsheet program numbers them: a quoted line break makes no row.

    Raises:
        FileRefused: `text_damaged`, a quotation mark was never closed; `too_many_columns`.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open("r", encoding=codec, newline="") as file:
        begin = _separator_line(file)
        reader = csv.reader(file, delimiter=separator)
        before = now = number = 0
        try:
            for number, row in enumerate(reader, start=1):
                if len(row) > MAX_COLUMNS:
                    raise FileRefused("too_many_columns", limit=MAX_COLUMNS)
                yield number, cast("list[Cell]", row)
                before, now = now, reader.line_num
        except csv.Error as error:
            raise FileRefused("text_damaged", row=number + 1) from error
        if now - before > 1:
            file.seek(0)
            _refuse_open_quote(islice(file, begin + before, None), separator, number)


def lines_of(path: Path) -> int:
    """Count line ends, which is about as many rows."""
    lines = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            lines += block.count(b"\n") or block.count(b"\r")
    return lines


def _separator_line(file: TextIO) -> int:
    """Pass over the line that only says the separator; return how many lines that was."""
    if _SEPARATOR_LINE.match(file.readline(_LONGEST_SEPARATOR_LINE)):
        return 1
    file.seek(0)
    return 0


def _refuse_open_quote(lines: Iterable[str], separator: str, row: int) -> None:
    """Refuse a last record that goes on to the end of the file, all rows in one cell.

    Raises:
        FileRefused: `text_damaged`, its quotation mark is never closed.
    """
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as error:
        if "end of data" in str(error):
            raise FileRefused("text_damaged", row=row) from error


def _wide_codec(sample: bytes) -> str:
    """Tell the two byte orders of UTF-16 by where the zeros of digits and commas stand."""
    high_first = sample[0::2].count(0)
    low_first = sample[1::2].count(0)
    if max(high_first, low_first) < 4 * min(high_first, low_first) + 1 or 8 * sample.count(0) < len(sample):
        before = sample[: sample.index(0)]
        if _CONTROLS.isdisjoint(before.decode("latin-1")):
            raise FileRefused("text_damaged", row=before.count(b"\n") + 1)
        raise FileRefused("not_a_spreadsheet", kind="unknown")
    return "utf-16-be" if high_first > low_first else "utf-16-le"


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _checked(path: Path, codec: str) -> str:
    """Hold a file against the encoding that it seems to name itself."""
    if not _decodes(path, codec):
        raise FileRefused("encoding_unknown")
    return _of_text(path, codec)


def _of_text(path: Path, codec: str) -> str:
    """Refuse what decodes but is no text: control characters in its first lines."""
    with path.open("r", encoding=codec, newline="") as file:
        if not _CONTROLS.isdisjoint(file.read(_SAMPLE_BYTES)):
            raise FileRefused("not_a_spreadsheet", kind="unknown")
    return codec
