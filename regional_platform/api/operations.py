"""`GET /healthz`, `GET /readyz`, `GET /metrics`: for those who run the platform."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from regional_platform.api.declare import Open, may_answer
from regional_platform.metrics import TEXT
from regional_platform.platform import Platform
from regional_platform.problems import Fault, Refusal
from regional_platform.store.tables import server

router = APIRouter()


@router.get("/healthz", responses=may_answer())
def health() -> dict[str, bool]:
    """Say that the process answers."""
    return {"alive": True}


@router.get("/readyz", responses=may_answer())
def ready(platform: Open) -> dict[str, bool]:
    """Say whether work can be taken in and moved on.

    Raises:
        Refusal: maintenance, naming what is missing.
    """
    missing = list(_missing(platform))
    if missing:
        raise Refusal("maintenance", errors=missing, headers={"Retry-After": "5"})
    return {"ready": True}


def _missing(platform: Platform) -> list[Fault]:
    found = []
    try:
        with platform.store.reading() as connection:
            connection.execute(select(server.c.server_id)).one()
    except DBAPIError:
        found.append(Fault("#/database", "unreachable", "数据库连不上。"))
    if not platform.pipeline_alive():
        found.append(Fault("#/pipeline", "stopped", "流水线没有在运行。"))
    return found


@router.get("/metrics", responses=may_answer())
def metrics(platform: Open) -> Response:
    """Give all counts as Prometheus text."""
    with platform.store.reading() as connection:
        return Response(platform.metrics.text(connection), media_type=TEXT)
