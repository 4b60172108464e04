"""Code sets (代码集): each may be published anew by itself, which makes a revision of a catalog set.

The revision names every file by its digest, as all sets do, and is signed with the platform's own key. What
was reported by the set before stays as it is, and that set is taken further until it is retired. No code is
ever lost: it keeps its name, and ends by date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Connection, select

from forms.catalog.codesetfile import read_code_set
from forms.catalog.loader import CatalogError, verify_set
from forms.catalog.reading import Faults, Table
from forms.catalog.schema import CatalogSet, Code
from forms.catalog.sealing import HEAD, SIGNATURE, list_set, place_of, sign_set
from forms.catalog.setfile import is_set_name, packed
from forms.seal.keys import SigningKey
from regional_platform.acts import Actor, keep, needs_admin
from regional_platform.catalogs import Catalogs
from regional_platform.problems import Fault, Refusal
from regional_platform.published import publish_catalog, root_path
from regional_platform.setfiles import unpack, unsound
from regional_platform.store.engine import Store
from regional_platform.store.tables import unit
from regional_platform.times import legal_day

_REVISION: Final = re.compile(r"(.+)-r([0-9]{2})")
_SUFFIX: Final = re.compile(r"（代码集第 [0-9]+ 次修订）$")
_MOST: Final = 99
_LOSSES: Final = {
    "code_gone": "代码“{0}”不能删除；不再用的写停用日期（until）。",
    "renamed": "代码“{0}”的名称不能改；意思变了请用新代码，旧的写停用日期。",
    "ends_early": "代码“{0}”最早可停用到修订施行的前一天。",
    "begins_late": "代码“{0}”的启用日期不能推后：以前的记录在用它。",
    "loses_text": "代码“{0}”不能去掉“其他”的说明：以前的记录写了说明。",
}


@dataclass(frozen=True, slots=True)
class Revision:
    """What somebody wants to publish.

    Attributes:
        files: the code sets, as their files say them.
        catalog: name of the set to revise; None: the one that is in force on that day.
    """

    files: Sequence[Mapping[str, Any]]
    holds_from: date
    catalog: str | None = None


@dataclass(frozen=True, slots=True)
class _Made:
    """A revision that is ready to be published, and what is told of it."""

    known: CatalogSet
    content: bytes
    changed: Mapping[str, str]
    items: Sequence[str]


def wanted(files: Sequence[Mapping[str, Any]], holds_from: date, catalog: str | None) -> Revision:
    """Say what is to be published.

    Raises:
        Refusal: malformed when a code set comes twice.
    """
    seen = set[str]()
    for place, one in enumerate(files):
        if one["id"] in seen:
            twice = Fault(f"#/code_sets/{place}/id", "double", "同一代码集出现了两次。")
            raise Refusal("malformed", errors=[twice])
        seen.add(one["id"])
    return Revision(files, holds_from, catalog)


def chosen(catalogs: Catalogs, name: str | None, day: date) -> CatalogSet:
    """Return the set of that name, or the one in force on a day.

    Raises:
        Refusal: publication-unknown.
    """
    if name is not None:
        known = catalogs.sets.get(name)
    else:
        holding = [one for one in catalogs.sets.values() if catalogs.takes(one.name, day)]
        known = max(holding, key=lambda one: (one.effective_on, one.name), default=None)
    if known is None:
        raise Refusal("publication-unknown")
    return known


def digests(known: CatalogSet) -> dict[str, str]:
    """Return the digests by which a set names its code sets: id → digest of the file."""
    assert known.directory is not None
    listed: dict[str, str] = json.loads((known.directory / HEAD).read_bytes())["code_sets"]
    return listed


def listed(known: CatalogSet, today: date) -> dict[str, Any]:
    """List the code sets of a set."""
    rows = []
    for code_set_id, digest in digests(known).items():
        one = known.code_sets[code_set_id]
        ended = sum(code.until is not None and code.until < today for code in one.codes)
        rows.append({
            "id": code_set_id, "name": one.name, "digest": digest, "codes": len(one.codes), "ended": ended,
        })  # fmt: skip
    return {"catalog": known.name, "code_sets": rows}


def file_of(catalogs: Catalogs, digest: str) -> bytes:
    """Return the file of a code set of any published set, by its digest.

    Raises:
        Refusal: publication-unknown.
    """
    for known in catalogs.sets.values():
        for code_set_id, named in digests(known).items():
            if named == digest:
                return _file(known, code_set_id)
    raise Refusal("publication-unknown")


def _file(known: CatalogSet, code_set_id: str) -> bytes:
    assert known.directory is not None
    return place_of(known.directory, f"codesets/{code_set_id}.json").read_bytes()


def publish(
    store: Store, actor: Actor, now: datetime, catalogs: Catalogs, key: SigningKey, said: Revision
) -> tuple[dict[str, Any], set[str]]:
    """Publish code sets as a revision of the set that holds; what holds already changes nothing.

    Args:
        store: open.
        actor: who does it.
        now: the present moment.
        catalogs: all published sets.
        key: the platform's own.
        said: each code set once.

    Returns:
        What is told of it, and the units that the bell must ring for.

    Raises:
        Refusal: not-authorised, malformed when it would hold from a day that is over, publication-unknown,
            catalog-unsound, also when a code would be lost; code-taken when another set was published
            meanwhile that has the name.
    """
    with store.reading() as connection:
        needs_admin(actor, root_path(connection))  # before the work
        region = connection.execute(select(unit.c.name).where(unit.c.parent.is_(None))).scalar_one()
    if said.holds_from < legal_day(now):
        raise Refusal("malformed", errors=[Fault("#/holds_from", "unfitting", "施行日期已过。")])
    base = chosen(catalogs, said.catalog, said.holds_from)
    made = _revised(base, said, catalogs.sets.keys(), _Signer(key, region, legal_day(now)))

    def act(connection: Connection) -> tuple[dict[str, Any], set[str]]:
        told, rung = publish_catalog(connection, actor, now, made.known, made.content)
        after = {"follows": base.name, "code_sets": dict(made.changed)}
        if made.changed:
            thing, root = f"catalog:{made.known.name}", root_path(connection)
            keep(connection, actor, now, "code-set.publish", thing, root, after=after)
        return {"catalog": told, **after, "items": list(made.items)}, rung

    return store.write(act)


@dataclass(frozen=True, slots=True)
class _Signer:
    key: SigningKey
    name: str
    today: date


def _revised(base: CatalogSet, said: Revision, taken: Collection[str], signer: _Signer) -> _Made:
    """Make the revision of a set; the set itself when it says all of that already."""
    changed = [one for one in said.files if not _says(base, one)]
    if not changed:
        return _Made(base, b"", {}, ())
    with _faults_told():
        _refuse_losses(base, said)
    name, title = _name(base, taken)
    with TemporaryDirectory(prefix="minxin-set-") as place:
        folder = Path(place) / "sets" / "one"  # two levels down: shared files must not be found beside it
        folder.mkdir(parents=True)
        unpack(packed(base), folder)
        for one in changed:
            _write(folder, f"codesets/{one['id']}.json", one)
        head = json.loads((folder / HEAD).read_bytes())
        head = {**head, "name": name, "title": title, "effective_on": said.holds_from.isoformat()}
        with _faults_told():
            known = _sealed(folder, head, base, signer)
        digest_of = digests(known)
        items = [code for code, one in known.entries.items() if one.digest != base.entries[code].digest]
        return _Made(known, packed(known), {one["id"]: digest_of[one["id"]] for one in changed}, items)


def _says(base: CatalogSet, file: Mapping[str, Any]) -> bool:
    return file["id"] in base.code_sets and json.loads(_file(base, file["id"])) == file


def _name(base: CatalogSet, taken: Collection[str]) -> tuple[str, str]:
    """Name and title of the next revision: ``2026.1-r02`` follows ``2026.1-r01``."""
    found = _REVISION.fullmatch(base.name)
    root, last = (found[1], int(found[2])) if found else (base.name, 0)
    numbers = (n for n in range(last + 1, _MOST + 1) if f"{root}-r{n:02}" not in taken)
    number = next(numbers, None)
    if number is None or not is_set_name(f"{root}-r{number:02}"):
        raise unsound("目录集名称不能再加修订号，请发布新的目录集。")
    return f"{root}-r{number:02}", f"{_SUFFIX.sub('', base.title)}（代码集第 {number} 次修订）"


def _write(folder: Path, name: str, said: Mapping[str, Any]) -> None:
    path = folder / name
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def _sealed(folder: Path, head: dict[str, Any], base: CatalogSet, signer: _Signer) -> CatalogSet:
    assert base.signature is not None
    until = base.signature.until
    if until < signer.today:
        raise unsound("所修订的目录集签名已过期。")
    head = list_set(folder, head)
    _write(folder, HEAD, head)
    signed = sign_set(head, signer.key, signed_by=signer.name, signed_on=signer.today, until=until)
    _write(folder, SIGNATURE, signed)
    return verify_set(folder, trusted={signer.key.public})


@contextmanager
def _faults_told() -> Iterator[None]:
    try:
        yield
    except CatalogError as error:
        faults = [Fault(f"#/{one.file}", one.code, str(one)) for one in error.faults[:100]]
        raise Refusal("catalog-unsound", errors=faults) from error


def _refuse_losses(base: CatalogSet, said: Revision) -> None:
    """Read the code sets strictly, and hold each against the one before; cheap beside all that follows.

    Raises:
        CatalogError: a file is not as it must be.
        Refusal: catalog-unsound: records that were made with one would lose something.
    """
    assert base.directory is not None
    sources = frozenset(json.loads(place_of(base.directory, "sources.json").read_bytes()))
    faults, losses = Faults(), list[Fault]()
    for place, one in enumerate(said.files):
        name = f"codesets/{one['id']}.json"
        new = read_code_set(Table(one, name, "", faults), one["id"], sources)
        old = base.code_sets[one["id"]].codes if one["id"] in base.code_sets else ()
        losses += [
            Fault(f"#/code_sets/{place}/codes/{number}", why, _LOSSES[why].format(code.code))
            for number, code in enumerate(old)
            if (why := _loss(code, new.by_code.get(code.code), said.holds_from)) is not None
        ]
    faults.raise_if_any()
    if losses:
        raise Refusal("catalog-unsound", errors=losses)


def _loss(old: Code, new: Code | None, holds_from: date) -> str | None:
    if new is None:
        return "code_gone"
    if new.name != old.name:
        return "renamed"
    if old.other and not new.other:
        return "loses_text"
    if new.since is not None and (old.since is None or new.since > old.since):
        return "begins_late"
    sooner = new.until is not None and (old.until is None or new.until < old.until)
    if sooner and new.until is not None and new.until < holds_from - timedelta(days=1):
        return "ends_early"
    return None
