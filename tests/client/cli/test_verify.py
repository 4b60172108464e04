"""`minxin verify` of what is published of lists: snapshot, deltas, filter; as a script calls it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forms.lists.editions import Head, delta, snapshot
from forms.lists.filterfile import FilterHead, build_filter, member
from forms.lists.sealed import seal
from forms.seal.canonical import canonical, digest
from forms.seal.keys import SigningKey

KEY = SigningKey.generate()
USCC = "9135020070000001X1"


def row(n: int) -> dict[str, Any]:
    return {
        "record_id": f"018f0000-0000-7000-8000-{n:012d}", "unit": "350200-01", "since": "2026-01-05",
        "until": None, "subject": USCC, "name": "鹭海建材有限公司", "keeper": "示范法院", "document": "1号",
    }  # fmt: skip


def head(number: int) -> Head:
    day = date(2026, 11, number)
    return Head("mx-1", "B01", "失信被执行人", "black", number, day, f"{day}T22:00:00.000Z", "ab" * 8)


def editions() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    snapshots = [snapshot(head(number), [row(n) for n in range(number)]) for number in (1, 2, 3)]
    deltas: list[dict[str, Any]] = []
    for before, after in zip([None, *snapshots], snapshots, strict=False):
        deltas.append(delta(before, after, digest(canonical(deltas[-1])) if deltas else None))
    return snapshots, deltas


def the_filter() -> bytes:
    lists = {"B01": {"name": "失信被执行人", "kind": "black", "number": 3}}
    made = FilterHead(
        "mx-1", 3, date(2026, 11, 3), "2026-11-02T22:00:00.000Z", lists, "ab" * 8, 14, b"d" * 16
    )
    return build_filter(made, [member("B01", "legal", USCC)], KEY)


SNAPSHOTS, DELTAS = editions()
SEALED = [seal(KEY, one) for one in DELTAS]


@pytest.fixture
def verify(minxin: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    def run(content: bytes, *options: str) -> Any:
        (tmp_path / "file").write_bytes(content)
        return minxin("verify", str(tmp_path / "file"), *options)

    return run


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(
            canonical(seal(KEY, SNAPSHOTS[2])),
            {"kind": "list.snapshot", "list": "B01", "number": 3, "on": "2026-11-03", "entries": 3},
            id="a snapshot",
        ),
        pytest.param(
            canonical({"deltas": SEALED, "next": None}),
            {"kind": "list.delta", "number": 3, "deltas": 3, "added": 3, "dropped": 0},
            id="deltas in a row",
        ),
        pytest.param(
            the_filter(), {"kind": "list.filter", "lists": 1, "number": 3, "members": 1}, id="filter"
        ),
    ],
)
def test_what_the_platform_signed_holds(verify: Callable[..., Any], content: bytes, said: dict[str, Any]):
    done = verify(content, "--key", KEY.public, "--json")

    assert done.code == 0
    assert done.said["valid"] is True
    assert said.items() <= done.said.items()
    assert "核验通过" in verify(content).out


LYING = seal(KEY, SNAPSHOTS[2]) | {"document": SNAPSHOTS[2] | {"entries": []}}


@pytest.mark.parametrize(
    ("content", "problem", "word"),
    [
        pytest.param(canonical(LYING), "digest_differs", "被改过", id="a snapshot with a subject taken out"),
        pytest.param(the_filter()[:-1], "digest_differs", "被改过", id="a filter cut short"),
        pytest.param(the_filter()[:30], "misshapen", "不完整", id="a filter that ends in its head"),
        pytest.param(canonical({"deltas": SEALED[::2], "next": None}), "gap", "缺了", id="a delta left out"),
    ],
)
def test_a_lying_file_says_why(verify: Callable[..., Any], content: bytes, problem: str, word: str):
    done = verify(content, "--json")

    assert done.code == 1
    assert (done.said["valid"], done.said["problem"]) == (False, problem)
    assert word in verify(content).out


def test_the_file_of_another_platform_is_found_out_with_the_own_key(verify: Callable[..., Any]):
    other = SigningKey.generate().public

    assert verify(the_filter(), "--key", other, "--json").said["problem"] == "signature_invalid"
    assert verify(canonical(SEALED[0]), "--key", other, "--json").said["problem"] == "signature_invalid"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"[1]", b"\xff"])
def test_a_file_of_something_else_is_not_judged(verify: Callable[..., Any], content: bytes):
    done = verify(content, "--key", KEY.public)

    assert done.code == 2
    assert "名单文件" in done.err
