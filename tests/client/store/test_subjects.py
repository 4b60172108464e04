"""Subjects that the desk has seen, for filling in again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.store import drafts, subjects
from client.store.desk import Desk
from client.store.subjects import Subject

Build = Callable[..., dict[str, Any]]


def found(desk: Desk, text: str, *codes: str) -> list[Subject]:
    wanted = codes or [item.code for item in desk.catalogs.items()]
    return subjects.find(desk.db.reader(), text, wanted, desk.catalogs.item)


@pytest.fixture
def seen(desk: Desk, a_penalty: Build, a_permit: Build) -> list[dict[str, Any]]:
    values = [
        a_penalty(1, CF_XDR_MC="鹭岛（厦门）样例贸易有限公司", CF_FRDB="郑海"),
        a_penalty(2, CF_XDR_MC="榕树样例食品有限公司", CF_FRDB="阿依夏木·买买提"),
        a_penalty(3, CF_XDR_MC="𠮷䶮样例茶业有限公司", CF_FRDB="林䶮"),
    ]
    for one in values:
        drafts.create(desk, "XZCF_FR", one)
    drafts.create(desk, "XZXK_FR", a_permit(1, XK_XDR_MC="鹭岛（厦门）样例贸易有限公司"))
    return values


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("食品", "榕树样例食品有限公司", id="the middle of the name"),
        pytest.param("鹭岛(厦门)", "鹭岛（厦门）样例贸易有限公司", id="other brackets"),
        pytest.param("𠮷䶮", "𠮷䶮样例茶业有限公司", id="characters beyond the basic plane"),
    ],
)
def test_a_subject_is_found_by(desk: Desk, seen: list[dict[str, Any]], text: str, name: str):
    assert [one.name for one in found(desk, text, "XZCF_FR")] == [name]


def test_a_subject_is_found_by_the_beginning_of_its_code(desk: Desk, seen: list[dict[str, Any]]):
    code = seen[1]["CF_XDR_SHXYM"]

    assert [one.name for one in found(desk, code[:17])] == ["榕树样例食品有限公司"]
    assert found(desk, code[6:]) == []


def test_it_comes_with_code_representative_and_the_last_time(desk: Desk, seen: list[dict[str, Any]]):
    (one,) = found(desk, "榕树")

    assert (one.code, one.representative) == (seen[1]["CF_XDR_SHXYM"], "阿依夏木·买买提")
    assert one.used_at.startswith("20")


def test_the_newest_first_and_each_once(desk: Desk, seen: list[dict[str, Any]]):
    drafts.create(desk, "XZCF_FR", seen[0] | {"CF_FRDB": "新负责人"})

    names = [(one.name, one.representative) for one in found(desk, "", "XZCF_FR")]
    assert names[0] == ("鹭岛（厦门）样例贸易有限公司", "新负责人")
    assert len(names) == 3


def test_a_draft_that_was_thrown_away_offers_nothing(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(9, CF_XDR_MC="打错样例公司"))
    drafts.delete(desk, [record_id])

    assert found(desk, "打错") == []


def test_signs_of_the_query_language_are_only_signs(desk: Desk, seen: list[dict[str, Any]]):
    assert found(desk, "%") == found(desk, "\\") == found(desk, "' OR 1=1 --") == []


def test_only_records_of_the_items_that_are_asked_for(desk: Desk, seen: list[dict[str, Any]]):
    assert found(desk, "榕树", "XZXK_FR") == []
    assert len(found(desk, "鹭岛", "XZXK_FR")) == 1


def test_every_item_about_an_organisation_names_who_stands_for_it(desk: Desk):
    items = [item for item in desk.catalogs.items() if item.code in {"XZCF_FR", "XZXK_FR"}]

    assert [subjects.representative_field(item) for item in items] == ["CF_FRDB", "XK_FRDB"]


def test_a_subject_of_an_item_that_is_gone_keeps_name_and_code(desk: Desk, seen: list[dict[str, Any]]):
    with desk.db.transaction() as tx:
        tx.execute("UPDATE record SET item = 'GONE' WHERE subject_name LIKE '榕树%'")

    (one,) = found(desk, "榕树", "GONE")
    assert (one.code, one.representative) == (seen[1]["CF_XDR_SHXYM"], "")
