"""The file of a case (异议处理档案): all that this desk has of it, in one zip that anybody can verify."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from client.core.times import from_text
from client.store import attachments, case_documents, cases
from client.store.audit import Entry
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.exports import write_out
from client.store.proofs import receipts_as_json
from forms.seal.canonical import canonical
from forms.seal.case_file import (
    AUDIT,
    CASE,
    EVIDENCE,
    FORMAT,
    MANIFEST,
    PURPOSE,
    RECEIPTS,
    SIGNATURE,
    TIMELINE,
    VERSIONS,
    evidence_of,
    timeline,
)
from forms.seal.keys import from_text as from_key_text
from forms.seal.receipt import DIGEST_BYTES, digests_of, receipt_bytes

ACTION: Final = "case_exported"
LETTERS: Final = "letters/"
MOST_ENTRIES: Final = 200_000
"""Entries of the audit chain from the first to the last about a case; more go without."""

_OF_CASE: Final = """
  SELECT v.version_id, v.content, a.body FROM version v LEFT JOIN approval a ON a.approval_id = v.approval_id
  WHERE v.case_id = ?1 OR v.record_id = ?1 OR v.record_id IN (SELECT value FROM json_each(?2))
  ORDER BY v.n LIMIT 10000
"""


def write_case_file(desk: Desk, case_id: str, path: Path) -> int:
    """Write the file of a case; return how many files are in it.

    Raises:
        NotAllowed: ``case_unknown``.
        FileRefused: ``file_unwritable``.
        StoreError: ``attachment_damaged``; the disk is full.
    """
    cases.told(desk.db.reader(), case_id)
    return write_out(
        desk, path, lambda made: _Packer(desk, case_id).write(made), action=ACTION, thing=case_id, said={}
    )


class _Packer:
    """Puts one case into a zip, and keeps the list of what was put."""

    def __init__(self, desk: Desk, case_id: str) -> None:
        self._desk, self._case_id = desk, case_id
        self._reader: Connection = desk.db.reader()
        self._files: list[dict[str, Any]] = []
        self._not_here: list[str] = []
        self._when = from_text(desk.now()).timetuple()[:6]

    def write(self, path: Path) -> int:
        """Write the zip."""
        told, case = cases.told(self._reader, self._case_id), cases.get(self._reader, self._case_id)
        events = timeline(asdict(one) | {"data": dict(one.data)} for one in case.events)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            self._put(packed, CASE, canonical(told))
            self._put(packed, TIMELINE, canonical(events))
            documents = case_documents.documents_of(self._reader, self._case_id)
            versions = list(self._versions(packed, [one.record_id for one in case.records]))
            self._evidence(packed, told)
            for one in documents:
                self._letter(packed, one.docx_sha256, f"{LETTERS}{one.document_id}.docx")
                self._letter(packed, one.pdf_sha256, f"{LETTERS}{one.document_id}.pdf")
            self._put(packed, "letters.json", canonical([asdict(one) for one in documents]))
            self._put(packed, RECEIPTS, canonical(self._receipts(versions)))
            about = {self._case_id, *versions, *(one.document_id for one in documents)}
            self._put(packed, AUDIT, canonical({"entries": self._audit(about)}))
            self._sign(packed, len(events))
        return len(self._files) + 2

    def _put(self, packed: zipfile.ZipFile, name: str, content: bytes) -> None:
        self._stream(packed, name, io.BytesIO(content).read)

    def _stream(self, packed: zipfile.ZipFile, name: str, read: Callable[[int], bytes]) -> None:
        entry = zipfile.ZipInfo(name, self._when)
        entry.compress_type = zipfile.ZIP_DEFLATED
        hashed, size = hashlib.sha256(), 0
        with packed.open(entry, "w") as out:
            while piece := read(attachments.CHUNK_BYTES):
                out.write(piece)
                hashed.update(piece)
                size += len(piece)
        self._files.append({"name": name, "sha256": hashed.hexdigest(), "size": size})

    def _versions(self, packed: zipfile.ZipFile, record_ids: list[str]) -> Iterator[str]:
        rows = self._reader.execute(
            _OF_CASE,
            (self._case_id, json.dumps(record_ids)),
        ).fetchall()
        for row in rows:
            approval = json.loads(row["body"]) if row["body"] is not None else None
            said = {"content": json.loads(row["content"]), "approval": approval}
            self._put(packed, f"{VERSIONS}{row['version_id']}.json", canonical(said))
            yield row["version_id"]

    def _evidence(self, packed: zipfile.ZipFile, told: Any) -> None:
        for sha256 in sorted(evidence_of(told)):
            known = attachments.find(self._reader, sha256)
            if known is None or attachments.missing(self._desk, [sha256]):
                self._not_here.append(sha256)
                continue
            self._attached(packed, sha256, f"{EVIDENCE}{sha256}/{attachments.harmless(known.name)}")

    def _letter(self, packed: zipfile.ZipFile, sha256: str | None, name: str) -> None:
        if sha256 is not None:
            self._attached(packed, sha256, name)

    def _attached(self, packed: zipfile.ZipFile, sha256: str, name: str) -> None:
        with attachments.Pieces(self._desk, sha256) as pieces:
            chunks = map(pieces.chunk, range(pieces.count))
            self._stream(packed, name, lambda _size: next(chunks, b""))

    def _receipts(self, versions: list[str]) -> dict[str, Any]:
        """Return the receipts of these versions, and of the seals those that name them."""
        every = receipts_as_json(self._reader, frozenset(versions))
        wanted = {digests_of([receipt_bytes(one)]) for one in every["receipts"]}
        every["seals"] = [seal for seal in every["seals"] if wanted & _named(seal["digests"])]
        return every

    def _audit(self, about: set[str]) -> list[dict[str, Any]]:
        """Return the chain from the first entry to the last that is about the case: a chain has no holes."""
        ends = self._reader.execute(
            "SELECT MIN(n), MAX(n) FROM audit WHERE object IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(about)),),
        ).fetchone()
        if ends is None or ends[0] is None or ends[1] - ends[0] >= MOST_ENTRIES:
            return []
        rows = self._reader.execute(
            "SELECT n, at, actor, action, object, detail_sha256, prev FROM audit WHERE n BETWEEN ? AND ?"
            " ORDER BY n LIMIT ?",
            (ends[0], ends[1], MOST_ENTRIES),
        )
        entries = [Entry(*row) for row in rows]
        return [asdict(one) | {"h": one.h} for one in entries]

    def _sign(self, packed: zipfile.ZipFile, events: int) -> None:
        desk = self._desk
        manifest = {
            "format": FORMAT, "case_id": self._case_id, "made_at": desk.now(), "events": events,
            "unit": {"code": desk.device.unit_code, "name": desk.device.unit_name},
            "device_id": desk.device.device_id, "server_id": desk.device.server_id,
            "signer": {"operator_id": desk.operator.operator_id, "name": desk.operator.name},
            "public_key": desk.key.public, "not_here": self._not_here,
            "files": sorted(self._files, key=lambda one: str(one["name"])),
        }  # fmt: skip
        signature = {"sig": desk.key.sign(PURPOSE, manifest)}
        for name, said in ((MANIFEST, manifest), (SIGNATURE, signature)):
            packed.writestr(zipfile.ZipInfo(name, self._when), canonical(said))


def _named(digests: str) -> set[bytes]:
    every = from_key_text(digests)
    return {every[at : at + DIGEST_BYTES] for at in range(0, len(every), DIGEST_BYTES)}
