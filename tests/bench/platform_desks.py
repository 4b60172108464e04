"""Batches of 500 penalties from 1, 8 and 64 desks at once, on SQLite and on PostgreSQL.

The platform is `minxin-platform serve`, on SQLite with one worker and with two, on PostgreSQL with two; both
databases write through to the disk at every commit. Desks are threads of this process, spread over six
departments; their bodies are approved, signed and packed before the clock starts. "stored" ends when no
version waits for the pipeline. The peer takes the same bodies from as many threads and inserts each item as
one row into the same kind of database, one transaction a batch, with nothing checked, matched, signed or
told. At last, where the platform's CPU for a record goes, by stage.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
import requests
import zstandard
from breakdown import by_stage
from desk_side import (
    ITEMS,
    ROLES,
    Desk,
    Packed,
    accepted,
    listening,
    new_id,
    pack,
    platform_command,
    post_all,
)
from fastapi import FastAPI, Request
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import make_url
from starlette.concurrency import run_in_threadpool

from forms.seal.keys import SigningKey
from regional_platform.auth.callers import token_digest
from regional_platform.auth.credentials import COSTS
from regional_platform.demo import seed
from regional_platform.settings import Limits, database_url
from regional_platform.store.engine import Store, open_store
from regional_platform.store.identity import Identity, identity_of
from regional_platform.store.tables import device, job, operator_key, session
from regional_platform.times import iso, utc_now
from tests.databases import PostgresServer

NAME: Final = "platform"
DESKS: Final = (1, 8, 64)
FEWEST_BATCHES: Final = 24
DURABLE: Final = {
    "listen_addresses": "", "shared_buffers": "512MB", "max_connections": "200", "log_min_messages": "fatal",
    "max_wal_size": "4GB",
}  # fmt: skip
UNITS: Final = ("350200-01", "350200-02", "350600-01", "350600-02", "350500-01", "350500-02")

Insert = Callable[[Sequence[tuple[str, str]]], None]
"""Writes rows of id and text, in one transaction."""


def run() -> dict[str, float | int | str]:
    """Measure, and return figure → number."""
    figures: dict[str, float | int | str] = {}
    server = PostgresServer(DURABLE)
    try:
        server.make_cluster()
        server.start()
        for desks in DESKS:
            with tempfile.TemporaryDirectory() as place:
                figures |= measured("SQLite", database_url(str(Path(place) / "p.db")), [], desks)
            with tempfile.TemporaryDirectory() as place:
                url = database_url(str(Path(place) / "p.db"))
                figures |= measured("SQLite, two workers", url, ["--workers", "2"], desks)
            with server.fresh() as url:
                figures |= measured("PostgreSQL", url, ["--workers", "2"], desks)
    finally:
        server.remove()
    figures |= stages()
    limits = Limits()
    figures["limit in force, records/s a device"] = limits.batches_per_minute * limits.batch_items / 60
    return figures


def measured(kind: str, url: str, options: Sequence[str], desks: int) -> dict[str, float | int | str]:
    """Send from some desks to the platform, then to the peer, on one database."""
    store = open_store(url)
    try:
        identity, made = store.write(made_ready)
        many = [desk_of(store, identity, made, place) for place in range(desks)]
        batches = max(FEWEST_BATCHES, desks) // desks
        with serving(url, options) as address:
            packed = [[pack(body) for body in at(desk, address).bodies(batches)] for desk in many]
            received, stored = sent(store, many, packed)
    finally:
        store.close()
    records = desks * batches * ITEMS
    bare = records / bare_seconds(url, packed)
    at_once = f"{kind}, {desks} desk{'s' if desks > 1 else ''}"
    return {
        f"{at_once}: received, records/s": records / received,
        f"{at_once}: stored, records/s": records / stored,
        f"{at_once}: only inserted, records/s": bare,
        f"{at_once}: stored : only inserted": records / stored / bare,
    }


def stages() -> dict[str, float]:
    """Where the time of a record goes, on SQLite."""
    with tempfile.TemporaryDirectory() as place:
        url = database_url(str(Path(place) / "p.db"))
        store = open_store(url)
        identity, made = store.write(made_ready)
        desk = desk_of(store, identity, made, 0)
        with serving(url, []) as address:
            packed = [pack(body) for body in at(desk, address).bodies(FEWEST_BATCHES)]
        store.close()
        return by_stage(url, desk.token, packed)


def made_ready(connection: Connection) -> tuple[Identity, dict[str, Any]]:
    """The platform's identity, and the demo's units."""
    made = seed(connection, utc_now(), cost=COSTS["low"])
    return identity_of(connection, utc_now()), made


def desk_of(store: Store, identity: Identity, made: dict[str, Any], place: int) -> Desk:
    """Make a desk whose people are signed in already: codes from a telephone come one in 30 seconds."""
    codes = [one["code"] for one in made["units"]]
    known = [code for code in UNITS if code in codes] or codes
    unit = made["units"][codes.index(known[place % len(known)])]
    people = {role: next(one for one in unit["operators"] if role in one["roles"]) for role in ROLES}
    keys = {role: SigningKey.generate() for role in ROLES}
    device_id, token, now = new_id(), secrets.token_urlsafe(32), utc_now()

    def act(connection: Connection) -> None:
        connection.execute(
            insert(device).values(
                device_id=device_id, unit=unit["code"], name=f"bench {place}",
                public_key=SigningKey.generate().public, enrolled_at=iso(now),
            )
        )  # fmt: skip
        for role, person in people.items():
            values = {"operator_id": person["operator_id"], "public_key": keys[role].public}
            connection.execute(
                insert(operator_key).values(**values, device_id=device_id, registered_at=iso(now))
            )
        connection.execute(
            insert(session).values(
                token_sha256=token_digest(token), device_id=device_id,
                operator_id=people["reporter"]["operator_id"], issued_at=iso(now),
                expires_at=iso(now + timedelta(hours=2)),
            )
        )  # fmt: skip

    store.write(act)
    first = place * 1_000_000
    return Desk("", unit, made["subjects"], device_id, identity.epoch, keys, token, first)


def at(desk: Desk, address: str) -> Desk:
    """The desk, when it is known where the platform listens."""
    desk.url = address
    return desk


@contextmanager
def serving(url: str, options: Sequence[str]) -> Iterator[str]:
    """Run the platform; gives its address."""
    process = platform_command(["serve", "--database", url, "--port", "0", *options])
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())["listening"]
    finally:
        process.terminate()
        process.wait(60)


def sent(store: Store, desks: Sequence[Desk], packed: Sequence[Sequence[Packed]]) -> tuple[float, float]:
    """Send all from all desks; returns the seconds until the last receipt, and until nothing waits."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(desks)) as threads:
        for done in [
            threads.submit(post_all, desk.http, f"{desk.url}/v1/batches", mine, accepted)
            for desk, mine in zip(desks, packed, strict=True)
        ]:
            done.result()
    received = time.perf_counter() - begun
    while waiting(store):
        time.sleep(0.05)
    return received, time.perf_counter() - begun


def waiting(store: Store) -> int:
    """How many versions wait for a step of the pipeline."""
    with store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(job)).scalar_one())


def bare_seconds(url: str, packed: Sequence[Sequence[Packed]]) -> float:
    """The peer: seconds to post the same bodies from as many threads to an endpoint that only inserts."""
    with inserter(url) as insert_rows:
        server, address = listening(inserting(insert_rows))
        try:
            begun = time.perf_counter()
            with ThreadPoolExecutor(len(packed)) as threads:
                for done in [
                    threads.submit(post_all, requests.Session(), address, mine, lambda _answer: None)
                    for mine in packed
                ]:
                    done.result()
            return time.perf_counter() - begun
        finally:
            server.should_exit = True


@contextmanager
def inserter(url: str) -> Iterator[Insert]:
    """Give what inserts rows into a table of its own, in a database of the same kind."""
    if make_url(url).get_backend_name() == "sqlite":
        with tempfile.TemporaryDirectory() as place, lite(Path(place) / "bare.db") as write:
            yield write
        return
    dsn = url.replace("postgresql+psycopg", "postgresql", 1)
    kept = threading.local()

    def write(rows: Sequence[tuple[str, str]]) -> None:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(dsn)
        with (
            kept.connection.transaction(),
            kept.connection.cursor() as cursor,
            cursor.copy("COPY bare FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (version_id text PRIMARY KEY, body text)")
    yield write


@contextmanager
def lite(file: Path) -> Iterator[Insert]:
    """The same for SQLite: one writer at a time."""
    store = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        store.execute(f"PRAGMA {pragma}")
    store.execute("CREATE TABLE bare (version_id TEXT PRIMARY KEY, body TEXT)")
    turn = threading.Lock()

    def write(rows: Sequence[tuple[str, str]]) -> None:
        with turn:
            store.execute("BEGIN IMMEDIATE")
            store.executemany("INSERT INTO bare VALUES (?, ?)", rows)
            store.execute("COMMIT")

    yield write
    store.close()


def inserting(insert_rows: Insert) -> FastAPI:
    """An application that reads and inserts, and does nothing else."""
    app = FastAPI()

    def take(packed: bytes) -> None:
        items = json.loads(zstandard.decompress(packed))["items"]
        insert_rows([(one["version_id"], json.dumps(one)) for one in items])

    @app.post("/")
    async def post(request: Request) -> dict[str, bool]:
        await run_in_threadpool(take, await request.body())
        return {"ok": True}

    return app
