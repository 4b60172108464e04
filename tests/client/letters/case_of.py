"""A case as the platform tells it, and what a desk knows beside it: for tests of letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from client.core.letters import Stationery
from client.errors import NotAllowed
from client.letters.values import Known, Office
from client.paths import resources
from forms.catalog.loader import load_set
from forms.catalog.schema import CatalogSet, Item
from forms.law import clocks
from forms.law.calendar import Calendar
from forms.law.codes import load_words
from forms.law.rulesets import load

CASE_ID = "019abcde-0000-7000-8000-000000000001"
ON = date(2026, 9, 18)
DECISION = {
    "disputes": [
        {"record_id": "r1", "field": "CF_NR_FK", "finding": "correct_to", "value": "0.05"},
        {"record_id": "r1", "field": "CF_WSH", "finding": "stands"},
    ],
    "text": "经查阅案卷原件，决定书载明罚款五百元，登记时多录一位",
}
EVENTS = (
    ("received", "2026-09-17", {}),
    (
        "supplement_asked", "2026-09-17",
        {"items": ["加盖公章的授权委托书", "决定书复印件"], "until": "2026-09-25"},
    ),
    ("accepted", "2026-09-18", {}),
    (
        "transferred", "2026-09-21",
        {"from_unit": "a", "to_unit": "QZ-GAJ", "reason": "该处罚由泉州市样例公安局作出"},
    ),
    ("refused", "2026-09-21", {"code": "other", "text": "不属于公共信用信息异议的范围"}),
    ("decided", "2026-09-21", {}),
)  # fmt: skip


def a_case(*events: str, **more: Any) -> dict[str, Any]:
    """A case with these events, in their order; `more` goes over what it says."""
    values = {
        "CF_XDR_MC": "海湾样例商贸有限公司", "CF_XDR_SHXYM": "91350200MA2XW4JP5T",
        "CF_WSH": "海监罚决〔2026〕12号", "CF_JDRQ": "2026-03-02", "CF_NR_FK": "0.5",
    }  # fmt: skip
    told = [one for one in EVENTS if one[0] in events]
    return {
        "case_id": CASE_ID, "kind": "objection", "application_id": None,
        "taken_in_at": "2026-09-17T02:00:00.000Z",
        "applicant": {
            "name": "吴昊天", "id_kind": "1", "id_number": "350203199001011234", "phone": "0592-0000",
        },
        "agent": None,
        "materials": [{"kind": "identity", "name": "", "sha256": None}],
        "statement": "罚款金额多写了一位<&>",
        "records": [
            {
                "record_id": "r1", "reason_code": "wrong_information", "version_id": "v1",
                "catalog": "XZCF_FR@2026.1", "payload": values,
                "disputes": [
                    {"field": "CF_NR_FK", "old": "0.5", "claimed": "0.05"},
                    {"field": "CF_WSH", "old": "海监罚决〔2026〕12号",
                     "claimed": "海监罚决〔2026〕21号"},
                ],
                "evidence": [
                    {"sha256": "0" * 64, "size": 3, "name": "决定书.pdf", "media_type": "application/pdf"}
                ],
            }
        ],
        "repair": {"severity": "ordinary", "published_on": "2026-01-05", "fulfilled_on": "2026-03-01",
                   "committed": True},
        "state": "opened", "stage": "accepted", "revision": CASE_ID, "unit": "XM-SCJG",
        "hall_unit": "ZZ-HALL", "owner": None,
        "opened_at": "2026-09-17T02:00:01.000Z", "closed_at": None, "due_on": None,
        "decision": None, "due_certain": False, "rules": {"platform": None, "provider": None},
        "events": [
            {"event_id": f"e{n}", "kind": kind, "on": on, "at": f"{on}T02:00:00.000Z", "unit": "XM-SCJG",
             "operator": "o1", "data": data}
            for n, (kind, on, data) in enumerate(told)
        ],
    } | more  # fmt: skip


@cache
def catalog() -> CatalogSet:
    """The catalog set that comes with the program."""
    return load_set(resources() / "catalogs" / "2026.1")


def item_of(ref: str) -> Item:
    """An item, as a desk finds it."""
    try:
        return catalog().items[ref.partition("@")[0]]
    except KeyError as error:
        raise NotAllowed("catalog_unknown", item=ref) from error


@cache
def _rules() -> Any:
    return load(resources() / "legal" / "rules")


def known(case: dict[str, Any], rules: str = "shenzhen-objection", *, confirmed: bool = True) -> Known:
    """What a desk that follows these rules knows."""
    rule_set = _rules()[rules]
    dues: Sequence[clocks.Due] = clocks.all_due(
        rule_set, clocks.events_of(case["events"]), Calendar.load(resources() / "calendars"), ON
    )
    return Known(
        item_of, load_words(resources() / "legal"), rule_set, confirmed, dues, {"1": "身份证"}, DECISION
    )


SET = Stationery("海监", "A", "0592-0000000", "海湾区样例路1号")
OFFICE = Office(
    "海湾区样例监督管理局", "林晓", "0592-0000000", "海湾区样例路1号",
    {"XM-SCJG": "海湾区样例监督管理局", "QZ-GAJ": "泉州市样例公安局"},
)  # fmt: skip
