"""What the page 导入 has to export: the group of the import in view, else all imports."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from client.core.imports import Import
from client.intake.listings import Which, records_listing
from client.intake.road_lists import import_rows_listing, imports_listing
from client.ui.intake.words import GROUPS
from client.ui.navigation import Page
from client.ui.papers.button import Papers
from client.ui.papers.verbs import Paper


def paper_of(shown: Import | None, fate: str | None) -> Paper:
    """Return the rows of one group of an import, with its new records beside; without one, the imports."""
    if shown is None:
        return Paper("导入清单", imports_listing)
    word = next((word for word, name in GROUPS if name == fate), "")
    rows = partial(import_rows_listing, import_id=shown.import_id, fate=fate)
    which = Which(item=shown.item.partition("@")[0], import_id=shown.import_id)
    made = ("这次导入的记录", partial(records_listing, which=which))
    return Paper(f"{word}的行" if word else "没有新增的行", rows, more=(made,))


def papers_of(page: Page, shown: Callable[[], tuple[Import | None, str | None]]) -> Papers:
    """Return what prints and exports for the page; `shown` tells the import and the group in view."""
    return Papers(page.session, page, lambda: paper_of(*shown()))
