import json

import pytest

from client.errors import NotAllowed
from client.store import audit, batches, outbox
from client.sync.wire import batch_body
from forms.seal.canonical import digest


def body_of(office, batch_id):
    return json.loads(batches.frozen(office.desk.db.reader(), batch_id).body)


def test_a_batch_is_frozen_before_a_byte_is_sent(office):
    contents = office.approved(3)

    cut = office.cut()

    frozen = batches.frozen(office.desk.db.reader(), cut.batch_id)
    assert frozen.body_sha256 == digest(frozen.body)
    assert frozen.versions == {one.version_id: digest(one.frozen()) for one in contents}
    assert office.states() == ["sent"] * 3
    assert [b.was_sent for b in batches.open_batches(office.desk.db.reader())] == [False]


def test_batches_are_numbered_without_a_gap_and_chained_by_their_digests(office):
    office.approved(3)

    cuts = [office.cut(1) for _ in range(3)]

    bodies = [batches.frozen(office.desk.db.reader(), cut.batch_id) for cut in cuts]
    said = [json.loads(one.body) for one in bodies]
    assert [one["device_seq"] for one in said] == [1, 2, 3]
    assert [one["prev_batch_sha256"] for one in said] == [None, bodies[0].body_sha256, bodies[1].body_sha256]


def test_a_batch_that_could_not_be_frozen_leaves_no_trace(office):
    office.approved(1)

    with pytest.raises(ZeroDivisionError):
        _cut_with(office, lambda _envelope, _items: 1 // 0)

    assert office.states() == ["queued"]
    assert batches.open_batches(office.desk.db.reader()) == []
    assert office.cut() is not None
    assert body_of(office, batches.open_batches(office.desk.db.reader())[0].batch_id)["device_seq"] == 1


def _cut_with(office, encode):
    return outbox.cut_batch(office.desk, choose=list, encode=encode, is_over=lambda *_: True, look_at=10)


def test_sending_is_noted_before_and_counted(office):
    office.approved(1)
    cut = office.cut()

    batches.mark_sending(office.desk, cut.batch_id)
    batches.mark_unknown(office.desk, cut.batch_id, "timeout")
    batches.mark_sending(office.desk, cut.batch_id)

    (opened,) = batches.open_batches(office.desk.db.reader())
    assert (opened.tries, opened.was_sent) == (2, True)
    assert office.states() == ["sent"]
    assert body_of(office, cut.batch_id)["device_seq"] == 1


def test_an_unknown_batch_says_why(office):
    office.approved(2)
    cut = office.cut()
    batches.mark_sending(office.desk, cut.batch_id)

    batches.mark_unknown(office.desk, cut.batch_id, "timeout")

    assert office.states() == ["unknown"] * 2
    assert {json.loads(row["last_problem"])["code"] for row in office.rows().values()} == {"timeout"}
    (row,) = batches.list_batches(office.desk.db.reader())
    assert (row.problem, row.tries, row.items, row.waiting, row.state) == ("timeout", 1, 2, 2, "open")


def test_a_split_keeps_the_versions_and_names_the_batch_given_up(office):
    contents = office.approved(5)
    cut = office.cut()

    halves = batches.split(office.desk, cut.batch_id, tries=2, encode=batch_body)

    assert [(half.items, half.tries) for half in halves] == [(3, 2), (2, 2)]
    said = [body_of(office, half.batch_id) for half in halves]
    assert [one["void"] for one in said] == [[cut.batch_id]] * 2
    sent = [item["version_id"] for one in said for item in one["items"]]
    assert sorted(sent) == sorted(one.version_id for one in contents)
    assert [b.batch_id for b in batches.open_batches(office.desk.db.reader())] == [h.batch_id for h in halves]


def test_what_is_given_up_is_given_up_once(office):
    office.approved(2)
    cut = office.cut()
    batches.block(office.desk, cut.batch_id, "internal")

    with pytest.raises(NotAllowed, match="batch_unknown"):
        batches.split(office.desk, cut.batch_id, tries=2, encode=batch_body)

    assert office.states() == ["blocked"] * 2


def test_the_list_shows_the_newest_first_page_by_page(office):
    office.approved(3)
    for _ in range(3):
        office.cut(1)

    first = batches.list_batches(office.desk.db.reader(), limit=2)
    second = batches.list_batches(office.desk.db.reader(), before=first[-1].device_seq, limit=2)

    assert [row.device_seq for row in [*first, *second]] == [3, 2, 1]


def test_every_act_on_a_batch_stands_in_the_audit_chain(office):
    office.approved(2)
    cut = office.cut()
    batches.split(office.desk, cut.batch_id, tries=2, encode=batch_body)

    rows = office.desk.db.reader().execute("SELECT action FROM audit ORDER BY n LIMIT 100").fetchall()
    assert [row["action"] for row in rows][-4:] == ["batch_cut", "batch_split", "batch_cut", "batch_cut"]
    assert audit.verify(office.desk.db.reader()).holds
