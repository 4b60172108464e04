"""Proxy scripts: what they say is done; they see nothing, they come to an end; what is no script is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client.errors import LinkError
from client.sync import pac
from client.sync.transport import HttpTransport
from client.sync.ways import Proxy, Way, proxies_to
from client.sync.wire import Request
from tests.client.sync.test_transport import an_http, says

THERE = "https://credit.example.cn:8443"
ADDRESSES = {"credit.example.cn": "10.20.3.4", "intranet": "10.1.1.1"}


def ask(body: str, **how: Any) -> str:
    script = f"function FindProxyForURL(url, host) {{ {body} }}"
    given: dict[str, Any] = {"here": "10.20.9.9", "resolve": lambda name: ADDRESSES.get(name, "")}
    return pac.find_proxies(script, THERE, **given | how)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('return "PROXY 10.1.2.3:8080; DIRECT";', "PROXY 10.1.2.3:8080; DIRECT"),
        ("return host;", "credit.example.cn"),
        ("return url;", f"{THERE}/"),
        ("return myIpAddress();", "10.20.9.9"),
        ('return isInNet(host, "10.20.0.0", "255.255.0.0") ? "in" : "out";', "in"),
        ('return isInNet(host, "10.21.0.0", "255.255.0.0") ? "in" : "out";', "out"),
        ('return isInNet(myIpAddress(), "10.20.9.0", "255.255.255.0") ? "in" : "out";', "in"),
        ('return dnsResolve("intranet") + dnsResolve(host);', "10.1.1.110.20.3.4"),
        ('return isResolvable("nowhere") ? "yes" : "no";', "no"),
        ('try { return dnsResolve("nowhere") || "none"; } catch (e) { return "caught"; }', "none"),
        ('return dnsDomainIs(host, ".example.cn") ? "in" : "out";', "in"),
        ('return isPlainHostName(host) + "" + dnsDomainLevels(host);', "false2"),
        ('return localHostOrDomainIs("credit", host) ? "same" : "other";', "same"),
        ('return shExpMatch(host, "*.example.??") + "" + shExpMatch(host, "*example");', "truefalse"),
        ('return weekdayRange("SUN", "SAT") + "" + timeRange(0, 24) + dateRange(1, 31);', "truetruetrue"),
        ('return dateRange("JAN", "DEC") + "" + dateRange(1999) + dateRange(1999, 2099);', "truefalsetrue"),
        ('return timeRange(0, 0, 23, 59) + "" + weekdayRange("MON", "SUN", "GMT");', "truetrue"),
    ],
)
def test_a_script_is_answered_as_browsers_answer_it(body: str, said: str):
    assert ask(body) == said


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("while (true) {}", id="endless"),
        pytest.param("var a = []; while (true) a.push(new Array(1000).join('x') + a.length);", id="greedy"),
        pytest.param("return nothing();", id="calls what is not there"),
        pytest.param("return (function f() { return f(); })();", id="too deep"),
        pytest.param("} syntax", id="no script"),
        pytest.param("for (var i = 0; ; i++) dnsResolve('name' + i);", id="asks for names for ever"),
    ],
)
def test_a_script_that_fails_or_never_ends_is_named(body: str):
    with pytest.raises(LinkError, match="proxy_script_faulty"):
        ask(body)


def test_a_script_sees_no_file_no_network_and_no_environment():
    names = ("require", "process", "std", "os", "fetch", "XMLHttpRequest", "load", "print")

    assert ask(f"return [{', '.join('typeof ' + name for name in names)}].join();") == ",".join(
        ["undefined"] * len(names)
    )


def test_what_a_script_says_becomes_the_way(tmp_path: Path):
    script = tmp_path / "proxy.pac"
    way = Way("script", str(script), "u", "w")

    def said(text: str) -> tuple[Proxy | None, ...]:
        script.write_text(f'function FindProxyForURL(u, h) {{ return "{text}"; }}', encoding="utf-8")
        return proxies_to(THERE, way)

    first = Proxy("10.1.2.3", 8080, user="u", password="w")
    assert said("PROXY 10.1.2.3:8080; DIRECT") == (first, None)
    assert said("DIRECT") == (None,)
    assert said("HTTPS p.example.cn:443") == (Proxy("p.example.cn", 443, "https", "u", "w"),)
    assert said("SOCKS 10.1.2.3:1080; PROXY 10.1.2.3:8080") == (first,)
    for text, code in (("SOCKS 10.1.2.3:1080", "proxy_socks"), ("", "proxy_script_faulty")):
        with pytest.raises(LinkError, match=code):
            said(text)
    assert proxies_to("http://127.0.0.1:8000", Way("script", "nowhere")) == ()


def test_a_script_comes_from_a_file_or_an_address_and_is_named_when_it_does_not(
    liar: Callable, tmp_path: Path
):
    file = tmp_path / "a b.pac"
    file.write_bytes(b"\xef\xbb\xbfvar a;")

    assert pac.read_script(str(file)) == "var a;"
    assert pac.read_script(file.as_uri()) == "var a;"
    assert pac.read_script(liar(says(an_http(b"var b;"))).address + "/proxy.pac") == "var b;"
    gone = liar(says(an_http(b"", "404 Not Found"))).address
    for place in (str(tmp_path / "gone.pac"), f"{gone}/proxy.pac", "http://no-such-host.invalid/proxy.pac"):
        with pytest.raises(LinkError, match="proxy_script_missing"):
            pac.read_script(place)


def test_when_the_proxy_of_a_script_is_away_its_next_word_counts(liar: Callable, certificates: Callable):
    ca_file, context = certificates()
    server = liar(says(an_http()), context)
    line = HttpTransport(server.address, ca_file=str(ca_file), proxies=[Proxy("127.0.0.1", 9), None])

    assert line.exchange(Request("GET", "/v1/hello")).status == 200
    line.close()
