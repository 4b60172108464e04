"""Code sets published by themselves: a revision of the catalog set, signed, and no code lost."""

from __future__ import annotations

import io
import json
import zipfile
from copy import deepcopy
from datetime import timedelta

import pytest
from click.testing import CliRunner

from forms.catalog.loader import load_set
from regional_platform.cli import main
from regional_platform.settings import find_resources
from regional_platform.times import legal_day

CODE_SETS = find_resources() / "codesets"
PENALTIES = json.loads((CODE_SETS / "PENALTY_CATEGORY_2021.json").read_bytes())
GENDER = json.loads((CODE_SETS / "GENDER.json").read_bytes())
HONOURS = json.loads((CODE_SETS / "HONOR_LEVEL.json").read_bytes())


@pytest.fixture(scope="module")
def served(shared):
    return shared


@pytest.fixture(scope="module")
def region(served):
    return served.desk("minnan")


def said(answer):
    code = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
    return (answer.status_code, code)


def publish(desk, day, *files, **more):
    body = {"code_sets": list(files), "holds_from": day.isoformat(), **more}
    return desk.call("POST", "/v1/code-sets", role="admin", json=body)


def changed(of, code, **values):
    """A code set in which one code says something else; a code that it has not is added."""
    made = deepcopy(of)
    known = next((one for one in made["codes"] if one["code"] == code), None)
    if known is None:
        made["codes"].append({"code": code, **values})
    else:
        known.update(values)
    return made


def name_in_force(region):
    return region.http.get(f"{region.url}/v1/hello").json()["catalog_set"]["name"]


def opened(region, publication, folder):
    """The set as a desk gets it that trusts the key of its platform, and no other."""
    content = region.call("GET", f"/v1/catalogs/{publication['digest']}").content
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder / "sets" / "one")
    return load_set(folder / "sets" / "one", trusted={region.server_key})


def test_a_code_set_makes_a_signed_revision_and_what_was_reported_stays(served, region, tmp_path):
    desk, outside, today = served.desk(), served.desk("350600-02"), legal_day(served.clock())
    yesterday = (today - timedelta(days=1)).isoformat()
    new = changed(changed(PENALTIES, "X1", name="训诫"), "01", until=yesterday)
    old = desk.content(0, payload={"CF_CFLB": ["02"]})

    first, before = name_in_force(region), desk.outcomes([old])
    made = publish(region, today, new)
    again = publish(region, today, new)
    known = opened(region, made.json()["catalog"], tmp_path)
    item = known.items["XZCF_FR"]
    ref = {"catalog": item.ref, "item_sha256": item.digest}
    after = desk.outcomes([
        desk.content(1, payload={"CF_CFLB": ["02", "X1"]}, **ref),
        desk.content(2, payload={"CF_CFLB": ["01", "02"]}, **ref),  # of a day on which it could be
        desk.content(3, payload={"CF_CFLB": ["01", "02"], "CF_JDRQ": today.isoformat()}, **ref),
        desk.correction(old),
    ])  # fmt: skip
    during = name_in_force(region)
    second = publish(region, today, changed(HONOURS, "X2", name="其他", other=True)).json()
    r02 = opened(region, second["catalog"], tmp_path / "r02")

    assert (before, made.status_code) == (["accepted"], 201)
    assert made.json()["follows"] == first
    assert made.json()["items"] == ["XZCF_BM", "XZCF_FR", "XZCF_ZRR"]
    assert again.json() == {**made.json(), "follows": known.name, "code_sets": {}, "items": []}
    assert (during, known.title) == (known.name, made.json()["catalog"]["title"])
    assert after == ["accepted", "accepted", "rejected field-invalid", "accepted"]
    names = [one["data"]["name"] for one in outside.feed(limit=1000)["items"]
             if one["type"] == "catalog.published"]  # fmt: skip
    assert names[-2:] == [known.name, r02.name] == sorted(names[-2:])
    assert second["follows"] == known.name
    assert r02.code_sets["PENALTY_CATEGORY_2021"].by_code["X1"].name == "训诫"
    assert known.signature is not None
    assert known.signature.key == region.server_key

    now, before = (region.call("GET", f"/v1/code-sets{query}").json() for query in ("", "?catalog=2026.1"))

    def file(listed, code_set_id):
        (one,) = (one for one in listed["code_sets"] if one["id"] == code_set_id)
        return region.call("GET", f"/v1/code-sets/{one['digest']}").json()

    assert (now["catalog"], len(before["code_sets"])) == (r02.name, 80)
    assert (file(before, "HONOR_LEVEL"), file(now, "PENALTY_CATEGORY_2021")) == (HONOURS, new)
    plain = publish(region, today, changed(HONOURS, "X2", name="其他"))
    assert [one["code"] for one in plain.json()["errors"]] == ["loses_text"]


def gone(of):
    return {**of, "codes": of["codes"][1:]}


@pytest.mark.parametrize(
    ("file", "why"),
    [
        pytest.param(gone(GENDER), "code_gone", id="a code left out"),
        pytest.param(changed(GENDER, "1", name="男性"), "renamed", id="a code that means another"),
        pytest.param(changed(GENDER, "1", until="2020-01-01"), "ends_early", id="ended for days gone by"),
        pytest.param(changed(GENDER, "1", since="2026-01-01"), "begins_late", id="not of earlier days"),
        pytest.param(changed(GENDER, "5", name="其他", basis="NOWHERE"), "unknown_source", id="of no source"),
        pytest.param(changed(GENDER, "5", name="其他", colour="red"), "unknown_key", id="an unknown key"),
    ],
)
def test_no_code_is_lost_and_the_file_is_read_strictly(served, region, file, why):
    answer = publish(region, legal_day(served.clock()), file, catalog="2026.1")

    assert said(answer) == (422, "catalog-unsound")
    assert [one["code"] for one in answer.json()["errors"]] == [why]


def test_a_code_set_that_nobody_published_is_not_given(region):
    assert said(region.call("GET", "/v1/code-sets?catalog=x")) == (404, "publication-unknown")
    assert said(region.call("GET", f"/v1/code-sets/{'0' * 64}")) == (404, "publication-unknown")


@pytest.mark.parametrize(
    ("files", "days", "more", "expected"),
    [
        pytest.param([GENDER], -1, {}, (400, "malformed"), id="from a day that is over"),
        pytest.param([GENDER, GENDER], 0, {}, (400, "malformed"), id="one twice"),
        pytest.param([], 0, {}, (400, "malformed"), id="none"),
        pytest.param([GENDER], 0, {"catalog": "x"}, (404, "publication-unknown"), id="of no set"),
    ],
)
def test_what_cannot_be_published_is_refused(served, region, files, days, more, expected):
    day = legal_day(served.clock()) + timedelta(days=days)

    assert said(publish(region, day, *files, **more)) == expected
    assert said(publish(served.desk("350200"), day, GENDER)) == (403, "not-authorised")


def test_the_commands_do_the_same(tmp_path):
    database, file = str(tmp_path / "p.db"), tmp_path / "GENDER.json"

    def run(*words, code=0):
        done = CliRunner().invoke(main, [*words, "--database", database])
        assert done.exit_code == code, done.output
        return done.output

    run("unit", "add", "--level", "region", "--city", "350000", "minnan", "区域")
    listed = run("code-set", "list")
    file.write_text(run("code-set", "show", "GENDER", "--json"), encoding="utf-8")
    same = run("code-set", "publish", str(file))
    file.write_text(json.dumps(changed(GENDER, "5", name="其他")), encoding="utf-8")

    assert "GENDER\t性别\t4" in listed
    assert "2026.1 就是这样" in same
    assert "已发布 2026.1-r01" in run("code-set", "publish", str(file))
    assert "5\t其他" in run("code-set", "show", "GENDER")
    file.write_text(json.dumps(gone(GENDER)), encoding="utf-8")
    assert "代码“1”不能删除" in run("code-set", "publish", str(file), code=2)
    assert "没有发布过" in run("code-set", "show", "NOWHERE", code=2)
    assert "code-set.publish" in run("history")
