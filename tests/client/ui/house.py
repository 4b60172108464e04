"""A desk for tests of the window: a real encrypted profile with three people, and valid records.

`a_house(folder)` makes the profile; `house.desk_of("林晓")` opens it to prepare something, and
`house.close()` leaves it for the window to unlock. Clock and ids can be repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from client.core.ids import uuid7
from client.core.people import Device, Operator
from client.store.desk import Catalogs, Desk
from client.store.profile import NewOperator, add_operator, create_profile, unlock
from client.store.wraps import Cost
from forms.catalog.loader import load_set
from forms.seal.keys import SigningKey

RESOURCES = Path(__file__).parents[3] / "resources"
CHEAP = Cost(passes=1, memory_kib=32, lanes=1)
PASSPHRASE = "潮平两岸阔 风正一帆悬"
TEAM: Mapping[str, frozenset[str]] = {
    "许可": frozenset({"reporter", "handler"}),
    "庄敏": frozenset({"reviewer", "reporter"}),
    "洪涛": frozenset({"admin", "auditor"}),
}
"""Reporter and handler, reviewer, administrator."""

CATALOGS = Catalogs([load_set(RESOURCES / "catalogs" / "2026.1")])


@dataclass
class Clock:
    """Goes on by a millisecond each time it is asked."""

    at: datetime = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class Ids:
    """UUIDv7 that are the same in each run."""

    clock: Callable[[], datetime]
    n: int = 0

    def __call__(self) -> str:
        self.n += 1
        return uuid7(self.clock(), hashlib.sha256(str(self.n).encode()).digest()[:10])


def operator_id(name: str) -> str:
    """The id that the operator called `name` has in every test."""
    return str(uuid7(datetime(2026, 1, 1, tzinfo=UTC), hashlib.sha256(name.encode()).digest()[:10]))


def a_device(**given: Any) -> Device:
    """A desk of an invented bureau; nobody listens at its platform's address."""
    said = {
        "device_id": "0199a0d0-0000-7000-8000-00000000d001",
        "name": "窗口一号机",
        "unit_code": "350203-SJ",
        "unit_name": "鹭岛区样例监管局",
        "city": "厦门市",
        "platform_url": "http://127.0.0.1:9",
        "ca_file": None,
        "server_id": "0199a0d0-0000-7000-8000-00000000a001",
        "server_key": SigningKey(b"s" * 32).public,
        "epoch": "0199a0d0-0000-7000-8000-00000000e001",
    }
    return Device(**(said | given))


@dataclass
class House:
    """A profile, and the desk that is open in it."""

    directory: Path
    clock: Clock
    new_id: Ids
    opened: Desk | None = field(default=None, repr=False)

    def desk_of(self, name: str) -> Desk:
        """Open the desk for somebody; who was there before is locked out."""
        self.close()
        self.opened = unlock(
            self.directory, name, PASSPHRASE, None, catalogs=CATALOGS, clock=self.clock, new_id=self.new_id
        )
        return self.opened

    def close(self) -> None:
        """Lock the desk."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None


def a_house(
    directory: Path, *, device: Device | None = None, team: Mapping[str, frozenset[str]] = TEAM
) -> House:
    """Make a profile that all of `team` can unlock."""
    clock = Clock()
    house = House(directory, clock, Ids(clock))
    people = [Operator(operator_id(name), name, roles) for name, roles in team.items()]
    create_profile(
        directory, profile_id=house.new_id(), device=device or a_device(), device_key=SigningKey.generate(),
        operators=people, first=NewOperator(people[0].operator_id, PASSPHRASE), possession=None, clock=clock,
        cost=CHEAP,
    )  # fmt: skip
    desk = house.desk_of(people[0].name)
    for other in people[1:]:
        add_operator(desk, other, PASSPHRASE, None, cost=CHEAP)
    house.close()
    return house


# --- records ---

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def a_uscc(number: int, *, kind: str = "91", division: str = "350203") -> str:
    """An invented code with right check characters, another for each number."""
    body = f"MA{number % 1_000_000:06d}"
    total = sum(_ORG.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    code = kind + division + body + "0X987654321"[total % 11]
    rest = sum(_USCC.index(c) * pow(3, place, 31) for place, c in enumerate(code)) % 31
    return code + _USCC[(31 - rest) % 31]


def a_penalty(number: int = 1, **given: Any) -> dict[str, Any]:
    """Valid values of XZCF_FR; keywords replace fields, None leaves one out."""
    organ = a_uscc(900_001, kind="11")
    values: dict[str, Any] = {
        "CF_XDR_MC": f"鹭岛样例{number}号商贸有限公司",
        "CF_XDR_LB": "1",
        "CF_XDR_SHXYM": a_uscc(number),
        "CF_FRDB": "郑海",
        "CF_WSH": f"鹭监罚决〔2026〕{number}号",
        "CF_WFXW": "未按规定公示收费标准",
        "CF_SY": "经查，当事人在经营场所未公示收费标准。",
        "CF_YJ": "《样例市场秩序条例》第十二条",
        "CF_CFLB": ["02"],
        "CF_NR": "罚款人民币壹仟元整",
        "CF_NR_FK": "0.1",
        "CF_JDRQ": "2026-11-20",
        "CF_YXQ": "2099-12-31",
        "CF_CFJG": "鹭岛区样例监管局",
        "CF_CFJGDM": organ,
        "CF_SJLY": "鹭岛区样例监管局",
        "CF_SJLYDM": organ,
    }
    return {name: value for name, value in (values | given).items() if value is not None}
