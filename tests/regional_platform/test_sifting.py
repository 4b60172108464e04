"""A batch that is looked over together says of each item what is said of it alone."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from forms.catalog.loader import load_set
from forms.seal.canonical import canonical
from forms.seal.content import CONTENT_KEYS
from regional_platform.catalogs import Catalogs
from regional_platform.pipeline import sifting
from regional_platform.pipeline.incoming import read_items
from regional_platform.settings import find_resources
from tests.forms.catalog.sampling import a_breach, a_sample

TODAY = date(2026, 11, 24)
SET = load_set(find_resources() / "catalogs" / "2026.1")
CATALOGS = Catalogs({SET.name: SET})
ODD: list[Any] = [None, "", " ", [], {}, True, 7, ["zz"], ["01", "01"], [["01"]], {"code": "9", "text": "甲"}]
ANSWER = {"path": "", "code": "same_act", "reason": "两笔"}


def an_item(place: int, code: str, payload: dict[str, Any], **other: Any) -> dict[str, Any]:
    one = f"018f0000-0000-7000-8000-{place:012d}"
    item = SET.items[code]
    return {
        "record_id": one, "version_id": one, "parent": None, "op": "create", "catalog": item.ref,
        "item_sha256": item.digest, "payload": payload, "answers": [], "reason": None, "evidence": [],
        "case_id": None, "approval": {"id": one, "place": place}, **other,
    }  # fmt: skip


def payloads(code: str, dice: random.Random) -> list[dict[str, Any]]:
    item = SET.items[code]
    right = [a_sample(item, dice=dice, full=dice.random() < 0.5) for _ in range(6)]
    wrong = [a_breach(item, field, rule, TODAY) for field in item.fields[:6] for rule in field.rules[:1]]
    odd = [{**right[0], field.id: dice.choice(ODD)} for field in dice.choices(item.fields, k=4)]
    return [*right, *wrong, *odd, {**right[1], "NO_SUCH": "1"}]


def both(items: list[dict[str, Any]]) -> int:
    """Compare the two ways; returns how many were not looked at alone."""
    contents = [canonical({key: one[key] for key in CONTENT_KEYS}) for one in items]

    together = read_items(items, contents, CATALOGS, TODAY)

    assert together == [read_items([one], [None], CATALOGS, TODAY)[0] for one in items]
    said = [one["payload"] for one in items]
    return len(sifting.sound(SET.items[items[0]["catalog"].partition("@")[0]], said, TODAY))


def test_what_is_found_together_is_what_is_found_alone():
    """Right, wrong and odd records of every item; and right ones of all items in one batch."""
    dice = random.Random(9)
    batch = []
    for code in SET.items:
        made = payloads(code, dice)
        both([an_item(n, code, one) for n, one in enumerate(made)])
        batch += [(code, one) for one in made[:3]]
    dice.shuffle(batch)
    both([an_item(n, code, one) for n, (code, one) in enumerate(batch)])


def test_fines_that_are_right_are_not_looked_at_alone():
    dice = random.Random(5)
    item = SET.items["XZCF_FR"]
    rows = [a_sample(item, dice=dice, full=True) for _ in range(30)]

    assert both([an_item(n, "XZCF_FR", one) for n, one in enumerate(rows)]) == 30


def test_what_is_no_plain_creation_is_looked_at_alone():
    sample = a_sample(SET.items["XZCF_FR"], dice=random.Random(5), full=True)
    other = "018f0000-0000-7000-8000-0000000000ff"
    kinds: list[dict[str, Any]] = [
        {"answers": [ANSWER]}, {"parent": other}, {"reason": {"code": "1", "text": "x"}}, {"op": "withdraw"},
        {"op": "correct", "parent": other, "reason": {"code": "1", "text": "x"}}, {"catalog": "CASE@1"},
        {"item_sha256": "0" * 64}, {"op": "mend"}, {"evidence": [{"sha256": "x"}]},
    ]  # fmt: skip

    both([an_item(n, "XZCF_FR", sample, **kind) for n, kind in enumerate([*kinds, {}])])


def test_the_sieves_used_last_are_kept():
    items = list(SET.items.values())
    first, *others = items[: sifting.MOST_SIEVES + 3]
    sifting.sound(first, [{}], TODAY)
    kept = sifting._SIEVES[id(first), TODAY]
    for item in others:
        sifting.sound(item, [{}], TODAY)
        sifting.sound(first, [{}], TODAY)

    assert len(sifting._SIEVES) == sifting.MOST_SIEVES
    assert sifting._SIEVES[id(first), TODAY] is kept
