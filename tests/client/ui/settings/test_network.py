"""设置 · 网络: the test goes the same way as data and names each failure; what is set is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from client.sync import lines, reading
from client.sync.diagnosis import Diagnosis, examine
from client.sync.ways import Way
from client.sync.wire import Reply
from client.ui.settings import network_words
from client.ui.settings.network_card import NetworkCard
from tests.client.sync.certificates import a_chain
from tests.client.sync.conftest import Liar
from tests.client.sync.proxies import ProxyServer
from tests.client.sync.words import SERVER, a_signed_hello
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House


def greets(hello: dict[str, Any] | None = None, *, server: str = SERVER) -> Callable:
    body = json.dumps(hello or a_signed_hello()).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nContent-Type: application/json\r\n"
        f"X-MinXin-Server: {server}\r\n\r\n"
    )
    return lambda line: line.sendall(head.encode() + body)


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"


@pytest.fixture
def servers() -> Iterator[list[Any]]:
    started: list[Any] = []
    yield started
    for one in started:
        one.close()


@pytest.fixture
def found(profile: House, tmp_path: Path, servers: list[Any]) -> Callable[..., Diagnosis]:
    """Examine the line of a desk to a server that speaks as told, under an authority as wrong as told."""
    profile.clock.at = datetime.now(UTC)  # certificates are made today
    desk = profile.desk_of("洪涛")

    def look(
        speak: Callable, *, way: Way | None = None, knows: bool = True, at: str | None = None, **how: Any
    ) -> Diagnosis:
        ca_file, context = a_chain(tmp_path, **how)
        server = Liar(speak, context)
        servers.append(server)
        lines.use_ca_file(desk, ca_file if knows else None)
        desk.device = replace(desk.device, platform_url=at or server.address)
        return examine(desk, way or Way("none"), way_out=lambda: ("10.0.0.7",))

    return look


def code_of(found: Diagnosis) -> str:
    assert found.error is not None
    return found.error.code


def said(found: Diagnosis) -> str:
    return " ".join([network_words.sentence(found)[0], *(" ".join(row) for row in network_words.rows(found))])


@pytest.mark.parametrize(
    ("speak", "how", "code", "words"),
    [
        pytest.param(
            greets(), {"since_days": -3, "until_days": -1}, "certificate_expired",
            ("核对这台电脑的日期", "证书有效期", "证书已经过期", "电脑时间"), id="expired",
        ),
        pytest.param(
            greets(), {"since_days": 1, "until_days": 3}, "certificate_not_yet",
            ("校准电脑", "多半是电脑时间慢了", "证书有效期"), id="wrong clock",
        ),
        pytest.param(
            greets(), {"knows": False}, "certificate_unknown",
            ("检查加密流量", "由“test authority”签发", "CA 文件"), id="intercepted",
        ),
        pytest.param(
            greets(), {"address": "127.0.0.2"}, "certificate_other_host",
            ("不是发给平台的", "发给“platform”"), id="for another host",
        ),
        pytest.param(lambda line: line.sendall(PAGE), {}, "portal", ("浏览器登录网络",), id="a portal"),
        pytest.param(greets(server="p2"), {}, "not_ours", ("不是本单位登记的平台",), id="another platform"),
        pytest.param(
            greets(), {"at": "https://no-such-platform.invalid"}, "name_not_found", ("域名解析",), id="no DNS"
        ),
    ],
)  # fmt: skip
def test_each_failure_is_said_with_its_remedy(
    found: Callable, speak: Callable, how: dict[str, Any], code: str, words: tuple[str, ...]
):
    seen = found(speak, **how)

    assert code_of(seen) == code
    assert [word for word in words if word not in said(seen)] == []
    assert network_words.sentence(seen)[1] == "bad"


def test_the_test_goes_through_the_proxy_and_says_what_the_proxy_wants(found: Callable, servers: list[Any]):
    proxy = ProxyServer(users={}, schemes=("NTLM",))
    servers.append(proxy)
    seen = found(greets(), way=Way("manual", proxy.address))

    assert code_of(seen) == "proxy_ntlm"
    assert "域登录（NTLM）" in said(seen)
    assert f"经过 代理 {proxy.address}" in said(seen)


def test_without_any_network_that_is_said_first():
    now = datetime.now(UTC)
    seen = Diagnosis(now, lines.LinkError("name_not_found"), is_offline=True)

    assert "没有连上任何网络" in said(seen)


@pytest.mark.parametrize(
    ("ahead_s", "words", "tone"),
    [(0, "时间一致", "good"), (700, "时间慢了 700 秒", "warn"), (-700, "时间快了 700 秒", "warn")],
)
def test_a_line_that_works_says_whose_clock_is_wrong(ahead_s: int, words: str, tone: str):
    headers = {"x-minxin-server": SERVER, "content-type": "application/json"}
    hello = reading.read_hello(Reply(200, headers, json.dumps(a_signed_hello()).encode()), None)
    now = datetime(2026, 11, 24, tzinfo=UTC)
    seen = Diagnosis(now, hello=hello, ahead=timedelta(seconds=ahead_s))

    assert words in network_words.sentence(seen)[0]
    assert network_words.sentence(seen)[1] == tone


# --- the card ---


@pytest.fixture
def card(driver: Driver) -> NetworkCard:
    driver.unlock("洪涛")
    return driver.go("settings", card="network").network  # type: ignore[attr-defined,no-any-return]


def click(driver: Driver, button: Any) -> None:
    driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.settle()


def test_the_card_tests_the_line_and_the_result_can_be_copied(card: NetworkCard, driver: Driver):
    click(driver, card.test_button)

    assert "联系不上" in card.said()
    assert card.test_button.isEnabled()
    click(driver, card.copy_button)
    assert "直接连接，没有代理" in QGuiApplication.clipboard().text()


def test_a_proxy_is_kept_and_used_and_its_word_is_in_no_file(
    card: NetworkCard, driver: Driver, profile: House, servers: list[Any]
):
    driver.qtbot.mouseClick(card.modes["manual"], Qt.MouseButton.LeftButton)
    driver.qtbot.keyClicks(card.address, "127.0.0.1:9")
    driver.qtbot.keyClicks(card.user, "lin")
    driver.qtbot.keyClicks(card.password, "geheim27")
    assert card.test_button.text() == "保存并测试"
    driver.qtbot.keyClick(card.password, Qt.Key.Key_Return)
    driver.settle()

    kept = (profile.directory / "settings.json").read_text(encoding="utf-8")
    assert '"127.0.0.1:9"' in kept
    assert "geheim27" not in kept
    assert "口令只用到窗口关闭" in " ".join(label.text() for label in card.findChildren(QLabel))
    assert card.test_button.text() == "测试连接"
    session = driver.window.session
    assert session is not None
    assert session.around is not None
    assert session.around.way() == Way("manual", "127.0.0.1:9", "lin", "geheim27")


def test_a_script_in_the_place_of_a_proxy_is_refused_by_name(card: NetworkCard, driver: Driver):
    driver.qtbot.mouseClick(card.modes["manual"], Qt.MouseButton.LeftButton)
    driver.qtbot.keyClicks(card.address, "http://wpad.example.cn/wpad.dat")
    click(driver, card.test_button)

    assert "选“自动脚本”" in card.said()
    assert "proxy_script" in card.said()


def test_a_script_is_used_as_the_network_says(
    card: NetworkCard, driver: Driver, profile: House, tmp_path: Path, servers: list[Any]
):
    script = tmp_path / "proxy.pac"
    script.write_text('function FindProxyForURL(url, host) { return "DIRECT"; }')
    driver.qtbot.mouseClick(card.modes["script"], Qt.MouseButton.LeftButton)
    driver.qtbot.keyClicks(card.address, str(script))
    click(driver, card.test_button)

    assert "联系不上" in card.said()
    assert '"script"' in (profile.directory / "settings.json").read_text(encoding="utf-8")


def test_an_own_authority_is_copied_into_the_profile_and_can_be_given_up(
    card: NetworkCard, driver: Driver, profile: House, tmp_path: Path
):
    (tmp_path / "stick").mkdir()
    ca_file, _ = a_chain(tmp_path / "stick")
    card.use_authority(ca_file)
    driver.settle()
    ca_file.unlink()

    assert "只信任：test authority" in card._authority.text()
    assert (profile.directory / "ca.pem").is_file()
    click(driver, card.system_button)
    assert card._authority.text() == "系统和程序自带的证书"


def test_a_file_without_a_certificate_changes_nothing(card: NetworkCard, driver: Driver, tmp_path: Path):
    wrong = tmp_path / "notes.pem"
    wrong.write_text("nothing")
    card.use_authority(wrong)
    driver.settle()

    assert "没有证书" in card.said()
    assert card._authority.text() == "系统和程序自带的证书"
