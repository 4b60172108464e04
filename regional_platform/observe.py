"""Around every request: one count and one line of log, with the route and never with what was asked for."""

from __future__ import annotations

import logging
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regional_platform.metrics import Metrics
from regional_platform.protocol import spoken

log = logging.getLogger(__name__)

NO_ROUTE: Final = "-"
"""What stands for an address that there is not: its text may be anything."""


class Observe:
    """Counts and logs requests; it holds what the router found out, so it stands around everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            self._tell(scope, status, time.perf_counter() - begun)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", NO_ROUTE)
        method = scope["method"] if route != NO_ROUTE else NO_ROUTE
        metrics: Metrics = scope["app"].state.platform.metrics
        metrics.answered(method, route, status, seconds)
        metrics.spoke(spoken(scope))
        device = scope.get("state", {}).get("device_id")
        facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        log.info("request", extra={"facts": {**facts, **({"device": device} if device else {})}})
