"""What is done with a case besides deciding it: the strip asks, a verb says it, the case is read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from client.core.case_openings import Post
from client.errors import ClientError
from client.ui import messages
from client.ui.cases import act_words, verbs, words
from client.ui.cases.act_strip import Choices
from client.ui.cases.act_words import ACTS
from client.ui.cases.case_view import CaseSheet
from client.ui.cases.reading import CaseView
from client.ui.cases.timeline import said_of
from client.ui.session import Session
from forms.law.clocks import Clock, Extension
from forms.law.words import UNITS

if TYPE_CHECKING:
    from client.ui.cases.page import CasesPage

SAID: Final = frozenset({"cases", "outbox"})


class Acting(QObject):
    """Follows the sheet of the case that is shown."""

    def __init__(self, session: Session, page: CasesPage) -> None:
        super().__init__(page)
        self._session, self._page = session, page
        self._sheet: CaseSheet | None = None
        self._seen = ""

    def follow(self, sheet: CaseSheet) -> None:
        """Serve the acts of this sheet from now on."""
        self._sheet = sheet
        sheet.head.act_asked.connect(self.ask)
        sheet.grid.not_ours.connect(lambda: self.ask("transferred"))
        sheet.strip.given.connect(self._say)
        sheet.strip.put_away.connect(sheet.focus_work)
        sheet.again_clicked.connect(self.again)
        sheet.take_back_clicked.connect(self.take_back)

    def ask(self, kind: str) -> None:
        """Open the strip for an act."""
        if self._sheet is not None and kind in self._sheet.view.can:
            self._page.flush()
            self._page.holding.take()
            self._seen = self._sheet.view.shown.revision
            self._sheet.strip.ask(kind, choices_of(kind, self._sheet.view))

    def dismiss(self, post: Post) -> None:
        """Note that a person has seen that a post was refused."""
        desk = self._session.desk
        self._session.tasks.write(lambda: verbs.dismiss(desk, post.post_id), None, None, SAID)

    def again(self) -> None:
        """Say once more what was refused, of the case as it is now."""
        assert self._sheet is not None
        desk, post = self._session.desk, self._sheet.view.refused[0]
        self._session.tasks.write(lambda: verbs.again(desk, post.post_id), None, None, SAID)

    def take_back(self) -> None:
        """Take back what was said last and has not gone up."""
        assert self._sheet is not None
        desk, post = self._session.desk, self._sheet.view.shown.waiting[-1]
        said = said_of(post.event, post.data)
        self._session.tasks.write(
            lambda: verbs.take_back_post(desk, post.post_id),
            lambda _none: self._session.show_message(words.POST_TAKEN_BACK.format(said=said), "good"),
            None,
            SAID,
        )

    def _say(self, kind: str, data: Mapping[str, Any], files: Sequence[str]) -> None:
        assert self._sheet is not None
        sheet, desk, seen = self._sheet, self._session.desk, self._seen
        case_id = sheet.view.row.case_id
        self._session.tasks.write(
            lambda: verbs.say(desk, case_id, kind, data, seen, files),
            lambda _post: self._done(sheet, kind),
            lambda error: self._failed(sheet, error),
            SAID,
        )

    def _done(self, sheet: CaseSheet, kind: str) -> None:
        sheet.strip.hide()
        self._session.show_message(f"{ACTS[kind].word}：{ACTS[kind].done}", "good")

    def _failed(self, sheet: CaseSheet, error: ClientError) -> bool:
        if error.code == "case_changed":
            # What was written stays; the next try is made of the case as it is shown then.
            self._page.read_again()
            self._session.tasks.after_writes(lambda: setattr(self, "_seen", sheet.view.shown.revision))
            sheet.strip.refuse(act_words.CHANGED)
        else:
            sheet.strip.refuse(messages.sentence(error))
        return True


def choices_of(kind: str, view: CaseView) -> Choices:
    """Return what can be chosen in an act on a case."""
    if kind == "refused":
        return {"code": [(word, code) for code, word in act_words.REFUSALS.items()]}
    if kind == "told":
        return {"how": [(word, code) for code, word in act_words.HOW.items()]}
    if kind == "assigned":
        entries = [(one.name, (one.operator_id, one.name)) for one in view.people if "handler" in one.roles]
        return {"operator_id": [*entries, (act_words.NOBODY, (None, ""))]}
    if kind == "extended":
        clocks = [due.clock for dues in view.clocks.dues.values() for due in dues]
        return {"clock": [(_extension(one, one.extension), one.id) for one in clocks if one.extension]}
    return {}


def _extension(clock: Clock, extension: Extension) -> str:
    return act_words.EXTENSION.format(
        title=clock.title, most=extension.most, unit=UNITS[extension.unit], by=extension.by
    )
