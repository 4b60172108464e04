"""A platform to try and to train on: three cities with two departments each, a hall and a station.

Every organisation and person is invented; the codes carry right check characters.
"""

from __future__ import annotations

import base64
import itertools
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from regional_platform.auth.credentials import PasswordCost, hash_password
from regional_platform.auth.enrolment import code_digest, new_code
from regional_platform.auth.grants import give
from regional_platform.catalogs import load_catalogs
from regional_platform.pipeline.subjects import Subject, load_subjects
from regional_platform.published import Shelf
from regional_platform.settings import find_resources
from regional_platform.store.tables import enrolment_code, feed_head, operator, unit
from regional_platform.times import iso

SPARE_CODES: Final = 4

_DIGITS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS_18: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_WEIGHTS_9: Final = (3, 7, 9, 10, 5, 8, 4, 2)

_CITIES: Final = (("350200", "厦门市"), ("350600", "漳州市"), ("350500", "泉州市"))
_DEPARTMENTS: Final = ("示范市场监督管理局", "示范城市管理局")
_ROLES: Final = ("reporter", "reviewer", "handler", "admin")
_REGION_ROLES: Final = ("admin", "auditor")
_CITY_ROLES: Final = ("admin",)
_HALL_ROLES: Final = ("hall", "admin")
_STATION_ROLES: Final = ("reporter", "reviewer")

ROOT: Final = "minnan"
_FUJIAN: Final = "350000"

# Words in one text: quotes around each would hide them.
_SURNAMES: Final = "林陈黄张吴李郑王许蔡苏曾洪庄杨谢赖叶柯施"
_GIVEN: Final = (
    "晓岚 志远 雅婷 建平 思源 美玲 国栋 欣怡 文博 秋月 海生 佳慧 明轩 素贞 永康 丽娜 子涵 春燕 立群 若溪"
)
_BRANDS: Final = (
    "鹭海 榕荫 圆山 清源 刺桐 水仙 金帆 海沧湾 云霞 星垂 "
    "稻香 青礁 石鼓 晨曦 百川 木棉 归帆 丹霞 长泰里 同安里"
)
_TRADES: Final = "食品 商贸 建材 物流 餐饮管理 电子科技 服饰 茶业 园林工程 环保设备 水产 包装 机械 文化传播"


class AlreadySeeded(Exception):
    """The database has units already; a demo is made in an empty one."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A unit to make."""

    code: str
    name: str
    city: str
    roles: tuple[str, ...]
    level: str
    above: tuple[str, ...]
    serial: int | None
    """Tells its credit code from others; None for a unit that only holds others together."""

    @property
    def path(self) -> str:
        """Where it stands in the tree."""
        return "".join(f"{code}/" for code in (*self.above, self.code))


def uscc(kind: str, division: str, serial: int) -> str:
    """Make a unified social credit code (统一社会信用代码).

    Args:
        kind: the two characters of authority and type, e.g. ``91``.
        division: six digits.
        serial: tells one from another.

    Source:
        GB 32100-2015, and GB 11714-1997 for the nine characters of the organisation.
    """
    body = f"{serial:08d}"
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS_9, strict=True)) % 11
    body += {10: "X", 11: "0"}.get(rest, str(rest))
    head = f"{kind}{division}{body}"
    total = sum(_DIGITS.index(sign) * weight for sign, weight in zip(head, _WEIGHTS_18, strict=True))
    return head + _DIGITS[(31 - total % 31) % 31]


def seed(connection: Connection, now: datetime, *, cost: PasswordCost, subjects: int = 300) -> dict[str, Any]:
    """Fill an empty database and return all that a demo needs, secrets included.

    Raises:
        AlreadySeeded: there are units.
    """
    if connection.execute(select(unit.c.code).limit(1)).one_or_none() is not None:
        raise AlreadySeeded
    names = _people()
    units = [_make_unit(connection, place, names, cost, now) for place in _places()]
    library = _subjects(subjects)
    load_subjects(connection, library, now)
    resources = find_resources()
    Shelf(load_catalogs(resources).sets).register(connection, resources, now)
    return {
        "units": units,
        "subjects": [
            {"code": one.code, "name": one.name, "representative": one.representative} for one in library
        ],
    }


def _places() -> Iterator[_Place]:
    """Those above come first."""
    serials = itertools.count(1)
    yield _Place(ROOT, "厦漳泉信用区域", _FUJIAN, _REGION_ROLES, "region", (), None)
    for division, city in _CITIES:
        yield _Place(division, city, division, _CITY_ROLES, "city", (ROOT,), None)
    hall = ("350200-00", "厦门市示范信用服务大厅", "350200", _HALL_ROLES)
    yield _Place(*hall, "department", (ROOT, "350200"), next(serials))
    for division, city in _CITIES:
        for n, department in enumerate(_DEPARTMENTS, start=1):
            known = (f"{division}-{n:02d}", f"{city}{department}", division, _ROLES)
            yield _Place(*known, "department", (ROOT, division), next(serials))
    station = ("350200-01-01", "厦门市示范市场监督管理局示范街道所", "350200", _STATION_ROLES)
    yield _Place(*station, "station", (ROOT, "350200", "350200-01"), next(serials))


def _people() -> Iterator[str]:
    order = random.Random(350200)  # noqa: S311 - names, not secrets
    pairs = [f"{surname}{given}" for surname, given in itertools.product(_SURNAMES, _GIVEN.split())]
    order.shuffle(pairs)
    return iter(pairs)


def _make_unit(
    connection: Connection, place: _Place, names: Iterator[str], cost: PasswordCost, now: datetime
) -> dict[str, Any]:
    code18 = uscc("11", place.city, place.serial) if place.serial is not None else None
    connection.execute(
        insert(unit).values(
            code=place.code,
            name=place.name,
            city=place.city,
            code18=code18,
            level=place.level,
            path=place.path,
            parent=place.above[-1] if place.above else None,
        )
    )
    connection.execute(insert(feed_head).values(unit=place.code, n=0))
    codes = [new_code() for _ in range(1 + SPARE_CODES)]
    connection.execute(
        insert(enrolment_code), [{"code_sha256": code_digest(code), "unit": place.code} for code in codes]
    )
    return {
        "code": place.code,
        "name": place.name,
        "city": place.city,
        "level": place.level,
        "path": place.path,
        "code18": code18,
        "enrolment_code": codes[0],
        "spare_enrolment_codes": codes[1:],
        "operators": [
            _make_operator(connection, place, role, next(names), cost, now) for role in place.roles
        ],
    }


def _make_operator(
    connection: Connection, place: _Place, role: str, name: str, cost: PasswordCost, now: datetime
) -> dict[str, Any]:
    operator_id = f"{place.code}-{role}"
    password = secrets.token_urlsafe(9)
    totp_secret = base64.b32encode(secrets.token_bytes(20)).decode()
    connection.execute(
        insert(operator).values(
            operator_id=operator_id,
            person=operator_id,
            unit=place.code,
            name=name,
            password=hash_password(password, cost),
            totp_secret=totp_secret,
        )
    )
    give(connection, operator_id, [(role, ROOT if role == "hall" else place.code)], None, iso(now))
    return {
        "operator_id": operator_id,
        "name": name,
        "roles": [role],
        "password": password,
        "totp_secret": totp_secret,
    }


def _subjects(count: int) -> list[Subject]:
    """Invented companies, the same in every demo."""
    order = random.Random(350500)  # noqa: S311 - names, not secrets
    pairs = list(itertools.product(_CITIES, _BRANDS.split(), _TRADES.split()))
    order.shuffle(pairs)
    made = []
    for serial, ((division, city), brand, trade) in enumerate(pairs[:count], start=70_000_001):
        person = order.choice(_SURNAMES) + order.choice(_GIVEN.split())
        made.append(Subject(uscc("91", division, serial), f"{city}{brand}{trade}有限公司", person))
    return made
