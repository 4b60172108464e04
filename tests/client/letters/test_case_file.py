"""The file of a case: whole when it is made, and each thing that is done to it afterwards is named."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from client.letters import casework
from client.store import attachments, cases
from client.store.case_files import write_case_file
from forms.seal.canonical import canonical
from forms.seal.case_file import PURPOSE, NotCaseFile, examine, timeline
from forms.seal.keys import SigningKey
from tests.client.cli.conftest import run_minxin
from tests.client.conftest import PASSPHRASE
from tests.client.letters.case_of import CASE_ID, a_case
from tests.copied import copied

OTHER = SigningKey(b"o" * 32)


@pytest.fixture
def whole(request, tmp_path):
    """A file with evidence, a letter that was issued, and a timeline of four."""

    def make(folder: Path):
        folder.mkdir()
        desk = request.getfixturevalue("bureau").desk
        case = a_case("received", "accepted", "transferred", "decided")
        kept = attachments.keep(
            desk, [b"a scan of the decision"], name="决定书.pdf", media_type="application/pdf"
        )
        case["records"][0]["evidence"] = [
            {"sha256": kept.sha256, "size": kept.size_bytes, "name": kept.name, "media_type": kept.media_type}
        ]
        with desk.db.transaction() as tx:
            cases.put(desk, tx, case, desk.now())
        casework.issue(desk, CASE_ID, "acceptance", {})
        write_case_file(desk, CASE_ID, folder / "case.zip")
        return desk.key.public

    key = copied(tmp_path / "made", "a file of a case", make)
    return tmp_path / "made" / "case.zip", key


def parts_of(path):
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(path, parts):
    with zipfile.ZipFile(path, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return path


def name_of(parts, beginning):
    return next(name for name in parts if name.startswith(beginning))


def flip(beginning):
    def tamper(parts):
        name = name_of(parts, beginning)
        parts[name] = bytes([parts[name][0] ^ 1]) + parts[name][1:]

    return tamper


def drop(beginning):
    return lambda parts: parts.pop(name_of(parts, beginning))


def with_json(name, change):
    def tamper(parts):
        said = json.loads(parts[name])
        parts[name] = canonical(change(said) or said)

    return tamper


def signed_again(key, change=lambda _manifest: None):
    def tamper(parts):
        manifest = json.loads(parts["manifest.json"])
        change(manifest)
        parts["manifest.json"] = canonical(manifest)
        parts["signature.json"] = canonical({"sig": key.sign(PURPOSE, manifest)})

    return tamper


TAMPERED = [
    pytest.param(flip("evidence/"), {"file_changed"}, id="a byte of the evidence"),
    pytest.param(drop("evidence/"), {"file_missing"}, id="evidence that is gone"),
    pytest.param(flip("letters/"), {"file_changed"}, id="a byte of a letter"),
    pytest.param(lambda parts: parts.update({"evidence/x": b"x"}), {"file_extra"}, id="a file more"),
    pytest.param(
        with_json("timeline.json", lambda said: said[:1] + said[2:]),
        {"file_changed", "event_missing", "case_differs"}, id="an event that is missing",
    ),
    pytest.param(
        with_json("timeline.json", lambda said: said[:-1]),
        {"file_changed", "event_missing", "case_differs"}, id="the last event",
    ),
    pytest.param(
        with_json("timeline.json", lambda said: [said[0], said[2], said[1], said[3]]),
        {"file_changed", "event_misplaced", "case_differs"}, id="two events in another order",
    ),
    pytest.param(
        with_json("timeline.json", lambda said: timeline(one["event"] for one in said[:1] + said[2:])),
        {"file_changed", "event_missing", "case_differs"}, id="a timeline that was made anew",
    ),
    pytest.param(
        with_json("timeline.json", lambda said: said[1]["event"].update(on="2026-01-01")),
        {"file_changed", "event_changed"}, id="the day of an event",
    ),
    pytest.param(
        with_json("audit.json", lambda said: said["entries"].pop(1) and None),
        {"file_changed", "audit_broken"}, id="an entry of the audit chain",
    ),
    pytest.param(
        with_json("case.json", lambda said: said.update(case_id="another")),
        {"file_changed", "case_other"}, id="another case",
    ),
    pytest.param(
        with_json("manifest.json", lambda said: said.update(made_at="2020-01-01T00:00:00.000Z")),
        {"signature_invalid"}, id="the manifest",
    ),
    pytest.param(signed_again(OTHER), {"signature_invalid"}, id="another's signature"),
    pytest.param(
        signed_again(OTHER, lambda said: said.update(public_key=OTHER.public)),
        {"signature_invalid", "signer_other"}, id="another who names herself",
    ),
    pytest.param(lambda parts: parts.pop("signature.json"), {"signature_invalid"}, id="no signature"),
]  # fmt: skip


@pytest.mark.parametrize(("tamper", "codes"), TAMPERED)
def test_what_was_done_to_the_file_is_named(whole, tmp_path, tamper, codes):
    path, key = whole
    parts = parts_of(path)
    tamper(parts)

    found = examine(packed(tmp_path / "tampered.zip", parts), key)

    assert {flaw.code for flaw in found.flaws} == codes


def test_a_whole_file_is_verified_without_the_desk_and_a_false_one_in_words(whole, tmp_path):
    path, key = whole

    fine = run_minxin("verify", str(path), "--key", key, "--json")
    parts = parts_of(path)
    flip("evidence/")(parts)
    false = run_minxin("verify", str(packed(tmp_path / "false.zip", parts)))

    assert fine.code == 0
    assert fine.said["valid"] is True
    counted = {name: fine.said[name] for name in ("events", "evidence", "letters", "versions")}
    assert counted == {"events": 4, "evidence": 1, "letters": 2, "versions": 0}
    assert fine.said["unit"]["name"] == "海湾区样例监管局"
    assert false.code == 1
    assert "文件被改过：evidence/" in false.out


def test_what_is_no_file_of_a_case_is_refused(tmp_path):
    for content in ({}, {"manifest.json": b"{}"}, {"manifest.json": b'{"format": "minxin.case-file@1"}'}):
        with pytest.raises(NotCaseFile):
            examine(packed(tmp_path / "none.zip", content))
    (tmp_path / "text").write_text("no zip")
    assert run_minxin("verify", str(tmp_path / "text")).code == 2


def test_a_case_goes_out_by_the_command_line(bureau, tmp_path):
    bureau.close()
    named = ("--profile", str(bureau.directory), "--operator", "林晓", "--json")

    def run(*arguments):
        return run_minxin("case", *arguments, *named, secrets={"--passphrase-fd": PASSPHRASE})

    out = tmp_path / "one.zip"
    draft = run(
        "letter", CASE_ID, "acceptance", "--out", str(tmp_path / "a.pdf"), "--text", "附注=请携带证件"
    )
    issued = run("letter", CASE_ID, "acceptance", "--out", str(tmp_path / "a.docx"), "--issue")

    assert (draft.said["number"], draft.said["not_shown"]) == (None, [])
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert issued.said["number"] == "海监〔2026〕A-1"
    assert run("letter", CASE_ID, "acceptance", "--out", str(tmp_path / "a.txt")).code == 2
    assert run("letter", CASE_ID, "acceptance", "--out", str(out), "--text", "别的=x").code == 2
    assert run("export", CASE_ID, str(out)).code == 0
    found = examine(out)
    assert (found.flaws, found.counts["letters"]) == ((), 2)
    assert run("export", "nobody", str(out)).code == 2
