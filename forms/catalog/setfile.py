"""A catalog set as one file: a zip of `set.json`, `set.sig`, `sources.json`, `items/` and `codesets/`.

The platform makes and takes it, a desk takes it: what is in one, and how large it may be, is said here once.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Literal

from forms.catalog.schema import CatalogSet
from forms.catalog.sealing import HEAD, SIGNATURE, place_of

MOST_BYTES: Final = 64_000_000
MOST_FILES: Final = 5_000

_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_FILE: Final = re.compile(r"(set\.json|set\.sig|sources\.json|(items|codesets)/[\w.-]{1,80}\.json)")
_SAME_TIME: Final = (1980, 1, 1, 0, 0, 0)

Reads = Mapping[str, Callable[[], bytes]]
"""Name of a file in the set → what reads it."""


class NotASetFile(ValueError):
    """The file is no set: ``none``, or ``too_big``."""

    def __init__(self, code: Literal["none", "too_big"]) -> None:
        super().__init__(code)
        self.code = code


def is_set_name(name: str) -> bool:
    """Say whether a set may have this name: it becomes the name of a folder."""
    return _NAME.fullmatch(name) is not None


def is_of_a_set(name: str) -> bool:
    """Say whether a set may have a file of this name."""
    return _FILE.fullmatch(name) is not None


def refuse_too_big(sizes: Iterable[int]) -> None:
    """Hold the sizes of all files of a set, in bytes, against what one may have.

    Raises:
        NotASetFile: too_big.
    """
    known = list(sizes)
    if sum(known) > MOST_BYTES or len(known) > MOST_FILES:
        raise NotASetFile("too_big")


def packed(known: CatalogSet) -> bytes:
    """Make the zip of a set that lies in a folder; the same set gives the same bytes."""
    assert known.directory is not None
    names = [HEAD, SIGNATURE, "sources.json"]
    names += [f"items/{code}.json" for code in known.entries]
    names += [f"codesets/{one}.json" for one in known.code_sets]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name in names:
            own = known.directory / name
            path = own if name.startswith(("set.", "items/")) else place_of(known.directory, name)
            package.writestr(zipfile.ZipInfo(name, _SAME_TIME), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return made.getvalue()


@contextmanager
def opened(source: Path | IO[bytes]) -> Iterator[Reads]:
    """Open the zip of a set, also one that has it in a folder; what is not of a set is passed over.

    Raises:
        NotASetFile: also from inside, when a file that is read turns out to be damaged.
        OSError: the file cannot be read.
    """
    try:
        with zipfile.ZipFile(source) as package:
            heads = (one.filename for one in package.infolist() if one.filename.endswith(HEAD))
            root = min(heads, key=len, default="").removesuffix(HEAD)
            listed = {
                one.filename.removeprefix(root): one
                for one in package.infolist()
                if one.filename.startswith(root) and is_of_a_set(one.filename.removeprefix(root))
            }
            refuse_too_big(one.file_size for one in listed.values())
            yield {name: _reading(package, one) for name, one in listed.items()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise NotASetFile("none") from error


def _reading(package: zipfile.ZipFile, one: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        # Never more than the list of the package says: that is what was bounded.
        with package.open(one) as stream:
            return stream.read(one.file_size)

    return read
