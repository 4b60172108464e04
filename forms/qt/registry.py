"""Which editor a field gets: one table, by type and appearance."""

from __future__ import annotations

from typing import Final

from forms.catalog.schema import Field, FieldType
from forms.qt.attachments import AttachmentEditor
from forms.qt.codes import CodeEditor, SetEditor
from forms.qt.dates import DateEditor, LongTermDateEditor
from forms.qt.editor import Editor, Setting
from forms.qt.group import GroupEditor
from forms.qt.numbers import MoneyEditor, NumberEditor
from forms.qt.texts import IdentifierEditor, LongTextEditor, TextEditor, identifier_kind
from forms.qt.yes_no import YesNoEditor, is_yes_or_no

EDITORS: Final[dict[tuple[FieldType, str], type[Editor]]] = {
    ("string", ""): TextEditor,
    ("string", "identifier"): IdentifierEditor,
    ("string", "unit_code"): IdentifierEditor,
    ("string", "unit_name"): TextEditor,
    ("string", "subject"): TextEditor,
    ("string", "coded"): CodeEditor,
    ("text", ""): LongTextEditor,
    ("date", ""): DateEditor,
    ("date", "long_term"): LongTermDateEditor,
    ("decimal", ""): NumberEditor,
    ("decimal", "money_wan"): MoneyEditor,
    ("decimal", "money_yuan"): MoneyEditor,
    ("int", ""): NumberEditor,
    ("enum", ""): CodeEditor,
    ("enum", "yes_no"): YesNoEditor,
    ("set", ""): SetEditor,
    ("attachment", ""): AttachmentEditor,
    ("group", ""): GroupEditor,
}
"""An appearance that has no line of its own gets the editor of its type."""


def appearance(field: Field) -> str:
    """Return how a field wants to look: as the catalog says, else as its rules suggest."""
    if field.appearance:
        return field.appearance
    if field.type == "string" and field.code_set is not None:
        return "coded"
    if field.type == "enum" and is_yes_or_no(field):
        return "yes_no"
    if field.type == "decimal" and field.unit == "元":
        return "money_yuan"
    if field.type == "string" and identifier_kind(field):
        return "identifier"
    return ""


def make_editor(field: Field, setting: Setting) -> Editor:
    """Return a new editor for `field`."""
    kind = EDITORS.get((field.type, appearance(field))) or EDITORS[field.type, ""]
    if issubclass(kind, GroupEditor):
        return kind(field, setting, make_editor)
    return kind(field, setting)
