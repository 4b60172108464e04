"""Who applies, or acts for the applicant: name, certificate, phone."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from client.core.case_openings import Person
from client.ui.cases import register_words as words
from client.ui.session import Session

CERTIFICATES: Final = "CERT_TYPE_SGS"
WIDEST_PX: Final = 320


class PersonBox(QWidget):
    """Four rows; `who` is put before their names for those who hear them read."""

    def __init__(self, session: Session, who: str) -> None:
        super().__init__()
        self.name, self.number, self.phone = QLineEdit(), QLineEdit(), QLineEdit()
        self.kind = QComboBox()
        codes = session.desk.catalogs.current.code_sets.get(CERTIFICATES)
        for code in codes.codes if codes is not None else ():
            self.kind.addItem(code.name, code.code)
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(12)
        rows.setVerticalSpacing(4)
        for title, box, most in (
            (words.NAME, self.name, 200),
            (words.ID_KIND, self.kind, 0),
            (words.ID_NUMBER, self.number, 40),
            (words.PHONE, self.phone, 40),
        ):
            box.setAccessibleName(f"{who}：{title}")
            box.setMaximumWidth(WIDEST_PX)
            if isinstance(box, QLineEdit):
                box.setMaxLength(most)
            rows.addRow(title, box)

    def person(self) -> Person:
        """What was written."""
        return Person(
            self.name.text().strip(),
            str(self.kind.currentData() or ""),
            self.number.text().strip(),
            self.phone.text().strip(),
        )
