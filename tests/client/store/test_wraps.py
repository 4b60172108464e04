from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from client.errors import ProfileError, UnlockError
from client.store.wraps import (
    Cost,
    DataKey,
    KeyFile,
    Opened,
    Wrap,
    open_wrap,
    read_keys,
    seal,
    write_keys,
)
from forms.seal.keys import SigningKey

CHEAP = Cost(1, 32, 1)
KEYS = Opened(DataKey(b"d" * 32), SigningKey(b"s" * 32))
HALF = b"h" * 32


def a_wrap(passphrase: str = "床前明月光疑是地上霜", possession: bytes | None = None) -> Wrap:
    return seal("profile", "op-1", "林晓", KEYS, passphrase=passphrase, possession=possession, cost=CHEAP)


def test_a_wrap_opens_with_its_passphrase():
    opened = open_wrap("profile", a_wrap(), passphrase="床前明月光疑是地上霜", possession=None)

    assert (opened.data_key.raw, opened.signing_key.raw) == (b"d" * 32, b"s" * 32)


@pytest.mark.parametrize("passphrase", ["床前明月光疑是地上霜 ", "", "wrong passphrase"])
def test_another_passphrase_opens_nothing(passphrase: str):
    with pytest.raises(UnlockError) as caught:
        open_wrap("profile", a_wrap(), passphrase=passphrase, possession=None)
    assert caught.value.code == "passphrase_wrong"


def test_a_digit_typed_at_full_width_is_the_same_digit():
    wrap = a_wrap("xiamen-2026")

    assert open_wrap("profile", wrap, passphrase="ｘｉａｍｅｎ－２０２６", possession=None)


def test_with_a_half_in_the_keyring_neither_part_opens_alone():
    wrap = a_wrap(possession=HALF)

    assert open_wrap("profile", wrap, passphrase="床前明月光疑是地上霜", possession=HALF)
    with pytest.raises(UnlockError) as caught:
        open_wrap("profile", wrap, passphrase="床前明月光疑是地上霜", possession=None)
    assert caught.value.code == "keyring_half_missing"
    with pytest.raises(UnlockError) as caught:
        open_wrap("profile", wrap, passphrase="床前明月光疑是地上霜", possession=b"x" * 32)
    assert caught.value.code == "passphrase_wrong"


def test_a_short_passphrase_is_refused():
    with pytest.raises(UnlockError) as caught:
        a_wrap("1234567")
    assert (caught.value.code, caught.value.params) == ("passphrase_too_short", {"least": 8})


def test_a_wrap_serves_no_other_operator_and_no_other_profile():
    wrap = a_wrap()

    for profile, moved in (("other", wrap), ("profile", replace(wrap, operator_id="op-2"))):
        with pytest.raises(UnlockError):
            open_wrap(profile, moved, passphrase="床前明月光疑是地上霜", possession=None)


def test_two_wraps_of_the_same_person_share_nothing():
    one, two = a_wrap(), a_wrap()

    assert one.salt != two.salt
    assert one.sealed != two.sealed


def test_each_purpose_has_a_key_of_its_own():
    key = DataKey.generate()

    assert len({key.raw, key.subkey("a"), key.subkey("b"), key.subkey("a", b"salt")}) == 4
    assert key.subkey("a") == key.subkey("a")


def test_keys_are_never_printed():
    assert "dddd" not in repr(KEYS) + repr(KEYS.data_key)


def test_keys_json_comes_back_and_holds_no_secret(tmp_path: Path):
    keys = KeyFile("profile", (a_wrap(possession=HALF),))

    write_keys(tmp_path / "keys.json", keys)

    assert read_keys(tmp_path / "keys.json") == keys
    text = (tmp_path / "keys.json").read_text("utf-8")
    assert "林晓" in text
    assert "床前" not in text
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir()] == ["keys.json"]


def test_the_cost_of_a_try_is_stored_and_used(tmp_path: Path):
    write_keys(tmp_path / "keys.json", KeyFile("profile", (a_wrap(),)))
    said = json.loads((tmp_path / "keys.json").read_text("utf-8"))

    assert said["wraps"][0]["argon2"] == {"t": 1, "memory_kib": 32, "lanes": 1}
    said["wraps"][0]["argon2"]["t"] = 2
    (tmp_path / "keys.json").write_text(json.dumps(said), "utf-8")
    with pytest.raises(UnlockError):
        open_wrap(
            "profile", read_keys(tmp_path / "keys.json").wraps[0],
            passphrase="床前明月光疑是地上霜", possession=None,
        )  # fmt: skip


def test_the_standard_cost_is_that_of_the_design():
    assert Cost() == Cost(passes=3, memory_kib=65_536, lanes=4)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "profile_missing"),
        ("", "keys_damaged"),
        ("[]", "keys_damaged"),
        ("{}", "keys_damaged"),
        ('{"format": 1, "profile_id": "p", "wraps": [{"operator_id": "o"}]}', "keys_damaged"),
        ('{"format": 1, "profile_id": "p", "wraps": 7}', "keys_damaged"),
        ('{"format": 2, "profile_id": "p", "wraps": []}', "profile_newer"),
    ],
)
def test_a_missing_damaged_or_newer_key_file_is_named(tmp_path: Path, content: str | None, code: str):
    if content is not None:
        (tmp_path / "keys.json").write_text(content, "utf-8")

    with pytest.raises(ProfileError) as caught:
        read_keys(tmp_path / "keys.json")
    assert caught.value.code == code


def test_a_cost_that_would_eat_the_machine_is_not_believed(tmp_path: Path):
    wrap = replace(a_wrap(), cost=Cost(1, 2**30, 1))
    write_keys(tmp_path / "keys.json", KeyFile("profile", (wrap,)))

    with pytest.raises(ProfileError) as caught:
        read_keys(tmp_path / "keys.json")
    assert caught.value.code == "keys_damaged"
