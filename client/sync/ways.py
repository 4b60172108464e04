"""How questions get out of the house: straight, or through a proxy. Values, and what the system has set.

Plain http only ever goes to this machine, so a proxy only ever carries https: it is asked for a tunnel
(CONNECT) and sees nothing of what goes through.
"""

from __future__ import annotations

import base64
import urllib.request
from dataclasses import dataclass, field
from typing import Final, Literal, get_args
from urllib.parse import quote, unquote, urlsplit

from client.errors import LinkError
from client.sync import pac
from client.sync.network import way_out

Mode = Literal["system", "none", "manual", "script"]
MODES: Final = get_args(Mode)

SCRIPT_ENDINGS: Final = (".pac", ".dat", ".js")
"""Of the addresses under which networks keep their proxy scripts (PAC, wpad.dat)."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy.

    Attributes:
        scheme: ``http``, or ``https`` for one that is itself reached over TLS.
        user, password: for a proxy that asks for them (Basic); empty for none.
    """

    host: str
    port: int
    scheme: str = "http"
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """As people call it: ``10.1.2.3:8080``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Without the password, which travels in a header of its own."""
        return f"{self.scheme}://{self.name}"

    def headers(self) -> dict[str, str]:
        """What the proxy is told of who asks; empty when nobody is named."""
        if not self.user:
            return {}
        word = base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")
        return {"Proxy-Authorization": f"Basic {word}"}


@dataclass(frozen=True, slots=True)
class Way:
    """What is set under 设置 · 网络.

    Attributes:
        mode: ``system``: as the system says; ``none``: straight; ``manual``: through `address`;
            ``script``: as the script at `address` says (PAC).
        address: of the proxy or the script, as a person typed it.
        user, password: for a proxy that asks.
    """

    mode: Mode = "system"
    address: str = ""
    user: str = ""
    password: str = field(default="", repr=False)


STRAIGHT: Final = Way("none")


def proxies_to(address: str, way: Way) -> tuple[Proxy | None, ...]:
    """Return the proxies on the way to an address, the first to try first; None, or nothing, for straight.

    Raises:
        LinkError: ``proxy_address_wrong``, ``proxy_script``, ``proxy_socks``, ``proxy_script_missing``,
            ``proxy_script_faulty``.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" or way.mode == "none":
        return ()
    if way.mode == "manual":
        return (parsed_proxy(way.address, user=way.user, password=way.password),)
    if way.mode == "script":
        here = next(iter(way_out()), "127.0.0.1")
        return _from_script(pac.find_proxies(pac.read_script(way.address), address, here=here), way)
    host = parts.hostname or ""
    if urllib.request.proxy_bypass(host):
        return ()
    said = urllib.request.getproxies()
    found = said.get("https") or said.get("all")
    return (parsed_proxy(found, user=way.user, password=way.password),) if found else ()


def _from_script(said: str, way: Way) -> tuple[Proxy | None, ...]:
    """Read what a script says: ``PROXY 10.1.2.3:8080; DIRECT``."""
    found: list[Proxy | None] = []
    skipped = False
    for entry in filter(None, (one.strip() for one in said.split(";"))):
        kind, _, target = entry.partition(" ")
        if kind.upper() == "DIRECT":
            found.append(None)
        elif kind.upper() in SCHEMES:
            scheme = SCHEMES[kind.upper()]
            found.append(parsed_proxy(f"{scheme}://{target.strip()}", user=way.user, password=way.password))
        else:
            skipped = True
    if not found:
        raise LinkError("proxy_socks" if skipped else "proxy_script_faulty")
    return tuple(found)


SCHEMES: Final = {"PROXY": "http", "HTTP": "http", "HTTPS": "https"}


def parsed_proxy(text: str, *, user: str = "", password: str = "") -> Proxy:
    """Read the address of a proxy: ``proxy.example.cn:8080``, with or without ``http://``.

    Args:
        text: the address; a name and a word in it win over the others.
        user: who asks.
        password: the word that goes with it.

    Raises:
        LinkError: ``proxy_address_wrong``; ``proxy_script``: it is the address of a script; ``proxy_socks``.
    """
    text = text.strip()
    if text.lower().startswith("socks"):
        raise LinkError("proxy_socks")
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise LinkError("proxy_address_wrong") from error
    if parts.scheme == "file" or parts.path.lower().endswith(SCRIPT_ENDINGS):
        raise LinkError("proxy_script")
    if parts.scheme not in {"http", "https"} or not host or port is None or parts.path not in {"", "/"}:
        raise LinkError("proxy_address_wrong")
    return Proxy(
        host,
        port,
        parts.scheme,
        unquote(parts.username or "") or user,
        unquote(parts.password or "") or password,
    )


def manual(text: str) -> Way:
    """Return the way through the proxy that somebody typed; a name and a word in it are taken out of it.

    Raises:
        LinkError: as `parsed_proxy`.
    """
    proxy = parsed_proxy(text)
    return Way("manual", proxy.url, proxy.user, proxy.password)


def account(way: Way) -> str:
    """Return the name under which the password of a proxy lies in the keyring."""
    return f"proxy/{quote(way.user, safe='')}@{way.address.strip()}"
