"""A record of a list item becomes an entry; in force or not is a function of the date."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forms.catalog.loader import load_set
from forms.lists.book import load_book
from forms.lists.entries import Entry, entry_of, subject_kind

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOG = load_set(RESOURCES / "catalogs" / "2026.1")
BOOK = load_book(RESOURCES, [CATALOG])
STORED = date(2026, 11, 24)
USCC = "9135020070000001X1"
RIC = "11010519491231002X"


def entry(item: str, **values: Any) -> Entry:
    return entry_of(BOOK.rules[item], CATALOG.items[item], values, STORED)


def test_a_general_item_names_its_list_in_a_field():
    made = entry(
        "BLACK_FR", A_NAME="鹭海建材有限公司", A_USCC=USCC.lower(), DATA_CATEGORY="B05",
        CASE_NO="厦交〔2026〕3号", EXECUTE_DEPT="厦门市示范交通局", PUBLISH_DATE="2026-03-01",
        EXPIRATION_DATE="2027-02-28",
    )  # fmt: skip

    assert (made.list, made.subject_kind, made.subject_code) == ("B05", "legal", USCC)
    assert (made.ground, made.keeper, made.document) == (
        "厦交〔2026〕3号", "厦门市示范交通局", "厦交〔2026〕3号",
    )  # fmt: skip
    assert (made.since_on, made.until_on) == (date(2026, 3, 1), date(2027, 2, 28))


@pytest.mark.parametrize(
    ("day", "is_on"),
    [
        pytest.param(date(2026, 2, 28), False, id="the day before"),
        pytest.param(date(2026, 3, 1), True, id="the first day"),
        pytest.param(date(2027, 2, 28), True, id="the last day"),
        pytest.param(date(2027, 3, 1), False, id="the day after"),
    ],
)
def test_an_entry_is_in_force_from_its_first_to_its_last_day(day: date, is_on: bool):
    made = entry("BLACK_FR", DATA_CATEGORY="B05", PUBLISH_DATE="2026-03-01", EXPIRATION_DATE="2027-02-28")

    assert made.in_force(day) is is_on


def test_the_day_of_removal_is_the_first_day_off_the_list():
    made = entry("JYYC", TYSHXYDM=USCC, LRRQ="2025-05-05", YCRQ="2026-05-05", YCYY="已补报", YCJDJG="示范局")

    assert (made.removed_because, made.removed_by) == ("已补报", "示范局")
    assert made.in_force(date(2026, 5, 4))
    assert not made.in_force(date(2026, 5, 5))


def test_long_term_is_no_end():
    made = entry(
        "RED_FR", DATA_CATEGORY="R01", IDENTIFICATION_DATE="2026-01-05", EXPIRATION_DATE="2099-12-31"
    )

    assert made.until_on is None
    assert made.in_force(date(2150, 1, 1))


def test_without_a_first_day_it_is_the_day_of_storing_and_says_so():
    made = entry("ZDSS_SX", TYSHXYDM=USCC)

    assert (made.since_on, made.since_stated) == (STORED, False)


def test_a_date_that_stands_as_text_is_read():
    made = entry("YZWFSX_QY", ABN_TM="2024年3月8日", REM_DT="2026/3/8")

    assert (made.since_on, made.since_stated, made.removed_on) == (date(2024, 3, 8), True, date(2026, 3, 8))


@pytest.mark.parametrize(
    ("item", "code", "kind"),
    [
        pytest.param("BLACK_FR", RIC, "legal", id="an item of legal subjects alone"),
        pytest.param("BLACK_ZRR", "E12345678", "person", id="a passport on an item of persons"),
        pytest.param("SXBZXR", RIC, "person", id="a citizen's number where both may stand"),
        pytest.param("SXBZXR", USCC, "legal", id="a credit code where both may stand"),
        pytest.param("SXBZXR", "350203199003074013", "person", id="a citizen's number mistyped"),
        pytest.param("SXBZXR", "E12345678", "person", id="neither: a person's in doubt"),
        pytest.param("SXBZXR", "", "person", id="nothing at all"),
    ],
)
def test_whose_code_it_is(item: str, code: str, kind: str):
    assert subject_kind(CATALOG.items[item], code, STORED) == kind
