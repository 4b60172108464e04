"""The hall desk (信用服务大厅): what its own program would ask the platform, over the same interface."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from client.core.records import Attachment
from client.core.times import to_text
from client.demo.ground import Person, Unit, seconds
from client.sync import uploading
from client.sync.api import Platform
from client.sync.transport import HttpTransport
from client.sync.wire import JSON_TYPE, Pinned, Reply, Request
from client.wiring import new_id
from forms.seal.canonical import digest
from forms.seal.keys import SigningKey

PNG = "image/png"


class HallRefused(Exception):
    """The platform said no to the hall desk; the text is its answer."""


class Hall:
    """A hall desk that is enrolled and signed in."""

    def __init__(self, url: str, unit: Unit) -> None:
        self._transport = HttpTransport(url)
        self._token: str | None = None
        key = SigningKey.generate()
        said = {"enrolment_code": unit.enrolment_codes[0], "name": "大厅一号窗", "public_key": key.public}
        device = self._ask("POST", "/v1/devices", said)
        person: Person = unit.person("hall")
        session = self._ask(
            "POST",
            "/v1/sessions",
            {
                "device_id": device["device_id"],
                "operator_id": person.operator_id,
                "password": person.password,
                "totp": person.totp(seconds()),
                "signing_key": key.public,
            },
        )
        self._token = session["token"]
        self._epoch, self._read = device["epoch"], 0
        pinned = Pinned(device["server_id"], device["server_key"])
        self._platform = Platform(self._transport, pinned, lambda: self._token)

    def record(self, record_id: str) -> dict[str, Any]:
        """Return a record as the platform shows it."""
        return self._ask("GET", f"/v1/records/{record_id}")

    def records(self, unit: str) -> list[dict[str, Any]]:
        """Return the first records of a unit."""
        found: list[dict[str, Any]] = self._ask("GET", f"/v1/records?unit={quote(unit)}&limit=100")["records"]
        return found

    def case(self, case_id: str) -> dict[str, Any]:
        """Return a case as the platform holds it."""
        return self._ask("GET", f"/v1/cases/{case_id}")

    def object_to(
        self,
        record_id: str,
        *,
        field: str,
        old: str,
        claimed: str,
        statement: str,
        evidence: bytes,
    ) -> str:
        """Take up an objection (异议) to a field of a record, a PNG as evidence; return the case id."""
        about = Attachment(digest(evidence), len(evidence), "行政处罚决定书.png", PNG)
        uploading.send(self._platform, about, lambda at, size: evidence[at : at + size], timer=time.monotonic)
        case_id = new_id()
        self._ask(
            "POST",
            "/v1/cases",
            {
                "case_id": case_id,
                "kind": "objection",
                "application_id": None,
                "taken_in_at": to_text(datetime.now(UTC)),
                "applicant": {
                    "name": "示范申请人",
                    "id_kind": "1",
                    "id_number": "350203190001010009",
                    "phone": "05920000000",
                },
                "agent": None,
                "materials": [],
                "statement": statement,
                "records": [
                    {
                        "record_id": record_id,
                        "reason_code": "wrong_information",
                        "disputes": [{"field": field, "old": old, "claimed": claimed}],
                        "evidence": [about.as_dict()],
                    }
                ],
                "repair": None,
            },
            {"Idempotency-Key": f'"{case_id}"'},
        )
        self._accept(case_id)
        return case_id

    def _accept(self, case_id: str) -> None:
        """Take the case up; from now on its record bears the mark (异议标注)."""
        event = {"event_id": new_id(), "revision": case_id, "kind": "accepted", "data": {}}
        headers = {"Idempotency-Key": f'"{event["event_id"]}"'}
        self._ask("POST", f"/v1/cases/{case_id}/events", {**event, "at": to_text(datetime.now(UTC))}, headers)

    def read_on(self) -> None:
        """Apply what the feed says; so the hall confirms that it knows how records changed that it saw."""
        page = self._ask("GET", f"/v1/feed?epoch={self._epoch}&after={self._read}&limit=1000")
        if page["next"] != self._read:
            self._read = page["next"]
            self._ask("GET", f"/v1/feed?epoch={self._epoch}&after={self._read}&limit=1")

    def close(self) -> None:
        """Let go of the connection."""
        self._transport.close()

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        session = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return {"Accept": JSON_TYPE, **session, **more}

    def _ask(
        self, method: str, path: str, said: object = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        body = b"" if said is None else json.dumps(said, ensure_ascii=False).encode()
        kind = {"Content-Type": JSON_TYPE} if body else {}
        reply = self._send(Request(method, path, self._headers({**kind, **(headers or {})}), body))
        answer: dict[str, Any] = json.loads(reply.body)
        return answer

    def _send(self, request: Request) -> Reply:
        reply = self._transport.exchange(request)
        if reply.status >= 300:
            said = reply.body.decode(errors="replace")
            raise HallRefused(f"{request.method} {request.path}: {reply.status} {said}")
        return reply
