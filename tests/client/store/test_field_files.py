"""Files that stand in a field of a record travel with its version, and come back into the field alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from client.store import attachments, drafts, outbox, records, review, versions
from client.store.desk import Catalogs
from forms.catalog.loader import load_set
from tests.forms.catalog.conftest import CatalogFiles


@pytest.fixture
def catalogs(tmp_path: Path) -> Catalogs:
    """A set of one item that asks for files."""
    files = CatalogFiles(tmp_path / "resources")
    (tmp_path / "resources" / "catalogs" / "9").mkdir(parents=True)
    files.item["fields"].append(files.field("FJ", "attachment"))
    return Catalogs([load_set(files.write())])


def a_scan(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    path.write_bytes(f"%PDF-1.7 {name}".encode())
    return path


def entry(desk: Any, path: Path) -> dict[str, Any]:
    """Take a file in, as a form does."""
    return attachments.add(desk, path).as_dict()


def test_a_file_of_a_field_is_sent_before_its_record(house, tmp_path):
    desk = house.desk
    file = entry(desk, a_scan(tmp_path, "决定书.pdf"))
    record_id = drafts.create(desk, "SAMPLE", {"NAME": "甲公司", "FJ": [file]})
    done = review.submit(desk, [record_id], title="一条")
    desk = house.switch("陈敏")
    review.approve(desk, done.act_id)
    content = json.loads(desk.db.reader().value("SELECT content FROM version LIMIT 1"))

    assert content["payload"]["FJ"] == [file]
    assert content["evidence"] == [file]
    assert outbox.attachments_to_put(desk.db.reader()) == [file["sha256"]]


def test_what_comes_back_as_a_draft_has_its_file_in_the_field_and_nowhere_else(house, tmp_path):
    desk = house.desk
    file = entry(desk, a_scan(tmp_path, "决定书.pdf"))
    record_id = drafts.create(desk, "SAMPLE", {"NAME": "甲公司", "FJ": [file]})
    done = review.submit(desk, [record_id], title="一条")
    desk = house.switch("陈敏")
    review.approve(desk, done.act_id)
    desk = house.switch("林晓")
    version_id = records.get(desk.db.reader(), record_id).versions[0].version_id
    versions.recall(desk, version_id)
    draft = records.get(desk.db.reader(), record_id).draft

    assert draft is not None
    assert (draft.values["FJ"], draft.evidence) == ([file], ())


def test_a_record_with_a_file_that_has_no_shape_is_stopped(house):
    desk = house.desk
    record_id = drafts.create(desk, "SAMPLE", {"NAME": "甲公司", "FJ": [{"sha256": "0" * 64}]})
    done = review.submit(desk, [record_id], title="一条")

    assert [problem.code for problem in done.stopped[0][1]] == ["wrong_shape"]
