"""Among all 151 items, a table is recognised by its headings."""

from __future__ import annotations

import pytest

from client.intake.headings import find
from client.intake.preview import preview
from client.intake.template import write_template

ALIKE = {"YS_ZYZC": "HS_ZYZC"}
"""Items with the same headings, word for word: only a person can tell which is meant."""


def test_each_item_is_known_by_its_own_headings(catalog):
    items = tuple(catalog.items.values())
    for item in items[::3]:
        header = find([(1, [item.name]), (2, [field.title for field in item.fields])], items)
        assert header is not None
        assert header.item in {item.code, ALIKE.get(item.code)}
        assert header.matched == len(item.fields)


@pytest.mark.parametrize("code", ["XYCN", "SXBZXR", "QYNB", "XZQZ", "SCZT"])
def test_a_template_comes_home_as_its_item(code, catalog, tmp_path):
    item = catalog.items[code]
    write_template(item, tmp_path / "模板.xlsx")
    best = preview(tmp_path / "模板.xlsx", catalog).sheets[0]

    assert best.header is not None
    assert best.header.item == code
    assert {heading.field for heading in best.header.headings} == set(item.by_id)
