import itertools
import json
import random
from concurrent.futures import Future
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
import zstandard

from client.core.answers import Limits
from client.core.batches import Due
from client.errors import LinkError, NotAllowed, PlatformRefusal, StoreError
from client.store import attachments, audit, batches, link, outbox
from client.sync import cycle
from client.sync.cutting import choose
from client.sync.outcome import failure_of
from client.sync.pace import Trip
from client.sync.plan import Failure
from forms.seal.canonical import digest
from forms.seal.content import content_digest
from tests.client.sync.words import (
    OURS,
    a_page,
    a_problem,
    a_receipt,
    a_reply,
    a_signed_hello,
    an_answer,
    an_item,
)


class Speaker:
    """Answers as the contract says, with sealed receipts; what a test changes is put over it."""

    def __init__(self):
        self.asked = []
        self.answers = {}
        self.instead = {}
        self.lost = set()
        self.pages = []
        self.feed = [an_item(1), an_item(2)]

    def exchange(self, request):
        place = f"{request.method} {request.path.partition('?')[0].split('/')[2]}"
        self.asked.append(place)
        if place in self.instead:
            said = self.instead[place]
            if callable(said):
                said = said()
            if isinstance(said, Exception):
                raise said
            if said is not None:
                return said
        return getattr(self, place.lower().replace(" ", "_"))(request)

    def get_hello(self, _request):
        return a_reply(a_signed_hello())

    def put_approvals(self, request):
        return a_reply({"approval_id": request.path.rpartition("/")[2], "confirmed": True}, 201)

    def post_uploads(self, _request):
        return a_reply({"upload_id": "u1", "offset": 0}, 201)

    def patch_uploads(self, request):
        end = int(request.headers["Upload-Offset"]) + len(request.body)
        return a_reply(b"", 204, upload_offset=str(end))

    def post_batches(self, request):
        batch = json.loads(zstandard.decompress(request.body))
        if batch["batch_id"] not in self.answers:
            receipts = [
                a_receipt(
                    item["version_id"], record_id=item["record_id"], content_sha256=content_digest(item)
                )
                for item in batch["items"]
            ]
            self.answers[batch["batch_id"]] = an_answer(*receipts, batch_id=batch["batch_id"])
        return a_reply(self.answers[batch["batch_id"]])

    def get_batches(self, request):
        answer = self.answers.get(request.path.rpartition("/")[2])
        return a_reply(answer) if answer else a_problem("batch-unknown", 404)

    def post_missing(self, request):
        asked = json.loads(request.body)["version_ids"]
        return a_reply({"missing": [one for one in asked if one in self.lost]})

    def get_feed(self, request):
        query = dict(parse_qsl(request.path.partition("?")[2]))
        after, limit = int(query["after"]), int(query["limit"])
        self.pages.append((after, limit, int(query.get("applied", after))))
        page = self.feed[after : after + limit]
        return a_reply(a_page(*page, after=after, head=len(self.feed)))


@pytest.fixture
def speaker(office):
    with office.desk.db.transaction() as tx:
        tx.execute(
            "UPDATE operator SET token = 'token' WHERE operator_id = ?", (office.desk.operator.operator_id,)
        )
    return Speaker()


def run(office, speaker, *, cancelled=lambda: False, **more):
    told = []
    outcome = cycle.run(
        office.desk, speaker, progress=told.append, cancelled=cancelled, entropy=lambda: 0.5,
        pause=lambda _seconds: None, **more,
    )  # fmt: skip
    return outcome, told


def test_a_cycle_tells_how_far_it_is(office, speaker):
    office.approve(office.contents(3), confirmed=False)

    outcome, told = run(office, speaker)

    assert (outcome.accepted, outcome.sent, outcome.events, outcome.problem) == (3, 3, 2, None)
    assert list(dict.fromkeys(one.phase for one in told)) == [
        "hello", "approvals", "sending", "receiving", "evidence",
    ]  # fmt: skip
    assert (told[0].done, told[0].total, told[-1].done, told[-1].total) == (0, 3, 3, 3)


def test_a_cycle_can_be_stopped_before_any_step_and_is_taken_up_by_the_next(office, speaker):
    step, stopped = 0, True
    while stopped:
        office.approve(office.contents(2), confirmed=False)
        left = iter(range(step))
        outcome, _ = run(office, speaker, cancelled=lambda left=left: next(left, None) is None)
        stopped, step = outcome.stopped, step + 1

        outcome, _ = run(office, speaker)
        assert (outcome.problem, outcome.stopped) == (None, False)
        assert set(office.states()) == {"done"}

    assert step > 9
    assert speaker.asked.count("POST batches") == len(speaker.answers)
    assert audit.verify(office.desk.db.reader()).holds


def test_the_line_is_measured_told_and_remembered_for_the_next_cycle(office, speaker):
    office.approved(130)
    ticks = iter(range(10_000))
    inline = Inline()

    outcome, told = run(office, speaker, lanes=inline, timer=lambda: next(ticks) / 100)

    assert outcome.accepted == 130
    assert inline.sizes == [20, 100, 10]
    assert told[0].seconds_left is None
    assert told[-1].sent_bytes == told[-1].total_bytes > 1_000
    assert [one.seconds_left for one in told][-1] == 0
    assert max(one.total_bytes for one in told) < 3 * told[-1].sent_bytes
    pace = link.remembered_pace(office.desk.db.reader())
    assert (pace.items, pace.in_flight) == (500, 3)

    office.approved(150)
    run(office, speaker, lanes=inline)
    assert inline.sizes[3:] == [150]


def test_a_line_that_loses_is_begun_with_less_in_the_next_cycle(office, speaker):
    office.approved(1)
    speaker.instead["POST batches"] = speaker.instead["GET batches"] = LinkError("timeout")

    run(office, speaker)

    assert link.remembered_pace(office.desk.db.reader()).items < 20


class Inline:
    """Carries at once, in the order of submission; notes how many versions each batch has."""

    def __init__(self):
        self.sizes = []

    def submit(self, carry):
        landed = Future()
        try:
            came = carry()
        except (LinkError, PlatformRefusal) as error:
            landed.set_exception(error)
        else:
            landed.set_result(came)
            self.sizes += [one.items for one in came if isinstance(one, Trip)]
        return landed

    def first(self, flights):
        return next(iter(flights))


def test_the_next_page_of_the_feed_comes_while_this_one_is_applied_and_counts_as_applied_only_then(
    office, speaker
):
    speaker.feed = [an_item(n, "something.new", {"n": n}) for n in range(1, 701)]

    outcome, _ = run(office, speaker, lanes=Inline())

    assert outcome.events == 700
    assert [page for page, _ in itertools.groupby(speaker.pages)] == [
        (0, 200, 0), (200, 400, 0), (600, 800, 200),
    ]  # fmt: skip


def test_a_page_that_was_fetched_ahead_and_is_not_applied_is_asked_for_again(office, speaker):
    speaker.feed = [an_item(n, "something.new", {"n": n}) for n in range(1, 401)]
    stop = iter([False] * 6)
    outcome, _ = run(office, speaker, lanes=Inline(), cancelled=lambda: next(stop, True))
    assert outcome.stopped

    outcome, _ = run(office, speaker, lanes=Inline())

    assert link.link(office.desk.db.reader()).cursor == 400


def test_what_a_restored_platform_has_lost_is_sent_again_and_told(office, speaker):
    _, lost = office.approved(2)
    run(office, speaker)
    speaker.lost = {lost.version_id}
    speaker.instead["GET hello"] = a_reply(a_signed_hello(epoch="e2"))
    speaker.instead["GET feed"] = a_reply(a_page(epoch="e2", after=0))

    outcome, told = run(office, speaker)

    assert (outcome.epoch_changed, outcome.resent, outcome.accepted, outcome.problem) == (True, 1, 1, None)
    assert (told[-1].done, told[-1].total) == (1, 1)
    assert speaker.asked.count("POST batches") == len(speaker.answers) == 2
    assert set(office.states()) == {"done"}
    outcome, _ = run(office, speaker)
    assert (outcome.epoch_changed, outcome.resent) == (False, 0)


def test_what_was_said_of_a_batch_before_the_platform_was_restored_is_not_believed(office, speaker):
    """A proxy that keeps answers gives one of which the platform knows nothing any more."""
    office.approved(1)
    judge = speaker.post_batches
    speaker.post_batches = lambda request: replace(judge(request), headers={**OURS, "x-minxin-epoch": "e0"})

    outcome, _ = run(office, speaker)

    assert speaker.asked.count("GET batches") == 1
    assert (outcome.accepted, outcome.problem) == (1, None)


def test_a_clock_that_was_set_is_told_and_noted_and_changes_nothing_else(office, speaker):
    run(office, speaker)
    office.clock.go(-3_600)
    office.approved(1)

    outcome, _ = run(office, speaker)

    assert (outcome.accepted, outcome.problem, outcome.clock_jump_s) == (1, None, -3_600)
    rows = office.desk.db.reader().execute("SELECT action FROM audit ORDER BY n LIMIT 100").fetchall()
    assert [row["action"] for row in rows].count("clock_jumped") == 1
    office.clock.go(100)
    assert run(office, speaker)[0].clock_jump_s is None


def test_a_platform_that_asks_desks_to_spread_is_obeyed_once(office, speaker):
    office.approved(1)
    speaker.instead["GET hello"] = a_reply(a_signed_hello(spread_seconds=600))

    outcome, _ = run(office, speaker)
    assert outcome.problem.code == "asked_to_spread"
    assert (outcome.next_try_at - office.clock()).total_seconds() == 300
    assert outbox.status(office.desk.db.reader())["platform"]["down_since"] is None

    outcome, _ = run(office, speaker)
    assert (outcome.accepted, outcome.problem) == (1, None)


def test_failures_in_a_row_make_the_waits_longer_and_a_success_ends_them(office, speaker):
    speaker.instead["GET hello"] = LinkError("no_connection")
    waits = []
    for _ in range(4):
        outcome, _ = run(office, speaker)
        waits.append((outcome.next_try_at - office.clock()).total_seconds())
    assert waits == [1.0, 2.0, 4.0, 8.0]
    said = outbox.status(office.desk.db.reader())
    assert said["platform"]["error"] == "no_connection"
    assert said["next_try"] == "2026-11-24T08:00:08.000Z"

    del speaker.instead["GET hello"]
    run(office, speaker)

    now = link.link(office.desk.db.reader())
    assert (now.failures, now.down_since_at, now.last_error, now.next_try_at) == (0, None, None, None)
    assert now.last_contact_at == "2026-11-24T08:00:00.000Z"


def test_the_first_failure_of_a_row_says_since_when(office, speaker):
    speaker.instead["GET hello"] = LinkError("timeout")
    run(office, speaker)
    office.clock.go(3600)

    run(office, speaker)

    assert link.link(office.desk.db.reader()).down_since_at == "2026-11-24T08:00:00.000Z"


def test_a_platform_that_says_no_is_not_called_away(office, speaker):
    speaker.instead["GET hello"] = a_problem("protocol-too-old", 426)

    outcome, _ = run(office, speaker)

    assert isinstance(outcome.problem, PlatformRefusal)
    now = link.link(office.desk.db.reader())
    assert (now.last_error, now.down_since_at, now.next_try_at) == ("protocol_too_old", None, None)


def test_the_platforms_clock_and_limits_are_remembered(office, speaker):
    office.clock.go(90)

    run(office, speaker)

    now = link.link(office.desk.db.reader())
    assert now.clock_offset_ms == -90_000
    assert now.limits == Limits()


def test_a_receipt_that_contradicts_one_that_is_kept_ends_the_cycle_by_name(office, speaker):
    (one,) = office.approved(1)
    run(office, speaker)
    sha = digest(one.frozen())
    other = a_receipt(one.version_id, record_id=one.record_id, content_sha256=sha, receipt_no="XM-9")
    speaker.feed.append(an_item(3, "stage", other))

    outcome, _ = run(office, speaker)

    assert isinstance(outcome.problem, LinkError)
    assert outcome.problem.code == "receipt_conflict"
    assert link.link(office.desk.db.reader()).cursor == 2


def test_a_damaged_attachment_blocks_what_needs_it_and_the_rest_goes(office, speaker):
    paper = attachments.keep(office.desk, [b"decision"], name="决定书.pdf", media_type="application/pdf")
    (needing,) = office.approved(1, "correct", parent="p", evidence=[paper.as_dict()])
    office.approved(2)
    (file,) = (office.folder / "attachments").iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"?")

    outcome, _ = run(office, speaker)

    assert (outcome.accepted, outcome.problem) == (2, None)
    row = office.rows()[needing.version_id]
    assert (row["state"], json.loads(row["last_problem"])["code"]) == ("blocked", "attachment_damaged")
    assert "PATCH uploads" not in speaker.asked


def test_a_large_attachment_can_be_stopped_in_between_and_goes_on_next_time(office, speaker):
    paper = attachments.keep(office.desk, [bytes(40_000)], name="a.pdf", media_type="application/pdf")
    office.approved(1, "correct", parent="p", evidence=[paper.as_dict()])

    outcome, _ = run(office, speaker, cancelled=lambda: "PATCH uploads" in speaker.asked)
    assert (outcome.stopped, speaker.asked.count("PATCH uploads")) == (True, 1)

    outcome, told = run(office, speaker)
    assert (outcome.stopped, outcome.accepted) == (False, 1)
    assert [one.sent_bytes for one in told if one.phase == "attachments"][-1] == 40_000


def test_a_refused_approval_does_not_hold_up_another(office, speaker):
    office.approve(office.contents(1), confirmed=False)
    office.approve(office.contents(1), confirmed=False)
    refusals = iter([a_problem("signature-invalid", 422, reason="key_unknown", part="maker")])
    speaker.instead["PUT approvals"] = lambda: next(refusals, None)

    outcome, _ = run(office, speaker)

    assert outcome.accepted == 1
    assert sorted(office.states()) == ["blocked", "done"]
    codes = [json.loads(row["last_problem"])["code"] for row in office.rows().values() if row["last_problem"]]
    assert codes == ["maker_key_unknown"]


def test_what_the_platform_fails_on_is_split_and_the_void_batch_is_named(office, speaker):
    office.approved(2)
    faults = iter([a_problem("internal", 500)] * 3)
    speaker.instead["POST batches"] = lambda: next(faults, None)

    outcome, _ = run(office, speaker)

    assert outcome.accepted == 2
    reader = office.desk.db.reader()
    rows = batches.list_batches(reader)
    assert [one.code for one in batches.tries_of(reader, rows[-1].batch_id)] == ["internal"] * 3
    assert [(row.state, row.items) for row in rows] == [("answered", 1), ("answered", 1), ("void", 2)]


def test_no_transaction_is_open_while_the_platform_is_asked(office, speaker):
    office.approve(office.contents(3), confirmed=False)
    open_then = []
    real = speaker.exchange

    def watching(request):
        open_then.append(office.desk.db._depth)
        return real(request)

    speaker.exchange = watching

    run(office, speaker)

    assert len(open_then) > 3
    assert set(open_then) == {0}


def test_a_store_that_cannot_be_written_is_no_failure_of_the_line(office, speaker):
    speaker.instead["GET feed"] = StoreError("disk_full")

    with pytest.raises(StoreError, match="disk_full"):
        run(office, speaker)


def a_due(n, content):
    return Due(f"v{n}", f"r{n}", 2, n, content, "a", n)


def test_a_batch_keeps_to_the_limit_of_bytes_packed():
    noise = random.Random(1)
    due = [a_due(n, noise.randbytes(20_000)) for n in range(40)]
    limits = Limits(batch_bytes=400_000)

    chosen = choose(due, limits, items=500, packed_bytes=10**9)

    assert 1 < len(chosen) < 40
    assert sum(len(one.content) for one in chosen) <= limits.batch_bytes


def test_text_that_packs_well_goes_in_one_batch():
    due = [a_due(n, b"{}" * 10_000) for n in range(40)]

    assert len(choose(due, Limits(batch_bytes=400_000), items=500, packed_bytes=10**9)) == 40


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (LinkError("timeout"), Failure("link", "timeout")),
        (NotAllowed("sign_in_needed"), Failure("local", "sign_in_needed")),
        (
            PlatformRefusal("rate_limited", status=429, retry_after_s=7),
            Failure("refused", "rate_limited", 429, 7.0),
        ),
        (
            PlatformRefusal("epoch_changed", status=410, epoch="e2"),
            Failure("refused", "epoch_changed", 410, epoch="e2"),
        ),
        (
            PlatformRefusal("signature_invalid", status=422, reason="key_unknown", part="checker"),
            Failure("refused", "checker_key_unknown", 422),
        ),
        (PlatformRefusal("signature_invalid", status=422), Failure("refused", "signature_invalid", 422)),
    ],
)
def test_errors_become_what_the_engine_judges(error, failure):
    assert failure_of(error) == failure


def test_a_batch_that_is_small_by_what_was_measured_is_not_packed_to_know():
    rows = [a_due(n, random.Random(n).randbytes(2_000)) for n in range(20)]

    def count(packed_bytes, item_bytes):
        return len(choose(rows, Limits(), items=20, packed_bytes=packed_bytes, item_bytes=item_bytes))

    assert count(8_000, 0) == count(8_000, 101) < 5
    assert count(8_000, 100) == 20, "a version took so little so far that nothing else is to be expected"
    small = Limits(batch_bytes=80_000)
    assert len(choose(rows, small, items=20, packed_bytes=10**9, item_bytes=1)) < 8, (
        "the platform's limit holds"
    )
