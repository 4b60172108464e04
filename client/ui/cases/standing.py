"""The band over the work: what stands in the way of a case, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from client.ui import messages
from client.ui.cases import words
from client.ui.cases.acting import Acting
from client.ui.cases.case_view import CaseSheet
from client.ui.cases.queue_words import STAGES
from client.ui.cases.timeline import said_of
from client.ui.session import Session
from client.ui.sync.spans import clock_text


def say_standing(sheet: CaseSheet, session: Session, seen: Callable[[], None], acting: Acting) -> None:
    """Say the one thing that a handler must know first; nothing when there is none.

    Args:
        sheet: of the case.
        session: of the desk.
        seen: takes the case as it is now as the one that was seen.
        acting: what is done with posts that were refused.
    """
    view, banner = sheet.view, sheet.banner
    decision, stage = view.case.decision, view.shown.stage
    if view.refused:
        post = view.refused[0]
        code = str((post.problem or {}).get("code", ""))
        why = messages.SENTENCES.get(code.replace("-", "_"), code)
        now = STAGES[stage].word
        text = words.CONFLICT.format(said=said_of(post.event, post.data), why=why.rstrip("。"), now=now)
        drop = words.DROP_OPENING if post.kind == "opening" else words.DROP
        banner.say(text, "bad", (drop, partial(acting.dismiss, post)), code)
    elif view.case.row.closed_at:
        banner.say(words.CLOSED.format(at=clock_text(view.case.row.closed_at)), "good")
    elif stage == "decided":
        banner.say(words.DECIDED, "info")
    elif decision is not None and decision.state == "in_review":
        banner.say(words.IN_REVIEW, "info")
    elif decision is not None and decision.state == "approved":
        banner.say(words.APPROVED, "info")
    elif "handler" not in session.operator.roles:
        banner.say(words.NOT_HANDLER, "info")
    elif view.row.changed:
        banner.say(words.CHANGED, "bad", (words.SEEN, seen))
    elif view.case.note:
        why = messages.SENTENCES.get(view.case.note, view.case.note)
        banner.say(words.RETURNED.format(why=why), "warn")
    elif stage in words.STANDING:
        banner.say(words.STANDING[stage], "info")
    elif view.also and any(one.is_open for one in view.also):
        banner.say(words.ALSO_OPEN.format(n=sum(one.is_open for one in view.also)), "info")
    else:
        banner.clear()
    sheet.again_button.setVisible(bool(view.refused) and view.refused[0].kind != "opening")
