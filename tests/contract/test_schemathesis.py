"""schemathesis, from the contract, against a running platform."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from typing import Any

import pytest
import requests
import schemathesis
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from forms.seal.keys import SigningKey
from tests.databases import on_a_file, on_a_server
from tests.openapi import CONTRACT

load_all_checks()
WANTED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
    "negative_data_rejection",
)
NEGATIVE = CHECKS.get_one("negative_data_rejection")


def to_try(part: Any) -> Any:
    """The contract without lists of up to 10,000, which would only cost time, and without sessions:
    `Signed` gives one to every request, and test_contract.py tries what happens without."""
    if isinstance(part, dict):
        return {
            name: to_try(value)
            for name, value in part.items()
            if not (name == "maxItems" and value > 100) and name not in {"security", "securitySchemes"}
        }
    return [to_try(one) for one in part] if isinstance(part, list) else part


@schemathesis.serializer("application/zip", "application/offset+octet-stream")
def as_bytes(_context: Any, value: Any) -> bytes:
    """Whatever is made up stands for a file that is no zip."""
    return value if isinstance(value, bytes) else json.dumps(value, default=str).encode()


contract = schemathesis.openapi.from_dict(to_try(CONTRACT))
contract.config.phases.coverage.enabled = False
REFUSED = ["400", "404", "410", "413", "415", "422", "426"]
contract.config.checks.negative_data_rejection.expected_statuses = REFUSED


ENDS_A_SESSION = ("/v1/sessions/current", "/renewal")


class Signed(requests.auth.AuthBase):
    """Signs requests in, and gives batches the headers and the device that get them past the door."""

    def __init__(self, url: str, unit: dict[str, Any], spare: Signed | None = None) -> None:
        self._url, self._spare = url, spare  # the desk that is given one new id after the other
        self._person = unit["operators"][0]
        enrolled = self._post(
            "/v1/devices",
            {
                "enrolment_code": unit["enrolment_code"],
                "name": "fuzz",
                "public_key": SigningKey.generate().public,
            },
        )
        self.device_id = enrolled["device_id"]
        self._token = self._sign_in()

    def _sign_in(self) -> str:
        secret = base64.b32decode(self._person["totp_secret"])
        totp = TOTP(secret, 6, SHA1(), 30, enforce_key_length=False)
        session = self._post(
            "/v1/sessions",
            {
                "device_id": self.device_id,
                "operator_id": self._person["operator_id"],
                "password": self._person["password"],
                "totp": totp.generate(int(time.time())).decode(),
                "signing_key": SigningKey.generate().public,
            },
        )
        return session["token"]

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(self._url + path, json=body, timeout=20)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        asks = self._spare if self._spare and request.url.endswith("/renewal") else self
        ends = request.url.endswith(ENDS_A_SESSION)
        request.headers["Authorization"] = f"Bearer {asks._sign_in() if ends else asks._token}"
        if request.url.endswith("/v1/batches") and request.method == "POST":
            self._open_the_door(request)
        return request

    def _open_the_door(self, request: requests.PreparedRequest) -> None:
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        try:
            said = json.loads(body)
        except ValueError:
            return
        if isinstance(said, dict) and is_id(said.get("device_id")):
            said["device_id"] = self.device_id
            body = json.dumps(said).encode()
            request.prepare_body(body, None)
            request.headers["Content-Type"] = "application/vnd.minxin.batch+json"
            request.headers["Idempotency-Key"] = str(said.get("batch_id"))
            request.headers["X-Body-SHA256"] = hashlib.sha256(body).hexdigest()
            request.headers["Content-Encoding"] = "identity"


def is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


@pytest.fixture(scope="module")
def signed(shared_platform):
    spare = Signed(shared_platform.url, shared_platform.unit("350600-02"))
    return Signed(shared_platform.url, shared_platform.unit("350200-00"), spare)


def few(examples: int) -> settings:
    """So many examples of an operation, always the same."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip


@contract.parametrize()
@few(5)
@on_a_file
def test_the_platform_keeps_to_the_contract(case, shared_platform, signed):
    hold(case, shared_platform, signed)


@contract.parametrize()
@few(2)
@on_a_server
def test_the_platform_keeps_to_the_contract_on_the_other_database_too(case, shared_platform, signed):
    hold(case, shared_platform, signed)


def hold(case, platform, signed):
    checks = [CHECKS.get_one(name) for name in WANTED]
    if case.path == "/v1/batches":
        checks.remove(NEGATIVE)  # a wrong item is rejected alone: the answer is 200, with a receipt
    if case.path in {"/v1/catalogs", "/v1/calendars", "/v1/rule-sets"}:
        checks.remove(NEGATIVE)  # rights are asked for before a file is read, and the hall has none here
    case.call_and_validate(base_url=platform.url, auth=signed, checks=checks, timeout=20)
