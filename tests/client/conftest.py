from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.sync.office import Office, an_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with a reporter and a reviewer, enrolled with a platform that nobody asks."""
    made = an_office(tmp_path / "desk")
    yield made
    made.desk.close()
