"""What the grid has to export: all drafts of the item, whatever part of them is shown, or those filtered."""

from __future__ import annotations

from functools import partial

from client.core.workflow import ON_THE_DESK
from client.intake.listings import Which, problems_listing, records_listing
from client.ui.grid import words
from client.ui.grid.model import GridModel
from client.ui.papers.verbs import Paper
from client.ui.records.words import PAPER_PROBLEMS
from forms.catalog.schema import Item


def paper_of(item: Item | None, import_id: str | None, model: GridModel | None) -> Paper:
    """Return the list of the grid; while rows are filtered, only those that are let through."""
    if item is None or model is None:
        return Paper()
    total, shown = model.counts()
    states = tuple(sorted(ON_THE_DESK))
    which, title = Which(item.code, states, "", import_id), words.PAPER.format(item=item.name)
    if shown < total:
        title = words.PAPER_SHOWN.format(n=shown)
        which = Which(item.code, record_ids=tuple(model.record_ids()))
        if not which.record_ids:
            return Paper(title)
    listing = partial(records_listing, which=which)
    return Paper(title, listing, more=((PAPER_PROBLEMS, partial(problems_listing, which=which)),))
