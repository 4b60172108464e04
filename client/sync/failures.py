"""What `requests`, `urllib3`, `ssl` or the system said of a line, as one of our own codes. Pure.

The one place for it. Each failure that a person mends in another way has a name of its own.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from typing import Final

import requests
import urllib3.exceptions

from client.errors import LinkError

CERTIFICATE: Final = {
    9: "certificate_not_yet",
    10: "certificate_expired",
    18: "certificate_unknown",
    19: "certificate_unknown",
    20: "certificate_unknown",
    21: "certificate_unknown",
    62: "certificate_other_host",
    64: "certificate_other_host",
}
"""X509_V_ERR_… (openssl-verification-options) → code: its days, who signed it, for whom it is."""

LOGIN_WANTED: Final = 407
_TUNNEL: Final = re.compile(r"Tunnel connection failed: (\d{3})")

_ADDRESS: Final = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)
_PROXY: Final = (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)
_BY_KIND: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((urllib3.exceptions.NameResolutionError,), "name_not_found"),
    ((urllib3.exceptions.NewConnectionError,), "no_connection"),
    ((requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), "timeout"),
    (_ADDRESS, "address_wrong"),
)
"""The first that fits: to urllib3 a name that is not found is a connection refused is a time-out."""

_OF_THE_PROXY: Final = {
    "name_not_found": "proxy_name_not_found",
    "no_connection": "proxy_unreachable",
    "timeout": "proxy_unreachable",
}

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
    """Convert what went wrong on the line into one of ours."""
    chain = list(_causes(error))
    if any(isinstance(one, _PROXY) for one in chain):
        return _proxy_error(chain)
    code = _kind(chain)
    if code is not None:
        return LinkError(code)
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            return LinkError(CERTIFICATE.get(one.verify_code, "tls_failed"))
    if any(isinstance(one, ssl.SSLError | requests.exceptions.SSLError) for one in chain):
        return LinkError("tls_failed")
    return LinkError("truncated" if any(isinstance(one, _CUT_OFF) for one in chain) else "no_connection")


def _proxy_error(chain: list[BaseException]) -> LinkError:
    for one in chain:
        found = _TUNNEL.search(str(one)) if isinstance(one, OSError) else None
        if found is not None:
            status = int(found[1])
            return LinkError(
                "proxy_password_needed" if status == LOGIN_WANTED else "proxy_refused", status=status
            )
    return LinkError(_OF_THE_PROXY.get(_kind(chain) or "", "proxy_failed"))


def _kind(chain: list[BaseException]) -> str | None:
    for kinds, code in _BY_KIND:
        if any(isinstance(one, kinds) for one in chain):
            return code
    return None


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
