"""The real platform in this process, without sockets, threads or a clock; it can be killed and restored.

Every request goes through the real application. What Starlette would hand to worker threads runs at once, so
that the same seed always gives the same history.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy import Connection, text

from client.errors import LinkError
from client.sync.wire import Reply, Request
from forms.catalog.schema import CatalogSet
from regional_platform.acts import CONSOLE
from regional_platform.api.models import CaseBody
from regional_platform.app import application
from regional_platform.auth.callers import Caller
from regional_platform.auth.enrolment import code_digest
from regional_platform.auth.grants import Grant
from regional_platform.cases import open_case
from regional_platform.limits import RateLimit
from regional_platform.pipeline.worker import STEPS, settle
from regional_platform.platform import Platform, open_platform
from regional_platform.problems import Refusal
from regional_platform.published import publish_catalog
from regional_platform.settings import Limits, Settings, find_resources
from regional_platform.store.engine import ALONE, Store
from regional_platform.store.identity import identity_of
from regional_platform.times import iso
from tests.faults.fuse import Fuse, Killed

HALL = "350200-00"
BATCH_ITEMS = 3
"""So few that a handful of records makes several batches."""


async def _at_once(call: Callable[..., Any], *arguments: Any, **_how: Any) -> Any:
    return call(*arguments)


class FragileStore(Store):
    """The platform's database, in whose transactions the process can die."""

    fuse = Fuse()

    @contextmanager
    def writing(self, units: Collection[str] | None = ALONE) -> Iterator[Connection]:
        with super().writing(units) as connection:
            yield connection
            self.fuse.burn("platform: before the commit")
        self.fuse.burn("platform: after the commit")


@dataclass(frozen=True)
class Snapshot:
    """A copy of the platform's database."""

    file: Path


class Region:
    """The platform, open on a file that is replaced for each seed."""

    def __init__(self, file: Path, clock: Callable[[], datetime]) -> None:
        self.file, self._clock = file, clock
        limits = Limits(batch_items=BATCH_ITEMS)
        settings = Settings(database=f"sqlite:///{file}", resources=find_resources(), limits=limits)
        self.platform: Platform = open_platform(settings, clock)
        self.fuse = Fuse()
        self._store = FragileStore(self.platform.store.engine)
        self._store.fuse = self.fuse
        self.platform.store = self._store
        self._app: FastAPI = application()
        self._app.state.platform = self.platform
        self._loop = asyncio.new_event_loop()
        self._reader: sqlite3.Connection | None = None
        self._copies = self._codes = 0

    # --- asked

    def exchange(self, request: Request) -> Reply:
        """Answer one request; LinkError ``truncated`` when the platform dies over it."""
        threads, anyio.to_thread.run_sync = anyio.to_thread.run_sync, _at_once
        try:
            return self._loop.run_until_complete(self._ask(request))
        except Killed as died:
            self.restart()
            raise LinkError("truncated") from died
        finally:
            anyio.to_thread.run_sync = threads

    async def _ask(self, request: Request) -> Reply:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        try:
            await self._app(_scope(request), receive, send)
        except Exception:
            if not sent:  # a fault of the platform's is raised again behind its answer, for the server's log
                raise
        start, *pieces = sent
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], headers, b"".join(piece.get("body", b"") for piece in pieces))

    def work(self) -> None:
        """Let the pipeline do all that waits for it."""
        steps = ", ".join(f"'{name}'" for waits, _ in STEPS for name in waits)
        try:
            for (unit,) in self.rows(f"SELECT DISTINCT unit FROM job WHERE step IN ({steps}) ORDER BY unit"):
                settle(self.platform, unit)
        except Killed:
            self.restart()

    # --- what befalls it

    def restart(self) -> None:
        """The process has died: all that was in memory is gone, and it starts on its file."""
        self.fuse.out()
        self.let_go()
        self.platform.batch_rate = RateLimit(10_000, 10_000)
        self.platform.door_rate = RateLimit(10_000, 10_000)
        self._read_identity()

    def put(self, file: Path) -> None:
        """Go on with a copy of another file."""
        self.let_go()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(file, self.file)
        self.restart()

    def snapshot(self) -> Snapshot:
        """Copy the database as a backup does."""
        self.let_go()
        self._copies += 1
        copy = self.file.with_name(f"snapshot-{self._copies}.db")
        shutil.copyfile(self.file, copy)
        return Snapshot(copy)

    def restore(self, snapshot: Snapshot, epoch: str) -> None:
        """Put a snapshot in the place of the database, under a new epoch, as its operators do."""
        self.put(snapshot.file)
        self.sql("UPDATE server SET epoch = :epoch", epoch=epoch)
        self._read_identity()

    def object_to(self, record_id: str, case_id: str, field: str) -> bool:
        """Let somebody object to a field of a record, at the hall; False when nobody can any more."""
        ((path, city, operator_id),) = self.rows(
            "SELECT u.path, u.city, o.operator_id FROM unit u JOIN operator o ON o.unit = u.code"
            f" JOIN role_grant g ON g.operator_id = o.operator_id WHERE g.role = 'hall' AND u.code = '{HALL}'"
        )
        grants = (Grant("hall", path),)
        caller = Caller(operator_id, frozenset({"hall"}), HALL, path, city, "-", "-", grants)
        applicant = {"name": "林小满", "id_kind": "10", "id_number": "110101199003070011", "phone": ""}
        said = {
            "case_id": case_id, "kind": "objection", "application_id": None,
            "taken_in_at": iso(self._clock()), "applicant": applicant, "agent": None, "materials": [],
            "statement": "与决定书不符。", "repair": None,
            "records": [{
                "record_id": record_id, "reason_code": "wrong_content", "evidence": [],
                "disputes": [{"field": field, "old": None, "claimed": None}],
            }],
        }  # fmt: skip
        try:
            open_case(self.platform, caller, CaseBody.model_validate(said))
        except Refusal:
            return False
        return True

    def publish(self, later: CatalogSet, package: bytes) -> None:
        """Publish a catalog set, as its operators do; a second time changes nothing."""
        self._store.write(
            lambda connection: publish_catalog(connection, CONSOLE, self._clock(), later, package)
        )

    def new_code(self, unit: str) -> str:
        """Give a unit another enrolment code, as an administrator does."""
        self._codes += 1
        code = f"CODE-{self._codes}"
        self.sql(
            "INSERT INTO enrolment_code (code_sha256, unit) VALUES (:code, :unit)",
            code=code_digest(code), unit=unit,
        )  # fmt: skip
        return code

    def _read_identity(self) -> None:
        self.platform.identity = self._store.write(lambda connection: identity_of(connection, self._clock()))

    def rows(self, query: str) -> list[Any]:
        """Read what is committed, past everything that the platform is."""
        if self._reader is None:
            self._reader = sqlite3.connect(f"{self.file.as_uri()}?mode=ro", uri=True)
        return self._reader.execute(query).fetchall()

    def let_go(self) -> None:
        """Close all connections; the last one brings the log home."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self.platform.store.engine.dispose()

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Do at the database what its operators do."""

        def act(connection: Connection) -> list[Any]:
            found = connection.execute(text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []

        return self._store.write(act)

    def close(self) -> None:
        self.let_go()
        self.platform.shelf.close()
        self.platform.store.close()
        self._loop.close()


def _scope(request: Request) -> Mapping[str, Any]:
    parts = urlsplit(request.path)
    headers = {"host": "platform", "content-length": str(len(request.body)), **request.headers}
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": request.method, "path": parts.path, "raw_path": parts.path.encode(), "root_path": "",
        "query_string": parts.query.encode(), "client": ("127.0.0.1", 1), "server": ("platform", 80),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
