"""What a form does with a subject that was picked: fills what is empty, asks before it replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from forms.qt.editor import LineEditor, Setting
from forms.qt.subject_list import Answer, KnownSubject, SubjectList

if TYPE_CHECKING:
    from forms.qt.form import CatalogForm
    from forms.qt.rows import FieldRow


class SubjectFilling(QObject):
    """Puts the list of known subjects under the boxes of name and code.

    Attributes:
        lists: field id → the list under its box.
    """

    def __init__(self, form: CatalogForm, setting: Setting) -> None:
        super().__init__(form)
        self._setting = setting
        self.lists: dict[str, SubjectList] = {}
        for row in form.rows_made():
            self._take(row)
        form.row_made.connect(self._take)

    def _take(self, row: FieldRow) -> None:
        item = self._form.item
        if row.field.id in {item.subject_name, item.subject_code} and isinstance(row.editor, LineEditor):
            made = SubjectList(row.editor.line)
            made.asked.connect(self._search)
            made.setObjectName(row.field.id)
            made.picked.connect(self._on_picked)
            self.lists[row.field.id] = made

    @property
    def _form(self) -> CatalogForm:
        """Asked of Qt each time: a reference to one's parent is a ring that Python cannot take apart."""
        return cast("CatalogForm", self.parent())

    def _search(self, text: str, answer: Answer) -> None:
        if self._setting.subjects is not None:
            self._setting.subjects(self._form.item, text, answer)

    def _on_picked(self, subject: KnownSubject) -> None:
        """The box in which a person searched is replaced; what stands elsewhere is asked about."""
        form, at = self._form, self.sender().objectName()
        kept = form.put(subject.fills, over=frozenset({at}))
        for field_id in kept:
            form.row(field_id).show_offer(subject.fills[field_id])
        form.editor(at).inputs()[0].setFocus()
