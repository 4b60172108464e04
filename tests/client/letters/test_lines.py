from __future__ import annotations

import pytest

from client.letters.lines import wrap


def breadth(sign: str) -> int:
    return 1 if sign.isascii() else 2


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        pytest.param("", 10, [""], id="nothing is an empty line"),
        pytest.param("海湾样例", 8, ["海湾样例"], id="what fits stays"),
        pytest.param("海湾样例商贸", 8, ["海湾样例", "商贸"], id="Chinese breaks anywhere"),
        pytest.param("海湾样例，商贸", 8, ["海湾样", "例，商贸"], id="no comma begins a line"),
        pytest.param("海湾样《例》", 8, ["海湾样", "《例》"], id="no bracket opens at the end"),
        pytest.param("文号 AB123 号", 8, ["文号 ", "AB123 号"], id="a number is not torn"),
        pytest.param("共涉及AB-2026", 12, ["共涉及", "AB-2026"], id="nor at its hyphen"),
        pytest.param("ABCDEFGHIJ", 4, ["ABCD", "EFGH", "IJ"], id="what is wider than the line is"),
        pytest.param("海湾   样例", 4, ["海湾   ", "样例"], id="blanks hang over the edge"),
        pytest.param("一\n\n二", 8, ["一", "", "二"], id="lines of the writer stay"),
        pytest.param("《《《《", 4, ["《《", "《《"], id="where no place is good any will do"),
    ],
)
def test_lines_break_as_chinese_print_does(text, width, lines):
    found = wrap(text, width, breadth)

    assert found == lines
    assert "".join(found) == text.replace("\n", "")
