"""The way through a proxy: over real sockets and real TLS, each refusal under its own name."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from client.errors import LinkError
from client.sync.lines import read_authorities, to_address, with_own_copy
from client.sync.transport import HttpTransport
from client.sync.tunnel import certificate_at
from client.sync.ways import Proxy, Way, manual, parsed_proxy, proxies_to
from client.sync.wire import Request
from tests.client.sync.certificates import a_chain
from tests.client.sync.proxies import ProxyServer
from tests.client.ui.house import a_device

HELLO = Request("GET", "/v1/hello")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"


@pytest.fixture
def proxy() -> Iterator[Callable[..., ProxyServer]]:
    """Start proxies; all are closed at the end of the test."""
    started: list[ProxyServer] = []

    def start(**how: Any) -> ProxyServer:
        started.append(ProxyServer(**how))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def platform(liar: Callable, certificates: Callable) -> tuple[str, str]:
    """A server under TLS that answers; returns address and authority."""
    ca_file, context = certificates()
    return liar(lambda line: line.sendall(ANSWER), context).address, str(ca_file)


def ask(address: str, ca_file: str, *proxies: Proxy) -> int:
    line = HttpTransport(address, ca_file=ca_file, proxies=proxies, connect_s=5)
    try:
        return line.exchange(HELLO).status
    finally:
        line.close()


def code_of(address: str, ca_file: str, *proxies: Proxy) -> str:
    with pytest.raises(LinkError) as caught:
        ask(address, ca_file, *proxies)
    return caught.value.code


def at(server: ProxyServer, **who: str) -> Proxy:
    return parsed_proxy(server.address, **who)


def a_closed_port() -> Proxy:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return Proxy("127.0.0.1", taken.getsockname()[1])


def test_through_a_proxy_the_platform_answers_and_the_proxy_sees_nothing_but_the_address(proxy, platform):
    server = proxy()

    assert ask(*platform, at(server)) == 200
    (head,) = server.asked
    assert head.startswith(f"CONNECT {platform[0].removeprefix('https://')} HTTP/1.")
    assert "hello" not in head


def test_who_asks_may_have_a_chinese_name(proxy, platform):
    server = proxy(users={"林晓": "口令：一"})

    assert ask(*platform, at(server, user="林晓", password="口令：一")) == 200


@pytest.mark.parametrize(
    ("how", "who", "code"),
    [
        pytest.param({"users": {}}, {}, "proxy_password_needed", id="asks, and nobody is named"),
        pytest.param(
            {"users": {"a": "b"}}, {"user": "a", "password": "c"}, "proxy_password_wrong", id="a wrong word"
        ),
        pytest.param(
            {"users": {}, "schemes": ("Negotiate", "NTLM")}, {}, "proxy_ntlm", id="Windows log-in only"
        ),
        pytest.param(
            {"users": {}, "schemes": ("NTLM", "Basic realm=x")}, {}, "proxy_password_needed", id="either"
        ),
        pytest.param({"users": {}, "schemes": ("Digest realm=x",)}, {}, "proxy_login_unknown", id="digest"),
        pytest.param({"refuses": "403 Forbidden"}, {}, "proxy_refused", id="forbidden"),
        pytest.param({"refuses": "503 Busy"}, {}, "proxy_refused", id="cannot get there"),
        pytest.param({"silent": True}, {}, "truncated", id="hangs up"),
    ],
)
def test_every_way_a_proxy_refuses_has_its_name(proxy, platform, how, who, code):
    assert code_of(*platform, at(proxy(**how), **who)) == code


def test_a_proxy_that_is_not_there_is_told_apart_from_a_platform_that_is_not_there(platform):
    assert code_of(*platform, a_closed_port()) == "proxy_unreachable"
    assert code_of(*platform, Proxy("no-such-proxy.invalid", 8080)) == "proxy_name_not_found"


def test_when_the_first_proxy_cannot_be_reached_the_next_one_carries(proxy, platform):
    server = proxy()

    assert ask(*platform, a_closed_port(), at(server)) == 200
    assert len(server.asked) == 1


def test_a_certificate_behind_a_proxy_is_verified_like_any_other(proxy, liar, certificates, tmp_path):
    _, context = certificates()
    intercepted = liar(lambda line: line.sendall(ANSWER), context)
    (tmp_path / "other").mkdir()
    other, _ = a_chain(tmp_path / "other")

    assert code_of(intercepted.address, str(other), at(proxy())) == "certificate_unknown"


def test_another_line_goes_the_same_way(proxy, platform):
    server = proxy(users={"a": "b"})
    line = HttpTransport(platform[0], ca_file=platform[1], proxies=[at(server, user="a", password="b")])
    other = line.another()

    assert other.exchange(HELLO).status == 200
    line.close()
    other.close()


@pytest.mark.parametrize("text", ["10.1.2.3:8080", "http://10.1.2.3:8080", " http://10.1.2.3:8080/ "])
def test_an_address_of_a_proxy_is_read_as_people_write_it(text: str):
    assert parsed_proxy(text) == Proxy("10.1.2.3", 8080)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("10.1.2.3", "proxy_address_wrong"),
        ("", "proxy_address_wrong"),
        ("http://:8080", "proxy_address_wrong"),
        ("10.1.2.3:80x", "proxy_address_wrong"),
        ("ftp://10.1.2.3:21", "proxy_address_wrong"),
        ("http://10.1.2.3:8080/path", "proxy_address_wrong"),
        ("http://wpad.example.cn/wpad.dat", "proxy_script"),
        ("file:///etc/proxy.pac", "proxy_script"),
        ("socks5://10.1.2.3:1080", "proxy_socks"),
    ],
)
def test_what_is_no_proxy_is_refused_by_name(text: str, code: str):
    with pytest.raises(LinkError) as caught:
        parsed_proxy(text)

    assert caught.value.code == code


def test_a_word_that_was_typed_into_an_address_is_taken_out_of_it():
    assert manual("http://lin:a%20b@10.1.2.3:8080") == Way("manual", "http://10.1.2.3:8080", "lin", "a b")


def test_the_way_is_what_is_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("https_proxy", "http://a:b%20c@10.9.9.9:3128")
    monkeypatch.setenv("no_proxy", "near.example.cn")
    there = "https://credit.example.cn"

    assert proxies_to(there, Way("none")) == ()
    assert proxies_to(there, Way("manual", "10.1.1.1:80", "u", "w")) == (
        Proxy("10.1.1.1", 80, user="u", password="w"),
    )
    assert proxies_to(there, Way("system")) == (Proxy("10.9.9.9", 3128, user="a", password="b c"),)
    assert proxies_to("https://near.example.cn", Way("system")) == ()
    assert proxies_to("http://127.0.0.1:8000", Way("manual", "10.1.1.1:80")) == ()


def test_a_word_is_in_no_text_that_could_be_logged():
    proxy = Proxy("10.1.2.3", 8080, user="u", password="geheim")

    assert "geheim" not in f"{proxy} {proxy.url} {Way('manual', 'x:1', 'u', 'geheim')}"


def test_a_certificate_is_looked_at_without_a_byte_of_ours(liar, certificates, proxy):
    _, context = certificates(since_days=-3, until_days=-1)
    server = liar(lambda line: line.sendall(ANSWER), context)

    for way in (None, at(proxy())):
        shown = certificate_at(server.address, way)
        assert shown is not None
        assert (shown.issuer, shown.subject) == ("test authority", "platform")
        assert shown.until < datetime.now(UTC)
    server.close()
    assert all(said == b"" for said in server.asked)


def test_where_there_is_no_certificate_none_is_seen(liar, proxy):
    plain = liar(lambda line: line.sendall(ANSWER))

    assert certificate_at(f"https://127.0.0.1:{plain.port}", None) is None
    assert certificate_at("https://127.0.0.1:9", at(proxy(refuses="403 No"))) is None


def test_an_authority_is_taken_as_pem_and_as_der_and_nothing_else(platform, tmp_path: Path):
    pem = Path(platform[1]).read_bytes()
    der = tmp_path / "ca.cer"
    der.write_bytes(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))
    junk = tmp_path / "junk.pem"
    junk.write_bytes(b"-----BEGIN CERTIFICATE-----\nnothing\n")

    assert read_authorities(Path(platform[1])) == read_authorities(der) == pem
    for path, code in ((junk, "ca_file_unreadable"), (tmp_path / "gone.pem", "ca_file_missing")):
        with pytest.raises(LinkError) as caught:
            read_authorities(path)
        assert caught.value.code == code


def test_the_authority_of_an_enrolment_is_copied_into_the_profile(platform, tmp_path: Path):
    folder = tmp_path / "desk"
    folder.mkdir()
    device = a_device(ca_file=platform[1])
    kept = with_own_copy(device, folder)

    assert kept.ca_file == "ca.pem"
    assert (folder / "ca.pem").read_bytes() == Path(platform[1]).read_bytes()
    assert with_own_copy(a_device(), folder).ca_file is None


def test_a_line_to_an_address_takes_the_way_that_is_set(platform, proxy):
    server = proxy()
    line = to_address(platform[0], platform[1], Way("manual", server.address))

    assert line.exchange(HELLO).status == 200
    assert len(server.asked) == 1
    line.close()
