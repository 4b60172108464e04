"""A catalog set as one file: a zip of `set.json`, `set.sig`, `sources.json`, `items/` and `codesets/`."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from forms.catalog.loader import CatalogError, verify_set
from forms.catalog.schema import CatalogSet
from forms.catalog.sealing import HEAD, SIGNATURE, place_of
from regional_platform.problems import Fault, Refusal

MOST_BYTES: Final = 64_000_000
MOST_FILES: Final = 5_000
_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_FILE: Final = re.compile(r"(set\.json|set\.sig|sources\.json|(items|codesets)/[\w.-]{1,80}\.json)")
_SAME_TIME: Final = (1980, 1, 1, 0, 0, 0)


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


def unpack(content: bytes, folder: Path) -> None:
    """Write the files of a zip into a folder; nothing that is not of a set, and no more than is bounded.

    Raises:
        Refusal: catalog-unsound.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            listed = [one for one in package.infolist() if _FILE.fullmatch(one.filename)]
            if sum(one.file_size for one in listed) > MOST_BYTES or len(listed) > MOST_FILES:
                raise unsound("文件太多或太大。")
            for one in listed:
                path = folder / one.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                with package.open(one) as stream:  # never more than was bounded
                    path.write_bytes(stream.read(one.file_size))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise unsound("不是有效的 zip 文件。") from error


def verified(content: bytes, trusted: Collection[str], today: date) -> CatalogSet:
    """Hold every file of a set against its signature and what a catalog may say.

    The set that is returned tells its name and dates; its files are gone.

    Raises:
        Refusal: catalog-unsound, with every fault.
    """
    with TemporaryDirectory(prefix="minxin-set-") as name:
        # Two levels down: shared files of other sets must not be found beside it.
        folder = Path(name) / "sets" / "one"
        folder.mkdir(parents=True)
        unpack(content, folder)
        try:
            known = verify_set(folder, trusted=trusted)
        except CatalogError as error:
            faults = [Fault(f"#/{one.file}", one.code, str(one)) for one in error.faults[:100]]
            raise Refusal("catalog-unsound", errors=faults) from error
    if not _NAME.fullmatch(known.name):
        raise unsound("目录集名称不合规。")
    if known.signature is None or known.signature.until < today:
        raise unsound("签名已过期。")
    return known


def unsound(sentence: str) -> Refusal:
    """The refusal of a file that is no sound set."""
    return Refusal("catalog-unsound", errors=[Fault("#", "unsound", sentence)])
