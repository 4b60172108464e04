"""Catalog sets side by side: installed after every file was held against its signature."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from client.cli import signing
from client.doctor import catalogs
from client.store import catalog_sets
from client.wiring import catalog_home, load_catalogs
from forms.catalog.loader import load_set, verify_set
from forms.catalog.sealing import HEAD, SIGNATURE
from forms.catalog.setfile import packed
from forms.seal.keys import SigningKey

KEY = SigningKey(b"k" * 32)
ITEMS = ("XZCF_FR", "XZXK_FR")


@pytest.fixture
def a_set(tmp_path):
    """Make a set of two shipped items, changed a little, and sign it."""

    def make(name="2026.2", *, effective="2026-11-01", until=date(2030, 12, 31), key=KEY, own=False) -> Path:
        home, root = catalog_home(), tmp_path / "made"
        directory = root / "catalogs" / name
        (directory / "items").mkdir(parents=True)
        if not (root / "codesets").exists():
            shutil.copytree(home.parent / "codesets", root / "codesets")
        shutil.copy(home / "sources.json", root / "catalogs")
        for code in ITEMS:
            item = json.loads((home / "2026.1" / "items" / f"{code}.json").read_bytes())
            item["fields"][0]["max_length"] = 64
            (directory / "items" / f"{code}.json").write_text(json.dumps(item, ensure_ascii=False))
        classes = json.loads((home / "2026.1" / HEAD).read_bytes())["classes"]
        head = {"name": name, "title": "样例目录集", "effective_on": effective, "classes": classes}
        (directory / HEAD).write_text(json.dumps(head), encoding="utf-8")
        signing.sign_again(
            directory, key, signed_by="样例主管部门", signed_on=date(2026, 10, 1), until=until, trust=False
        )
        if own:
            shutil.copytree(root / "codesets", directory / "codesets")
            shutil.copy(root / "catalogs" / "sources.json", directory)
        return directory

    return make


@pytest.fixture
def desk(minxin, tmp_path):
    """A profile that trusts the key of the sets above."""
    folder = tmp_path / "profile"
    assert minxin("catalog", "trust", KEY.public, "样例主管部门", "--profile", str(folder)).code == 0
    return folder


def installed(minxin, desk, source):
    return minxin("catalog", "install", str(source), "--profile", str(desk), "--json")


def test_a_set_is_installed_beside_the_old_one_and_is_current_when_it_is_in_force(minxin, desk, a_set):
    done = installed(minxin, desk, a_set())
    assert done.code == 0, done.err
    assert done.said["current"] == "2026.2"
    known = minxin("catalog", "sets", "--profile", str(desk), "--json").said["sets"]
    assert [(one["set"], one["current"]) for one in known] == [("2026.1", False), ("2026.2", True)]
    catalog = load_catalogs(desk)
    assert catalog.item("XZCF_FR").set_name == "2026.2"
    assert catalog.item("XZCF_FR@2026.1").set_name == "2026.1"


def test_a_set_lies_whole_in_the_profile(minxin, desk, a_set):
    """What it shares with others is copied, so that it stays readable whatever becomes of them."""
    installed(minxin, desk, a_set())
    own = desk / "catalogs" / "2026.2"
    trusted = catalog_sets.trusted_keys(desk, catalog_home())
    moved = desk / "elsewhere" / "2026.2"
    shutil.copytree(own, moved)
    assert set(verify_set(moved, trusted=trusted).entries) == set(ITEMS)


def test_a_set_of_next_year_waits_and_the_old_one_stays_current(minxin, desk, a_set):
    done = installed(minxin, desk, a_set("2099.1", effective="2099-01-01", until=date(2100, 1, 1)))
    assert done.said["current"] == "2026.1"


def test_the_same_set_again_is_nothing_and_another_of_its_name_is_refused(minxin, desk, a_set):
    source = a_set()
    assert installed(minxin, desk, source).code == installed(minxin, desk, source).code == 0
    other = source.parent / "other"
    shutil.copytree(source, other)
    item = other / "items" / "XZXK_FR.json"
    item.write_text(item.read_text(encoding="utf-8").replace('"max_length": 64', '"max_length": 65'))
    signing.sign_again(
        other, KEY, signed_by="某局", signed_on=date(2026, 10, 1), until=date(2030, 1, 1), trust=False
    )
    done = installed(minxin, desk, other)
    assert (done.code, "catalog_name_taken" in done.err) == (2, True)


def test_a_zip_is_as_good_as_a_folder(minxin, desk, a_set, tmp_path):
    source, package = a_set(own=True), tmp_path / "目录.zip"
    with zipfile.ZipFile(package, "w") as out:
        for one in [*sorted(source.rglob("*.json")), source / SIGNATURE]:
            out.write(one, f"2026.2/{one.relative_to(source)}")
        out.writestr("2026.2/../../escape.json", "{}")
        out.writestr("2026.2/items/../../../escape.json", "{}")
    done = installed(minxin, desk, package)
    assert done.code == 0, done.err
    assert not list(tmp_path.rglob("escape.json"))


def test_a_damaged_zip_is_refused_in_words_and_leaves_nothing(minxin, desk, tmp_path):
    content = bytearray(packed(load_set(catalog_home() / "2026.1")))
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        one = whole.getinfo("items/XZCF_FR.json")
    place = one.header_offset + 30 + len(one.filename)
    content[place : place + 40] = b"\xff" * 40
    package = tmp_path / "目录.zip"
    package.write_bytes(content)

    done = installed(minxin, desk, package)

    assert (done.code, "（catalog_none）" in done.err) == (2, True)
    assert not list((desk / "catalogs").glob("*/set.json"))


def spoilt(directory: Path, how: str) -> None:
    if how == "catalog_unsigned":
        (directory / SIGNATURE).unlink()
    elif how == "catalog_forged":
        sig = json.loads((directory / SIGNATURE).read_bytes())
        (directory / SIGNATURE).write_text(json.dumps(sig | {"until": "2031-12-31"}))
    elif how == "catalog_none":
        (directory / HEAD).unlink()
    else:
        item = directory / "items" / "XZCF_FR.json"
        item.write_text(item.read_text(encoding="utf-8") + " ", encoding="utf-8")


@pytest.mark.parametrize("code", ["catalog_unsigned", "catalog_forged", "catalog_none", "catalog_unsound"])
def test_what_does_not_hold_is_refused_with_words_and_leaves_nothing(code, minxin, desk, a_set):
    directory = a_set()
    spoilt(directory, code)
    done = installed(minxin, desk, directory)
    assert done.code == 2
    assert f"（{code}）" in done.err
    assert [one.name for one in (desk / "catalogs").iterdir()] == ["keys.json"]


def test_a_signer_that_nobody_vouched_for_is_refused(minxin, desk, a_set):
    done = installed(minxin, desk, a_set(key=SigningKey(b"x" * 32)))
    assert (done.code, "catalog_key_unknown" in done.err) == (2, True)


def test_a_signature_that_has_run_out_is_refused(minxin, desk, a_set):
    done = installed(minxin, desk, a_set(until=date(2026, 11, 2)))
    assert (done.code, "catalog_run_out" in done.err) == (2, True)


def test_what_is_no_key_is_not_trusted(minxin, tmp_path):
    done = minxin("catalog", "trust", "abc", "某局", "--profile", str(tmp_path / "p"))
    assert (done.code, "key_unreadable" in done.err) == (2, True)


def test_a_set_that_was_damaged_later_stops_nothing_and_doctor_names_it(minxin, desk, a_set):
    now = datetime(2026, 11, 24, 4, tzinfo=UTC)
    installed(minxin, desk, a_set())
    good = catalogs(now, desk)
    assert good.state == "ok"
    assert "2026.2（在用，2 个事项，起用 23 天，样例主管部门 签发至 2030-12-31）" in good.detail

    spoilt(desk / "catalogs" / "2026.2", "catalog_unsound")
    bad = catalogs(now, desk)
    assert (bad.state, "2026.2: items/XZCF_FR.json" in bad.detail) == ("bad", True)

    spoilt(desk / "catalogs" / "2026.2", "catalog_forged")
    assert load_catalogs(desk).current.name == "2026.1"
    assert minxin("catalog", "sets", "--profile", str(desk)).code == 1


def test_an_age_that_has_run_out_is_a_warning():
    found = catalogs(datetime(2090, 1, 1, tzinfo=UTC))
    assert (found.state, found.name) == ("warn", "catalog")
