"""Names are found by the letters that people type for them."""

from __future__ import annotations

import pytest

from client.intake.initials import initials, initials_of
from forms.catalog.codesearch import CodeIndex
from forms.catalog.schema import Code


@pytest.mark.parametrize(
    ("name", "letters"), [("厦门市", "xms"), ("漳州市", "zzs"), ("重庆市", "cqs"), ("A级", "Aj")]
)
def test_a_name_has_the_initials_that_people_type(name, letters):
    assert initials(name) == letters


def test_a_code_is_found_by_its_initials():
    codes = [Code("1", "鼓浪屿街道"), Code("2", "中华街道")]

    assert [code.code for code in CodeIndex(codes, initials_of(codes)).find("gly")] == ["1"]
