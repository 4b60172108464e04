"""Reading a PDF back: its text, as it would be searched and copied, and its pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest


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
