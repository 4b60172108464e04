"""Where a long title is broken: a label has two short lines beside its box, and no torn words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from forms.catalog.schema import CatalogSet, Field
from forms.qt.inputs import Line
from forms.qt.rows import LABEL_CHARACTERS, label_text

MakeField = Callable[..., Field]


@pytest.mark.parametrize(
    ("title", "label"),
    [
        pytest.param("行政处罚决定书文号", "行政处罚决定书文号", id="nine characters fit"),
        pytest.param(
            "行政相对人代码_2(工商注册号)", "行政相对人代码_2\n(工商注册号)", id="a bracket at the end"
        ),
        pytest.param("经营(营业)截止日期", "经营(营业)\n截止日期", id="a bracket in the middle"),
        pytest.param("乙方统一社会信用代码", "乙方\n统一社会信用代码", id="a known word stays whole"),
        pytest.param(
            "没收违法所得、没收非法财物的金额", "没收违法所得、\n没收非法财物的金额", id="after a comma"
        ),
        pytest.param("一二三四五六七八九十甲", "一二三四五六\n七八九十甲", id="else in the middle"),
    ],
)
def test_a_long_title_is_broken_where_it_reads_well(field_of: MakeField, title: str, label: str):
    assert label_text(field_of("string", title=title)) == label


def test_every_title_of_the_catalog_that_can_has_two_lines_at_most(catalog: CatalogSet):
    short = [
        f for item in catalog.items.values() for f in item.fields if len(f.title) <= 2 * LABEL_CHARACTERS
    ]
    lines = [line for field in short for line in label_text(field).split("\n")]

    assert all(label_text(field).replace("\n", "") in field.title for field in short)
    assert [line for line in lines if len(line) > 2 * LABEL_CHARACTERS] == []


def test_what_stands_at_the_end_of_a_box_gives_way_to_what_is_written(qtbot: QtBot):
    line = Line()
    qtbot.addWidget(line)
    line.resize(160, 30)
    line.show()
    line.say("= 12,500 元")
    side = line.findChild(QLabel)
    assert side is not None
    shown = side.isVisible()

    qtbot.keyClicks(line, "123456789012345678901234")

    assert shown
    assert not side.isVisible()
    assert line.said() == "= 12,500 元"
    assert line.textMargins().right() == 0
