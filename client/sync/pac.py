"""Proxy scripts (PAC): which proxies a network wants used for an address, asked of its own JavaScript.

The script runs in an engine of its own, with bounds of time and memory; it sees no file, no environment and
no network. The one thing that it may ask, a name's address, is looked up between two runs: a name that is
not known yet ends the run, is looked up, and the script begins anew.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests

from client.errors import LinkError

MOST_BYTES: Final = 1 << 20
FETCH_S: Final = 10.0
RUN_S: Final = 1.0
RUN_BYTES: Final = 32 << 20
STACK_BYTES: Final = 256 << 10
MOST_NAMES: Final = 16
"""Names that one question to a script may need."""

Resolve = Callable[[str], str]
"""Returns the address of a name, IPv4 as text; empty when it has none."""

FUNCTIONS: Final = r"""
var __wanted = "";
function dnsResolve(host) {
  host = String(host);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return host;
  if (!(host in __known)) { __wanted = host; throw new Error("name wanted"); }
  return __known[host] || null;
}
function isResolvable(host) { return dnsResolve(host) !== null; }
function myIpAddress() { return __here; }
function isPlainHostName(host) { return host.indexOf(".") < 0; }
function dnsDomainLevels(host) { return host.split(".").length - 1; }
function dnsDomainIs(host, domain) {
  return host.length >= domain.length && host.slice(-domain.length) === domain;
}
function localHostOrDomainIs(host, full) {
  return host === full || (isPlainHostName(host) && full.indexOf(host + ".") === 0);
}
function convert_addr(ip) {
  return ip.split(".").reduce(function (sum, part) { return (sum * 256 + Number(part)) >>> 0; }, 0);
}
function isInNet(host, net, mask) {
  var ip = dnsResolve(host);
  if (ip === null) return false;
  var bits = convert_addr(mask);
  return ((convert_addr(ip) & bits) >>> 0) === ((convert_addr(net) & bits) >>> 0);
}
function shExpMatch(text, pattern) {
  var said = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
  return new RegExp("^" + said + "$").test(text);
}
function __now(args) {
  var gmt = args.length && args[args.length - 1] === "GMT", at = new Date();
  if (gmt) args.pop();
  else at = new Date(at.getTime() - at.getTimezoneOffset() * 60000);
  return [
    at.getUTCDay(), at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(),
    at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
}
function __before(a, b) {
  for (var i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] < b[i];
  return true;
}
function __between(from, at, to) {
  var after = __before(from, at), until = __before(at, to);
  return __before(from, to) ? after && until : after || until;
}
function weekdayRange() {
  var args = [].slice.call(arguments), now = __now(args);
  var days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
  var from = days.indexOf(args[0]), to = args.length > 1 ? days.indexOf(args[1]) : from;
  return __between([from], [now[0]], [to]);
}
function timeRange() {
  var args = [].slice.call(arguments), now = __now(args);
  args = args.map(Number);
  if (args.length === 1) return now[4] === args[0];
  var half = args.length / 2, from = args.slice(0, half), to = args.slice(half);
  if (half === 1) return __between(from, [now[4]], [to[0] - 1]);
  return __between(from, now.slice(4, 4 + half), to);
}
function dateRange() {
  var args = [].slice.call(arguments), now = __now(args);
  var months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
  function placed(list) {
    var found = [null, null, null];
    list.forEach(function (a) {
      if (months.indexOf(a) >= 0) found[1] = months.indexOf(a);
      else if (Number(a) > 31) found[0] = Number(a);
      else found[2] = Number(a);
    });
    return found;
  }
  var half = args.length === 1 ? 1 : args.length / 2, from = placed(args.slice(0, half));
  var to = args.length === 1 ? from : placed(args.slice(half));
  var kept = [0, 1, 2].filter(function (i) { return from[i] !== null; });
  function only(list) { return kept.map(function (i) { return list[i]; }); }
  return __between(only(from), only([now[1], now[2], now[3]]), only(to));
}
"""
"""What scripts may call, as the first of them described it (Netscape, 1996)."""

QUESTION: Final = "String(FindProxyForURL(__url, __host))"


def find_proxies(script: str, address: str, *, here: str, resolve: Resolve | None = None) -> str:
    """Ask a script for an address; returns what it says, e.g. ``PROXY 10.1.2.3:8080; DIRECT``.

    Only scheme and host are told to the script.

    Args:
        script: its text.
        address: of the platform.
        here: this PC's address on its way out.
        resolve: looks a name up; asks the system when None.

    Raises:
        LinkError: ``proxy_script_faulty``: it is no script, it fails, or it does not come to an end.
    """
    import quickjs  # noqa: PLC0415 - 8 MB that only a script needs

    parts = urlsplit(address)
    known: dict[str, str] = {}
    for _ in range(MOST_NAMES):
        engine = quickjs.Context()
        engine.set_memory_limit(RUN_BYTES)
        engine.set_max_stack_size(STACK_BYTES)
        engine.set_time_limit(RUN_S)
        told = {
            "__known": known,
            "__here": here,
            "__url": f"{parts.scheme}://{parts.netloc}/",
            "__host": parts.hostname or "",
        }
        answer, failure = None, None
        try:
            engine.eval("".join(f"var {name} = {json.dumps(value)};" for name, value in told.items()))
            engine.eval(FUNCTIONS)
            engine.eval(script)
            answer = str(engine.eval(QUESTION))
        except quickjs.JSException as error:
            failure = error
        wanted = str(engine.eval("__wanted"))
        if not wanted:
            if answer is None:
                raise LinkError("proxy_script_faulty") from failure
            return answer
        known[wanted] = (resolve or _address_of)(wanted)
    raise LinkError("proxy_script_faulty")


def read_script(place: str) -> str:
    """Return the text of a script: from a file, or from an address, straight and without a proxy.

    Raises:
        LinkError: ``proxy_script_missing``.
    """
    try:
        said = _fetched(place) if place.lower().startswith(("http://", "https://")) else _file(place)
    except (OSError, requests.RequestException) as error:
        raise LinkError("proxy_script_missing") from error
    return said.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _file(place: str) -> bytes:
    path = Path(url2pathname(urlsplit(place).path)) if place.lower().startswith("file:") else Path(place)
    with path.open("rb") as file:
        return file.read(MOST_BYTES)


def _fetched(place: str) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        with session.get(place, timeout=FETCH_S, stream=True) as response:
            response.raise_for_status()
            return next(response.iter_content(MOST_BYTES), b"")


def _address_of(name: str) -> str:
    try:
        return socket.getaddrinfo(name, None, socket.AF_INET)[0][4][0]  # type: ignore[return-value]  # IPv4: text
    except OSError:
        return ""
