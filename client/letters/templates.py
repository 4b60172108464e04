"""Templates of letters: .docx files in which a department writes names of fields between braces.

A template comes from outside and runs no code: of the template language only names, rows, loops over known
lists and plain conditions are let in, by a table of node types; the rest is refused with its place.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml.etree import LxmlError

from client.errors import FileRefused
from client.letters.kinds import KINDS, LISTS, Kind
from client.paths import resources

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_UNPACKED: Final = 24 * 1024 * 1024
MOST_DEEP: Final = 2
"""Loops within loops."""

MOST_FAULTS: Final = 20
_FOLDER: Final = "letters"
_QUOTED: Final = 36
_PLAIN_LINKS: Final = frozenset({RELATIONSHIP_TYPE.HYPERLINK})

_LET_IN: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.For, nodes.If,
    nodes.Const, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.CondExpr,
)  # fmt: skip
_LOOP: Final = frozenset({"index", "first", "last", "length"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a template must not have.

    Attributes:
        code: ``name_unknown``, ``not_let_in``, ``misspelt``.
        name: what is meant, as the template has it.
        place: of the document, and the words around.
    """

    code: str
    name: str
    place: str


def shipped(kind: str) -> bytes:
    """Return the template that comes with the program."""
    return (resources() / _FOLDER / f"{kind}.docx").read_bytes()


def read_template(path: Path) -> bytes:
    """Read a template from a file.

    Raises:
        FileRefused: ``template_unreadable``, ``template_too_large``.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileRefused("template_too_large", limit_mb=MOST_BYTES // 1024 // 1024)
        return path.read_bytes()
    except OSError as error:
        raise FileRefused("template_unreadable") from error


def check_template(content: bytes, kind: str) -> tuple[Fault, ...]:
    """Return what a template has that it must not have; nothing for a good one.

    Raises:
        FileRefused: ``template_unreadable``: no .docx; ``template_too_large``; ``template_has_code``: macros,
            or a link that is followed when it is opened.
    """
    _must_be_harmless(content)
    faults: list[Fault] = []
    for part, text in _parts(_opened(content)):
        faults += _faults(part, text, KINDS[kind])
    return tuple(dict.fromkeys(faults))[:MOST_FAULTS]


def render(content: bytes, kind: str, values: Mapping[str, Any]) -> bytes:
    """Fill a template in.

    Args:
        content: of the template.
        kind: code of the letter.
        values: by the names of the kind; texts, and lists of rows.

    Raises:
        FileRefused: ``template_faulty`` with the first fault; and as `check_template`.
    """
    faults = check_template(content, kind)
    if faults:
        first = faults[0]
        raise FileRefused("template_faulty", fault=first.code, name=first.name, place=first.place)
    template = _opened(content)
    made = io.BytesIO()
    try:
        template.render(_cleaned(values), _environment(), autoescape=True)
        template.save(made)
    except (TemplateError, LxmlError, KeyError, ValueError) as error:
        raise FileRefused("template_unreadable") from error
    return made.getvalue()


class _Environment(ImmutableSandboxedEnvironment):
    """No function, no filter, no test, no sum: what a template may say is looked at before as well."""

    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()


def _environment() -> _Environment:
    return _Environment()


def _must_be_harmless(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise FileRefused("template_too_large", limit_mb=MOST_BYTES // 1024 // 1024)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise FileRefused("template_too_large", limit_mb=MOST_BYTES // 1024 // 1024)
            names = [entry.filename.lower() for entry in entries]
    except zipfile.BadZipFile as error:
        raise FileRefused("template_unreadable") from error
    if any(
        name.endswith("vbaproject.bin") or "/embeddings/" in name or "/activex/" in name for name in names
    ):
        raise FileRefused("template_has_code")
    for part in _opened(content).docx.part.package.iter_parts():
        for link in part.rels.values():
            if link.is_external and link.reltype not in _PLAIN_LINKS:
                raise FileRefused("template_has_code")


def _opened(content: bytes) -> Any:
    template = DocxTemplate(io.BytesIO(content))
    try:
        template.render_init()
    except (PackageNotFoundError, KeyError, ValueError, LxmlError, zipfile.BadZipFile) as error:
        raise FileRefused("template_unreadable") from error
    return template


def _parts(template: Any) -> Iterator[tuple[str, str]]:
    """Yield what the template language is read from: name of the part, and its text."""
    yield "正文", template.patch_xml(template.get_xml())
    for word, uri in (("页眉", template.HEADER_URI), ("页脚", template.FOOTER_URI)):
        for _, part in template.get_headers_footers(uri):
            yield word, template.patch_xml(template.get_part_xml(part))
    properties = template.docx.core_properties
    for name in ("author", "comments", "identifier", "language", "subject", "title"):
        yield "文件属性", str(getattr(properties, name) or "")
    for part in template.docx.part.package.iter_parts():
        if part.content_type.endswith("footnotes+xml"):
            yield "脚注", template.patch_xml(part.blob.decode("utf-8", "replace"))


def _faults(part: str, text: str, kind: Kind) -> Iterator[Fault]:
    text = re.sub(r"<w:p([ >])", r"\n<w:p\1", text)

    def place(line: int) -> str:
        lines = text.splitlines()
        said = re.sub(r"<[^>]*>", "", lines[min(line, len(lines)) - 1]).strip() if lines else ""
        return f"{part}“{said[:_QUOTED]}{'…' if len(said) > _QUOTED else ''}”"

    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as error:
        yield Fault("misspelt", _braced(text, error.lineno), place(error.lineno))
        return
    yield from _walk(tree, kind, {}, 0, place)


def _braced(text: str, line: int) -> str:
    lines = text.splitlines()
    found = re.search(r"\{[{%].*?[%}]\}", lines[min(line, len(lines)) - 1]) if lines else None
    return re.sub(r"<[^>]*>", "", found.group())[:_QUOTED] if found else ""


def _walk(
    node: nodes.Node, kind: Kind, rows: Mapping[str, tuple[str, ...]], depth: int, place: Any
) -> Iterator[Fault]:
    """Look at every node: `rows` tells which names are rows of a loop, and what they have."""
    if not isinstance(node, _LET_IN):
        yield Fault("not_let_in", type(node).__name__, place(node.lineno))
        return
    if isinstance(node, nodes.For):
        yield from _walk_loop(node, kind, rows, depth, place)
        return
    if isinstance(node, nodes.Getattr):
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        if node.attr not in rows.get(owner, ()):
            yield Fault("name_unknown", f"{owner}.{node.attr}", place(node.lineno))
        return
    if isinstance(node, nodes.Name):
        if node.name not in kind.names or node.name in rows:
            yield Fault("name_unknown", node.name, place(node.lineno))
        return
    for child in node.iter_child_nodes():
        yield from _walk(child, kind, rows, depth, place)


def _walk_loop(
    node: nodes.For, kind: Kind, rows: Mapping[str, tuple[str, ...]], depth: int, place: Any
) -> Iterator[Fault]:
    over = node.iter.name if isinstance(node.iter, nodes.Name) else ""
    if over not in LISTS or over not in kind.names:
        yield Fault("name_unknown", over or type(node.iter).__name__, place(node.lineno))
        return
    if (
        depth >= MOST_DEEP
        or node.test is not None
        or node.recursive
        or not isinstance(node.target, nodes.Name)
    ):
        yield Fault("not_let_in", "for", place(node.lineno))
        return
    inner = {**rows, node.target.name: LISTS[over], "loop": tuple(_LOOP)}
    for child in (*node.body, *node.else_):
        yield from _walk(child, kind, inner, depth + 1, place)


_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _cleaned(value: Any) -> Any:
    """Return values without signs that XML does not know."""
    if isinstance(value, str):
        return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\t", " "))
    if isinstance(value, Mapping):
        return {name: _cleaned(one) for name, one in value.items()}
    return [_cleaned(one) for one in value]
