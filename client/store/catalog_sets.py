"""Catalog sets that a desk installed itself, side by side with those that ship with the program.

Each lies whole in a folder of the profile, with the shared files that it uses, and is never changed or
removed: drafts and versions name their set for ever. Only keys that ship with the program, and those that
somebody of this desk vouched for, may have signed one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from client.errors import FileRefused, NotAllowed
from client.store.files import file_error, write_whole
from forms.catalog.loader import CatalogError, load_set, verify_set
from forms.catalog.reading import Fault, Faults
from forms.catalog.schema import CatalogSet
from forms.catalog.sealing import HEAD, KEYS, SIGNATURE, file_digest, place_of, read_keys
from forms.catalog.setfile import (
    MOST_BYTES,
    NotASetFile,
    Reads,
    is_of_a_set,
    is_set_name,
    opened,
    refuse_too_big,
)

FOLDER: Final = "catalogs"
_ARRIVING: Final = ".arriving"
_REFUSALS: Final[Mapping[str, str]] = {
    "unsigned": "catalog_unsigned", "unknown_key": "catalog_key_unknown", "bad_signature": "catalog_forged",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unsound:
    """A set that lies there and cannot be used."""

    name: str
    fault: str


@dataclass(frozen=True, slots=True)
class Found:
    """What is installed on a desk."""

    sets: tuple[CatalogSet, ...]
    unsound: tuple[Unsound, ...]


def trusted_keys(profile: Path, home: Path) -> dict[str, str]:
    """Return the public keys that may sign sets on this desk: key → whose it is.

    Args:
        profile: of the desk.
        home: folder of the sets that ship with the program.
    """
    faults = Faults()
    known = read_keys(home, faults)
    own = profile / FOLDER
    if (own / KEYS).exists():
        known = read_keys(own, faults) | known
    faults.raise_if_any()
    return known


def trust(profile: Path, home: Path, public: str, name: str) -> None:
    """Let somebody sign sets for this desk, from now on.

    Raises:
        StoreError: the profile cannot be written.
    """
    known = trusted_keys(profile, home)
    shipped = read_keys(home, Faults())
    own = {key: whose for key, whose in known.items() if key not in shipped} | {public: name}
    body = {"keys": [{"key": key, "name": whose} for key, whose in own.items()]}
    folder = _folder(profile)
    write_whole(folder / KEYS, json.dumps(body, ensure_ascii=False, indent=1).encode())


def directories(profile: Path) -> list[Path]:
    """Return the folders of the installed sets."""
    return [
        one.parent for one in sorted((profile / FOLDER).glob(f"*/{HEAD}")) if one.parent.name != _ARRIVING
    ]


def load_installed(profile: Path, home: Path) -> Found:
    """Open the installed sets; one that is not sound is left out and named, and stops nothing else."""
    sets, unsound = list[CatalogSet](), list[Unsound]()
    for directory in directories(profile):
        try:
            sets.append(load_set(directory, trusted=trusted_keys(profile, home)))
        except CatalogError as error:
            unsound.append(Unsound(directory.name, str(error.faults[0])))
    return Found(tuple(sets), tuple(unsound))


def every_set(profile: Path | None, home: Path) -> list[CatalogSet]:
    """Open the sets that ship with the program and those of a desk that are sound, oldest first.

    Raises:
        CatalogError: one that ships is not sound.
    """
    sets = [load_set(one.parent) for one in home.glob(f"*/{HEAD}")]
    names = {one.name for one in sets}
    own = load_installed(profile, home).sets if profile is not None else ()
    sets += [one for one in own if one.name not in names]
    return sorted(sets, key=lambda one: (one.effective_on, one.name))


def install(
    profile: Path, source: Path, *, home: Path, known: Iterable[CatalogSet], today: date,
    cancelled: Callable[[], bool] = lambda: False,
) -> CatalogSet:  # fmt: skip
    """Take a set in, after every file of it was held against its signature.

    Args:
        profile: of the desk; the folder is made where it is missing.
        source: folder of the set, or a .zip of it.
        home: folder of the sets that ship with the program.
        known: sets that the desk has.
        today: a signature that has run out is refused.
        cancelled: asked between files.

    Returns:
        The set as it lies in the profile; the one that was there already when it is the same.

    Raises:
        FileRefused: ``catalog_unsigned``, ``catalog_key_unknown``, ``catalog_forged``, ``catalog_unsound``,
            ``catalog_run_out``, ``catalog_name_taken``, ``catalog_none``, ``catalog_too_big``.
        NotAllowed: ``interrupted``.
        StoreError: the profile cannot be written.
    """
    trusted = trusted_keys(profile, home)
    with _arriving(profile) as place, _opened(source) as files:
        _copy(files, place, cancelled)
        made = _verified(place, files, home, trusted)
        if made.signature is not None and made.signature.until < today:
            raise FileRefused("catalog_run_out", name=made.name, until=made.signature.until.isoformat())
        same = next((one for one in known if one.name == made.name), None)
        if same is not None and same.digest == made.digest:
            return same
        final = profile / FOLDER / made.name
        if same is not None or final.exists() or not is_set_name(made.name):
            raise FileRefused("catalog_name_taken", name=made.name)
        try:
            place.rename(final)
        except OSError as error:
            raise file_error(error) from error
    return load_set(final, trusted=trusted)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a set that comes in: name → what reads it; `beside` finds shared ones of a folder."""

    name: str
    read: Reads
    beside: Path | None


@contextmanager
def _arriving(profile: Path) -> Iterator[Path]:
    place = _folder(profile) / _ARRIVING
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _folder(profile: Path) -> Path:
    folder = profile / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise file_error(error) from error
    return folder


@contextmanager
def _opened(source: Path) -> Iterator[_Files]:
    try:
        if source.is_dir():
            paths = {one.relative_to(source).as_posix(): one for one in source.rglob("*") if one.is_file()}
            ours = {name: one for name, one in paths.items() if is_of_a_set(name)}
            refuse_too_big(one.stat().st_size for one in ours.values())
            yield _Files(source.name, {name: one.read_bytes for name, one in ours.items()}, source)
        else:
            with opened(source) as reads:
                yield _Files(source.stem, reads, None)
    except NotASetFile as error:
        if error.code == "too_big":
            raise FileRefused("catalog_too_big", most=MOST_BYTES // 1_000_000) from error
        raise FileRefused("catalog_none", name=source.name) from error
    except OSError as error:
        raise file_error(error) from error


def _copy(files: _Files, place: Path, cancelled: Callable[[], bool]) -> None:
    if HEAD not in files.read:
        raise FileRefused("catalog_none", name=files.name)
    for name, read in files.read.items():
        if cancelled():
            raise NotAllowed("interrupted")
        _put(place / name, read())


def _put(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise file_error(error) from error


def _verified(place: Path, files: _Files, home: Path, trusted: Mapping[str, str]) -> CatalogSet:
    try:
        load_set(place, trusted=trusted)
        _complete(place, files.beside, home)
        return verify_set(place, trusted=trusted)
    except CatalogError as error:
        raise _refusal(files.name, error.faults) from error


def _complete(place: Path, beside: Path | None, home: Path) -> None:
    """Bring shared files that the set names and has not: from beside it, else the program's own."""
    head = json.loads((place / HEAD).read_bytes())
    wanted = {"sources.json": head["sources"]}
    wanted |= {f"codesets/{one}.json": digest for one, digest in head["code_sets"].items()}
    # Of the shipped sets only the place counts: shared files lie beside and above them.
    origins = [one for one in (beside, home / place.name) if one is not None]
    for name, digest in wanted.items():
        if (place / name).exists() or not is_of_a_set(name):
            continue
        for origin in origins:
            path = place_of(origin, name)
            content = path.read_bytes() if path.is_file() else b""
            if file_digest(content) == digest:
                _put(place / name, content)
                break


def _refusal(name: str, faults: tuple[Fault, ...]) -> FileRefused:
    signing = next((one for one in faults if one.file in {SIGNATURE, KEYS} and one.code in _REFUSALS), None)
    if signing is not None:
        return FileRefused(_REFUSALS[signing.code], name=name, key=signing.detail)
    return FileRefused("catalog_unsound", name=name, detail=str(faults[0]))
