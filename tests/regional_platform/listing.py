"""Records of list items as a desk sends them."""

from __future__ import annotations

from typing import Any

from regional_platform.catalogs import load_catalogs
from regional_platform.settings import find_resources

ITEMS = load_catalogs(find_resources()).current.items
PERSON, OTHER = "110101199003070011", "110101199003070097"


def of_item(desk: Any, code: str, **payload: Any) -> dict[str, Any]:
    """A record of an item; None leaves a field out."""
    item = ITEMS[code]
    filled = {name: value for name, value in payload.items() if value is not None}
    return {**desk.content(), "catalog": item.ref, "item_sha256": item.digest, "payload": filled}


def code_of(n: int) -> str:
    """The list that `black` puts subject number `n` on: tests on one platform leave each other alone."""
    return f"B{n + 2:02d}"


def black(desk: Any, n: int = 0, **changed: Any) -> dict[str, Any]:
    """Company number `n` on the list `code_of(n)`."""
    subject = desk.subject(n)
    return of_item(desk, "BLACK_FR", **{
        "A_NAME": subject["name"], "A_USCC": subject["code"],
        "LEGAL_REPRESENTATIVE": subject["representative"], "DATA_SOURCE": desk.unit["name"],
        "DATA_CATEGORY": code_of(n), "CASE_NO": f"厦示列〔2026〕{desk.first + n}号",
        "EXECUTE_DEPT": desk.unit["name"], "PUBLISH_DATE": "2026-01-05", **changed,
    })  # fmt: skip


def person(desk: Any, number: str = PERSON, code: str = "B01") -> dict[str, Any]:
    """A person on a list, 失信被执行人 (B01) if not said otherwise."""
    return of_item(
        desk, "BLACK_ZRR", B_NAME="林晓岚", B_ID=number, DATA_SOURCE=desk.unit["name"], DATA_CATEGORY=code,
        CASE_NO=f"(2026)闽02执{desk.first}号", EXECUTE_DEPT="示范法院", PUBLISH_DATE="2026-02-05",
    )  # fmt: skip


def abnormal(desk: Any, n: int = 0, **changed: Any) -> dict[str, Any]:
    """A company on 经营异常名录."""
    subject = desk.subject(n)
    return of_item(desk, "JYYC", **{
        "QYMC": subject["name"], "TYSHXYDM": subject["code"], "LRYYLX": "未按期公示年度报告",
        "LRRQ": "2026-01-05", "LRJDJG": desk.unit["name"], "SJLY": desk.unit["name"], **changed,
    })  # fmt: skip


def stored(desk: Any, *contents: dict[str, Any]) -> dict[str, Any]:
    """Send contents, wait until all are stored, and return the first."""
    receipts = desk.send(contents)
    assert all(one["outcome"].startswith("accepted") for one in receipts), receipts
    desk.stages([one["version_id"] for one in contents])
    return contents[0]
