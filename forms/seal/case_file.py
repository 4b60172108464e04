"""The file of a case (异议处理档案): one zip with everything, and what it is worth without any database.

Every file in it stands in the manifest with its digest; the manifest is signed by who made the file. The
timeline is a chain of its own, so that an event that is missing or in another place is named, not only felt.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from forms.seal.canonical import NotCanonical, canonical, digest
from forms.seal.keys import verifies
from forms.seal.proof import unproved

FORMAT: Final = "minxin.case-file@1"
PURPOSE: Final = "case.file"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature.json"
TIMELINE: Final = "timeline.json"
CASE: Final = "case.json"
AUDIT: Final = "audit.json"
RECEIPTS: Final = "receipts.json"
VERSIONS: Final = "versions/"
EVIDENCE: Final = "evidence/"
START: Final = "0" * 64
MOST_JSON: Final = 64 * 1024 * 1024
_STEP: Final = 1024 * 1024
_AUDITED: Final = ("n", "at", "actor", "action", "object", "detail_sha256", "prev")


class NotCaseFile(ValueError):
    """It is no file of a case at all."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What does not hold: a code, and where."""

    code: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file of a case is worth.

    Attributes:
        said: what its manifest says: case, unit, who made it, when.
        key: the public key that it was held against.
        counts: of events, versions, receipts, pieces of evidence, letters.
        flaws: everything that does not hold; nothing for a whole file.
    """

    said: Mapping[str, Any]
    key: str
    counts: Mapping[str, int]
    flaws: tuple[Flaw, ...]


def timeline(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return events as a chain: each with its number and the hash of the one before."""
    chain: list[dict[str, Any]] = []
    prev = START
    for n, event in enumerate(events, start=1):
        chain.append({"n": n, "prev": prev, "event": dict(event), "h": _hash(n, prev, event)})
        prev = chain[-1]["h"]
    return chain


def is_case_file(path: Path) -> bool:
    """Say whether a file looks like one: a zip with a manifest in it."""
    try:
        with zipfile.ZipFile(path) as packed:
            return MANIFEST in packed.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def examine(path: Path, public: str | None = None) -> Examined:
    """Hold everything in the file against its manifest, its signature and each other.

    Args:
        path: of the file.
        public: key of who should have signed it; None takes the one that it names.

    Raises:
        NotCaseFile: no zip, no manifest, or one of another kind.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            manifest = _json(packed, MANIFEST)
            if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
                raise NotCaseFile("manifest")
            files = _files(manifest)
            flaws = [*_signed(packed, manifest, public), *_whole(packed, files)]
            told = {name: _json(packed, name) for name in (CASE, TIMELINE, AUDIT, RECEIPTS)}
            flaws += _timeline(told[TIMELINE], manifest.get("events"))
            flaws += [*_audit(told[AUDIT]), *_case(told[CASE], told[TIMELINE], files, manifest)]
            flaws += [*_receipts(told[RECEIPTS]), *_versions(packed, files)]
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError) as error:
        raise NotCaseFile(str(error)) from error
    counts = {
        "events": len(told[TIMELINE]) if isinstance(told[TIMELINE], list) else 0,
        "versions": sum(name.startswith(VERSIONS) for name in files),
        "receipts": len(told[RECEIPTS].get("receipts", ())) if isinstance(told[RECEIPTS], dict) else 0,
        "evidence": sum(name.startswith(EVIDENCE) for name in files),
        "letters": sum(name.startswith("letters/") for name in files),
    }  # fmt: skip
    said = {name: manifest.get(name) for name in ("case_id", "made_at", "unit", "signer")}
    return Examined(said, public or str(manifest.get("public_key")), counts, tuple(dict.fromkeys(flaws)))


def _hash(n: int, prev: str, event: Mapping[str, Any]) -> str:
    return digest(canonical({"n": n, "prev": prev, "event": dict(event)}))


def _json(packed: zipfile.ZipFile, name: str) -> Any:
    """Return what a file says; None when it is missing or says nothing."""
    try:
        if packed.getinfo(name).file_size > MOST_JSON:
            return None
        return json.loads(packed.read(name).decode("utf-8"))
    except (KeyError, ValueError, RecursionError, zipfile.BadZipFile):
        return None


def _files(manifest: Mapping[str, Any]) -> dict[str, str]:
    named = manifest.get("files")
    if not isinstance(named, list) or not all(isinstance(one, dict) for one in named):
        raise NotCaseFile("files")
    return {str(one.get("name")): str(one.get("sha256")) for one in named}


def _signed(packed: zipfile.ZipFile, manifest: Mapping[str, Any], public: str | None) -> Iterator[Flaw]:
    signature = _json(packed, SIGNATURE)
    sig = signature.get("sig") if isinstance(signature, dict) else None
    named = str(manifest.get("public_key"))
    if public is not None and named != public:
        yield Flaw("signer_other")
    try:
        holds = isinstance(sig, str) and verifies(public or named, sig, PURPOSE, manifest)
    except NotCanonical:
        holds = False
    if not holds:
        yield Flaw("signature_invalid")


def _whole(packed: zipfile.ZipFile, files: Mapping[str, str]) -> Iterator[Flaw]:
    names = [one.filename for one in packed.infolist()]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Flaw("file_doubled", name)
    for name in sorted(set(names) - set(files) - {MANIFEST, SIGNATURE}):
        yield Flaw("file_extra", name)
    for name, sha256 in files.items():
        if name not in names:
            yield Flaw("file_missing", name)
        elif _digest_of(packed, name) != sha256:
            yield Flaw("file_changed", name)


def _digest_of(packed: zipfile.ZipFile, name: str) -> str:
    hashed = hashlib.sha256()
    try:
        with packed.open(name) as content:
            while piece := content.read(_STEP):
                hashed.update(piece)
    except zipfile.BadZipFile:  # its own check sum says so already
        return ""
    return hashed.hexdigest()


def _timeline(chain: Any, count: Any) -> Iterator[Flaw]:
    if not isinstance(chain, list) or not all(isinstance(one, dict) for one in chain):
        yield Flaw("timeline_unreadable")
        return
    numbers = [one.get("n") for one in chain]
    for n in sorted(set(range(1, count + 1 if isinstance(count, int) else 1)) - set(numbers)):
        yield Flaw("event_missing", str(n))
    place = 0
    by_number = {one.get("n"): one for one in chain}
    for one in chain:
        n = one.get("n")
        if not isinstance(n, int) or not isinstance(one.get("event"), dict):
            yield Flaw("timeline_unreadable")
            continue
        if n <= place:
            yield Flaw("event_misplaced", str(n))
        place = max(place, n)
        before = by_number.get(n - 1, {}).get("h") if n > 1 else START
        try:
            whole = one.get("h") == _hash(n, str(one.get("prev")), one["event"])
        except NotCanonical:
            whole = False
        if not whole or (before is not None and before != one.get("prev")):
            yield Flaw("event_changed", str(n))


def _audit(told: Any) -> Iterator[Flaw]:
    """The piece of the audit chain: every entry under the hash of the one before."""
    entries = told.get("entries") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        yield Flaw("audit_broken")
        return
    prev, last = "", 0
    for one in entries:
        try:
            whole = one["h"] == digest(canonical({name: one[name] for name in _AUDITED}))
            follows = not prev or (one["prev"] == prev and one["n"] == last + 1)
        except (KeyError, TypeError, NotCanonical):
            whole = follows = False
        if not whole or not follows:
            yield Flaw("audit_broken", str(one.get("n", "")))
            return
        prev, last = one["h"], one["n"]


def _case(case: Any, chain: Any, files: Mapping[str, str], manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    if not isinstance(case, dict) or case.get("case_id") != manifest.get("case_id"):
        yield Flaw("case_other")
        return
    told = [one.get("event_id") for one in case.get("events", ()) if isinstance(one, dict)]
    events = (
        [one.get("event", {}) for one in chain if isinstance(one, dict)] if isinstance(chain, list) else []
    )
    confirmed = [one.get("event_id") for one in events if one.get("confirmed") is not False]
    if told != confirmed:
        yield Flaw("case_differs")
    absent = {str(one) for one in manifest.get("not_here") or ()}
    held = {name.split("/")[1] for name in files if name.startswith(EVIDENCE) and name.count("/") > 1}
    for sha256 in sorted(evidence_of(case) - absent - held):
        yield Flaw("evidence_missing", sha256)
    for name, sha256 in files.items():
        if name.startswith(EVIDENCE) and name.split("/")[1] != sha256:
            yield Flaw("evidence_other", name)


def evidence_of(case: Mapping[str, Any]) -> set[str]:
    """Return the digests of all files that a case names."""
    records = [one for one in case.get("records", ()) if isinstance(one, dict)]
    named = [kept.get("sha256") for record in records for kept in record.get("evidence", ())]
    named += [one.get("sha256") for one in case.get("materials", ()) if isinstance(one, dict)]
    return {one for one in named if isinstance(one, str)}


def _receipts(told: Any) -> Iterator[Flaw]:
    whole = told if isinstance(told, dict) else {}
    receipts: Sequence[Any] = whole.get("receipts") or ()
    if not receipts:
        return
    readable = [one for one in receipts if isinstance(one, dict)]
    bad = unproved(str(whole.get("server_key")), readable, whole.get("seals") or (), whole.get("server_id"))
    for one in bad:
        yield Flaw("receipt_invalid", str(one.get("receipt_no", "")))


def _versions(packed: zipfile.ZipFile, files: Mapping[str, str]) -> Iterator[Flaw]:
    """A version's content is what its approval was signed over."""
    for name in files:
        if not name.startswith(VERSIONS):
            continue
        one = _json(packed, name)
        approval = one.get("approval") if isinstance(one, dict) else None
        if not isinstance(approval, dict) or not isinstance(approval.get("digests"), list):
            yield Flaw("version_unapproved", name)
            continue
        try:
            approved = digest(canonical(one["content"])) in approval["digests"]
        except (KeyError, NotCanonical):
            approved = False
        if not approved:
            yield Flaw("version_unapproved", name)
