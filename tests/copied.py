"""What is dear to make and made by many tests is made once a process, and copied from then on."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

_Said = TypeVar("_Said")
_MADE: dict[Hashable, tuple[Path, Any]] = {}


def copied(folder: Path, key: Hashable, make: Callable[[Path], _Said]) -> _Said:
    """Fill a folder with what `make` puts into one, and return what it returned the only time it was asked.

    Args:
        folder: need not exist.
        key: what is the same under it may be made by any of those who ask.
        make: leaves nothing open behind.
    """
    if key not in _MADE:
        kept = Path(tempfile.mkdtemp(prefix="minxin-tests-"))
        atexit.register(shutil.rmtree, kept, ignore_errors=True)
        _MADE[key] = kept / "made", make(kept / "made")
    made, said = _MADE[key]
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return said  # type: ignore[no-any-return]
