"""Official letters (文书) of a case: drafts, numbers, what was issued and what was voided.

A number is given out in a transaction of its own before the letter is made, and stays its letter's for ever:
a letter that was not finished takes the same number up again, and no other ever does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Final

from client.core.letters import Document, Gap, OwnTemplate, Stationery, fault_of
from client.core.records import Attachment
from client.errors import NotAllowed
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import as_json
from client.store.link import put_setting, setting
from forms.seal.canonical import digest

_MEMBERS: Final = tuple(one.name for one in fields(Document))
MOST_TEXT: Final = 10_000
"""Characters of all paragraphs that a person writes."""

_SETTINGS: Final = {
    "short": "letters_short", "letter": "letters_device", "phone": "letters_phone",
    "address": "letters_address",
}  # fmt: skip


# --- what is set for all letters ------------------------------------------------------------


def stationery(reader: Connection) -> Stationery:
    """Return what an administrator has set."""
    return Stationery(**{name: setting(reader, key) or "" for name, key in _SETTINGS.items()})


def set_stationery(desk: Desk, said: Stationery) -> None:
    """Set it.

    Raises:
        NotAllowed: ``not_your_role``, ``letter_short_unfit``, ``letter_of_desk_unfit``.
    """
    _require_admin(desk)
    fault = fault_of(said)
    if fault is not None:
        raise NotAllowed(fault)
    with desk.db.transaction() as tx:
        for name, key in _SETTINGS.items():
            put_setting(tx, key, getattr(said, name).strip() or None)
        desk.tell(tx, "letters_set", desk.device.device_id, short=said.short, letter=said.letter)


def own_template(reader: Connection, kind: str) -> bytes | None:
    """Return the department's own template of a kind; None when the shipped one is used."""
    content: bytes | None = reader.value("SELECT content FROM letter_template WHERE kind = ?", (kind,))
    return content


def own_templates(reader: Connection) -> dict[str, OwnTemplate]:
    """Return which kinds have a template of the department's own."""
    rows = reader.execute(
        "SELECT kind, name, sha256, imported_by, imported_at FROM letter_template LIMIT 100"
    )
    return {row["kind"]: OwnTemplate(*row) for row in rows}


def put_template(desk: Desk, kind: str, content: bytes, name: str) -> None:
    """Use a template that was looked at (`client.letters.templates.check_template`); raises NotAllowed."""
    _require_admin(desk)
    sha256 = digest(content)
    with desk.db.transaction() as tx:
        tx.execute(
            "INSERT OR REPLACE INTO letter_template VALUES (?,?,?,?,?,?)",
            (kind, content, sha256, name, desk.operator.operator_id, desk.now()),
        )
        desk.tell(tx, "letter_template_imported", kind, sha256=sha256)


def reset_template(desk: Desk, kind: str) -> None:
    """Use the shipped template again; raises NotAllowed ``not_your_role``."""
    _require_admin(desk)
    with desk.db.transaction() as tx:
        tx.execute("DELETE FROM letter_template WHERE kind = ?", (kind,))
        desk.tell(tx, "letter_template_reset", kind)


def _require_admin(desk: Desk) -> None:
    if "admin" not in desk.operator.roles:
        raise NotAllowed("not_your_role")


# --- letters --------------------------------------------------------------------------------


def documents_of(reader: Connection, case_id: str) -> list[Document]:
    """Return the letters of a case, the oldest first."""
    rows = reader.execute(
        "SELECT * FROM case_document WHERE case_id = ? ORDER BY saved_at, document_id LIMIT 1000", (case_id,)
    )
    return [_document(row) for row in rows]


def get(reader: Connection, document_id: str) -> Document:
    """Return one letter; raises NotAllowed ``document_unknown``."""
    row = reader.execute("SELECT * FROM case_document WHERE document_id = ?", (document_id,)).fetchone()
    if row is None:
        raise NotAllowed("document_unknown")
    return _document(row)


def save_draft(
    desk: Desk, case_id: str, kind: str, texts: Mapping[str, str], *, document_id: str | None = None
) -> str:
    """Keep what a person wrote of a letter; return its id.

    Args:
        desk: the open desk; its operator is a handler.
        case_id: of the case.
        kind: code of the letter.
        texts: paragraphs, by the names of the kind.
        document_id: of the draft that is written on; None begins another.

    Raises:
        NotAllowed: ``not_your_role``, ``case_unknown``, ``document_unknown``, ``document_issued``,
            ``letter_too_long``.
    """
    desk.require("decide")
    if sum(map(len, texts.values())) > MOST_TEXT:
        raise NotAllowed("letter_too_long", limit=MOST_TEXT)
    with desk.db.transaction() as tx:
        if tx.value("SELECT 1 FROM casefile WHERE case_id = ?", (case_id,)) is None:
            raise NotAllowed("case_unknown")
        if document_id is None:
            document_id = desk.new_id()
            tx.execute(
                "INSERT INTO case_document (document_id, case_id, kind, state, texts, saved_by, saved_at)"
                " VALUES (?,?,?,'draft',?,?,?)",
                (document_id, case_id, kind, as_json(texts), desk.operator.operator_id, desk.now()),
            )
            desk.tell(tx, "letter_drafted", document_id, case=case_id, kind=kind)
        else:
            _draft(tx, document_id)
            tx.execute(
                "UPDATE case_document SET texts = ?, saved_by = ?, saved_at = ? WHERE document_id = ?",
                (as_json(texts), desk.operator.operator_id, desk.now(), document_id),
            )
    return document_id


def drop_draft(desk: Desk, document_id: str) -> None:
    """Throw a draft away; a number that it had been given stays a gap.

    Raises:
        NotAllowed: ``not_your_role``, ``document_unknown``, ``document_issued``.
    """
    desk.require("decide")
    with desk.db.transaction() as tx:
        _draft(tx, document_id)
        tx.execute("DELETE FROM case_document WHERE document_id = ?", (document_id,))
        desk.tell(tx, "letter_dropped", document_id)


def give_number(desk: Desk, document_id: str, on: date) -> str:
    """Give a draft its number, or say again the one that it was given this year.

    Args:
        desk: the open desk; its operator is a handler.
        document_id: of the draft.
        on: the legal day that it will bear; its year is in the number.

    Raises:
        NotAllowed: ``not_your_role``, ``document_unknown``, ``document_issued``, ``letters_not_set``.
    """
    desk.require("decide")
    with desk.db.transaction() as tx:
        _draft(tx, document_id)
        said = stationery(tx)
        if not said.can_number:
            raise NotAllowed("letters_not_set")
        known: str | None = tx.value(
            "SELECT number FROM letter_number WHERE document_id = ? AND year = ? ORDER BY seq DESC LIMIT 1",
            (document_id, on.year),
        )
        if known is not None:
            return known
        last = tx.value("SELECT MAX(seq) FROM letter_number WHERE year = ?", (on.year,)) or 0
        number = said.number(on.year, last + 1)
        tx.execute(
            "INSERT INTO letter_number VALUES (?,?,?,?,?)",
            (on.year, last + 1, number, document_id, desk.now()),
        )
        desk.tell(tx, "letter_numbered", document_id, number=number)
    return number


def issue(
    desk: Desk, document_id: str, *, number: str, on: date, template: bytes, docx: Attachment, pdf: Attachment
) -> None:
    """Note that a letter was issued, with the files that it consists of.

    Raises:
        NotAllowed: ``not_your_role``, ``document_unknown``, ``document_issued``.
    """
    desk.require("decide")
    with desk.db.transaction() as tx:
        draft = _draft(tx, document_id)
        tx.execute(
            "UPDATE case_document SET state = 'issued', number = ?, template_sha256 = ?, docx_sha256 = ?,"
            " pdf_sha256 = ?, issued_by = ?, issued_on = ?, issued_at = ? WHERE document_id = ?",
            (
                number, digest(template), docx.sha256, pdf.sha256, desk.operator.operator_id, on.isoformat(),
                desk.now(), document_id,
            ),
        )  # fmt: skip
        said = {"number": number, "docx": docx.sha256, "pdf": pdf.sha256, "template": digest(template)}
        desk.tell(tx, "letter_issued", draft.case_id, document=document_id, kind=draft.kind, **said)


def void(desk: Desk, document_id: str, reason: str) -> None:
    """Void a letter that was issued; it stays, with its number.

    Raises:
        NotAllowed: ``not_your_role``, ``document_unknown``, ``document_not_issued``, ``reason_text_missing``.
    """
    desk.require("decide")
    if not reason.strip():
        raise NotAllowed("reason_text_missing")
    with desk.db.transaction() as tx:
        document = get(tx, document_id)
        if document.state != "issued":
            raise NotAllowed("document_not_issued")
        tx.execute(
            "UPDATE case_document SET state = 'voided', voided_by = ?, voided_at = ?, reason = ?"
            " WHERE document_id = ?",
            (desk.operator.operator_id, desk.now(), reason.strip(), document_id),
        )
        desk.tell(tx, "letter_voided", document.case_id, document=document_id, reason=reason.strip())


def gaps(reader: Connection) -> list[Gap]:
    """Return the numbers that no issued letter bears, the newest first."""
    rows = reader.execute(
        "SELECT n.number, n.given_at, d.document_id FROM letter_number n"
        " LEFT JOIN case_document d ON d.document_id = n.document_id"
        " WHERE NOT EXISTS (SELECT 1 FROM case_document x WHERE x.number = n.number)"
        " ORDER BY n.year DESC, n.seq DESC LIMIT 1000"
    )
    return [Gap(row[0], row[1], "not_issued" if row[2] else "draft_dropped") for row in rows]


def _draft(tx: Connection, document_id: str) -> Document:
    document = get(tx, document_id)
    if document.state != "draft":
        raise NotAllowed("document_issued")
    return document


def _document(row: Row) -> Document:
    said = {name: row[name] for name in _MEMBERS}
    return Document(**said | {"texts": json.loads(row["texts"])})
