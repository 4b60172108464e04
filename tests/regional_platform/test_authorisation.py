"""Who may do what: every operation of the contract, for every role, at every place.

The things asked for are of one department. `RULES` says by words who may have them; `TABLE` gives every
operation its word. A new route without a line here fails the first test.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import Connection, insert, select, update

from forms.catalog.loader import load_set
from forms.seal.canonical import canonical
from forms.seal.keys import SigningKey
from regional_platform.auth.enrolment import code_digest, new_code, revoke_device
from regional_platform.auth.grants import give
from regional_platform.code_sets import digests
from regional_platform.inside import Inside
from regional_platform.limits import RateLimit
from regional_platform.settings import find_resources
from regional_platform.store.tables import device, enrolment_code, record, role_grant, session
from regional_platform.times import iso
from tests.openapi import CONTRACT
from tests.regional_platform.callers import (
    LISTED,
    LISTED_NAME,
    NAME,
    NO_ROLE,
    NUMBER,
    PERSON_LIST,
    PHONE,
    ROLES,
    UNIT,
    Caller,
    World,
    administered,
    callers_of,
    things_of,
)

CATALOG = load_set(find_resources() / "catalogs" / "2026.1")
MONTHLY = next(code for code, item in CATALOG.items.items() if item.cycle == "月" and item.deadline is None)
OPERATIONS = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in CONTRACT["paths"].items()
    for method, operation in methods.items()
    if method != "parameters"
}
WHY = {"reason": "核对权限"}
ASKED = {"X-Reason": quote("核对权限")}
JSON = {"Content-Type": "application/json"}

ALLOWED, NOTHING = "allowed", "nothing of it"
"""Let in; let in, and the thing that was asked for is not in the answer."""

# ── Who ──────────────────────────────────────────────────────────────────────────────────────────────────

Outcome = str | int
Rule = Callable[[Caller], Outcome]


def over(caller: Caller, *roles: str) -> bool:
    """Whether the caller holds a role over the unit: any, or one of these."""
    holds = caller.role != NO_ROLE and (caller.place in {"unit", "city", "region"} or caller.role == "hall")
    return holds and (not roles or caller.role in roles)


def here(caller: Caller, *roles: str) -> bool:
    """Whether the caller works at the unit itself, with a role."""
    return caller.place == "unit" and (caller.role in roles if roles else caller.role != NO_ROLE)


def party(caller: Caller) -> bool:
    """Whether the caller may read the unit's cases."""
    return here(caller) or caller.role == "hall"


def first(*cases: tuple[bool, Outcome], last: Outcome) -> Outcome:
    """The outcome of the first condition that holds."""
    return next((outcome for holds, outcome in cases if holds), last)


def at_work(rule: Rule) -> Rule:
    """A rule for what lies at the desks of a unit: who holds no role there is told so."""
    return lambda caller: 403 if caller.role == NO_ROLE else rule(caller)


CURIOUS = ("handler", "hall", "auditor")
WORKS_ACROSS = ("handler", "hall", "liaison", "admin", "auditor")
SETS_ASIDE = ("reporter", "reviewer", "handler", "admin")
SETTLES = ("handler", "liaison", "admin")

RULES: dict[str, Rule] = {
    "whoever is signed in": lambda _: ALLOWED,
    "whoever holds a role": lambda who: first((who.role != NO_ROLE, ALLOWED), last=403),
    "who may look at persons": lambda who: first((who.role in CURIOUS, ALLOWED), last=403),
    "whose work crosses units": lambda who: first((who.role in WORKS_ACROSS, ALLOWED), last=403),
    "hall, and who handles the unit's cases": lambda who: first(
        (who.role == "hall", ALLOWED), (here(who, "handler"), ALLOWED), last=403
    ),
    "admin of the region": lambda who: first(
        (who.role == "admin" and who.place == "region", ALLOWED), last=403
    ),
    "own unit": lambda who: first((here(who), ALLOWED), last=403),
    "own unit, else unknown": at_work(lambda who: first((here(who), ALLOWED), last=404)),
    "own unit's feed": at_work(lambda who: first((here(who), ALLOWED), last=NOTHING)),
    "own unit's tree": at_work(lambda who: first((here(who), ALLOWED), last=NOTHING)),
    "missing, but to the own unit": at_work(lambda who: first((here(who), NOTHING), last=ALLOWED)),
    "sees the unit": lambda who: first((over(who), ALLOWED), last=404),
    "sees the unit, told that it may not": lambda who: first((over(who), ALLOWED), last=403),
    "lists persons of the own unit and below": lambda who: first(
        (over(who) and who.place in {"unit", "city", "region"}, ALLOWED), last=NOTHING
    ),
    "lists what it sees": lambda who: first((over(who), ALLOWED), last=NOTHING),
    "admin over the unit": lambda who: first((over(who, "admin"), ALLOWED), last=403),
    "admin over the unit above": lambda who: first(
        (who.role == "admin" and who.place in {"city", "region"}, ALLOWED), last=403
    ),
    "admin over the unit, else unknown": lambda who: first((over(who, "admin"), ALLOWED), last=404),
    "admin or auditor lists": lambda who: first((over(who, "admin", "auditor"), ALLOWED), last=NOTHING),
    "admin or auditor, else unknown": lambda who: first((over(who, "admin", "auditor"), ALLOWED), last=404),
    "admin; the auditor sees, and may not": lambda who: first(
        (over(who, "admin"), ALLOWED), (over(who, "auditor"), 403), last=404
    ),
    "whom the notice is for, and who administers": lambda who: first(
        (who.place in {"unit", "below"}, ALLOWED), (over(who, "admin", "auditor"), ALLOWED), last=NOTHING
    ),
    "reporter over the unit": lambda who: first((over(who, "reporter"), ALLOWED), last=403),
    "reporter over the unit, else unknown": lambda who: first((over(who, "reporter"), ALLOWED), last=404),
    "party to the case": at_work(lambda who: first((party(who), ALLOWED), last=404)),
    "lists own cases": at_work(lambda who: first((party(who), ALLOWED), last=NOTHING)),
    "hands a case on": at_work(
        lambda who: first((here(who, "handler", "liaison"), ALLOWED), (party(who), 403), last=404)
    ),
    "says what happens to a case": at_work(
        lambda who: first(
            (who.role == "hall", ALLOWED), (here(who, "handler"), ALLOWED), (party(who), 403), last=404
        )
    ),
    "assigns a case": at_work(
        lambda who: first((here(who, "liaison", "admin"), ALLOWED), (party(who), 403), last=404)
    ),
    "extends a case": at_work(
        lambda who: first(
            (who.role == "hall", ALLOWED),
            (here(who, "reviewer", "liaison", "admin"), ALLOWED),
            (party(who), 403),
            last=404,
        )
    ),
    "suspends a case": at_work(
        lambda who: first((here(who, "handler"), ALLOWED), (party(who), 403), last=404)
    ),
    "sees the unit's figures": at_work(lambda who: first((over(who), ALLOWED), last=403)),
    "works on a case": at_work(
        lambda who: first(
            (here(who, "handler", "reviewer", "liaison", "admin"), ALLOWED), (party(who), 403), last=404
        )
    ),
    "waives": at_work(lambda who: first((here(who, *SETTLES), ALLOWED), (party(who), 403), last=404)),
    "sets a question aside": lambda who: first((over(who, *SETS_ASIDE), ALLOWED), (over(who), 403), last=404),
    "assigns a conflict": lambda who: first(
        (over(who, "admin", "liaison"), ALLOWED), (over(who), 403), last=404
    ),
    "settles a conflict": lambda who: first((over(who, *SETTLES), ALLOWED), (over(who), 403), last=404),
}
EVERYBODY = "everybody, signed in or not"


def expected(who: str, caller: Caller | None) -> Outcome:
    if who == EVERYBODY:
        return ALLOWED
    return 401 if caller is None else RULES[who](caller)


# ── What ─────────────────────────────────────────────────────────────────────────────────────────────────

Made = Callable[[dict[str, Any], Caller | None], Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One way to ask for an operation.

    Attributes:
        path: the address with its names filled in; None where it has none.
        body: of the request; a dict is sent as JSON.
        shows: what stands in the answer when it tells of the unit's thing.
    """

    operation: str
    who: str
    path: str | None = None
    body: Any = None
    headers: Made = lambda _things, _caller: {}
    shows: str | None = None
    token: int = 0


def line(operation: str, who: str, path: str | None = None, body: Any = None, **more: Any) -> Line:
    return Line(operation, who, path, body, **more)


def keyed(which: Callable[[dict[str, Any]], str]) -> Made:
    return lambda things, _caller: {"Idempotency-Key": which(things), **JSON}


CHUNK = {
    "Content-Type": "application/offset+octet-stream",
    "Upload-Offset": "8",
    "Content-Digest": "sha-256=:J3CJ2RwL308uaGK6fkoHYFEZQx9dE/cm3TUrBvGyBqk=:",
}
"""Of b"bytes", and past the end of what is awaited: nothing is taken."""

OPERATOR = "/v1/operators/{target}"
CLOSED = "/v1/operators/{closed}"
NEW_CODE = {"unit": UNIT, "days": 1}
ZERO = "/v1/zero-reports"
CASE = "/v1/cases/{case_id}"

AT = "2026-11-24T02:00:00.000Z"
STRANGE = "018f0000-0000-7000-8000-00000000000f"
EVENTS = tuple(
    (
        who,
        {
            "event_id": STRANGE,
            "revision": STRANGE,
            "kind": kind,
            "at": "2026-11-24T02:00:00.000Z",
            "data": data,
        },
    )
    for who, kind, data in (
        ("says what happens to a case", "accepted", {}),
        ("assigns a case", "assigned", {"operator_id": "matrix-target", "name": "对象"}),
        ("extends a case", "extended", {"clock": "decide", "days": 1, "by": "主要负责人", "reason": "复杂"}),
        ("suspends a case", "suspended", {"reason": "评审", "examiner": "省计量院"}),
    )
)
"""Of a revision that the case never had: who may is told that it is stale."""

TABLE = (
    line("hello", EVERYBODY),
    line("enrolDevice", EVERYBODY, body="enrolment"),
    line("signIn", EVERYBODY, body={}),
    line("health", EVERYBODY),
    line("ready", EVERYBODY),
    line("metrics", EVERYBODY),
    line("signOut", "whoever is signed in", token=1),
    line("listUnits", "whoever is signed in"),
    line("getUnit", "whoever is signed in", f"/v1/units/{UNIT}"),
    line("addUnit", "admin over the unit", body={
        "code": "350200-01-01", "name": "站", "level": "station", "parent": UNIT,
    }),
    line("changeUnit", "admin over the unit", f"/v1/units/{UNIT}", {}),
    line("closeUnit", "admin over the unit above", f"/v1/units/{UNIT}/closure", WHY),
    line("reopenUnit", "admin over the unit above", f"/v1/units/{UNIT}/reopening", WHY),
    line("getLiaisons", "whose work crosses units", f"/v1/units/{UNIT}/liaisons"),
    line("setLiaisons", "admin over the unit", f"/v1/units/{UNIT}/liaisons", {"liaisons": []}),
    line("listOperators", "admin or auditor lists", "/v1/operators?limit=1000", shows="target"),
    line("addOperator", "admin over the unit", body="operator_again"),
    line("getOperator", "admin or auditor, else unknown", OPERATOR),
    line("addGrant", "admin; the auditor sees, and may not", CLOSED + "/grants", {
        "role": "reporter", "unit": UNIT,
    }),
    line("endGrant", "admin; the auditor sees, and may not", OPERATOR + "/grants/{grant}"),
    line("lockOperator", "admin; the auditor sees, and may not", CLOSED + "/lock", WHY),
    line("unlockOperator", "admin; the auditor sees, and may not", OPERATOR + "/lock"),
    line("closeOperator", "admin; the auditor sees, and may not", CLOSED + "/closure", WHY),
    line("resetOperator", "admin; the auditor sees, and may not", CLOSED + "/credentials"),
    line("listDevices", "admin or auditor lists", "/v1/devices?limit=1000", shows="device"),
    line("renewDevice", "whoever holds a role", body={}),
    line("revokeDevice", "admin over the unit, else unknown", "/v1/devices/{revoked}/revocation", WHY),
    line("addEnrolmentCode", "admin over the unit", body=NEW_CODE),
    line("listAdminActs", "admin or auditor lists", "/v1/admin-acts?of=notice:{notice}", shows="notice"),
    line("listNotices", "whom the notice is for, and who administers", shows="notice"),
    line("postNotice", "admin over the unit", body="notice_again"),
    line("withdrawNotice", "admin over the unit, else unknown", "/v1/notices/{notice}/withdrawal", WHY),
    line("listCatalogs", "whoever is signed in"),
    line("getCatalog", "whoever is signed in", "/v1/catalogs/{set}"),
    line("publishCatalog", "admin of the region", body=b"no zip",
         headers=lambda _things, _caller: {"Content-Type": "application/zip"}),
    line("retireCatalog", "admin of the region", "/v1/catalogs/{set}/retirement",
         {"accept_until": "2026-01-01", **WHY}),
    line("listCodeSets", "whoever is signed in"),
    line("getCodeSet", "whoever is signed in", "/v1/code-sets/{code_set}"),
    line("publishCodeSets", "admin of the region", body={
        "code_sets": [{"id": "X", "name": "x", "provenance": "derived", "source": [], "codes": [{}]}],
        "holds_from": "2020-01-01",
    }),
    line("listCalendars", "whoever is signed in"),
    line("getCalendar", "whoever is signed in", "/v1/calendars/{calendar}"),
    line("publishCalendar", "admin of the region", body={"year": 2026}),
    line("listRuleSets", "whoever is signed in"),
    line("getRuleSet", "whoever is signed in", "/v1/rule-sets/{rule_set}"),
    line("publishRuleSet", "admin of the region", body={"id": "x"}),
    line("listRuleChoices", "whoever is signed in"),
    line("chooseRuleSet", "admin over the unit above", body={
        "city": "350200", "kind": "objection", "rule_set": "henan-objection", "since": "2099-01-01",
    }),
    line("listZeroReports", "sees the unit, told that it may not", ZERO + f"?unit={UNIT}", shows="zero"),
    line("declareNothing", "reporter over the unit", body="zero_again"),
    line("withdrawZeroReport", "reporter over the unit, else unknown", ZERO + "/{zero}/withdrawal", WHY),
    line("getScores", "sees the unit, told that it may not", f"/v1/scores?unit={UNIT}&period={{month}}"),
    line("computeScores", "admin over the unit", body="scoring"),
    line("putApproval", "own unit", "/v1/approvals/{approval_id}", "approval", headers=lambda *_: JSON),
    line("postBatch", "own unit", body="batch", headers=lambda things, _caller: things["batch_headers"]),
    line("getBatch", "own unit, else unknown", "/v1/batches/{batch_id}"),
    line("reconcile", "own unit's tree", body="place", shows="company"),
    line("missing", "missing, but to the own unit", body="version_asked", shows="version"),
    line("getFeed", "own unit's feed", "/v1/feed?epoch={epoch}&limit=1000", shows="version"),
    line("beginUpload", "whoever holds a role", body={
        "sha256": "b" * 64, "size": 9, "name": "b.pdf", "media_type": "application/pdf",
    }),
    line("headUpload", "own unit, else unknown", "/v1/uploads/{upload}"),
    line("addChunk", "own unit, else unknown", "/v1/uploads/{upload}", b"bytes",
         headers=lambda _things, _caller: CHUNK),
    line("getAttachment", "own unit, else unknown", "/v1/attachments/{attachment}"),
    line("getAttachment", "party to the case", "/v1/attachments/{evidence}"),
    line("headAttachment", "own unit, else unknown", "/v1/attachments/{attachment}"),
    line("openCase", "hall, and who handles the unit's cases", body="opening",
         headers=keyed(lambda things: things["case_id"])),
    line("listCases", "lists own cases", shows="case_id"),
    line("getCaseFigures", "sees the unit's figures",
         f"/v1/cases/figures?unit={UNIT}&since=2026-01-01&until=2026-12-31"),
    line("getCase", "party to the case", CASE),
    line("transferCase", "hands a case on", CASE + "/transfers", "transfer",
         headers=keyed(lambda things: things["transfer"]["transfer_id"])),
    *(
        line("addCaseEvent", who, CASE + "/events", event, headers=keyed(lambda _: STRANGE))
        for who, event in EVENTS
    ),
    line("takeCaseLease", "works on a case", CASE + "/lease"),
    line("releaseCaseLease", "works on a case", CASE + "/lease"),
    line("waiveConfirmation", "waives", CASE + "/waivers", "waiver"),
    line("listRecords", "lists what it sees", "/v1/records?limit=1000", shows="record"),
    line("listRecords", "sees the unit, told that it may not", f"/v1/records?unit={UNIT}"),
    line("getRecord", "sees the unit", "/v1/records/{record}"),
    line("listPlaces", "sees the unit", "/v1/records/{record}/places"),
    line("findSubjects", "whoever is signed in", "/v1/subjects?name=厦门"),
    line("getSubject", "whoever is signed in", "/v1/subjects/{subject}", shows="record"),
    line("getSubject", "who may look at persons", f"/v1/subjects/{LISTED}", headers=lambda *_: ASKED),
    line("compare", "whoever is signed in", body={"acts": [], "subjects": []}),
    line("listConflicts", "lists what it sees", shows="conflict"),
    line("getConflict", "sees the unit", "/v1/conflicts/{conflict}"),
    line("assignConflict", "assigns a conflict", "/v1/conflicts/{conflict}/assign", {"owner": UNIT, **WHY}),
    line("settleConflict", "settles a conflict", "/v1/conflicts/{conflict}/settle",
         {"outcome": "corrected", **WHY}),
    line("listQuestions", "lists what it sees", shows="rejected"),
    line("ignoreQuestion", "sets a question aside", "/v1/questions/{rejected}/ignore", WHY),
    line("reopenQuestion", "sets a question aside", "/v1/questions/{rejected}/reopen"),
    line("getLists", "whoever is signed in"),
    line("getListFilter", "whoever is signed in"),
    line("getListKey", "who may look at persons", headers=lambda *_: ASKED),
    line("getListEntries", "whoever is signed in", "/v1/lists/{company_list}/entries", shows="company"),
    line("getListEntries", "lists persons of the own unit and below",
        f"/v1/lists/{PERSON_LIST}/entries", shows="person_record"),
    line("getListEntries", "who may look at persons", f"/v1/lists/{PERSON_LIST}/entries?subject={LISTED}",
         headers=lambda *_: ASKED, shows="person_record"),
    line("getListSnapshot", "whoever is signed in", "/v1/lists/{company_list}/snapshot"),
    line("getListDeltas", "whoever is signed in", "/v1/lists/{company_list}/deltas"),
)  # fmt: skip


@pytest.fixture(scope="module")
def world(shared, tools):
    things = {**things_of(shared, tools), "monthly": MONTHLY}
    things |= administered(shared, things, tools.new_id)
    callers, inside = callers_of(shared, things["desk"].device_id, tools.new_id), Inside(shared.app, "")
    yield World(shared, callers, named(shared, things, tools), inside)
    inside.close()


def named(shared: Any, things: dict[str, Any], tools: Any) -> dict[str, Any]:
    """The things as lines of the table name them: bodies, and what stands in addresses."""
    desk, case = things["desk"], things["case"]
    today = shared.clock().date().isoformat()
    listed = {
        kind: desk.call("GET", f"/v1/{kind.replace('_', '-')}s").json()[f"{kind}s"][0]["digest"]
        for kind in ("catalog", "calendar", "rule_set")
    }
    code, key = new_code(), SigningKey.generate().public
    values = {"code_sha256": code_digest(code), "unit": UNIT}
    shared.platform.store.write(lambda it: it.execute(insert(enrolment_code).values(**values)))
    batch = canonical(things["batch"])
    batch_headers = {
        "Content-Type": "application/vnd.minxin.batch+json",
        "X-Body-SHA256": hashlib.sha256(batch).hexdigest(),
        "Idempotency-Key": things["batch"]["batch_id"],
    }  # fmt: skip
    return {
        **things, "target": "matrix-target", "closed": "matrix-closed", "device": things["revoked"],
        "set": listed["catalog"], "code_set": digests(CATALOG)["GENDER"],
        "calendar": listed["calendar"], "rule_set": listed["rule_set"], "epoch": desk.epoch,
        "place": {"paths": [place_of(shared, things["company"])]},
        "version_asked": {"version_ids": [things["version"]]},
        "batch_id": things["batch"]["batch_id"], "batch_headers": batch_headers,
        "approval_id": things["approval"]["approval_id"], "case_id": case["case_id"],
        "enrolment": {"enrolment_code": code, "name": "窗口一号机", "public_key": key},
        "notice_again": {
            "notice_id": things["notice"], "unit": UNIT, "title": "通知", "text": "正文", "from": today,
            "until": today,
        },
        "zero_again": {
            "report_id": things["zero"], "unit": UNIT, "item": MONTHLY, "period": things["month"],
        },
        "operator_again": {"operator_id": "matrix-target", "name": "人", "unit": UNIT},
        "scoring": {"unit": UNIT, "period": things["month"]},
        "transfer": {
            "transfer_id": tools.new_id(), "revision": tools.new_id(), "to_unit": "350200-02",
            "reason": "不归本机构",
        },
        "waiver": {"version_id": things["version"], "unit": "350600-01", "reason": "已电话确认"},
    }  # fmt: skip


def place_of(shared: Any, record_id: str) -> list[str]:
    """Where a record lies in the tree of its unit."""
    with shared.platform.store.reading() as connection:
        found = connection.execute(select(record).where(record.c.record_id == record_id)).one()
    return [found.item, found.act_on[:7], record_id[-2:]]


ASKED_OF_THE_SECOND = frozenset({"unit", "elsewhere"})


def asked(world: World, of: Line) -> list[Caller | None]:
    """Who is asked for. On PostgreSQL, two places are enough where no query decides who sees what."""
    all_places = of.shows is not None or not world.served.platform.store.on_postgresql
    chosen = [one for one in world.callers if all_places or one.place in ASKED_OF_THE_SECOND]
    return [None, *chosen]


def ask(world: World, of: Line, caller: Caller | None) -> Any:
    """Ask as a line of the table says."""
    method, path = OPERATIONS[of.operation]
    things = {**world.things, "grant": caller.grant_id if caller else 1}
    body = things[of.body] if isinstance(of.body, str) else of.body
    more: dict[str, Any] = {"headers": of.headers(things, caller)}
    if isinstance(body, bytes):
        more["data"] = body
    elif body is not None:
        more["data"], more["headers"] = canonical(body), {**JSON, **more["headers"]}
    return world.ask(caller, method, (of.path or path).format(**things), token=of.token, **more)


def outcome(world: World, of: Line, answer: Any) -> Outcome:
    """What the caller got, in the words of the table."""
    if answer.status_code in {401, 403, 404}:
        return int(answer.status_code)
    assert answer.status_code < 500, answer.text
    if of.shows is not None and world.things[of.shows] not in answer.text:
        return NOTHING
    return ALLOWED


def test_every_operation_of_the_contract_says_here_who_may_use_it():
    assert {one.operation for one in TABLE} == set(OPERATIONS)


@pytest.mark.parametrize("of", TABLE, ids=lambda of: f"{of.operation}, {of.who}")
def test_every_role_at_every_place_gets_what_the_table_says_and_nothing_else(world, of):
    wrong = [
        f"{caller or 'nobody'}: {got}, should be {should}; {answer.text[:200]}"
        for caller in asked(world, of)
        for answer in [ask(world, of, caller)]
        for got, should in [(outcome(world, of, answer), expected(of.who, caller))]
        if got != should
    ]

    assert not wrong, "\n".join(wrong)


HIDDEN = (
    ("GET", "/v1/records/{}", "record"),
    ("GET", "/v1/records/{}/places", "record"),
    ("GET", "/v1/cases/{}", "case_id"),
    ("GET", "/v1/batches/{}", "batch_id"),
    ("GET", "/v1/conflicts/{}", "conflict"),
    ("POST", "/v1/questions/{}/reopen", "rejected"),
    ("GET", "/v1/attachments/{}", "attachment"),
    ("GET", "/v1/operators/{}", "target"),
)


@pytest.mark.parametrize(("method", "path", "thing"), HIDDEN)
def test_what_is_not_yours_is_answered_byte_for_byte_like_what_is_not_there(world, method, path, thing):
    caller, known = world.caller("reporter", "elsewhere"), world.things[thing]
    absent = "0" * 64 if thing == "attachment" else "019ab000-0000-7000-8000-000000000000"

    mine, none = (world.ask(caller, method, path.format(one)) for one in (known, absent))

    assert mine.status_code == none.status_code == 404
    assert mine.text.replace(known, absent) == none.text


def test_persons_stand_in_no_answer_to_who_may_not_see_them_and_in_no_count(world):
    outsiders = [world.caller(role, "elsewhere") for role in ROLES if role not in CURIOUS]
    private = (NAME, PHONE, NUMBER, LISTED, LISTED_NAME)
    asked = [of for of in TABLE if OPERATIONS[of.operation][0] == "GET" and LISTED not in (of.path or "")]

    told = {
        f"{of.operation}, {caller}": one
        for of in asked
        for caller in (None, *outsiders)
        for text in [ask(world, of, caller).text]
        for one in private
        if one in text
    }

    assert told == {}


def test_a_revoked_desk_and_an_ended_grant_lose_everything_at_once(world):
    reader = next(of for of in TABLE if of.operation == "getFeed")
    now = iso(world.served.clock())
    ended, revoked = world.caller("handler", "neighbour"), world.caller("reporter", "city")
    assert {ask(world, reader, one).status_code for one in (ended, revoked)} == {200}

    def act(connection):
        held = role_grant.c.operator_id == ended.operator_id
        connection.execute(update(role_grant).where(held).values(ended_at=now))
        revoke_device(connection, revoked.device_id, now)

    world.served.platform.store.write(act)
    closed = [of for of in TABLE if of.who != EVERYBODY]
    through = [of.operation for of in closed if ask(world, of, revoked).status_code != 403]
    kept = [
        of.operation for of in closed
        if of.operation != "signOut"
        and outcome(world, of, ask(world, of, ended)) != expected(of.who, replace(ended, role=NO_ROLE))
    ]  # fmt: skip
    back(world, ended, revoked)

    assert (through, kept) == ([], [])


def back(world: World, ended: Caller, revoked: Caller) -> None:
    """Give both back what they had: the other tests ask for them too."""

    def act(connection: Connection) -> None:
        give(connection, ended.operator_id, [(ended.role, "350200-02")], None, iso(world.served.clock()))
        at = device.c.device_id == revoked.device_id
        connection.execute(update(device).where(at).values(revoked_at=None))
        there = session.c.device_id == revoked.device_id
        connection.execute(update(session).where(there).values(ended_at=None))

    world.served.platform.store.write(act)


def test_who_is_not_signed_in_cannot_flood_enrolment_and_sign_in(alone):
    alone.platform.door_rate = RateLimit(1, 2)
    answers = [
        requests.post(f"{alone.url}/v1/{what}", json={}) for what in ("devices", "sessions", "devices")
    ]

    assert [one.status_code for one in answers] == [400, 400, 429]
    assert int(answers[-1].headers["Retry-After"]) in range(1, 61)


def test_comparisons_are_counted_for_each_desk(alone):
    desk = alone.desk()
    alone.platform.batch_rate = RateLimit(1, 1)
    body = {"acts": [], "subjects": []}
    answers = [desk.call("POST", "/v1/comparisons", json=body) for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 429]
    assert "Retry-After" in answers[-1].headers
