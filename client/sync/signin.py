"""Enrolment of a desk, and signing operators in: the road to a session with the platform.

Today by password and one-time code. Whatever comes later (a system browser, a card) is another way to
the same session: nobody above this module knows how it was come by.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from client.core.people import Device, Operator
from client.errors import LinkError, NotAllowed, PlatformRefusal
from client.store import link, renewal
from client.store.desk import Desk
from client.sync import reading
from client.sync.api import Platform, post_json
from client.sync.wire import ACCEPT, Pinned, Request, Transport
from forms.seal.keys import SigningKey

NOT_ENROLLED: Final = "device_not_enrolled"
"""The platform does not know the desk: it was put back to a day before the desk got its id."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What `store.profile.create_profile` needs.

    Attributes:
        device: this desk as the platform knows it, the platform's key pinned in it.
        operators: all of the unit.
    """

    device: Device
    operators: tuple[Operator, ...]


def enrol(
    transport: Transport, *, url: str, ca_file: str | None, code: str, name: str, device_key: SigningKey,
    known: Pinned | None = None,
) -> Enrolled:  # fmt: skip
    """Make this desk known to the platform. The same code with the same key again gives the same.

    From here on the platform's id and key are pinned: whoever answers otherwise is not believed.

    Args:
        transport: to `url`.
        url: address of the platform.
        ca_file: certificate authority of the platform, when it is not a public one.
        code: enrolment code of the unit.
        name: of the desk, as colleagues call it.
        device_key: kept before it is sent, so that a lost answer costs nothing.
        known: the platform that it must be; None when it is met for the first time.

    Raises:
        LinkError: no platform answers there.
        PlatformRefusal: ``enrolment_code_unknown``, ``enrolment_code_used``.
    """
    hello = reading.read_hello(transport.exchange(Request("GET", "/v1/hello", {"Accept": ACCEPT})), known)
    pinned = Pinned(hello.server_id, hello.server_key)
    said = {"enrolment_code": code.strip(), "name": name.strip(), "public_key": device_key.public}
    reply = post_json(transport, "/v1/devices", said)
    reading.expect(reply, pinned, 200, 201)
    answer = reading.json_body(reply)
    try:
        enrolled = _enrolled(answer, name.strip(), url, ca_file)
    except (KeyError, TypeError) as error:
        raise LinkError("not_ours", why="shape") from error
    if (enrolled.device.server_id, enrolled.device.server_key) != (pinned.server_id, pinned.server_key):
        raise LinkError("not_ours", why="server_key")
    return replace(enrolled, device=replace(enrolled.device, package_key=hello.package_key))


def _enrolled(said: Mapping[str, Any], name: str, url: str, ca_file: str | None) -> Enrolled:
    unit = said["unit"]
    device = Device(
        said["device_id"], name, unit["code"], unit["name"], unit["city"], url, ca_file,
        said["server_id"], said["server_key"], said["epoch"],
    )  # fmt: skip
    return Enrolled(device, tuple(_operator(one) for one in said["operators"]))


def _operator(said: Mapping[str, Any]) -> Operator:
    return Operator(said["operator_id"], said["name"], frozenset(said["roles"]))


def sign_in(desk: Desk, transport: Transport, *, password: str, totp: str) -> None:
    """Sign the operator at work in, and make his or her signing key known to the platform.

    A platform that was put back to a day before this desk's last renewal does not know its present id; then
    the desk goes on under the one before, and takes a new one, since its copy may do the same.

    Raises:
        PlatformRefusal: ``sign_in_refused``; ``rate_limited`` after too many failures;
            ``device_not_enrolled``: the platform knows no id of this desk's, see `enrol_again`.
        LinkError: the platform cannot be reached, or somebody else answered.
    """
    present = renewal.Former(desk.device.device_id, desk.device_key)
    unknown: PlatformRefusal | None = None
    for one in (present, *renewal.former(desk.db.reader())):
        try:
            operator, token, expires_at = _open_session(desk, transport, one.device_id, password, totp)
        except PlatformRefusal as refusal:
            if refusal.code != NOT_ENROLLED:
                raise
            unknown = unknown or refusal
            continue
        if one is not present:
            renewal.fall_back(desk, one)
        link.store_session(desk, operator, token=token, expires_at=expires_at)
        if one is not present:
            with suppress(LinkError, PlatformRefusal):  # else a copy is found out by the numbers of batches
                renew(desk, transport)
        return
    assert unknown is not None
    raise unknown


def _open_session(
    desk: Desk, transport: Transport, device_id: str, password: str, totp: str
) -> tuple[Operator, str, str]:
    said = {
        "device_id": device_id,
        "operator_id": desk.operator.operator_id,
        "password": password,
        "totp": totp.strip(),
        "signing_key": desk.key.public,
    }
    reply = post_json(transport, "/v1/sessions", said)
    reading.expect(reply, _pinned(desk), 201)
    answer = reading.json_body(reply)
    try:
        operator, token, expires_at = _operator(answer["operator"]), answer["token"], answer["expires_at"]
    except (KeyError, TypeError) as error:
        raise LinkError("not_ours", why="shape") from error
    if operator.operator_id != desk.operator.operator_id or not isinstance(token, str):
        raise LinkError("not_ours", why="operator")
    return operator, token, expires_at


def _pinned(desk: Desk) -> Pinned:
    return Pinned(desk.device.server_id, desk.device.server_key)


def enrol_again(desk: Desk, transport: Transport, *, code: str) -> int:
    """Enrol this desk anew at its platform, which does not know it any more; everybody signs in after it.

    What is unsent stays and goes into new batches under its own ids. Cut anywhere, it can be asked again
    with the same code.

    Returns:
        How many versions were on their way under the old id; they are queued again.

    Raises:
        LinkError: the platform cannot be reached, or another one answered.
        PlatformRefusal: as `enrol`.
        NotAllowed: ``code_of_another_unit``.
    """
    was, key = desk.device, renewal.key_to_renew_with(desk)
    enrolled = enrol(
        transport, url=was.platform_url, ca_file=was.ca_file, code=code, name=was.name, device_key=key,
        known=_pinned(desk),
    )  # fmt: skip
    if enrolled.device.unit_code != was.unit_code:
        raise NotAllowed("code_of_another_unit", unit=enrolled.device.unit_name)
    return renewal.enrolled_again(desk, key, enrolled.device.device_id)


def renew(desk: Desk, transport: Transport) -> int:
    """Go on under a new device id, because another copy of this desk is about (``device_forked``).

    What is unsent stays and goes into new batches under its own ids. Cut anywhere, it can be asked again:
    the same key is given the same id.

    Returns:
        How many versions were on their way under the old id; they are queued again.

    Raises:
        LinkError: the platform cannot be reached, or somebody else answered.
        PlatformRefusal: ``token_expired``: sign in first, also when an answer was lost.
        NotAllowed: ``sign_in_needed``.
    """
    key, reader = renewal.key_to_renew_with(desk), desk.db.reader()
    platform = Platform(transport, _pinned(desk), lambda: link.token(reader, desk.operator.operator_id))
    said = platform.renew_device(key.public, link.link(reader).cursor)
    return renewal.adopt(desk, key, said.device_id, token=said.token, expires_at=said.expires_at)


def sign_out(desk: Desk, transport: Transport) -> None:
    """End the session here first, then at the platform if it can be reached. Unsent work stays.

    Raises:
        LinkError: the platform could not be told; here the session is gone all the same.
    """
    token = link.token(desk.db.reader(), desk.operator.operator_id)
    link.drop_session(desk)
    if token is not None:
        Platform(transport, _pinned(desk), lambda: token).sign_out()
