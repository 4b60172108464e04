"""What comes from outside the program into the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from client.core.ids import NewId
from client.store.desk import Catalogs
from client.ui.session import Halves


@dataclass(frozen=True, slots=True)
class World:
    """What comes from outside the program, passed in so that a test can say what it is."""

    clock: Callable[[], datetime]
    new_id: NewId
    catalogs: Catalogs
    halves: Halves
