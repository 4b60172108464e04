"""The HTTP application: routes, the one place that makes problem answers, and what stands on every answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regional_platform.api import (
    approvals,
    attachments,
    batches,
    cases,
    code_sets,
    comparisons,
    conflicts,
    contract,
    devices,
    feed,
    hello,
    legal,
    lists,
    missing,
    notices,
    operations,
    operators,
    periods,
    published,
    questions,
    reconciliations,
    records,
    sessions,
    subjects,
    units,
    uploads,
)
from regional_platform.api.bodies import fault
from regional_platform.housekeeping import EVERY_S, tidy
from regional_platform.incidents import record_fault
from regional_platform.metrics import Metrics
from regional_platform.observe import Observe
from regional_platform.packing import PackAnswers
from regional_platform.pipeline.worker import Pipeline
from regional_platform.platform import Platform, hearing, open_platform
from regional_platform.problems import MEDIA_TYPE, URN, Refusal, problem
from regional_platform.protocol import spoken, sunset_headers
from regional_platform.publisher import Publisher
from regional_platform.repeated import Repeated
from regional_platform.settings import Settings
from regional_platform.times import Clock, utc_now

ROUTERS = (
    hello,
    devices,
    sessions,
    approvals,
    batches,
    missing,
    reconciliations,
    feed,
    attachments,
    uploads,
    cases,
    records,
    subjects,
    questions,
    comparisons,
    conflicts,
    contract,
    operations,
    lists,
    units,
    operators,
    notices,
    published,
    legal,
    code_sets,
    periods,
)

SERVER_HEADER = "X-MinXin-Server"
EPOCH_HEADER = "X-MinXin-Epoch"
BUSY_S = 5
"""What Retry-After says while the database cannot be reached."""

_HTTP = {404: "not-found", 405: "method-not-allowed"}


def create_app(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    """Open the platform and build its application.

    Args:
        settings: database, resources, limits.
        clock: the present moment; tests hand in their own.
    """
    app = application()
    app.state.platform = open_platform(settings, clock)
    return app


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    """Keep what works beside the requests alive while they are served."""
    platform: Platform = app.state.platform
    beside = (
        Pipeline(platform),
        Repeated("publishing lists", Publisher(platform).tend, platform.settings.poll_s),
        Repeated("housekeeping", lambda _stopping: tidy(platform), EVERY_S, at_once=True),
    )
    for one in beside:
        one.start()
    with hearing(platform):
        yield
        platform.bell.close()
        await platform.working.settle()
        for one in beside:
            one.stop()
    platform.shelf.close()
    platform.store.close()


def application() -> FastAPI:
    """Build the routes; `state.platform` is the platform that they serve, one at a time."""
    app = FastAPI(
        title="MinXin regional platform", version="1", lifespan=_running, docs_url=None, redoc_url=None,
        openapi_url=None,
    )  # fmt: skip
    for module in ROUTERS:
        app.include_router(module.router)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(DataError, _unfit)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeout, _database)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(PackAnswers)
    app.add_middleware(_Stamp)
    app.add_middleware(Observe)
    return app


class _Stamp:
    """Puts on every answer who gave it, and what keeps browsers from guessing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        platform: Platform = scope["app"].state.platform
        ending = sunset_headers(spoken(scope), platform.settings.sunsets)

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[SERVER_HEADER] = platform.identity.server_id
                headers[EPOCH_HEADER] = platform.identity.epoch
                headers.update(ending)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, stamped)


def _answer(request: Request, made: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    metrics: Metrics = request.app.state.platform.metrics
    metrics.refused(made["type"].removeprefix(URN))
    return JSONResponse(
        dict(made), status_code=made["status"], media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    made = problem(
        error.code,
        instance=request.url.path,
        errors=error.errors,
        status=error.status,
        extras=error.extras,
    )
    return _answer(request, made, error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    """A parameter that is not as the contract says."""
    assert isinstance(error, RequestValidationError)
    faults = [fault("#/" + "/".join(str(step) for step in one["loc"]), one["type"]) for one in error.errors()]
    return _answer(request, problem("malformed", instance=request.url.path, errors=faults))


def _http(request: Request, error: Exception) -> Response:
    """What the router itself refuses: an address or a method that there is not."""
    assert isinstance(error, HTTPException)
    code = _HTTP.get(error.status_code, "malformed")
    return _answer(request, problem(code, instance=request.url.path), error.headers)


def _gone(_request: Request, _error: Exception) -> Response:
    """The client hung up before it had sent everything: ordinary, and nobody is left to answer."""
    return Response(status_code=400)


def _route(request: Request) -> str:
    """The route alone: a path may hold a person's number."""
    return str(getattr(request.scope.get("route"), "path", "(no route)"))


def _unfit(request: Request, _error: Exception) -> Response:
    """No column takes what was sent: PostgreSQL knows no text with a NUL in it."""
    faults = [fault("#", "unfitting")]
    return _answer(request, problem("malformed", instance=request.url.path, errors=faults))


def _database(request: Request, error: Exception) -> Response:
    """The database said no: locked for too long, disk full, gone."""
    record_fault(error, _route(request))
    made = problem("maintenance", instance=request.url.path)
    return _answer(request, made, {"Retry-After": str(BUSY_S)})


def _failed(request: Request, error: Exception) -> Response:
    """A fault of ours."""
    incident = record_fault(error, _route(request))
    return _answer(request, problem("internal", instance=request.url.path, extras={"incident": incident}))
