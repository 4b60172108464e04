"""500 desks come back within five seconds of one another after an outage, a fifth with a legal act.

Each has 20 to 40 records waiting. The platform is `minxin-platform serve` as a process, on SQLite and on
PostgreSQL. Each desk says hello, hands its approvals over, sends its withdrawal (撤销) first and its records
after it, and reads the feed to its end; it waits and tries again as the desk's own tables say. Desks are
threads of this process on the same machine: their work, too, is in every second. What was set as limit: no
5xx, everything stored within twenty minutes, 95 of 100 legal acts answered within 30 seconds of the desk's
coming back.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from desk_side import ROLES, Desk, new_id
from platform_desks import DURABLE, at, desk_of, made_ready, serving, waiting
from returning import PENALTY, Returning, Seen, Watched
from sqlalchemy import Connection, insert

from client.sync.wire import Pinned
from regional_platform.auth.grants import give
from regional_platform.demo import ROOT, uscc
from regional_platform.settings import database_url
from regional_platform.store.engine import Store, open_store
from regional_platform.store.tables import feed_head, operator, unit
from regional_platform.times import iso, utc_now
from tests.databases import PostgresServer

NAME: Final = "after_outage"
ON_REQUEST: Final = True
DESKS: Final = int(os.environ.get("MINXIN_DESKS", "500"))
RECORDS: Final = (20, 40)
EVERY_LEGAL: Final = 5
DESKS_OF_A_UNIT: Final = 2
CITIES: Final = ("350200", "350600", "350500")
WITHIN_S: Final = 5.0
"""After the way out is there again a desk tries within so long (`client/ui/sync/loop.py`)."""

PATIENCE_S: Final = 1_200.0


def run(desks: int = DESKS) -> dict[str, float | int | str]:
    """Measure on both databases, and return figure → number."""
    with tempfile.TemporaryDirectory() as place:
        figures = coming_back("SQLite", database_url(str(Path(place) / "p.db")), [], desks)
    server = PostgresServer(DURABLE)
    try:
        server.make_cluster()
        server.start()
        with server.fresh() as url:
            figures |= coming_back("PostgreSQL, two workers", url, ["--workers", "2"], desks)
    finally:
        server.remove()
    return {"desks": desks, **figures}


def coming_back(kind: str, url: str, options: Sequence[str], desks: int) -> dict[str, float | int | str]:
    """Let all desks come back at once to one platform."""
    store, seen, chance = open_store(url), Seen(), random.Random(500)
    try:
        identity, made = store.write(made_ready)
        units = store.write(lambda connection: departments(connection, -(-desks // DESKS_OF_A_UNIT)))
        many = [
            desk_of(store, identity, {**made, "units": [units[place // DESKS_OF_A_UNIT]]}, place)
            for place in range(desks)
        ]
        pinned = Pinned(identity.server_id, identity.key.public)
        with serving(url, options) as address:
            legal = [before_the_outage(at(one, address), pinned) for one in many[::EVERY_LEGAL]]
        with serving(url, options) as address:
            back = [
                Returning(at(one, address), pinned, Watched(address, seen), random.Random(n))
                for n, one in enumerate(many)
            ]
            for one, (seq, act) in zip(back[::EVERY_LEGAL], legal, strict=True):
                one.seq = seq
                one.wait_with([act], legal=True)
            for one in back:
                one.wait_with(penalties(one.desk, chance.randint(*RECORDS)))
            return measured(kind, store, back, seen)
    finally:
        store.close()


def departments(connection: Connection, count: int) -> list[dict[str, Any]]:
    """More departments than the demo has, each with a reporter and a reviewer."""
    made = []
    for n in range(1, count + 1):
        city = CITIES[n % len(CITIES)]
        code = f"{city}-9{n:04d}"
        one = {"code": code, "name": f"示范第{n}局", "code18": uscc("11", city, 50_000 + n), "operators": []}
        path = f"{ROOT}/{city}/{code}/"
        connection.execute(
            insert(unit).values(
                code=code, name=one["name"], city=city, code18=one["code18"], level="department", path=path,
                parent=city,
            )
        )  # fmt: skip
        connection.execute(insert(feed_head).values(unit=code, n=0))
        for role in ROLES:
            who = f"{code}-{role}"
            connection.execute(
                insert(operator).values(
                    operator_id=who, person=who, unit=code, name=role, password="-", totp_secret="-"
                )
            )
            give(connection, who, [(role, code)], None, iso(utc_now()))
            one["operators"].append({"operator_id": who, "roles": [role]})
        made.append(one)
    return made


def penalties(desk: Desk, count: int) -> list[dict[str, Any]]:
    """New records of a desk."""
    return [
        {
            "record_id": new_id(), "version_id": new_id(), "parent": None, "op": "create",
            "catalog": PENALTY.ref, "item_sha256": PENALTY.digest, "payload": values, "answers": [],
            "reason": None, "evidence": [], "case_id": None,
        }
        for values in desk.penalties(count)
    ]  # fmt: skip


def before_the_outage(desk: Desk, pinned: Pinned) -> tuple[int, dict[str, Any]]:
    """Report one record; returns how many batches that took, and its withdrawal for later."""
    first = penalties(desk, 1)
    one = Returning(desk, pinned, Watched(desk.url, Seen()), random.Random(1))
    one.wait_with(first)
    one.come_back()
    assert one.accepted == 1, one.refused
    withdrawal = {
        **first[0], "version_id": new_id(), "parent": first[0]["version_id"], "op": "withdraw", "payload": {},
        "reason": {"code": "wrong_entry", "text": "录错了对象"},
    }  # fmt: skip
    return one.seq, withdrawal


def measured(kind: str, store: Store, back: Sequence[Returning], seen: Seen) -> dict[str, float | int | str]:
    """Start the desks, and wait until everything is stored."""
    versions = sum(len(frozen.versions) for one in back for _, frozen in one._unsent)
    chance, begun = random.Random(5), time.perf_counter()
    threading.stack_size(512 * 1024)
    with ThreadPoolExecutor(len(back)) as threads:
        started = [threads.submit(later, one, chance.random() * WITHIN_S) for one in back]
        for one in started:
            one.result(PATIENCE_S)
    answered_s = time.perf_counter() - begun
    while waiting(store):
        assert time.perf_counter() - begun < PATIENCE_S
        time.sleep(0.05)
    stored_s = time.perf_counter() - begun
    assert sum(one.accepted for one in back) == versions, Counter(
        c for one in back for c in one.refused.elements()
    )
    legal = sorted(one.legal_s or 0.0 for one in back[::EVERY_LEGAL])
    done = sorted(one.done_s or 0.0 for one in back)
    failed = sum(times for said, times in seen.statuses.items() if said.startswith("5"))
    return {
        f"{kind}: records": versions,
        f"{kind}: answers 5xx": failed,
        f"{kind}: answers": ", ".join(f"{said} {times:,}" for said, times in sorted(seen.statuses.items())),
        f"{kind}: all answered s": round(answered_s, 1),
        f"{kind}: all stored s": round(stored_s, 1),
        f"{kind}: stored, records/s": round(versions / stored_s),
        f"{kind}: legal acts": len(legal),
        f"{kind}: legal p95 s": round(p95(legal), 2),
        f"{kind}: legal max s": round(legal[-1], 2),
        f"{kind}: a desk done, p95 s": round(p95(done), 2),
        f"{kind}: slowest answers s": ", ".join(
            f"{route} {s:.1f}" for route, s in sorted(seen.slowest.items())
        ),
    }


def later(one: Returning, after_s: float) -> None:
    """Come back, but not at once."""
    time.sleep(after_s)
    one.come_back()


def p95(sorted_s: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(sorted_s, n=20, method="inclusive")[-1] if len(sorted_s) > 1 else sorted_s[0]


if __name__ == "__main__":
    asked = [int(one) for one in sys.argv[1:]]
    sys.stdout.write(json.dumps(run(*asked), ensure_ascii=False, indent=1) + "\n")
