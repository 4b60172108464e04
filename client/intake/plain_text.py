"""Text files as tables: which encoding, which separator, and the rows. Knows no workbook.

Nothing is decoded with replacement characters: a byte that does not fit refuses the file.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import charset_normalizer

from client.errors import FileRefused

SEPARATORS: Final = (",", "\t", ";")

_BOMS: Final = (
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
    "gb18030": "GB18030",
}
_SAMPLE_BYTES: Final = 1 << 16
_BLOCK_BYTES: Final = 1 << 20
_SAMPLE_RECORDS: Final = 50
_LONGEST_FIELD: Final = 1 << 20
"""Characters; more in one cell means a quotation mark that was never closed."""

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
    for codec in ("utf-8", "gb18030"):
        if _decodes(path, codec):
            return _checked(path, codec)
    # Guessing by statistics comes last: on short tables it takes GBK for anything.
    best = charset_normalizer.from_bytes(sample).best()
    if best is None or not _decodes(path, best.encoding):
        raise FileRefused("encoding_unknown")
    return _checked(path, best.encoding)


def shown_name(codec: str) -> str:
    """Return the encoding's name as people write it."""
    return _NAMES.get(codec, codec.upper().replace("_", "-"))


def separator_of(path: Path, codec: str) -> str:
    """Return the separator under which most of the first records have the same number of cells."""
    with path.open("r", encoding=codec, newline="") as file:
        sample = file.read(_SAMPLE_BYTES)
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


def rows(path: Path, codec: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Read the rows, numbered as a spreadsheet program numbers them: a quoted line break makes no row.

    Raises:
        FileRefused: `text_damaged`, a quotation mark was never closed.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open("r", encoding=codec, newline="") as file:
        reader = csv.reader(file, delimiter=separator)
        try:
            yield from enumerate(reader, start=1)
        except csv.Error as error:
            raise FileRefused("text_damaged", row=reader.line_num) from error


def _wide_codec(sample: bytes) -> str:
    """Tell the two byte orders of UTF-16 by where the zeros of digits and commas stand."""
    high_first = sample[0::2].count(0)
    low_first = sample[1::2].count(0)
    if max(high_first, low_first) < 4 * min(high_first, low_first) + 1:
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
    """Refuse what decodes but is no text: control characters in its first lines."""
    if not _decodes(path, codec):
        raise FileRefused("encoding_unknown")
    with path.open("r", encoding=codec, newline="") as file:
        if not _CONTROLS.isdisjoint(file.read(_SAMPLE_BYTES)):
            raise FileRefused("not_a_spreadsheet", kind="unknown")
    return codec
