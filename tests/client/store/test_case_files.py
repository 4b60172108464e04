"""The file of a case that was decided: its versions with their approvals, and the platform's receipts."""

from __future__ import annotations

import json
import zipfile

import pytest

from client.store.case_files import write_case_file
from client.store.desk import Catalogs
from forms.catalog.loader import load_set
from forms.seal.canonical import canonical
from forms.seal.case_file import examine
from tests.client.store.test_cases import CATALOG, a_case, arrives, decided, send
from tests.client.sync.office import an_office


@pytest.fixture
def office(tmp_path):
    made = an_office(tmp_path / "desk", Catalogs([load_set(CATALOG)]))
    yield made
    made.desk.close()


def changed(path, to, beginning, change):
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(to, "w") as after:
        for name in before.namelist():
            said = before.read(name)
            if name.startswith(beginning):
                parsed = json.loads(said)
                change(parsed)
                said = canonical(parsed)
            after.writestr(name, said)
    return {flaw.code for flaw in examine(to).flaws}


def test_versions_and_receipts_of_a_decided_case_are_in_its_file_and_hold(office, a_penalty, tmp_path):
    item = office.desk.catalogs.current.items["XZCF_FR"]
    content = office.content(payload=a_penalty(1), catalog=item.ref, item_sha256=item.digest)
    office.approve([content])
    send(office, content)
    arrives(office, a_case(content))
    decided(office, CF_NR_FK="0.01")

    write_case_file(office.desk, "case-1", tmp_path / "case.zip")
    found = examine(tmp_path / "case.zip", office.desk.key.public)

    assert found.flaws == ()
    assert (found.counts["versions"], found.counts["receipts"]) == (3, 1)
    other = tmp_path / "other.zip"
    codes = changed(
        tmp_path / "case.zip", other, "versions/", lambda one: one["content"].update(op="create2")
    )
    assert codes == {"file_changed", "version_unapproved"}
    codes = changed(
        tmp_path / "case.zip",
        other,
        "receipts.json",
        lambda one: one["receipts"][0].update(outcome="rejected"),
    )
    assert codes == {"file_changed", "receipt_invalid"}
