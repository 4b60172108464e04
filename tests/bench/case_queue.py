"""How long a desk with 10,000 open cases takes to open the queue, to filter it and to get the next case.

The limit is 100 ms, up to which a person does not wait. Beside it stands what the same page costs when the
cases themselves are read instead of the narrow rows of the queue.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from client.core.answers import FeedItem
from client.core.times import to_text
from client.store import case_queue, feed
from client.store.case_queue import Filter
from client.store.connection import Connection
from client.store.desk import Catalogs
from forms.catalog.loader import load_set
from tests.client.objections import FINE, an_objection
from tests.client.sync.office import an_office

NAME = "case_queue"
CASES = 10_000
PAGE = 500
LIMIT_MS = 100.0
TRIES = 20
START = datetime(2026, 11, 1, tzinfo=UTC)
SETS = Path(__file__).parents[2] / "resources" / "catalogs" / "2026.1"

Figures = dict[str, float | int | str]


def run() -> Figures:
    """Take the cases in by the feed, then measure each question."""
    with tempfile.TemporaryDirectory() as folder:
        office = an_office(Path(folder) / "desk", Catalogs([load_set(SETS)]))
        begun = time.perf_counter()
        for first in range(0, CASES, PAGE):
            feed.apply(office.desk, office.page(*(_news(n) for n in range(first, first + PAGE))))
        figures: Figures = {"cases": CASES, "taken in, ms a case": _ms(begun) / CASES}
        reader = office.desk.db.reader()
        top = case_queue.page(reader, limit=200)
        asked: dict[str, Callable[[], object]] = {
            "open": lambda: (case_queue.page(reader, limit=200), case_queue.count(reader)),
            "page 40": lambda: case_queue.page(reader, after=_far(reader), limit=200),
            "mine": lambda: case_queue.page(reader, Filter(owner="u03"), limit=200),
            "overdue": lambda: case_queue.page(reader, Filter(overdue_on="2026-11-20"), limit=200),
            "by text, in vain": lambda: case_queue.page(reader, Filter(text="没有这家"), limit=200),
            "by reason": lambda: case_queue.page(reader, Filter(reason="not_mine"), limit=200),
            "next": lambda: case_queue.next_case(reader, "u01", after=top[0].key),
        }
        for name, ask in asked.items():
            figures[f"{name}, median ms"] = _median(ask)
        slowest = max(float(value) for key, value in figures.items() if key.endswith("median ms"))
        figures["slowest : limit of 100 ms"] = slowest / LIMIT_MS
        plain = _median(lambda: _plain(reader))
        figures["open by reading the cases, ms"] = plain
        figures["open : reading the cases"] = float(figures["open, median ms"]) / plain
        office.desk.close()
    return figures


def _news(n: int) -> FeedItem:
    record = {
        "record_id": f"r{n - n % 50 if n % 5 == 0 else n}", "version_id": f"v{n}",
        "catalog": "XZCF_FR@2026.1",
        "payload": {"CF_XDR_MC": f"示范第{n}公司", "CF_NR": "罚款人民币壹仟元整" * 20},
    }  # fmt: skip
    due = date(2026, 11, 10) + timedelta(days=n % 45)
    owner = {"operator_id": f"u{n % 9:02d}", "name": f"第{n % 9}人"} if n % 3 else None
    opened_at = to_text(START + timedelta(minutes=n))
    case = an_objection(
        f"case-{n:05d}", "350200-01", record, [FINE], due_on=due.isoformat(), owner=owner,
        opened_at=opened_at, reason_code="not_mine" if n % 7 == 0 else "wrong_information",
        stage="received" if n % 2 else "accepted",
    )  # fmt: skip
    return FeedItem(n + 1, "case.opened", opened_at, case)


def _far(reader: Connection) -> tuple[str, str]:
    row = reader.execute(
        "SELECT group_key, sort_key FROM case_shown ORDER BY group_key, sort_key LIMIT 1 OFFSET 7800"
    ).fetchone()
    return row["group_key"], row["sort_key"]


def _plain(reader: Connection) -> list[str]:
    rows = [json.loads(row["data"]) for row in reader.execute("SELECT data FROM casefile LIMIT 20000")]
    rows.sort(key=lambda one: (one["due_on"] or "9", one["opened_at"], one["case_id"]))
    return [one["case_id"] for one in rows if one["state"] != "closed"][:200]


def _median(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(TRIES):
        begun = time.perf_counter()
        ask()
        times.append(_ms(begun))
    return sorted(times)[TRIES // 2]


def _ms(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000
