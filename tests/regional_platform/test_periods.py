"""Zero reports: nothing of an item happened in a period."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from forms.catalog.loader import load_set
from regional_platform.settings import find_resources

CATALOG = load_set(find_resources() / "catalogs" / "2026.1")
MONTHLY = next(code for code, item in CATALOG.items.items() if item.cycle == "月" and item.deadline is None)
UNIT = "350200-01"


@pytest.fixture(scope="module")
def served(shared):
    """A platform on the first of June 2026, ten in the morning."""
    wanted = datetime(2026, 6, 1, 2, tzinfo=UTC)
    shared.clock.turn(seconds=(wanted - shared.clock()).total_seconds())
    return shared


def said(answer):
    code = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
    return (answer.status_code, code)


@pytest.fixture
def zero(tools):
    def body(period="2026-05", **changed):
        made = {"report_id": tools.new_id(), "unit": UNIT, "item": MONTHLY, "period": period}
        return {**made, **changed}

    return body


def test_a_zero_report_is_made_once_and_withdrawn_with_a_reason(served, zero):
    unit = "350200-02"  # nobody else's here
    desk, other = served.desk(unit), served.desk("350600-01")
    body = zero(unit=unit)

    made, again = (desk.call("POST", "/v1/zero-reports", json=body) for _ in range(2))
    changed = desk.call("POST", "/v1/zero-reports", json={**body, "period": "2026-04"})
    doubled = desk.call("POST", "/v1/zero-reports", json=zero(unit=unit))
    path = f"/v1/zero-reports/{body['report_id']}/withdrawal"
    strange = other.call("PUT", path, json={"reason": "不归我"})
    gone = desk.call("PUT", path, json={"reason": "后来查到有数据"})
    anew = desk.call("POST", "/v1/zero-reports", json=zero(unit=unit))
    listed = desk.call("GET", f"/v1/zero-reports?unit={unit}&period=2026-05").json()["zero_reports"]

    assert (made.status_code, again.json()) == (201, made.json())
    assert said(changed) == (422, "key-reused")
    assert said(doubled) == (409, "already-declared")
    assert said(strange) == (404, "zero-report-unknown")
    assert (gone.json()["withdrawn_why"], anew.status_code) == ("后来查到有数据", 201)
    assert len(listed) == 2
    assert said(other.call("GET", f"/v1/zero-reports?unit={unit}")) == (403, "not-authorised")
    with pytest.raises(DBAPIError, match="append-only"), served.platform.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM zero_report")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"period": "2026-06"}, (409, "period-not-over"), id="a period that is not over"),
        pytest.param({"period": "2026-06", "early": True}, (201, ""), id="not over, and said so"),
        pytest.param({"period": "2026-Q1"}, (422, "period-unfit"), id="another kind of period"),
        pytest.param({"period": "2026-13"}, (400, "malformed"), id="a month that there is not"),
        pytest.param({"item": "XZCF_FR"}, (422, "period-unfit"), id="an item without a cycle"),
        pytest.param({"item": "NO_SUCH"}, (404, "item-unknown"), id="no such item"),
        pytest.param({"unit": "350600-01"}, (403, "not-authorised"), id="another unit"),
        pytest.param({"unit": "350200-01-01"}, (201, ""), id="the own station"),
        pytest.param({"unit": "nowhere"}, (404, "unit-unknown"), id="no such unit"),
    ],
)
def test_a_zero_report_that_cannot_be_is_refused(served, zero, changed, expected):

    assert said(served.desk().call("POST", "/v1/zero-reports", json=zero(**changed))) == expected


def decided(desk, n, on, **changed):
    """A penalty that was decided on a day of 2026."""
    days = {"CF_JDRQ": f"2026-{on}", "CF_YXQ": "2027-05-01"}
    return desk.content(n, payload={**days, **changed})


def test_no_zero_report_for_a_period_with_records(served, zero):
    """Held against the table itself: records of the item are there."""
    unit = "350500-01"  # nobody else's here
    desk = served.desk(unit)
    content = decided(desk, 0, "05-20")
    desk.send([content])
    desk.stages([content["version_id"]])
    with served.platform.store.writing() as connection:
        connection.exec_driver_sql(f"UPDATE record SET item = '{MONTHLY}' WHERE unit = '{unit}'")

    may, april = (
        desk.call("POST", "/v1/zero-reports", json=zero(f"2026-{m}", unit=unit)) for m in ("05", "04")
    )

    assert (said(may), said(april)) == ((409, "period-has-records"), (201, ""))
