"""What every seed begins with: the demo's platform and three desks, enrolled and signed in.

Two desks belong to one unit, the third to a unit of another city. Made once a process; a seed
works on copies of the files.
"""

from __future__ import annotations

import gc
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from client.core.people import Operator
from client.store import connection, profile
from client.store.desk import Catalogs, Desk
from client.store.wraps import Cost
from client.sync import signin
from forms.catalog.loader import load_set
from forms.catalog.schema import CatalogSet
from forms.catalog.sealing import list_set, sign_set
from regional_platform.auth.credentials import COSTS
from regional_platform.demo import seed
from regional_platform.settings import find_resources
from tests.faults.people import ITEM, Person, Place, fixed_key, one_time_code
from tests.faults.region import Region
from tests.faults.store import swapped

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
UNIT, OTHER_UNIT = "350200-01", "350500-02"
DESKS = (("A", UNIT), ("B", UNIT), ("C", OTHER_UNIT))
PASSPHRASE = "纸上得来终觉浅-1"
CHEAP = Cost(passes=1, memory_kib=32, lanes=1)
PREFIX = "minxin-faults-"
ADDRESS = "http://127.0.0.1:1"
"""Nobody listens there, and nobody is asked: what is asked goes straight to the platform in this process."""


@dataclass
class Turning:
    """The true time, which only the simulator moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class LaterSet:
    """A catalog set that the platform publishes in the course of a seed, as one file and as desks have it."""

    package: bytes
    opened: CatalogSet


@dataclass
class Scene:
    """Attributes:
    folder: in memory where the system has such a place; gone with the process.
    region: the platform, on the file that a seed puts under it.
    template: the platform's database as every seed finds it.
    dawn: the same before any desk was enrolled.
    """

    folder: Path
    clock: Turning
    region: Region
    template: Path
    dawn: Path
    places: tuple[Place, ...]
    catalogs: Catalogs
    later: LaterSet


def in_memory() -> Path | None:
    """A folder that costs no disk; None where the system has none."""
    shm = Path("/dev/shm")
    return shm if shm.is_dir() else None


def a_folder() -> Path:
    """Make a folder that goes with this process, be it one of a pool; those of killed ones go now."""
    for left in Path(in_memory() or tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        number = left.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not is_alive(int(number)):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=in_memory()))
    Finalize(None, shutil.rmtree, (made, True), exitpriority=1)  # a worker of a pool runs no atexit
    return made


def is_alive(process: int) -> bool:
    """Say whether there is such a process."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def the_scene(pages: str = connection.PAGE_SIZE) -> Scene:
    """Make what every seed begins with; its desks have pages of this size."""
    with swapped(connection, "PAGE_SIZE", pages):
        made = _made(pages)
    gc.collect()
    gc.freeze()  # what is here now stays, and is not looked through over and over
    return made


def _made(pages: str) -> Scene:
    folder = a_folder()
    clock = Turning()
    region = Region(folder / "platform.db", clock)
    said = region.platform.store.write(
        lambda connection: seed(connection, clock(), cost=COSTS["low"], subjects=30)
    )
    catalogs = Catalogs([load_set(find_resources() / "catalogs" / "2026.1")])
    dawn = region.snapshot().file.rename(folder / "dawn.db")
    places = tuple(
        _enrol(folder, region, clock, said, catalogs, pages, n, *desk) for n, desk in enumerate(DESKS)
    )
    template = region.snapshot().file.rename(folder / "template.db")
    return Scene(folder, clock, region, template, dawn, places, catalogs, _later(folder))


def _later(folder: Path) -> LaterSet:
    """Make a set of the item that desks report, under another name, signed by a key of its own."""
    place, signer = folder / "2026.2", fixed_key("catalog")
    resources = find_resources()
    (place / "items").mkdir(parents=True)
    shutil.copy(resources / "catalogs" / "2026.1" / "items" / f"{ITEM}.json", place / "items")
    shutil.copy(resources / "catalogs" / "sources.json", place)
    shutil.copytree(resources / "codesets", place / "codesets")
    classes = json.loads((resources / "catalogs" / "2026.1" / "set.json").read_bytes())["classes"]
    head = {"name": "2026.2", "title": "目录 2026.2", "effective_on": "2026-11-01", "classes": classes}
    head = list_set(place, head)
    signature = sign_set(head, signer, signed_by="模拟", signed_on=date(2026, 11, 1), until=date(2099, 1, 1))
    for name, said in (("set.json", head), ("set.sig", signature)):
        (place / name).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for path in sorted(one for one in place.rglob("*") if one.is_file()):
            package.write(path, path.relative_to(place).as_posix())
    return LaterSet(packed.getvalue(), load_set(place, trusted={signature["key"]}))


def _enrol(
    folder: Path, region: Region, clock: Turning, said: Mapping[str, Any], catalogs: Catalogs, pages: str,
    n: int, name: str, code: str,
) -> Place:  # fmt: skip
    unit = next(one for one in said["units"] if one["code"] == code)
    codes = [unit["enrolment_code"], *unit["spare_enrolment_codes"]]
    device_key = fixed_key(f"{name} device")
    enrolled = signin.enrol(
        region, url=ADDRESS, ca_file=None, code=codes[n if code == UNIT else 0], name=name,
        device_key=device_key,
    )  # fmt: skip
    people = {role: _person(name, unit, role) for role in ("reporter", "reviewer", "handler")}
    where = folder / f"template-{name}"
    profile.create_profile(
        where, profile_id=name, device=enrolled.device, device_key=device_key, operators=enrolled.operators,
        first=profile.NewOperator(people["reporter"].operator.operator_id, PASSPHRASE),
        possession=None, clock=clock, cost=CHEAP,
    )  # fmt: skip
    desk = profile.unlock(
        where, people["reporter"].operator.operator_id, PASSPHRASE, None, catalogs=catalogs,
        clock=clock, new_id=lambda: "",
    )  # fmt: skip
    key = desk.data_key.raw
    for person in people.values():
        _let_in(desk, region, clock, person)
    desk.close()
    return Place(
        name, where / profile.DATABASE, key, pages, unit, *people.values(), said["subjects"],
    )  # fmt: skip


def _person(desk: str, unit: Mapping[str, Any], role: str) -> Person:
    one = next(one for one in unit["operators"] if role in one["roles"])
    return Person(
        Operator(one["operator_id"], one["name"], frozenset(one["roles"])), fixed_key(f"{desk} {role}"),
        one["password"], one["totp_secret"],
    )  # fmt: skip


def _let_in(desk: Desk, region: Region, clock: Turning, person: Person) -> None:
    """Make a person's key known to the desk and, by a sign-in, to the platform."""
    clock.go(60)  # a one-time code serves one desk
    at = desk.now()
    with desk.db.transaction() as tx:
        tx.execute(
            "INSERT OR IGNORE INTO operator_key VALUES (?,?,?)",
            (person.key.public, person.operator.operator_id, at),
        )
    desk.operator, desk.key = person.operator, person.key
    signin.sign_in(desk, region, password=person.password, totp=one_time_code(person.totp_secret, clock()))
