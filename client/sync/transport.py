"""HTTP to the platform with requests: one question, one answer, and every failure by its own name.

The only module that knows `requests`. Verification of certificates cannot be switched off; no
redirect is followed; nothing is repeated here: whether and when to ask again is the engine's.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from client.errors import LinkError
from client.sync.wire import Reply, Request

CONNECT_S: Final = 15.0
READ_S: Final = 60.0
MOST_ANSWER_BYTES: Final = 64 * 1024 * 1024
_CHUNK_BYTES: Final = 65_536
NO_CONTENT: Final = 204

NOT_YET_VALID: Final = 9
CERTIFICATE_TIME: Final = frozenset({NOT_YET_VALID, 10})
"""X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED (openssl-verification-options)."""


class HttpTransport:
    """The network.

    Args:
        address: of the platform, e.g. ``https://credit.example.cn``; plain http only to this machine.
        ca_file: certificate authority of the platform, when it is not a public one.
        connect_s: longest time to reach it.
        read_s: longest silence; not the longest answer.
        most_bytes: of an answer; a longer one is cut off.

    Raises:
        LinkError: ``address_wrong``, ``tls_needed``, ``ca_file_missing``.
    """

    def __init__(
        self,
        address: str,
        *,
        ca_file: str | None = None,
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
        most_bytes: int = MOST_ANSWER_BYTES,
    ) -> None:
        self._address = checked_address(address)
        if ca_file is not None and not Path(ca_file).is_file():
            raise LinkError("ca_file_missing")
        self._verify: str | bool = ca_file if ca_file is not None else True
        self._connect_s, self._read_s, self._most_bytes = connect_s, read_s, most_bytes
        self._session = requests.Session()
        # The environment's proxies, netrc and certificates stay out: what goes where is set in the program.
        self._session.trust_env = False

    def exchange(self, request: Request) -> Reply:
        """Ask once and read the answer to its end.

        Raises:
            LinkError: see `plan.LINK`.
        """
        try:
            with self._session.request(
                request.method,
                self._address + request.path,
                headers=dict(request.headers),
                data=request.body or None,
                timeout=(self._connect_s, self._read_s + request.wait_s),
                verify=self._verify,
                allow_redirects=False,
                stream=True,
            ) as response:
                _refuse_redirect(response, self._address)
                body = b"".join(_chunks(response, self._most_bytes))
                if not body and not _has_length(response) and response.status_code != NO_CONTENT:
                    raise LinkError("truncated")  # cut within the headers: not even a length came
                return Reply(response.status_code, _lowered(response.headers), body)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise link_error(error) from error

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


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
    if not 300 <= response.status_code < 400:
        return
    host = urlsplit(response.headers.get("location", "")).hostname
    if host is not None and host != urlsplit(address).hostname:
        raise LinkError("portal", status=response.status_code, host=host)
    raise LinkError("redirected", status=response.status_code)


def _chunks(response: requests.Response, most_bytes: int) -> Iterator[bytes]:
    size = 0
    for chunk in response.iter_content(_CHUNK_BYTES):
        size += len(chunk)
        if size > most_bytes:
            raise LinkError("answer_too_large", limit_mb=most_bytes // 1_048_576)
        yield chunk


def _has_length(response: requests.Response) -> bool:
    return "content-length" in response.headers or "transfer-encoding" in response.headers


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)
_BY_KIND: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((requests.exceptions.ProxyError, urllib3.exceptions.ProxyError), "proxy_failed"),
    ((urllib3.exceptions.NameResolutionError,), "name_not_found"),
    ((urllib3.exceptions.NewConnectionError,), "no_connection"),
    ((requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), "timeout"),
    (_ADDRESS, "address_wrong"),
)
"""The first that fits: to urllib3 a name that is not found is a connection refused is a time-out."""

_CUT_OFF: Final = (
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    urllib3.exceptions.ProtocolError,
    urllib3.exceptions.DecodeError,
    ConnectionResetError,
    BrokenPipeError,
)
"""The line ended after the question was on its way: it may have arrived."""


def link_error(error: BaseException) -> LinkError:
    """Convert what `requests`, `urllib3`, `ssl` or the system said into one of ours; the one place for it."""
    chain = list(_causes(error))
    for kinds, code in _BY_KIND:
        if any(isinstance(one, kinds) for one in chain):
            return LinkError(code)
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError) and one.verify_code in CERTIFICATE_TIME:
            return LinkError("certificate_expired", not_yet=int(one.verify_code == NOT_YET_VALID))
    if any(isinstance(one, ssl.SSLError | requests.exceptions.SSLError) for one in chain):
        return LinkError("tls_failed")
    return LinkError("truncated" if any(isinstance(one, _CUT_OFF) for one in chain) else "no_connection")


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        # urllib3 and requests hide the cause in `reason` or among the arguments.
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
