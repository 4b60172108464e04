"""The way to the platform by verbs, and what `doctor` says of a desk; on a desk that nobody else has open."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.cli import desk_check
from client.store import drafts, link, outbox, review
from client.store.second_copy import NAME
from tests.client.cli.conftest import Done, Run
from tests.client.sync.certificates import a_chain
from tests.client.ui.house import PASSPHRASE, House, a_house, a_penalty


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A desk of three people; nobody listens at its platform's address."""
    return a_house(tmp_path / "desk")


def call(minxin: Run, house: House, *verb: str, personal: bool = True, **secrets: str) -> Done:
    """Run a verb on the desk, as its reporter unless nobody is named."""
    named = ("--operator", "许可") if personal else ()
    given = {"--passphrase-fd": PASSPHRASE} if personal else {}
    given |= {f"--{name.replace('_', '-')}": text for name, text in secrets.items()}
    done: Done = minxin(*verb, "--profile", str(house.directory), *named, secrets=given)
    return done


def test_a_proxy_is_set_shown_and_taken_away_and_its_word_is_in_no_file(minxin: Run, house: House):
    manual = ("network", "set", "--proxy", "manual", "--address", "127.0.0.1:9", "--user", "lin", "--json")
    done = call(minxin, house, *manual, personal=False, password_fd="geheim27")
    assert (done.code, done.said["password_kept"]) == (1, False)  # there is no keyring here
    assert "口令没有存下" not in done.out
    assert all(b"geheim27" not in one.read_bytes() for one in house.directory.iterdir() if one.is_file())

    shown = call(minxin, house, "network", "show", "--json", personal=False)
    assert shown.said == {
        "mode": "manual", "address": "127.0.0.1:9", "user": "lin", "password_kept": False, "keyring": None
    }  # fmt: skip
    assert (
        "手动 127.0.0.1:9，用户名 lin，口令没有存下"
        in call(minxin, house, "network", "show", personal=False).out
    )
    gone = call(minxin, house, "network", "set", "--proxy", "none", "--user", "", "--json", personal=False)
    assert (gone.code, gone.said["mode"], gone.said["user"]) == (0, "none", "")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("--proxy", "manual"), "--address"),
        (("--proxy", "manual", "--address", "http://lin:geheim@10.1.2.3:8080"), "口令不要写在地址里"),
        (("--proxy", "manual", "--address", "http://wpad.example.cn/wpad.dat"), "自动脚本"),
        (("--proxy", "manual", "--address", "socks5://10.1.2.3:1080"), "SOCKS"),
        (("--system-ca",), "--operator"),
    ],
)
def test_what_cannot_be_set_is_said_and_changes_nothing(minxin: Run, house: House, said: tuple, words: str):
    done = call(minxin, house, "network", "set", *said, personal=False)

    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert not (house.directory / "settings.json").exists()


def test_an_authority_is_believed_and_given_up_and_the_test_says_what_is_wrong(
    minxin: Run, house: House, tmp_path: Path
):
    ca_file, _ = a_chain(tmp_path)
    assert call(minxin, house, "network", "set", "--ca-file", str(ca_file)).code == 0
    shown = call(minxin, house, "network", "show", "--json").said
    assert shown["ca"]["subject"] == "test authority"
    assert shown["platform"] == "http://127.0.0.1:9"
    tried = call(minxin, house, "network", "test", "--json")
    assert (tried.code, tried.said["ok"], tried.said["problem"]) == (1, False, "no_connection")
    assert "联系不上" in tried.said["message"]
    assert "经过：直接连接，没有代理" in call(minxin, house, "network", "test").out
    assert call(minxin, house, "network", "set", "--system-ca").code == 0
    assert call(minxin, house, "network", "show", "--json").said["ca"] is None


def test_while_a_window_holds_the_desk_nothing_is_set_and_everything_is_shown(minxin: Run, house: House):
    house.desk_of("庄敏")

    assert "profile_in_use" in call(minxin, house, "network", "set", "--proxy", "none", personal=False).err
    assert call(minxin, house, "network", "show").code == 0
    house.close()


def test_doctor_proves_the_second_copy_and_says_how_queue_line_clock_and_epoch_stand(
    minxin: Run, house: House, monkeypatch: pytest.MonkeyPatch
):
    desk = house.desk_of("许可")
    act_id = review.submit(desk, [drafts.create(desk, "XZCF_FR", a_penalty(1))], title="处罚").act_id
    assert act_id is not None
    desk = house.desk_of("庄敏")
    review.approve(desk, act_id)
    link.adopt_epoch(desk, "e2")
    with desk.db.transaction() as tx:
        tx.execute("UPDATE device SET clock_offset_ms = 725000")
        link.put_setting(tx, "protocol_sunset_at", "2027-02-01T16:00:00.000Z")
    house.close()

    said = call(minxin, house, "doctor", "--json").said
    found = {one["name"]: one for one in said["findings"]}
    assert found["second_copy"]["state"] == "ok"
    assert "1 versions proved, 0 lacking" in found["second_copy"]["detail"]
    assert found["queue"]["detail"].endswith("1 queued")
    assert "慢了约 12 分钟" in found["clock_offset"]["text"]
    assert "2027-02-02 起不再接受" in found["protocol"]["text"]
    assert (found["epoch"]["state"], found["contact"]["text"]) == ("warn", "还没有联系过平台。")
    assert found["platform"]["detail"] == "http://127.0.0.1:9: no_connection"

    status = call(minxin, house, "status", "--json").said
    assert (status["clock_ahead_s"], status["update_by"]) == (725, "2027-02-02")


def test_a_second_copy_that_is_damaged_or_gone_and_a_full_disk_are_found(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    desk = house.desk_of("许可")
    act_id = review.submit(desk, [drafts.create(desk, "XZCF_FR", a_penalty(1))], title="处罚").act_id
    assert act_id is not None
    desk = house.desk_of("庄敏")
    review.approve(desk, act_id)
    copy = house.directory / NAME
    whole = copy.read_bytes()

    def state() -> tuple[str, str]:
        found = next(one for one in desk_check.look_into(desk) if one.name == "second_copy")
        return found.state, found.text

    assert {one.name for one in desk_check.look(house.directory)} == {"room", "second_copy"}
    copy.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
    assert state()[0] == "bad"
    copy.unlink()
    assert state() == ("warn", desk_check.SAYS["copy_lacking"])
    copy.write_bytes(whole)
    monkeypatch.setattr(desk_check, "LITTLE_BYTES", 1 << 62)
    assert desk_check.look(house.directory)[0].text == desk_check.SAYS["room_little"]
    assert desk_check.look(house.directory / "none") == []
    assert outbox.status(desk.db.reader())["queued"] == 1
    house.close()
