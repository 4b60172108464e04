"""Letters of the desk's cases: what is known of a case, a preview, issuing, and copies for a file.

Reads and writes through the store; draws in a folder that goes with the desk.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from client.core.cases import Case
from client.core.letters import Document
from client.core.records import Attachment
from client.errors import FileRefused, NotAllowed
from client.letters.faces import Faces
from client.letters.kinds import KINDS, proposed
from client.letters.letter import DRAFT_MARK, letter_docx, letter_pdf
from client.letters.templates import check_template, read_template, shipped
from client.letters.values import Known, Office, free_texts, letter_values
from client.paths import resources
from client.store import attachments, case_documents, cases
from client.store.desk import Desk
from client.store.exports import write_out
from client.store.files import OPENED
from client.store.legal import read_law
from forms.law.clocks import Due
from forms.law.codes import Words, load_words
from forms.law.rulesets import Followed

CERTIFICATES: Final = "CERT_TYPE_SGS"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF: Final = "application/pdf"
_DRAWN: Final = "letters"


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as it would be issued now.

    Attributes:
        not_shown: codes of what its .docx has and its PDF does not show.
    """

    docx: bytes
    pdf: bytes
    not_shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letters:
    """What a case has of letters.

    Attributes:
        proposed: codes of the kinds that it asks for now.
        texts: of each kind, what is proposed for the paragraphs that a person writes.
        documents: the oldest first.
    """

    proposed: tuple[str, ...]
    texts: Mapping[str, Mapping[str, str]]
    documents: tuple[Document, ...]


def letters_of(desk: Desk, case_id: str) -> Letters:
    """Return the letters of a case; raises NotAllowed ``case_unknown``."""
    reader = desk.db.reader()
    told, known = _case(desk, case_id)
    events = frozenset(one["kind"] for one in told["events"])
    outcome = (known.decision or {}).get("outcome")
    asked = proposed(told["kind"], told["stage"], events, outcome)
    texts = {code: free_texts(told, kind, known) for code, kind in KINDS.items()}
    return Letters(asked, texts, tuple(case_documents.documents_of(reader, case_id)))


def preview(
    desk: Desk, case_id: str, kind: str, texts: Mapping[str, str], *, numbers: bool = False
) -> Preview:
    """Make a letter without a number.

    Raises:
        NotAllowed: ``case_unknown``, ``letter_unknown``.
        FileRefused: what its template may lack; ``signs_unprintable``, unless `numbers`.
    """
    docx = _filled(desk, case_id, kind, texts, number="", on=desk.today())
    pdf, not_shown = _drawn(desk, docx, DRAFT_MARK, numbers=numbers)
    return Preview(docx, pdf, not_shown)


def issue(
    desk: Desk, case_id: str, kind: str, texts: Mapping[str, str], *, document_id: str | None = None,
    numbers: bool = False,
) -> Document:  # fmt: skip
    """Give a letter its number, keep it in the case and return it.

    Raises:
        NotAllowed: ``letters_not_set``, ``document_issued`` and what `preview` raises.
        FileRefused: as `preview`; the number is then its draft's, and is taken up at the next try.
        StoreError: the disk is full.
    """
    faces = Faces()  # what it costs to read them is paid once
    draft = _filled(desk, case_id, kind, texts, number="", on=desk.today())
    _drawn(desk, draft, DRAFT_MARK, numbers=numbers, faces=faces)  # what stands in the way is said first
    document_id = case_documents.save_draft(desk, case_id, kind, texts, document_id=document_id)
    on = desk.today()
    number = case_documents.give_number(desk, document_id, on)
    template = template_of(desk, kind)
    docx = _filled(desk, case_id, kind, texts, number=number, on=on)
    pdf, _ = _drawn(desk, docx, "", numbers=numbers, faces=faces)
    name = f"{KINDS[kind].title} {number}"
    kept = [
        attachments.keep(desk, [content], name=f"{name}{ending}", media_type=media)
        for content, ending, media in ((docx, ".docx", DOCX), (pdf, ".pdf", PDF))
    ]
    case_documents.issue(
        desk, document_id, number=number, on=on, template=template, docx=kept[0], pdf=kept[1]
    )
    return case_documents.get(desk.db.reader(), document_id)


def files_of(desk: Desk, document: Document) -> list[Attachment]:
    """Return PDF and .docx of a letter that was issued."""
    found = [
        attachments.find(desk.db.reader(), sha256)
        for sha256 in (document.pdf_sha256, document.docx_sha256)
        if sha256 is not None
    ]
    return [one for one in found if one is not None]


def save_copy(desk: Desk, document: Document, path: Path) -> None:
    """Write a letter that was issued into a file; its ending says which: .docx or .pdf.

    Raises:
        FileRefused: ``letter_format_unknown``, ``file_unwritable``.
        StoreError: ``attachment_missing``, ``attachment_damaged``.
    """
    sha256 = {".docx": document.docx_sha256, ".pdf": document.pdf_sha256}.get(path.suffix.lower())
    if sha256 is None:
        raise FileRefused("letter_format_unknown", file_name=path.name)
    _write(desk, path, attachments.read(desk, sha256), document.case_id, document.number or "")


def save_draft_copy(desk: Desk, case_id: str, made: Preview, path: Path) -> None:
    """Write a draft into a file; raises as `save_copy`."""
    content = {".docx": made.docx, ".pdf": made.pdf}.get(path.suffix.lower())
    if content is None:
        raise FileRefused("letter_format_unknown", file_name=path.name)
    _write(desk, path, content, case_id, "")


def template_of(desk: Desk, kind: str) -> bytes:
    """Return the template that is used; raises NotAllowed ``letter_unknown``."""
    if kind not in KINDS:
        raise NotAllowed("letter_unknown", kind=kind)
    return case_documents.own_template(desk.db.reader(), kind) or shipped(kind)


def import_template(desk: Desk, kind: str, path: Path) -> None:
    """Use a department's own template from now on.

    Raises:
        NotAllowed: ``not_your_role``, ``letter_unknown``.
        FileRefused: ``template_faulty`` with the first fault, and what else a template may be refused for.
    """
    template_of(desk, kind)
    content = read_template(path)
    faults = check_template(content, kind)
    if faults:
        first = faults[0]
        raise FileRefused("template_faulty", fault=first.code, name=first.name, place=first.place)
    case_documents.put_template(desk, kind, content, path.name)


def export_template(desk: Desk, kind: str, path: Path) -> None:
    """Write the template that is used into a file, to be edited; raises FileRefused ``file_unwritable``."""
    content = template_of(desk, kind)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise FileRefused("file_unwritable", file_name=path.name) from error


# --- inside -----------------------------------------------------------------------------------


def _write(desk: Desk, path: Path, content: bytes, case_id: str, number: str) -> None:
    def write(made: Path) -> int:
        made.write_bytes(content)
        return 1

    write_out(desk, path, write, action="letter_saved", thing=case_id, said={"number": number})


def _filled(desk: Desk, case_id: str, kind: str, texts: Mapping[str, str], *, number: str, on: date) -> bytes:
    template = template_of(desk, kind)
    told, known = _case(desk, case_id)
    said = case_documents.stationery(desk.db.reader())
    office = Office(
        desk.device.unit_name, desk.operator.name, said.phone, said.address,
        {desk.device.unit_code: desk.device.unit_name},
    )  # fmt: skip
    values = letter_values(told, kind, known=known, office=office, number=number, on=on, frees=texts)
    return letter_docx(template, kind, values)


def _drawn(
    desk: Desk, docx: bytes, mark: str, *, numbers: bool, faces: Faces | None = None
) -> tuple[bytes, tuple[str, ...]]:
    """Draw a PDF where nobody else reads it, and take it away again."""
    folder = desk.profile / OPENED / _DRAWN
    path = folder / f"{secrets.token_hex(8)}.pdf"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        printed = letter_pdf(path, docx, unit=desk.device.unit_name, mark=mark, numbers=numbers, faces=faces)
        return path.read_bytes(), printed.not_shown
    except OSError as error:
        raise FileRefused("file_unwritable", file_name=path.name) from error
    finally:
        path.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _words() -> Words:
    return load_words(resources() / "legal")


def _case(desk: Desk, case_id: str) -> tuple[dict[str, Any], Known]:
    """Return a case as the wire has it, own posts included, and what is known beside it."""
    case = cases.get(desk.db.reader(), case_id)
    told = as_told(case)
    decision = case.decided or (case.decision.payload if case.decision is not None else None)
    rules, due = _rules(desk, told)
    codes = desk.catalogs.current.code_sets.get(CERTIFICATES)
    names = {code: one.name for code, one in codes.by_code.items()} if codes is not None else {}
    dues = (due,) if due is not None else ()
    known = Known(desk.catalogs.item, _words(), rules.rule_set, rules.confirmed, dues, names, decision)
    return told, known


def _rules(desk: Desk, told: Mapping[str, Any]) -> tuple[Followed, Due | None]:
    """Return the rules that the writing desk goes by, and the date that leads the case."""
    dues = read_law(desk.db.reader(), desk.device).dues(told, desk.today())
    is_hall = desk.device.unit_code == told["hall_unit"] != told["unit"]
    return dues.platform_rules if is_hall else dues.provider_rules, dues.first


def as_told(case: Case) -> dict[str, Any]:
    """Return a case in the shape of the wire."""
    return {
        "case_id": case.row.case_id, "kind": case.row.kind, "state": case.row.state, "stage": case.stage,
        "application_id": case.application_id, "unit": case.unit, "hall_unit": case.hall_unit,
        "applicant": dict(case.applicant), "agent": case.agent, "materials": list(case.materials),
        "statement": case.statement, "repair": case.repair, "opened_at": case.row.opened_at,
        "rules": dict(case.rules),
        "records": [
            {
                "record_id": one.record_id, "version_id": one.version_id, "catalog": one.catalog,
                "payload": dict(one.values), "reason_code": one.reason_code,
                "disputes": [asdict(dispute) for dispute in one.disputes],
                "evidence": [{"name": kept.attachment.name} for kept in one.evidence],
            }
            for one in case.records
        ],
        "events": [
            {"kind": one.kind, "on": one.on, "at": one.at, "data": dict(one.data)} for one in case.events
        ],
    }  # fmt: skip
