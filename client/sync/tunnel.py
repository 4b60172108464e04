"""A look at what stands in the way: how a proxy wants to be logged in to, whose certificate comes out.

Only looks: nothing of ours is sent.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from client.errors import LinkError
from client.sync.ways import Proxy

PATIENCE_S: Final = 10.0
MOST_HEAD_BYTES: Final = 65_536
MADE: Final = 200
WINDOWS_ONLY: Final = frozenset({"ntlm", "negotiate", "kerberos"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a proxy says when it is asked for a tunnel.

    Attributes:
        schemes: how it may be logged in to, lower case, as it offers them; empty when it does not ask.
    """

    status: int
    schemes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificate that stands at an address, whoever put it there. Nothing of it is believed."""

    issuer: str
    subject: str
    since: datetime
    until: datetime


def login_error(proxy: Proxy, host: str, port: int) -> LinkError:
    """Name what a proxy wants that answered 407.

    Returns:
        ``proxy_password_wrong``, ``proxy_password_needed``; ``proxy_ntlm``: it takes only a Windows log-in;
        ``proxy_login_unknown``: something else that we do not speak.
    """
    try:
        with _reached(proxy) as line:
            answer = ask(line, proxy, host, port)
    except OSError:
        return LinkError("proxy_password_wrong" if proxy.user else "proxy_password_needed")
    if "basic" in answer.schemes or not answer.schemes:
        return LinkError("proxy_password_wrong" if proxy.user else "proxy_password_needed")
    if WINDOWS_ONLY & set(answer.schemes):
        return LinkError("proxy_ntlm")
    return LinkError("proxy_login_unknown", schemes="、".join(answer.schemes))


def ask(line: socket.socket, proxy: Proxy, host: str, port: int) -> Answer:
    """Ask for a tunnel; raises OSError when the line breaks."""
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    said = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    said += [f"{name}: {value}" for name, value in proxy.headers().items()]
    line.sendall("\r\n".join([*said, "", ""]).encode("ascii"))
    head = b""
    while b"\r\n\r\n" not in head:
        piece = line.recv(4_096)
        if not piece or len(head) > MOST_HEAD_BYTES:
            raise ConnectionResetError
        head += piece
    first, *rest = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = first.split()
    if len(words) < 2 or not words[1].isdigit():
        raise ConnectionResetError
    schemes = [
        value.strip().split(" ", 1)[0].lower()
        for name, _, value in (row.partition(":") for row in rest)
        if name.strip().lower() == "proxy-authenticate" and value.strip()
    ]
    return Answer(int(words[1]), tuple(dict.fromkeys(schemes)))


def certificate_at(address: str, proxy: Proxy | None) -> Shown | None:
    """Look at the certificate that stands at an address; None when there is none to be seen.

    This is the one handshake that does not verify: it is over once the certificate is seen, and what is seen
    is shown to a person, never trusted.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 443
    looking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    looking.check_hostname = False
    looking.verify_mode = ssl.CERT_NONE
    try:
        with _reached(proxy) if proxy else socket.create_connection((host, port), PATIENCE_S) as line:
            if proxy is not None and ask(line, proxy, host, port).status != MADE:
                return None
            with looking.wrap_socket(line, server_hostname=host) as seen:
                der = seen.getpeercert(binary_form=True)
    except OSError:
        return None
    try:
        return shown(x509.load_der_x509_certificate(der)) if der else None
    except ValueError:
        return None


def _reached(proxy: Proxy) -> socket.socket:
    line = socket.create_connection((proxy.host, proxy.port), PATIENCE_S)
    return (
        ssl.create_default_context().wrap_socket(line, server_hostname=proxy.host)
        if proxy.scheme == "https"
        else line
    )


def shown(made: x509.Certificate) -> Shown:
    """Return what people are told of a certificate."""
    return Shown(_name(made.issuer), _name(made.subject), made.not_valid_before_utc, made.not_valid_after_utc)


def _name(name: x509.Name) -> str:
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(kind)
        if found:
            return str(found[0].value)
    return name.rfc4514_string()
