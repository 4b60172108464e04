"""A test of the line that goes the same way as data, and what can be seen when it does not get through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from client.core.answers import Hello
from client.errors import ClientError, LinkError, PlatformRefusal
from client.store.desk import Desk
from client.sync import lines, network, tunnel
from client.sync.api import Platform
from client.sync.ways import Proxy, Way, proxies_to
from client.sync.wire import Pinned


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a test of the line found.

    Attributes:
        error: why it did not get through; None when the pinned platform greeted.
        hello: its greeting.
        here_at: this PC's time.
        ahead: how much the platform's clock is ahead of this PC's; None when it did not say.
        proxy: through which it went; empty for straight.
        is_offline: this PC has no way out at all.
        certificate: what stands at the address, where the error is about that.
    """

    here_at: datetime
    error: ClientError | None = None
    hello: Hello | None = None
    ahead: timedelta | None = None
    proxy: str = ""
    is_offline: bool = False
    certificate: tunnel.Shown | None = None


def examine(desk: Desk, way: Way, *, way_out: Callable[[], tuple[str, ...]] = network.way_out) -> Diagnosis:
    """Greet the platform and hold its answer against the key that was pinned at enrolment."""
    proxies: tuple[Proxy | None, ...] = ()
    here_at = desk.clock()
    try:
        proxies = proxies_to(desk.device.platform_url, way)
        hello = _greeted(desk, way)
    except (LinkError, PlatformRefusal) as error:
        about_tls = error.code.startswith("certificate_") or error.code == "tls_failed"
        first = next(iter(proxies), None)
        return Diagnosis(
            here_at,
            error,
            proxy=first.name if first else "",
            is_offline=not way_out(),
            certificate=tunnel.certificate_at(desk.device.platform_url, first) if about_tls else None,
        )
    first = next(iter(proxies), None)
    return Diagnosis(here_at, hello=hello, ahead=hello.at - here_at, proxy=first.name if first else "")


def _greeted(desk: Desk, way: Way) -> Hello:
    line = lines.to_platform(desk, way)
    try:
        pinned = Pinned(desk.device.server_id, desk.device.server_key)
        return Platform(line, pinned, lambda: None).hello()
    finally:
        line.close()
