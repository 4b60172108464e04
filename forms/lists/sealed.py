"""Snapshots and deltas of lists are signed: how one is sealed and opened, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from forms.seal.canonical import NotCanonical, canonical, digest
from forms.seal.keys import SigningKey, verifies

SNAPSHOT: Final = "list.snapshot"
DELTA: Final = "list.delta"
FORMATS: Final = (SNAPSHOT, DELTA)

_HEAD: Final = frozenset(
    ["format", "version", "server_id", "list", "name", "kind", "number", "on", "made_at", "person_key"]
)
_MEMBERS: Final[Mapping[str, frozenset[str]]] = {
    SNAPSHOT: _HEAD | {"entries"},
    DELTA: _HEAD | {"previous", "from", "put", "drop", "makes"},
}
_ENVELOPE: Final = frozenset(["document", "sha256", "server_key", "sig"])


class NotGenuine(ValueError):
    """What was published is not as it says.

    Attributes:
        code: not_published (another kind of thing), misshapen, digest_differs, signature_invalid,
            other_list, gap, base_differs, result_differs.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def seal(key: SigningKey, document: Mapping[str, Any]) -> dict[str, Any]:
    """Sign a snapshot or a delta with the platform's key.

    Returns:
        ``{"document", "sha256", "server_key", "sig"}``; its canonical form is what travels.
    """
    sha256 = digest(canonical(document))
    return {
        "document": document,
        "sha256": sha256,
        "server_key": key.public,
        "sig": key.sign(document["format"], statement(document, sha256)),
    }


def statement(document: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    """What is signed: which list, which number, of which day, and the digest of the document."""
    return {**{name: document[name] for name in ("server_id", "list", "number", "on")}, "sha256": sha256}


def opened(envelope: object, public: str | None = None) -> dict[str, Any]:
    """Return the document of an envelope that holds.

    Args:
        envelope: as read from JSON.
        public: the platform's key; None takes the one that the envelope names, which only proves that the
            document was not changed since whoever owns that key signed it.

    Raises:
        NotGenuine: not_published, misshapen, digest_differs, signature_invalid.
    """
    if not is_sealed(envelope):
        raise NotGenuine("not_published")
    assert isinstance(envelope, dict)
    document, sha256 = envelope["document"], envelope["sha256"]
    if set(envelope) != _ENVELOPE or not is_shaped(document):
        raise NotGenuine("misshapen")
    try:
        if digest(canonical(document)) != sha256:
            raise NotGenuine("digest_differs")
    except NotCanonical as error:
        raise NotGenuine("misshapen") from error
    by, sig = public or envelope["server_key"], envelope["sig"]
    texts = isinstance(by, str) and isinstance(sig, str)
    if not texts or not verifies(by, sig, document["format"], statement(document, sha256)):
        raise NotGenuine("signature_invalid")
    return dict(document)


def is_sealed(value: object) -> bool:
    """Say whether a JSON value means to be a snapshot or a delta; whether it holds, says `opened`."""
    document = value.get("document") if isinstance(value, dict) else None
    return isinstance(document, dict) and document.get("format") in FORMATS


def is_shaped(document: Mapping[str, Any]) -> bool:
    """Say whether a document has the members of its format, of the types they must have."""
    members = _MEMBERS.get(document.get("format", ""))
    if members is None or set(document) != members or document["version"] != 1:
        return False
    number = document["number"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        return False
    texts = [document[name] for name in ("server_id", "list", "name", "kind", "on", "made_at", "person_key")]
    return all(isinstance(text, str) for text in texts) and _are_rows(document)


def _are_rows(document: Mapping[str, Any]) -> bool:
    """Rows stand by record id, rising, none twice."""
    rows = document["entries"] if document["format"] == SNAPSHOT else document["put"]
    drop = document.get("drop", [])
    if not isinstance(rows, list) or not isinstance(drop, list):
        return False
    if not all(isinstance(row, dict) and isinstance(row.get("record_id"), str) for row in rows):
        return False
    ids = [row["record_id"] for row in rows]
    return _rising(ids) and all(isinstance(one, str) for one in drop) and _rising(drop)


def _rising(ids: list[str]) -> bool:
    return all(one < other for one, other in pairwise(ids))
