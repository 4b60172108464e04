"""What the platform says of calendars and chosen rule sets is signed: how one is sealed and opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from forms.seal.canonical import NotCanonical, canonical, digest
from forms.seal.keys import SigningKey, verifies

CALENDAR: Final = "law.calendar"
CHOICE: Final = "law.choice"
FORMATS: Final = (CALENDAR, CHOICE)

_MEMBERS: Final = frozenset(["format", "version", "server_id", "number", "at", "content"])
_ENVELOPE: Final = frozenset(["document", "sha256", "server_key", "sig"])


class NotSealed(ValueError):
    """What came is not as it says: misshapen, digest_differs, or signature_invalid."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def seal(
    key: SigningKey, server_id: str, kind: str, number: int, at: str, content: Mapping[str, Any]
) -> dict[str, Any]:
    """Sign a calendar or a choice with the platform's key.

    Args:
        key: of the platform.
        server_id: whose key it is.
        kind: one of FORMATS.
        number: rises with each of its kind; of two that say different things the higher one holds.
        at: when it was published, ISO 8601 UTC.
        content: the file of a calendar; of a choice who follows what, with the whole rule set.
    """
    document = {
        "format": kind, "version": 1, "server_id": server_id, "number": number, "at": at, "content": content,
    }  # fmt: skip
    sha256 = digest(canonical(document))
    return {
        "document": document, "sha256": sha256, "server_key": key.public,
        "sig": key.sign(kind, _statement(document, sha256)),
    }  # fmt: skip


def opened(envelope: object, public: str, server_id: str | None = None) -> dict[str, Any]:
    """Return the document of an envelope that the platform sealed.

    Args:
        envelope: as read from JSON.
        public: the platform's key.
        server_id: of the platform; None takes any.

    Raises:
        NotSealed: and why.
    """
    document = envelope.get("document") if isinstance(envelope, dict) else None
    if not isinstance(envelope, dict) or set(envelope) != _ENVELOPE or not _is_shaped(document):
        raise NotSealed("misshapen")
    assert isinstance(document, dict)
    try:
        if digest(canonical(document)) != envelope["sha256"]:
            raise NotSealed("digest_differs")
    except NotCanonical as error:
        raise NotSealed("misshapen") from error
    sig, statement = envelope["sig"], _statement(document, envelope["sha256"])
    if server_id not in (None, document["server_id"]):
        raise NotSealed("signature_invalid")
    if not isinstance(sig, str) or not verifies(public, sig, document["format"], statement):
        raise NotSealed("signature_invalid")
    return dict(document)


def _statement(document: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    return {"server_id": document["server_id"], "number": document["number"], "sha256": sha256}


def _is_shaped(document: object) -> bool:
    if not isinstance(document, dict) or set(document) != _MEMBERS or document["version"] != 1:
        return False
    number = document["number"]
    return (
        document["format"] in FORMATS
        and isinstance(document["content"], dict)
        and isinstance(number, int)
        and not isinstance(number, bool)
        and all(isinstance(document[name], str) for name in ("server_id", "at"))
    )
