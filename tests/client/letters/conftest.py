"""Reading a PDF back: its text, as it would be searched and copied, and its pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from client.store import case_documents, cases
from tests.client.letters.case_of import SET, a_case


@pytest.fixture
def pages_of() -> Callable[[Path], list[str]]:
    """Return the text of every sheet, without blanks and line breaks: a wrapped value is whole again."""

    def read(path: Path) -> list[str]:
        document = pypdfium2.PdfDocument(path)
        try:
            return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document]
        finally:
            document.close()

    return read


@pytest.fixture
def bureau(house):
    """A house with one case, whose letters have been set."""
    desk = house.switch("吴昊")
    case_documents.set_stationery(desk, SET)
    with desk.db.transaction() as tx:
        cases.put(desk, tx, a_case("received", "accepted"), desk.now())
    house.switch("林晓")
    return house
