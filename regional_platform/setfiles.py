"""Catalog sets as they arrive at the platform: unpacked and held against their signature."""

from __future__ import annotations

import io
from collections.abc import Collection
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from forms.catalog.loader import CatalogError, verify_set
from forms.catalog.schema import CatalogSet
from forms.catalog.setfile import NotASetFile, is_set_name, opened
from regional_platform.problems import Fault, Refusal

_SENTENCES: Final = {"none": "不是有效的 zip 文件。", "too_big": "文件太多或太大。"}


def unpack(content: bytes, folder: Path) -> None:
    """Write the files of a zip into a folder; nothing that is not of a set, and no more than is bounded.

    Raises:
        Refusal: catalog-unsound.
    """
    try:
        with opened(io.BytesIO(content)) as reads:
            for name, read in reads.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(read())
    except NotASetFile as error:
        raise unsound(_SENTENCES[error.code]) from error


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
    if not is_set_name(known.name):
        raise unsound("目录集名称不合规。")
    if known.signature is None or known.signature.until < today:
        raise unsound("签名已过期。")
    return known


def unsound(sentence: str) -> Refusal:
    """The refusal of a file that is no sound set."""
    return Refusal("catalog-unsound", errors=[Fault("#", "unsound", sentence)])
