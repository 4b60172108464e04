"""HTTP to the platform with requests: one question, one answer, and every failure by its own name.

The only module, with `failures`, that knows `requests`. Verification of certificates cannot be switched
off; no redirect is followed; nothing is repeated here but the way to a proxy that cannot be reached:
whether and when to ask again is the engine's.
"""

from __future__ import annotations

import io
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from client.errors import LinkError
from client.sync import tunnel
from client.sync.deadline import TimedAdapter, left_s, within
from client.sync.failures import link_error
from client.sync.ways import Proxy
from client.sync.wire import UNPACKED, ZSTD, Reply, Request, unpacked

CONNECT_S: Final = 15.0
READ_S: Final = 60.0
TOTAL_S: Final = 30.0
"""Longest exchange of which nothing is expected, on top of what the platform was given to think."""

SPARE_S: Final = 10.0
PATIENCE: Final = 2.5
"""Any other may take SPARE_S, and so often what is to be expected by what the line bore."""

MOST_ANSWER_BYTES: Final = 64 * 1024 * 1024
_CHUNK_BYTES: Final = 65_536
NO_CONTENT: Final = 204
NETWORK_LOGIN: Final = 511
"""Network Authentication Required (RFC 6585): what a portal answers in place of the platform."""

PROXY_IS_AWAY: Final = frozenset({"proxy_unreachable", "proxy_name_not_found"})


class HttpTransport:
    """The network.

    Args:
        address: of the platform, e.g. ``https://credit.example.cn``; plain http only to this machine.
        ca_file: certificate authority of the platform; only it is believed then. None: those of the
            system and those that ship with the program.
        proxies: on the way, the first to try first, None among them for straight; none of them for
            an address on this machine.
        connect_s: longest time to reach it, and for each piece of a question to leave.
        read_s: longest silence; not the longest answer.
        total_s: longest exchange of which nothing is expected; see `PATIENCE`.
        most_bytes: of an answer; a longer one is cut off.

    Attributes:
        on_sent: told how many bytes of a question's body have left so far; None for nobody.

    Raises:
        LinkError: ``address_wrong``, ``tls_needed``, ``ca_file_missing``.
    """

    def __init__(
        self,
        address: str,
        *,
        ca_file: str | None = None,
        proxies: Sequence[Proxy | None] = (),
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
        total_s: float = TOTAL_S,
        most_bytes: int = MOST_ANSWER_BYTES,
    ) -> None:
        self._address = checked_address(address)
        if ca_file is not None and not Path(ca_file).is_file():
            raise LinkError("ca_file_missing")
        self._ca_file = ca_file
        self._proxies: list[Proxy | None] = list(proxies) or [None]
        self._connect_s, self._read_s, self._total_s = connect_s, read_s, total_s
        self._most_bytes = most_bytes
        self.on_sent: Callable[[int], None] | None = None
        self._session = requests.Session()
        # The environment's proxies, netrc and certificates stay out: what goes where is set in the program.
        self._session.trust_env = False
        self._session.mount("http://", TimedAdapter())
        if self._address.startswith("https:"):
            named = [one for one in proxies if one is not None]
            self._session.mount("https://", _Adapter(named, own_authority=ca_file is not None))

    def another(self) -> HttpTransport:
        """Return another line of the same kind, with connections of its own: for another thread."""
        made = HttpTransport(
            self._address, ca_file=self._ca_file, proxies=self._proxies,
            connect_s=self._connect_s, read_s=self._read_s, total_s=self._total_s,
            most_bytes=self._most_bytes,
        )  # fmt: skip
        made.on_sent = self.on_sent
        return made

    def exchange(self, request: Request) -> Reply:
        """Ask once and read the answer to its end.

        Raises:
            LinkError: see `plan.LINK`.
        """
        whole_s = longest_s(request, self._total_s)
        for proxy in list(self._proxies):
            try:
                with within(whole_s):
                    return self._exchange(request, proxy)
            except LinkError as error:
                # Nothing has left yet: the next proxy may be tried, and is the first from now on.
                if error.code not in PROXY_IS_AWAY or len(self._proxies) == 1:
                    raise
                self._proxies.append(self._proxies.pop(0))
                failure = error
        raise failure

    def _exchange(self, request: Request, proxy: Proxy | None) -> Reply:
        try:
            with self._session.request(
                request.method,
                self._address + request.path,
                headers={**request.headers, "Accept-Encoding": UNPACKED},
                data=_Leaving(request.body, self.on_sent) if request.body else None,
                timeout=(self._connect_s, self._read_s + request.wait_s),
                verify=self._ca_file or True,
                proxies={"https": proxy.url} if proxy is not None else {},
                allow_redirects=False,
                stream=True,
            ) as response:
                _refuse_redirect(response, self._address)
                body = _body(response, self._most_bytes)
                if not body and not _has_length(response) and response.status_code != NO_CONTENT:
                    raise LinkError("truncated")  # cut within the headers: not even a length came
                return Reply(response.status_code, _lowered(response.headers), body)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            found = link_error(error)
            if found.code == "proxy_password_needed" and proxy is not None:
                parts = urlsplit(self._address)
                found = tunnel.login_error(proxy, parts.hostname or "", parts.port or 443)
            raise found from error

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


def longest_s(request: Request, total_s: float = TOTAL_S) -> float:
    """Return how long an exchange may take, all in all."""
    known_s = min(total_s, SPARE_S) + PATIENCE * request.expected_s
    return request.wait_s + (known_s if request.expected_s else total_s)


class _Adapter(TimedAdapter):
    """How https goes: through our proxies, believing the authorities that are set."""

    def __init__(self, proxies: Sequence[Proxy], *, own_authority: bool) -> None:
        self._by_url = {one.url: one for one in proxies}
        # Of the system, e.g. an authority that the office gave to all its PCs; requests adds its own.
        self._context = None if own_authority else ssl.create_default_context()
        super().__init__()

    def init_poolmanager(self, *sizes: Any, **how: Any) -> None:
        super().init_poolmanager(*sizes, **self._believing(how))

    def proxy_manager_for(self, proxy: str, **how: Any) -> Any:
        return super().proxy_manager_for(proxy, **self._believing(how))

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """Who asks; as a header of ours, for names and words may be Chinese."""
        return self._by_url[proxy].headers()

    def _believing(self, how: dict[str, Any]) -> dict[str, Any]:
        return how if self._context is None else how | {"ssl_context": self._context}


class _Leaving(io.BytesIO):
    """A body that leaves piece by piece: each has its own time, and it can be told how far it is.

    As bytes it would have to leave whole within the time for connecting: on a slow line it never would.
    """

    def __init__(self, body: bytes, told: Callable[[int], None] | None) -> None:
        super().__init__(body)
        self._told = told

    def read(self, size: int | None = -1, /) -> bytes:
        left_s()
        piece = super().read(size)
        if self._told is not None:
            self._told(self.tell())
        return piece


def checked_address(address: str) -> str:
    """Return the address without a slash at its end.

    Raises:
        LinkError: ``address_wrong``; ``tls_needed``: plain http to another machine.
    """
    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise LinkError("address_wrong") from error
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment or parts.username:
        raise LinkError("address_wrong")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise LinkError("tls_needed", host=host)
    return address.strip().rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_redirect(response: requests.Response, address: str) -> None:
    if response.status_code == NETWORK_LOGIN:
        raise LinkError("portal", status=NETWORK_LOGIN)
    if not 300 <= response.status_code < 400:
        return
    host = urlsplit(response.headers.get("location", "")).hostname
    if host is not None and host != urlsplit(address).hostname:
        raise LinkError("portal", status=response.status_code, host=host)
    raise LinkError("redirected", status=response.status_code)


def _body(response: requests.Response, most_bytes: int) -> bytes:
    """Read an answer to its end, unpacked: gzip, which proxies like, by `requests`; zstd here."""
    is_zstd = response.headers.get("content-encoding", "").strip().lower() == ZSTD
    pieces = (
        response.raw.stream(_CHUNK_BYTES, decode_content=False)
        if is_zstd
        else response.iter_content(_CHUNK_BYTES)
    )
    body = b"".join(_counted(pieces, most_bytes))
    return b"".join(_counted(unpacked(body, _CHUNK_BYTES), most_bytes)) if is_zstd else body


def _counted(pieces: Iterable[bytes], most_bytes: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most_bytes:
            raise LinkError("answer_too_large", limit_mb=most_bytes // 1_048_576)
        yield piece


def _has_length(response: requests.Response) -> bool:
    return "content-length" in response.headers or "transfer-encoding" in response.headers


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
