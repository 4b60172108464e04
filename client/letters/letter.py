"""One official letter: from its template and values to .docx, and from the filled .docx to PDF.

The PDF is laid out from the .docx, so that what a department changed in its template shows in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from client.letters.docx_blocks import Grid, Paper, Para, read_paper
from client.letters.faces import Faces, numbered, printable
from client.letters.flow import lay_out
from client.letters.paper import Imprint, draw
from client.letters.refusal import refuse_unprintable
from client.letters.templates import render

DRAFT_MARK: Final = "草稿"
VOID_MARK: Final = "作废"
_PRIVATE: Final = frozenset("\ue000\ue001\ue002")


@dataclass(frozen=True, slots=True)
class Printed:
    """What a PDF has become.

    Attributes:
        sheets: how many.
        not_shown: codes of what the .docx has and the PDF does not show, see `docx_blocks.NOT_SHOWN`.
    """

    sheets: int
    not_shown: tuple[str, ...]


def letter_docx(template: bytes, kind: str, values: Mapping[str, Any]) -> bytes:
    """Fill a template in; raises FileRefused as `templates.render`."""
    return render(template, kind, values)


def letter_pdf(
    path: Path,
    content: bytes,
    *,
    unit: str,
    mark: str = "",
    numbers: bool = False,
    faces: Faces | None = None,
) -> Printed:
    """Write a filled .docx as a PDF.

    Args:
        path: of the file to write.
        content: of the .docx.
        unit: whose letter it is.
        mark: written across every sheet.
        numbers: signs that no face has are printed as their numbers.
        faces: by default the packaged ones and the system's.

    Raises:
        FileRefused: ``signs_unprintable`` with the signs, unless `numbers`.
        OSError: the disk says no.
    """
    faces = faces or Faces()
    paper = read_paper(content)
    lacking = "".join(sign for sign in faces.lacking(_texts(paper)) if sign not in _PRIVATE)
    if not numbers:
        refuse_unprintable(lacking)
    sheets = lay_out(paper, faces, lambda text: numbered(printable(text), lacking))
    title = paper.title or next((para.text for para in paper.body if isinstance(para, Para)), "")
    draw(path, sheets, Imprint(title=title, unit=unit, made="", mark=mark), faces)
    return Printed(len(sheets), paper.not_shown)


def _texts(paper: Paper) -> list[str]:
    paras = [*paper.head, *paper.foot]
    for block in paper.body:
        if isinstance(block, Grid):
            paras += [para for row in block.rows for box in row for para in box.paras]
        else:
            paras.append(block)
    return [para.text for para in paras]
