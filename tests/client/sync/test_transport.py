import json
import socket
import threading
import time

import pytest
import zstandard

from client.errors import LinkError
from client.sync.api import Platform
from client.sync.plan import LINK
from client.sync.transport import HttpTransport, checked_address
from client.sync.wire import Request
from tests.client.sync.words import PINNED, SERVER, a_signed_hello

HELLO = Request("GET", "/v1/hello")


def an_http(body=b"{}", status="200 OK", *headers, length=None):
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if length is None else length}",
        "Content-Type: application/json",
        f"X-MinXin-Server: {SERVER}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(answer):
    return lambda line: line.sendall(answer)


def close_with_reset(line):
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def ask(server, **how):
    transport = HttpTransport(server.address, **how)
    try:
        return transport.exchange(HELLO)
    finally:
        transport.close()


def code_of(server, **how):
    with pytest.raises(LinkError) as caught:
        ask(server, **how)
    return caught.value.code


def test_an_answer_comes_as_it_was_sent(liar):
    reply = ask(liar(says(an_http(b'{"a":1}'))))

    assert (reply.status, reply.body) == (200, b'{"a":1}')
    assert reply.headers["x-minxin-server"] == SERVER


@pytest.mark.parametrize(
    ("speak", "code"),
    [
        pytest.param(says(an_http(b'{"a"', length=400)), "truncated", id="half an answer"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nConte"), "truncated", id="half a header"),
        pytest.param(says(b""), "truncated", id="closed without a word"),
        pytest.param(close_with_reset, "truncated", id="reset"),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
            "truncated",
            id="half a chunk",
        ),
        pytest.param(says(b"SSH-2.0-OpenSSH\r\n"), "truncated", id="no HTTP"),
        pytest.param(
            says(an_http(b"no gzip", "200 OK", "Content-Encoding: gzip")), "truncated", id="packed and broken"
        ),
        pytest.param(
            says(an_http(b"no zstd", "200 OK", "Content-Encoding: zstd")), "truncated", id="not what it says"
        ),
        pytest.param(
            says(an_http(b"", "301 Moved", "Location: https://login.example/")), "portal", id="sent elsewhere"
        ),
        pytest.param(
            says(an_http(b"", "302 Found", "Location: //login.example/a")),
            "portal",
            id="sent elsewhere, in short",
        ),
        pytest.param(says(an_http(b"", "511 Log in")), "portal", id="the network asks for a log-in"),
        pytest.param(
            says(an_http(b"", "307 Moved", "Location: /v2/hello")), "redirected", id="sent on, same host"
        ),
    ],
)
def test_every_way_a_line_breaks_has_its_name(liar, speak, code):
    assert code_of(liar(speak)) == code


def test_a_platform_that_says_nothing_is_a_time_out(liar):
    assert code_of(liar(), read_s=0.2) == "timeout"


def drips(begun, piece=b"x", every_s=0.02):
    """Say the beginning of an answer, and then a piece now and then, for ever."""

    def speak(line):
        between = threading.Event()
        line.sendall(begun)
        while not between.wait(every_s):
            line.sendall(piece)

    return speak


@pytest.mark.parametrize(
    ("begun", "piece"),
    [
        pytest.param(an_http(b"", length=1_000_000), b"x", id="the body, of a length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", id="in chunks"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n", id="the headers"),
        pytest.param(b"HTTP/1.1 2", b"0", id="the first line"),
    ],
)
def test_an_answer_that_drips_without_end_is_a_time_out(liar, begun, piece):
    started = time.monotonic()

    assert code_of(liar(drips(begun, piece)), total_s=0.15) == "timeout"
    assert time.monotonic() - started < 3


def test_over_tls_an_answer_may_drip_no_longer_either(liar, certificates):
    ca_file, context = certificates()
    server = liar(drips(an_http(b"", length=1_000)), context)

    assert code_of(server, ca_file=str(ca_file), total_s=0.15) == "timeout"


def test_what_was_expected_to_take_longer_may_take_longer(liar):
    body = b"x" * 20
    transport = HttpTransport(liar(drips(an_http(length=20), body[:1])).address, total_s=0.05)

    assert transport.exchange(Request("GET", "/v1/feed", expected_s=2.0)).body == b"{}" + body[2:]
    transport.close()


def test_a_question_that_nobody_reads_ends_too():
    """The platform takes the first bytes, and no more."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        transport = HttpTransport(f"http://127.0.0.1:{deaf.getsockname()[1]}", connect_s=0.1, total_s=0.1)
        with pytest.raises(LinkError) as caught:
            transport.exchange(Request("POST", "/v1/batches", body=b"b" * 30_000_000))
        transport.close()

    assert caught.value.code in {"timeout", "no_connection"}


def test_a_port_nobody_listens_at_is_no_connection():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    transport = HttpTransport(f"http://127.0.0.1:{port}")

    with pytest.raises(LinkError) as caught:
        transport.exchange(HELLO)

    assert caught.value.code == "no_connection"


def test_a_name_that_does_not_exist_is_told_apart_from_a_line_that_is_down():
    transport = HttpTransport("https://no-such-platform.invalid", connect_s=5)

    with pytest.raises(LinkError) as caught:
        transport.exchange(HELLO)

    assert caught.value.code == "name_not_found"


def test_a_body_leaves_in_pieces_and_is_told_how_far_it_is(liar):
    server, told = liar(says(an_http())), []
    transport = HttpTransport(server.address)
    transport.on_sent = told.append
    transport.exchange(Request("POST", "/v1/batches", {"Content-Type": "x/y"}, b"b" * 50_000))
    transport.close()

    assert server.asked[0].endswith(b"b" * 50_000)
    assert b"Content-Length: 50000" in server.asked[0]
    assert told[-1] == 50_000
    assert len(told) > 3


def test_an_endless_answer_is_cut_off(liar):
    assert code_of(liar(says(an_http(b"x" * 200_000))), most_bytes=1_000) == "answer_too_large"


def test_an_answer_that_is_packed_comes_out_unpacked(liar):
    server = liar(says(an_http(zstandard.compress(b'{"a":1}'), "200 OK", "Content-Encoding: zstd")))

    assert ask(server).body == b'{"a":1}'
    assert b"Accept-Encoding: zstd, gzip\r\n" in server.asked[0]


def test_an_answer_that_swells_without_end_is_cut_off(liar):
    bomb = zstandard.compress(b"x" * 2_000_000)

    assert len(bomb) < 1_000
    assert (
        code_of(liar(says(an_http(bomb, "200 OK", "Content-Encoding: zstd"))), most_bytes=1_000_000)
        == "answer_too_large"
    )


def test_a_certificate_under_our_own_authority_is_believed(liar, certificates):
    ca_file, context = certificates()
    server = liar(says(an_http()), context)

    assert ask(server, ca_file=str(ca_file)).status == 200


@pytest.mark.parametrize(
    ("how", "code"),
    [
        pytest.param({"since_days": -3, "until_days": -1}, "certificate_expired", id="expired"),
        pytest.param(
            {"since_days": 1, "until_days": 3}, "certificate_not_yet", id="not yet valid: whose clock?"
        ),
        pytest.param({"address": "127.0.0.2"}, "certificate_other_host", id="for another machine"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused_and_says_why(liar, certificates, how, code):
    ca_file, context = certificates(**how)

    assert code_of(liar(says(an_http()), context), ca_file=str(ca_file)) == code


def test_a_certificate_of_an_unknown_authority_is_refused(liar, certificates):
    _, context = certificates()

    assert code_of(liar(says(an_http()), context)) == "certificate_unknown"


def test_plain_http_where_tls_should_be_is_refused(liar, certificates):
    ca_file, _ = certificates()
    server = liar(says(an_http()))

    with pytest.raises(LinkError) as caught:
        HttpTransport(f"https://127.0.0.1:{server.port}", ca_file=str(ca_file)).exchange(HELLO)

    assert caught.value.code == "tls_failed"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        pytest.param("http://credit.example.cn", "tls_needed", id="plain http to another machine"),
        pytest.param("http://10.0.0.8:8000", "tls_needed", id="plain http to the next room"),
        pytest.param("credit.example.cn", "address_wrong", id="no scheme"),
        pytest.param("ftp://credit.example.cn", "address_wrong", id="another scheme"),
        pytest.param("https://", "address_wrong", id="no host"),
        pytest.param("https://credit.example.cn:x", "address_wrong", id="no port"),
        pytest.param("https://a:b@credit.example.cn", "address_wrong", id="with a password"),
        pytest.param("https://credit.example.cn/?a=1", "address_wrong", id="with a query"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_before_anything_is_sent(address, code):
    with pytest.raises(LinkError) as caught:
        HttpTransport(address)

    assert caught.value.code == code


def test_an_authority_file_that_is_gone_is_named(tmp_path):
    with pytest.raises(LinkError) as caught:
        HttpTransport("https://credit.example.cn", ca_file=str(tmp_path / "gone.pem"))

    assert caught.value.code == "ca_file_missing"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000/", "http://localhost:8000", "http://[::1]:8000", " https://x.cn/api/ "]
)
def test_an_address_is_kept_without_its_last_slash(address):
    assert checked_address(address) == address.strip().rstrip("/")


def test_the_environment_sends_nothing_elsewhere(liar, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert ask(liar(says(an_http()))).status == 200


def test_every_code_that_the_line_can_raise_has_a_verdict(liar):
    server = liar(says(an_http(b'{"no":"hello"}')))
    platform = Platform(HttpTransport(server.address), PINNED, lambda: None)

    with pytest.raises(LinkError) as caught:
        platform.hello()

    assert caught.value.code in LINK


def test_a_real_greeting_over_a_real_socket(liar):
    server = liar(says(an_http(json.dumps(a_signed_hello()).encode())))

    assert Platform(HttpTransport(server.address), PINNED, lambda: None).hello().epoch == "e1"
