"""Pages of subjects (`GET /v1/subjects/{code}`) beside ten million records on PostgreSQL, loaded by COPY.

Three cities, 200 departments, 40 months, a million subjects: most have a few records, some have thousands.
Asked are subjects drawn evenly, subjects drawn as often as they have records, and the heaviest, by one desk,
each for the first time and then again. The peer is the least that such a page could be: the rows of the
same index read by a bare driver, without a join, a right or a mask. The load is not written through to the
disk. Takes about a quarter of an hour and 25 GB, so it runs only when it is named.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import psycopg
from desk_side import Desk
from platform_desks import desk_of, made_ready, serving
from sqlalchemy import Connection, insert

from forms.catalog.loader import load_set
from forms.seal.canonical import canonical
from regional_platform.demo import uscc
from regional_platform.pipeline.subjects import name_key
from regional_platform.settings import find_resources
from regional_platform.store.engine import Store, open_store
from regional_platform.store.partitions import make
from regional_platform.store.tables import record, subject, unit, version_key
from tests.databases import PostgresServer

NAME: Final = "subject_page_10m"
ON_REQUEST: Final = True
ROWS: Final = int(os.environ.get("MINXIN_BENCH_ROWS", "10_000_000"))
SUBJECTS: Final = ROWS // 10
DEPARTMENTS: Final = 200
PAGES: Final = 1_000
BLOCK: Final = 50_000
CITIES: Final = ("350200", "350600", "350500")
MONTHS: Final = [year * 100 + month for year in (2023, 2024, 2025) for month in range(1, 13)] + [
    202601, 202602, 202603, 202604,
]  # fmt: skip
QUICK: Final = {
    "listen_addresses": "", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
    "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "16GB", "shared_buffers": "2GB",
    "maintenance_work_mem": "1GB", "autovacuum": "off", "max_connections": "60", "log_min_messages": "fatal",
}  # fmt: skip

Figures = dict[str, float | int | str]


def run() -> Figures:
    """Measure, and return figure → number."""
    server = PostgresServer(QUICK)
    try:
        server.make_cluster()
        server.start()
        with server.fresh() as url:
            return measured(url)
    finally:
        server.remove()


def measured(url: str) -> Figures:
    """Load, and ask."""
    store = open_store(url)
    try:
        identity, seeded = store.write(made_ready)
        store.write(departments)
        store.write(
            lambda connection: make(connection, [(city, month) for city in CITIES for month in MONTHS])
        )
        begun = time.perf_counter()
        sizes = loaded(store, dsn_of(url))
        took = time.perf_counter() - begun
        desk = desk_of(store, identity, seeded, 0)
        with serving(url, []) as address:
            desk.url = address
            asked = pages(desk, dsn_of(url))
    finally:
        store.close()
    return {"records": ROWS, "loaded and indexed, records/s": ROWS / took, **sizes, **asked}


def dsn_of(url: str) -> str:
    """The same address for the bare driver."""
    return url.replace("postgresql+psycopg", "postgresql", 1)


def department(n: int) -> tuple[str, str]:
    """Code and city of a department."""
    city = CITIES[n % 3]
    return f"{city}-D{n:03d}", city


def departments(connection: Connection) -> None:
    """Make the departments, each under its city."""
    for n in range(DEPARTMENTS):
        code, city = department(n)
        connection.execute(
            insert(unit).values(
                code=code, name=f"示范部门{n}", city=city, level="department", parent=city,
                path=f"minnan/{city}/{code}/", code18=uscc("11", city, 50_000 + n),
            )
        )  # fmt: skip


def loaded(store: Store, dsn: str) -> Figures:
    """Copy all rows in, build the indexes, and return the sizes."""
    later = [one for table in (record, version_key, subject) for one in table.indexes]
    store.write(lambda connection: [one.drop(connection) for one in later])
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE record DROP CONSTRAINT uq_record_unit_natural_key")
    with ThreadPoolExecutor(2) as threads:  # the server has two cores, and so have we
        done = [threads.submit(copy_half, dsn, half) for half in range(2)]
        copy(dsn, "subject", ("code", "kind", "name", "name_key", "basis", "since_at"), subject_lines())
        for one in done:
            one.result()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "ALTER TABLE record ADD CONSTRAINT uq_record_unit_natural_key UNIQUE (unit, natural_key)"
        )
    with store.engine.begin() as made:
        made.exec_driver_sql("SET LOCAL statement_timeout = 0")
        for one in later:
            one.create(made)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE, FREEZE)")
        figures: Figures = {}
        for table in ("version", "version_key", "record", "subject"):
            bytes_of = "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(%s)"
            bytes_of = bytes_of if table == "version" else "SELECT pg_total_relation_size(%s::regclass)"
            total = connection.execute(bytes_of, (table,)).fetchone()
            assert total
            figures[f"{table}, bytes a record with indexes"] = float(total[0]) / ROWS
    return figures


def copy_half(dsn: str, half: int) -> None:
    """Copy every other block of records, keys and versions."""
    lines = Lines()
    for start in range(half * BLOCK, ROWS, 2 * BLOCK):
        records, keys, versions = lines.of(range(start, min(start + BLOCK, ROWS)))
        copy(dsn, "record", RECORD, [records])
        copy(dsn, "version_key", KEY, [keys])
        copy(dsn, "version", VERSION, [versions])


RECORD: Final = ("record_id", "unit", "item", "head", "head_op", "natural_key", "city", "subject_code",
                 "act_on", "act_key")  # fmt: skip
KEY: Final = ("version_id", "unit", "record_id", "content_sha256", "receipt_no", "outcome", "stage",
              "stored_at", "city", "month")  # fmt: skip
VERSION: Final = ("n", "version_id", "record_id", "unit", "device_id", "batch_id", "op", "catalog",
                  "content", "approval_id", "place", "received_at", "city", "month")  # fmt: skip


def copy(dsn: str, table: str, columns: Sequence[str], pieces: Iterator[str] | list[str]) -> None:
    """Send text to COPY."""
    with (
        psycopg.connect(dsn) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as out,
    ):
        for piece in pieces:
            out.write(piece)


def owner_of(n: int) -> int:
    """The subject of record `n`: of every ten records one is drawn towards the heavy subjects."""
    if n % 10:
        return (n * 2_654_435_761 >> 7) % SUBJECTS
    return int(SUBJECTS ** ((n * 2_654_435_761 % 2**32) / 2**32)) - 1


def code_of(owner: int) -> str:
    """The credit code of a subject."""
    return uscc("91", CITIES[owner % 3], 10_000_000 + owner)


def name_of(owner: int) -> str:
    """The name of a subject."""
    return f"示范{owner:07d}号贸易有限公司"


def subject_lines() -> Iterator[str]:
    """The library."""
    for start in range(0, SUBJECTS, BLOCK):
        yield "".join(
            f"{code_of(n)}\tlegal\t{name_of(n)}\t{name_key(name_of(n))}\tloaded\t2026-01-01T00:00:00.000Z\n"
            for n in range(start, min(start + BLOCK, SUBJECTS))
        )


class Lines:
    """Rows of records, keys and versions as COPY reads them."""

    def __init__(self) -> None:
        self._item = load_set(find_resources() / "catalogs" / "2026.1").items["XZCF_FR"]
        body = {
            "record_id": "@R", "version_id": "@V", "parent": None, "op": "create", "catalog": self._item.ref,
            "item_sha256": self._item.digest, "answers": [], "reason": None, "evidence": [], "case_id": None,
            "payload": {
                "CF_XDR_MC": "@N", "CF_XDR_LB": "1", "CF_XDR_SHXYM": "@C", "CF_FRDB": "林晓岚",
                "CF_WSH": "@W", "CF_WFXW": "未按规定明码标价",
                "CF_SY": "当事人销售的商品未标明价格，经责令改正仍未改正。", "CF_YJ": "《价格法》第四十二条",
                "CF_CFLB": ["02"], "CF_NR": "罚款五百元。", "CF_NR_FK": "0.05", "CF_JDRQ": "@D",
                "CF_YXQ": "2027-01-01", "CF_CFJG": "示范市场监督管理局", "CF_CFJGDM": "11350200MB00000001",
                "CF_SJLY": "示范市场监督管理局", "CF_SJLYDM": "11350200MB00000001",
            },
        }  # fmt: skip
        self._content = canonical(body).decode()

    def of(self, numbers: range) -> tuple[str, str, str]:
        """The rows of records with these numbers."""
        records, keys, versions = [], [], []
        for n in numbers:
            month = MONTHS[n * len(MONTHS) // ROWS]
            unit_code, city = department(n * 31 % DEPARTMENTS)
            at = f"{month // 100}-{month % 100:02d}-{1 + n % 28:02d}"
            record_id, version_id = f"01900000-0000-7000-8000-{n:012x}", f"01900000-0000-7000-9000-{n:012x}"
            owner = owner_of(n)
            code, document = code_of(owner), f"示监罚〔{month // 100}〕{n}号"
            content = self._content
            for sign, value in (("@R", record_id), ("@V", version_id), ("@N", name_of(owner)), ("@C", code),
                                ("@W", document), ("@D", at)):  # fmt: skip
                content = content.replace(sign, value)
            records.append(
                f"{record_id}\t{unit_code}\tXZCF_FR\t{version_id}\tcreate\tXZCF_FR|{n}\t{city}\t{code}\t{at}"
                f"\tXZCF_FR|{n}\n"
            )
            keys.append(
                f"{version_id}\t{unit_code}\t{record_id}\t{n:064x}\t{city}-{month}-{n:07d}\taccepted\tstored"
                f"\t{at}T00:00:00.000Z\t{city}\t{month}\n"
            )
            versions.append(
                f"{n + 1}\t{version_id}\t{record_id}\t{unit_code}\t{DEVICE}\t{DEVICE}\tcreate"
                f"\t{self._item.ref}\t{content}\t{DEVICE}\t0\t{at}T00:00:00.000Z\t{city}\t{month}\n"
            )
        return "".join(records), "".join(keys), "".join(versions)


DEVICE: Final = "01900000-0000-7000-a000-000000000001"


def pages(desk: Desk, dsn: str) -> Figures:
    """Ask for pages, and for the bare rows."""
    chance = random.Random(350200)
    draws = {
        "drawn evenly": [chance.randrange(SUBJECTS) for _ in range(PAGES)],
        "drawn by records": [owner_of(chance.randrange(ROWS)) for _ in range(PAGES)],
        "the heaviest": list(range(20)) * 5,
    }
    figures: Figures = {}
    with psycopg.connect(dsn, autocommit=True) as connection:
        for how, owners in draws.items():
            codes = [code_of(owner) for owner in owners]
            first = [timed_page(desk, code) for code in codes]
            again = [timed_page(desk, code) for code in codes]
            bare = [timed_rows(connection, code) for code in codes]
            figures |= {
                f"{how}: first time, ms p50": p(first, 50), f"{how}: first time, ms p95": p(first, 95),
                f"{how}: again, ms p50": p(again, 50), f"{how}: again, ms p95": p(again, 95),
                f"{how}: bare rows, ms p95": p(bare, 95), f"{how}: again : bare": p(again, 95) / p(bare, 95),
            }  # fmt: skip
    return figures


def timed_page(desk: Desk, code: str) -> float:
    """Milliseconds of one page over HTTP."""
    begun = time.perf_counter()
    answer = desk.http.get(f"{desk.url}/v1/subjects/{code}", timeout=60)
    took = (time.perf_counter() - begun) * 1000
    answer.raise_for_status()
    return took


def timed_rows(connection: psycopg.Connection[Any], code: str) -> float:
    """Milliseconds of the bare rows."""
    begun = time.perf_counter()
    rows = connection.execute(
        "SELECT * FROM record WHERE subject_code = %s ORDER BY act_on DESC, record_id DESC LIMIT 51", (code,)
    ).fetchall()
    took = (time.perf_counter() - begun) * 1000
    assert len(rows) <= 51
    return took


def p(values: Sequence[float], percent: int) -> float:
    """A percentile."""
    return statistics.quantiles(values, n=100)[percent - 1]
