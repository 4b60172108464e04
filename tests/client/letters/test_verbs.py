"""`minxin letters`, as a script calls it."""

from __future__ import annotations

from client.letters.templates import shipped
from client.store import case_documents
from tests.client.cli.conftest import run_minxin
from tests.client.conftest import PASSPHRASE
from tests.client.letters.case_of import CASE_ID


def test_templates_and_what_is_set_for_all_letters_go_by_the_command_line(bureau, tmp_path):
    document = case_documents.save_draft(bureau.desk, CASE_ID, "check", {})
    case_documents.give_number(bureau.desk, document, bureau.desk.today())
    case_documents.drop_draft(bureau.desk, document)
    bureau.close()

    def run(*arguments, who="吴昊"):
        named = ("--profile", str(bureau.directory), "--operator", who, "--json")
        return run_minxin("letters", *arguments, *named, secrets={"--passphrase-fd": PASSPHRASE})

    template = str(tmp_path / "ours.docx")
    assert run("export", "check", template).code == 0
    assert (tmp_path / "ours.docx").read_bytes() == shipped("check")
    assert run("import", "check", template).said == {"kind": "check", "own": True}
    assert run("import", "decision", template).code == 2
    assert run("set", "--letter", "B").said["short"] == "海监"
    assert run("set", "--letter", "b").code == 2
    assert run("set", "--short", "x", who="林晓").code == 2
    said = run("list").said
    assert (said["set"]["letter"], said["gaps"][0]["number"]) == ("B", "海监〔2026〕A-1")
    assert {one["kind"] for one in said["letters"] if one["own"]} == {"check"}
    assert run("reset", "check").said == {"kind": "check", "own": False}
    assert run("void", document, "--reason", "x", who="林晓").code == 2
