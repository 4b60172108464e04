"""Snapshots and deltas: applying gives the next byte for byte, nothing is left out, nobody's number shows."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.lists.editions import Head, applied, delta, follows, row_of, snapshot
from forms.lists.entries import Entry
from forms.lists.sealed import NotGenuine, is_sealed, opened, seal
from forms.seal.canonical import canonical, digest
from forms.seal.keys import SigningKey

KEY = SigningKey.generate()
RIC = "35020319900307401X"


def head(number: int = 1, **changed: Any) -> Head:
    day = date(2026, 11, number)
    made = {
        "server_id": "mx-1", "list": "B01", "name": "失信被执行人", "kind": "black", "number": number,
        "on": day, "person_key": "ab" * 8, "made_at": f"{day}T22:00:00.000Z",
    }  # fmt: skip
    return Head(**{**made, **changed})


def row(n: int, name: str = "鹭海建材有限公司") -> dict[str, Any]:
    return {
        "record_id": f"018f0000-0000-7000-8000-{n:012d}", "unit": "350200-01", "since": "2026-01-05",
        "until": None, "subject": "9135020070000001X1", "name": name, "keeper": "示范法院", "document": "1号",
    }  # fmt: skip


people_on = st.dictionaries(st.integers(0, 30), st.sampled_from(["甲公司", "乙公司"]), max_size=12)


@given(st.lists(people_on, min_size=1, max_size=6))
def test_applying_the_deltas_gives_every_snapshot_byte_for_byte(days: list[dict[int, str]]):
    made, have, previous = None, None, None
    for number, on in enumerate(days, start=1):
        after = snapshot(head(number), [row(n, name) for n, name in on.items()])
        change = delta(made, after, previous)
        have = applied(have, change)
        assert canonical(have) == canonical(after)
        made, previous = after, digest(canonical(change))


def chain(count: int = 3) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    snapshots, deltas = [], []
    for number in range(1, count + 1):
        after = snapshot(head(number), [row(n) for n in range(number)])
        last = digest(canonical(deltas[-1])) if deltas else None
        deltas.append(delta(snapshots[-1] if snapshots else None, after, last))
        snapshots.append(after)
    return snapshots, deltas


def test_each_delta_names_the_one_before():
    _, deltas = chain()

    assert follows(deltas[0], deltas[1])
    assert not follows(deltas[0], deltas[2])
    assert not follows(deltas[0] | {"drop": ["x"]}, deltas[1])


@pytest.mark.parametrize(
    ("have", "change", "code"),
    [
        pytest.param({}, {"list": "B02"}, "other_list", id="of another list"),
        pytest.param({}, {"server_id": "mx-2"}, "other_list", id="of another platform"),
        pytest.param({"number": 2}, {}, "gap", id="not the next number"),
        pytest.param({"made_at": "x"}, {}, "base_differs", id="made for another snapshot"),
        pytest.param({}, {"drop": [row(0)["record_id"]]}, "result_differs", id="a subject let off"),
        pytest.param({}, {"put": []}, "result_differs", id="a subject left out"),
    ],
)
def test_a_delta_that_does_not_lead_to_the_next_snapshot_is_refused(
    have: dict[str, Any], change: dict[str, Any], code: str
):
    snapshots, deltas = chain()

    with pytest.raises(NotGenuine) as refused:
        applied(snapshots[0] | have, deltas[1] | change)

    assert refused.value.code == code


def test_a_sealed_document_opens_with_the_platforms_key():
    snapshots, deltas = chain()

    for document in (*snapshots, *deltas):
        travelled = json.loads(canonical(seal(KEY, document)))
        assert is_sealed(travelled)
        assert opened(travelled, KEY.public) == opened(travelled) == document


def touched(**members: Any) -> dict[str, Any]:
    sealed = seal(KEY, chain()[0][1])
    return {**sealed, "document": {**sealed["document"], **members}}


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        pytest.param(touched(entries=[]), "digest_differs", id="a subject taken out"),
        pytest.param(touched(number=True), "misshapen", id="a number that is none"),
        pytest.param(touched(colour="red"), "misshapen", id="a member too many"),
        pytest.param(touched(entries=[row(2), row(1)]), "misshapen", id="rows out of order"),
        pytest.param(touched(entries=[{}]), "misshapen", id="a row without its record"),
        pytest.param(touched(entries=[row(1) | {"since": 1.5}]), "misshapen", id="a number with a fraction"),
        pytest.param(touched(format="list.filter"), "not_published", id="another format"),
        pytest.param(
            seal(KEY, chain()[0][1]) | {"sig": "A" * 86}, "signature_invalid", id="another signature"
        ),
        pytest.param(seal(KEY, chain()[0][1]) | {"sig": None}, "signature_invalid", id="no signature"),
        pytest.param(seal(KEY, chain()[0][1]) | {"more": 1}, "misshapen", id="something beside it"),
        pytest.param([1], "not_published", id="no object"),
    ],
)
def test_a_lying_envelope_is_refused_with_the_reason(envelope: Any, code: str):
    with pytest.raises(NotGenuine) as refused:
        opened(envelope)

    assert refused.value.code == code


def test_another_platforms_document_is_refused():
    sealed = seal(SigningKey.generate(), chain()[0][0])

    assert opened(sealed)
    with pytest.raises(NotGenuine, match="signature_invalid"):
        opened(sealed, KEY.public)


def entry(kind: Any, code: str, name: str) -> Entry:
    return Entry(
        list="B01", subject_kind=kind, subject_code=code, subject_name=name, ground=f"{name}拒不履行",
        keeper="示范法院", document=f"{name}案", since_on=date(2026, 1, 5), since_stated=True,
        until_on=date(2027, 1, 4), removed_on=date(2026, 12, 1), removed_because="", removed_by="",
    )  # fmt: skip


def test_of_a_person_only_the_tag_is_published():
    made = row_of(entry("person", RIC, "林晓岚"), "id", "350200-01", "5f" * 16)

    assert made["person"] == "5f" * 16
    assert RIC not in json.dumps(made, ensure_ascii=False)
    assert "林晓岚" not in json.dumps(made, ensure_ascii=False)


def test_the_last_day_published_is_the_day_before_removal():
    made = row_of(entry("legal", "9135020070000001X1", "鹭海建材有限公司"), "id", "350200-01", None)

    assert (made["subject"], made["until"]) == ("9135020070000001X1", "2026-11-30")
