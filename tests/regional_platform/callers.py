"""Callers of every role at every place, and things of one unit for them to reach for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, insert, select

from forms.seal.keys import SigningKey
from regional_platform.auth.callers import token_digest
from regional_platform.auth.grants import give
from regional_platform.inside import Inside
from regional_platform.person_keys import person_key, tag_some
from regional_platform.publishing import publish
from regional_platform.store.tables import device, job, operator, role_grant, session
from regional_platform.times import iso
from tests.regional_platform.listing import black, code_of, person

UNIT = "350200-01"
OTHER_SIDE = "350500-01"
"""The unit that holds the other side of the conflict; nobody of the matrix is there."""

PLACES = {
    "unit": UNIT, "below": "350200-01-01", "neighbour": "350200-02", "elsewhere": "350600-01",
    "city": "350200", "region": "minnan",
}  # fmt: skip
ROLES = ("reporter", "reviewer", "handler", "liaison", "admin", "auditor", "hall")
NO_ROLE = "no role"

NAME, PHONE, NUMBER = "林小满", "13800000000", "110101199003070011"
"""Of the person who objects, as `Desk.opening` writes them."""

LISTED, LISTED_NAME = "110101199003070097", "林晓岚"
PERSON_LIST = "B01"


@dataclass
class Caller:
    """Somebody signed in: one role over one place, at a desk of it. The hall's role is over the region."""

    role: str
    place: str
    operator_id: str
    device_id: str
    tokens: list[str]
    grant_id: int = 0

    def __str__(self) -> str:
        return f"{self.role} at {self.place}"


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status_code: int
    text: str


@dataclass
class World:
    """A platform where `UNIT` has one of everything, and the callers."""

    served: Any
    callers: list[Caller]
    things: dict[str, Any]
    inside: Inside

    def caller(self, role: str, place: str = "unit") -> Caller:
        return next(one for one in self.callers if (one.role, one.place) == (role, place))

    def ask(
        self, caller: Caller | None, method: str, path: str, *, token: int = 0,
        headers: dict[str, str] | None = None, data: bytes | None = None,
    ) -> Answer:  # fmt: skip
        """Ask as somebody, or as nobody; past the socket, which costs as much as many an answer."""
        bearer = "" if caller is None else f"Bearer {caller.tokens[token]}"
        path, _, query = quote(path, safe="/?=&:%").partition("?")
        answer = self.inside.ask(
            method, path, query=query, headers={**(headers or {}), "Authorization": bearer}, body=data or b""
        )
        return Answer(answer.status, answer.body.decode(errors="replace"))


def sign_in(connection: Connection, known: dict[str, Any], now: Any, operator_id: str, device_id: str) -> str:
    """Open a session in the store; `known` makes the operator when there is none."""
    if known:
        connection.execute(insert(operator).values(operator_id=operator_id, person=operator_id, **known))
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(session).values(
            token_sha256=token_digest(token), device_id=device_id, operator_id=operator_id,
            issued_at=iso(now), expires_at=iso(now + timedelta(hours=12)),
        )
    )  # fmt: skip
    return token


def new_device(connection: Connection, now: Any, device_id: str, unit: str) -> str:
    """A desk of a unit, as enrolment leaves it."""
    key = SigningKey.generate().public
    values = {"device_id": device_id, "unit": unit, "name": "桌", "public_key": key, "enrolled_at": iso(now)}
    connection.execute(insert(device).values(**values))
    return device_id


def callers_of(served: Any, device_id: str, new_id: Any) -> list[Caller]:
    """Every role at every place. Those at the unit share a desk with what was sent from there."""
    now = served.clock()

    def act(connection: Connection) -> list[Caller]:
        made = []
        for place, unit in PLACES.items():
            desk = device_id if place == "unit" else new_device(connection, now, new_id(), unit)
            for role in (*ROLES, *([NO_ROLE] if place in {"unit", "elsewhere"} else [])):
                name = f"matrix-{place}-{role.replace(' ', '-')}"
                known = {"unit": unit, "name": name, "password": "-", "totp_secret": "-"}
                tokens = [sign_in(connection, known, now, name, desk)]
                tokens.append(sign_in(connection, {}, now, name, desk))
                if role != NO_ROLE:
                    give(connection, name, [(role, "minnan" if role == "hall" else unit)], None, iso(now))
                made.append(Caller(role, place, name, desk, tokens))
        target = {"operator_id": "matrix-target", "person": "target", "unit": UNIT, "name": "对象"}
        connection.execute(insert(operator).values(**target, password="-", totp_secret="-"))
        closed = {**target, "operator_id": "matrix-closed", "closed_at": iso(now)}
        connection.execute(insert(operator).values(**closed, password="-", totp_secret="-"))
        give(connection, "matrix-target", [("reporter", UNIT)] * len(made), None, iso(now))
        grants = connection.execute(
            select(role_grant.c.n).where(role_grant.c.operator_id == "matrix-target").order_by(role_grant.c.n)
        ).scalars()
        for one, grant_id in zip(made, grants, strict=True):
            one.grant_id = grant_id
        return made

    return served.platform.store.write(act)


def things_of(served: Any, tools: Any) -> dict[str, Any]:
    """What `UNIT` owns: of every kind that a route gives out."""
    desk, other, hall = served.desk(UNIT), served.desk(OTHER_SIDE), served.desk("350200-00")
    stored, rejected = desk.content(1), desk.content(2, payload={"CF_NR_FK": None})
    listed, company = person(desk, LISTED, PERSON_LIST), black(desk, 3)
    same = other.content(1, payload={name: stored["payload"][name] for name in ("CF_WSH", "CF_XDR_MC")})
    approval = desk.approval([stored, rejected, listed, company])
    assert desk.put_approval(approval).status_code == 201
    batch = desk.batch(desk.items([stored, rejected, listed, company], approval))
    assert desk.post(batch).status_code == 200
    at_rest(served, tools)
    other.send([same])
    at_rest(served, tools)
    attachment = b"what the unit keeps"
    digest = desk.put(attachment)
    arriving = {"sha256": "a" * 64, "size": 9, "name": "a.pdf", "media_type": "application/pdf"}
    upload = desk.call("POST", "/v1/uploads", json=arriving).json()["upload_id"]
    evidence = b"what the hall was shown"
    shown = hall.put(evidence)
    opening = hall.opening(stored["record_id"], about={"evidence": [
        {"sha256": shown, "size": len(evidence), "media_type": "application/pdf", "name": "证据.pdf"},
    ]})  # fmt: skip
    case = hall.open_case(opening).json()
    numbers = [""]
    while numbers := tag_some(served.platform, person_key(served.platform), numbers[-1]):
        pass
    publish(served.platform, "command", served.clock())
    (conflict,) = desk.call("GET", "/v1/conflicts").json()["conflicts"]
    administrator = {"role": "admin", "json": {"owner": UNIT, "reason": "归本机构"}}
    at = f"/v1/conflicts/{conflict['conflict_id']}/assign"
    assert served.desk(OTHER_SIDE).call("POST", at, **administrator).status_code == 200
    return {
        "desk": desk, "record": stored["record_id"], "version": stored["version_id"], "case": case,
        "rejected": rejected["version_id"], "batch": batch, "approval": approval, "attachment": digest,
        "upload": upload, "evidence": shown, "opening": opening, "conflict": conflict["conflict_id"],
        "company": company["record_id"], "company_list": code_of(3), "subject": desk.subject(1)["code"],
        "person_record": listed["record_id"],
    }  # fmt: skip


def at_rest(served: Any, tools: Any) -> None:
    """Wait until the pipeline has nothing left to do."""

    def done() -> bool:
        with served.platform.store.reading() as connection:
            return not connection.execute(select(job.c.n).where(job.c.step != "wait")).first()

    tools.until(done)


def administered(served: Any, world_things: dict[str, Any], new_id: Any) -> dict[str, Any]:
    """A notice, a revoked desk and a zero report of the unit, and the scores of a month."""
    desk = world_things["desk"]
    notice, zero, revoked = new_id(), new_id(), new_id()
    served.platform.store.write(lambda it: new_device(it, served.clock(), revoked, UNIT))
    today = served.clock().date()
    month = (today.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    made = [
        ("admin", "POST", "/v1/notices", {
            "notice_id": notice, "unit": UNIT, "title": "通知", "text": "正文",
            "from": today.isoformat(), "until": today.isoformat(),
        }),
        ("admin", "PUT", f"/v1/devices/{revoked}/revocation", {"reason": "停用"}),
        ("admin", "PUT", f"/v1/units/{UNIT}/liaisons", {"liaisons": []}),
        ("admin", "POST", "/v1/scores", {"unit": UNIT, "period": month}),
        ("reporter", "POST", "/v1/zero-reports", {
            "report_id": zero, "unit": UNIT, "item": world_things["monthly"], "period": month,
        }),
    ]  # fmt: skip
    for role, method, path, body in made:
        answer = desk.call(method, path, role=role, json=body)
        assert answer.ok, answer.text
    return {"notice": notice, "revoked": revoked, "zero": zero, "month": month}
