"""Desks for tests: real encrypted databases, cheap passphrases, a clock and ids that can be repeated.

    desk            an open desk at which 林晓 (reporter, handler) works
    house           the same with everything around it: `house.desk`, `house.switch("陈敏")`, `house.close()`
    a_desk(...)     builds such houses: `a_desk(operators={"林晓": {"reporter"}}, name="second")`
    a_penalty(7)    valid values of XZCF_FR, another for each number; keywords replace or (None) drop fields
    a_permit(7)     the same for XZXK_FR
    office          a desk enrolled with a platform that nobody asks

Nothing here starts a platform.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from client.core.ids import uuid7
from client.store.desk import Catalogs, Desk, Device, Operator
from client.store.profile import NewOperator, add_operator, create_profile, unlock
from client.store.wraps import Cost
from forms.catalog.loader import load_set
from forms.seal.keys import SigningKey
from tests.client.sync.office import Office, an_office
from tests.copied import copied

CATALOG = Path(__file__).parents[2] / "resources" / "catalogs" / "2026.1"

CHEAP = Cost(passes=1, memory_kib=32, lanes=1)
"""What Argon2id costs in tests: next to nothing."""

PASSPHRASE = "纸上得来终觉浅-1"

TEAM: Mapping[str, frozenset[str]] = {
    "林晓": frozenset({"reporter", "handler"}),
    "陈敏": frozenset({"reviewer"}),
    "吴昊": frozenset({"admin", "auditor"}),
}


class SteadyClock:
    """Goes on by a millisecond each time it is asked; `at` can be set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


class Ids:
    """UUIDv7 that are the same in each run."""

    def __init__(self, clock: Callable[[], datetime], seed: str = "") -> None:
        self._clock, self._seed, self._n = clock, seed, 0

    def __call__(self) -> str:
        self._n += 1
        return uuid7(self._clock(), hashlib.sha256(f"{self._seed}{self._n}".encode()).digest()[:10])


@dataclass
class House:
    """A profile and the desk that is open in it; switching operators closes one and opens the other."""

    directory: Path
    catalogs: Catalogs
    clock: SteadyClock
    new_id: Ids
    operators: Mapping[str, frozenset[str]]
    device: Device
    passphrase: str = PASSPHRASE
    _desk: Desk | None = field(default=None, repr=False)

    @property
    def desk(self) -> Desk:
        """The open desk; the first operator's, unless somebody else was switched to."""
        return self._desk or self.switch(next(iter(self.operators)))

    def switch(self, name: str) -> Desk:
        """Let somebody else work here."""
        if self._desk is not None and self._desk.operator.name == name:
            return self._desk
        self.close()
        self._desk = self.unlock(name)
        return self._desk

    def unlock(self, name: str, *, writable: bool = True) -> Desk:
        """Unlock beside the open desk; the caller closes it."""
        return unlock(
            self.directory, name, self.passphrase, None,
            catalogs=self.catalogs, clock=self.clock, new_id=self.new_id, writable=writable,
        )  # fmt: skip

    def close(self) -> None:
        """Lock the desk, if it is open."""
        if self._desk is not None:
            self._desk.close()
            self._desk = None


def a_device(**given: Any) -> Device:
    """A desk of an invented bureau, as a platform would know it."""
    said = {
        "device_id": "0199a0d0-0000-7000-8000-00000000d001",
        "name": "办公室一号机",
        "unit_code": "350203-SJ",
        "unit_name": "海湾区样例监管局",
        "city": "厦门",
        "platform_url": "http://127.0.0.1:9",
        "ca_file": None,
        "server_id": "0199a0d0-0000-7000-8000-00000000a001",
        "server_key": SigningKey(b"s" * 32).public,
        "epoch": "0199a0d0-0000-7000-8000-00000000e001",
    }
    return Device(**(said | given))


def operator_id(name: str) -> str:
    """The id that the operator called `name` has in every test."""
    return str(uuid7(datetime(2026, 1, 1, tzinfo=UTC), hashlib.sha256(name.encode()).digest()[:10]))


@pytest.fixture(scope="session")
def catalogs() -> Catalogs:
    """The catalog that is shipped."""
    return Catalogs([load_set(CATALOG)])


@pytest.fixture
def a_desk(tmp_path: Path, catalogs: Catalogs) -> Iterator[Callable[..., House]]:
    """Build houses: `a_desk(operators={"林晓": {"reporter"}}, name="desk", at=…, device=…)`."""
    built: list[House] = []

    def build(
        *,
        operators: Mapping[str, Any] | None = None,
        name: str = "desk",
        at: datetime = datetime(2026, 11, 24, 1, 0, tzinfo=UTC),
        device: Device | None = None,
        device_key: SigningKey | None = None,
    ) -> House:
        people = {who: frozenset(roles) for who, roles in (operators or TEAM).items()}
        clock = SteadyClock(at)
        ids = Ids(clock, f"{tmp_path}{name}")
        house = House(tmp_path / name, catalogs, clock, ids, people, device or a_device())
        built.append(house)
        if device or device_key:
            move_in(house, device_key or SigningKey.generate())
        else:
            key = (name, at, *people.items())  # two desks of one test have each their own keys
            clock.at = copied(house.directory, key, lambda folder: furnished(folder, catalogs, at, people))
        return house

    yield build
    for house in built:
        house.close()


def furnished(
    folder: Path, catalogs: Catalogs, at: datetime, people: Mapping[str, frozenset[str]]
) -> datetime:
    """Make a profile and leave it closed; return what time it is then."""
    clock = SteadyClock(at)
    house = House(folder, catalogs, clock, Ids(clock, "furnished"), people, a_device())
    move_in(house, SigningKey.generate())
    house.close()
    return clock.at


def move_in(house: House, device_key: SigningKey) -> None:
    """Make the profile of a house; all its people can unlock it."""
    team = [Operator(operator_id(who), who, roles) for who, roles in house.operators.items()]
    create_profile(
        house.directory, profile_id=house.new_id(), device=house.device, device_key=device_key,
        operators=team, first=NewOperator(team[0].operator_id, PASSPHRASE), possession=None,
        clock=house.clock, cost=CHEAP,
    )  # fmt: skip
    for other in team[1:]:
        add_operator(house.desk, other, PASSPHRASE, None, cost=CHEAP)


@pytest.fixture
def house(a_desk: Callable[..., House]) -> House:
    """A desk with a reporter (林晓), a reviewer (陈敏) and an administrator (吴昊)."""
    return a_desk()


@pytest.fixture
def desk(house: House) -> Desk:
    """An open desk at which 林晓 works, who may report and handle objections."""
    return house.desk


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with a reporter and a reviewer, enrolled with a platform that nobody asks."""
    made = an_office(tmp_path / "desk")
    yield made
    made.desk.close()


# --- records ---

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def a_uscc(number: int, *, kind: str = "91", division: str = "350203") -> str:
    """An invented code with right check characters, another for each number."""
    body = f"MA{number % 1_000_000:06d}"
    total = sum(_ORG.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    check = "0X987654321"[total % 11]
    code = kind + division + body + check
    rest = sum(_USCC.index(c) * pow(3, place, 31) for place, c in enumerate(code)) % 31
    return code + _USCC[(31 - rest) % 31]


def _with(values: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (values | dict(given)).items() if value is not None}


@pytest.fixture(scope="session")
def a_penalty() -> Callable[..., dict[str, Any]]:
    """Make valid values of XZCF_FR."""

    def build(number: int = 1, **given: Any) -> dict[str, Any]:
        values: dict[str, Any] = {
            "CF_XDR_MC": f"海湾样例{number}号商贸有限公司",
            "CF_XDR_LB": "1",
            "CF_XDR_SHXYM": a_uscc(number),
            "CF_FRDB": "郑海",
            "CF_WSH": f"海监罚决〔2026〕{number}号",
            "CF_WFXW": "未按规定公示收费标准",
            "CF_SY": "经查，当事人在经营场所未公示收费标准。",
            "CF_YJ": "《样例市场秩序条例》第十二条",
            "CF_CFLB": ["02"],
            "CF_NR": "罚款人民币壹仟元整",
            "CF_NR_FK": "0.1",
            "CF_JDRQ": "2026-11-20",
            "CF_YXQ": "2099-12-31",
            "CF_CFJG": "海湾区样例监管局",
            "CF_CFJGDM": a_uscc(900_001, kind="11"),
            "CF_SJLY": "海湾区样例监管局",
            "CF_SJLYDM": a_uscc(900_001, kind="11"),
        }
        return _with(values, given)

    return build


@pytest.fixture(scope="session")
def a_permit() -> Callable[..., dict[str, Any]]:
    """Make valid values of XZXK_FR."""

    def build(number: int = 1, **given: Any) -> dict[str, Any]:
        values: dict[str, Any] = {
            "XK_XDR_MC": f"海湾样例{number}号餐饮有限公司",
            "XK_XDR_LB": "1",
            "XK_XDR_SHXYM": a_uscc(number),
            "XK_FRDB": "郑海",
            "XK_XKWS": "准予行政许可决定书",
            "XK_WSH": f"海监许准〔2026〕{number}号",
            "XK_XKLB": "1",
            "XK_NR": "食品经营",
            "XK_JDRQ": "2026-11-20",
            "XK_YXQZ": "2026-11-20",
            "XK_YXQZI": "2031-11-19",
            "XK_XKJG": "海湾区样例监管局",
            "XK_XKJGDM": a_uscc(900_001, kind="11"),
            "XK_ZT": "1",
            "XK_LYDW": "海湾区样例监管局",
            "XK_LYDWDM": a_uscc(900_001, kind="11"),
        }
        return _with(values, given)

    return build
