"""Recipes (导入方案) at work: which one fits a header, what it makes of it, and recipes as small files.

Pure. The store keeps recipes; this room only applies them.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from client.core.imports import Cleanings
from client.core.recipes import LONGEST_NAME, UNITS, Recipe, RecipeColumn
from client.errors import FileRefused
from client.intake.header_rows import HeaderRow
from client.intake.headings import GUESSED, Header, Heading, Matcher, plain, unit_in, with_second_line
from forms.catalog.schema import CatalogSet, Item

FORMAT: Final = "minxin.recipe/1"
LARGEST_FILE: Final = 1 << 20
MOST_COLUMNS: Final = 1_000
LONGEST_TEXT: Final = 1_000

_LEAST: Final = 2
"""Headings that a file must share with a recipe; fewer may be chance."""

_DAYS: Final = re.compile(
    r"(?:19|20)\d{2}\s*[年./_-]?\s*(?:\d{1,2}\s*[月./_-]?\s*(?:\d{1,2}\s*日?)?)?|\d{1,2}月份?(?:\d{1,2}日)?|[(（]\d+[)）]"
)
_EDGES: Final = " \t-_.、，,·—()（）"


@dataclass(frozen=True, slots=True)
class Fit:
    """A recipe and the line that it fits.

    Attributes:
        extra: columns of the line that the recipe does not know.
        lacking: headings of the recipe that the line does not have.
    """

    recipe: Recipe
    line: HeaderRow
    extra: int
    lacking: tuple[str, ...]


def best_fit(recipes: Iterable[Recipe], lines: Sequence[HeaderRow], sheet: str = "") -> Fit | None:
    """Return the recipe that fits one of the lines best, or None when none fits.

    A file may have a few columns more than it had, and may lack a few; both are said.
    """
    fits = [fit for one in recipes for line in lines if (fit := _fit(one, line)) is not None]
    return max(
        fits,
        key=lambda fit: (
            -len(fit.lacking) - fit.extra,
            fit.recipe.sheet == sheet,
            fit.line.row == fit.recipe.header_row,
            fit.recipe.used_at,
        ),
        default=None,
    )


def _fit(recipe: Recipe, line: HeaderRow) -> Fit | None:
    wanted = Counter(plain(one.heading) for one in recipe.columns if one.heading)
    left = wanted.copy()
    extra = 0
    for texts in line.texts.values():
        key = next((plain(text) for text in texts if left[plain(text)] > 0), None)
        if key is None:
            extra += 1
        else:
            left[key] -= 1
    size = wanted.total()
    missing = +left
    if size - missing.total() < min(_LEAST, size) or not size:
        return None
    if missing.total() * 5 > size or extra > max(2, size // 4):
        return None
    lacking = tuple(one.heading for one in recipe.columns if one.field and missing[plain(one.heading)] > 0)
    return Fit(recipe, line, extra, lacking)


def applied(fit: Fit, item: Item, lines: Sequence[HeaderRow] = ()) -> Header:
    """Read the line as the recipe says; columns that it does not know are matched by their headings."""
    known: dict[str, deque[RecipeColumn]] = {}
    for one in fit.recipe.columns:
        known.setdefault(plain(one.heading), deque()).append(one)
    taken = {one.field for one in fit.recipe.columns if one.field}
    matcher = Matcher(item)
    headings = []
    for column, texts in fit.line.texts.items():
        shown = next((text for text in texts if known.get(plain(text))), None)
        before = known[plain(shown)].popleft() if shown is not None else None
        if shown is not None and before is not None and before.settled:
            headings.append(_as_before(column, shown, before, item))
            continue
        found = next((hit for text in texts if (hit := matcher.look_up(text))), None)
        if found and found[0] not in taken:
            headings.append(Heading(column, texts[0], found[0], unit_in(texts[0]), found[1]))
        else:
            headings.append(Heading(column, texts[0], None, unit_in(texts[0])))
    unnamed = (one for one in known.get("", ()) if one.column not in fit.line.texts)
    headings += [_as_before(one.column, "", one, item) for one in unnamed]
    headings.sort(key=lambda heading: heading.column)
    header = Header(
        item.code,
        fit.line.row,
        fit.line.last_row,
        tuple(headings),
        recipe=fit.recipe.name,
        lacking=fit.lacking,
    )
    return with_second_line(matcher, header, lines)


def _as_before(column: int, text: str, one: RecipeColumn, item: Item) -> Heading:
    field = one.field if one.field in item.by_id else None
    return Heading(column, text, field, one.unit or unit_in(text), "recipe")


def with_refused(cleanings: Cleanings, recipe: Recipe | None) -> Cleanings:
    """Add what was refused before to what a person said now; what is said now counts."""
    if recipe is None or not recipe.refused:
        return cleanings
    return replace(cleanings, groups={**dict.fromkeys(recipe.refused, False), **cleanings.groups})


def recipe_of(
    header: Header,
    sheet: str,
    name: str,
    *,
    header_row: int | None = None,
    cleanings: Cleanings | None = None,
) -> Recipe:
    """Make a recipe of how a file was taken.

    Args:
        header: as it was settled.
        sheet: its name.
        name: of the recipe.
        header_row: where the header begins, when a person had to say so.
        cleanings: what the person said of cleaning.
    """
    columns = tuple(_column_of(one) for one in header.headings if one.text or one.field)
    refused = (
        () if cleanings is None else tuple(key for key, wanted in cleanings.groups.items() if not wanted)
    )
    return Recipe("", name, header.item, sheet, columns, header_row, refused)


def _column_of(heading: Heading) -> RecipeColumn:
    """Remember a column; a guess that nobody has confirmed is no answer."""
    settled = heading.found not in GUESSED and bool(heading.field or heading.found)
    field = heading.field if settled else None
    return RecipeColumn(heading.text, heading.column, field, _own_unit(heading), settled)


def _own_unit(heading: Heading) -> str:
    """A unit that the heading itself does not say came from a person."""
    return heading.unit if heading.unit != unit_in(heading.text) else ""


def name_of(file_name: str, fallback: str) -> str:
    """Return what to call the recipe of a file: its name without the days in it."""
    stem = file_name.rpartition(".")[0] or file_name
    return (_DAYS.sub("", stem).strip(_EDGES) or fallback)[:LONGEST_NAME]


# --- as a file ----------------------------------------------------------------------------------


def to_file(recipe: Recipe, catalog: CatalogSet) -> bytes:
    """Write a recipe as a small JSON file, to be used at another desk."""
    said = {
        "format": FORMAT, "name": recipe.name, "item": f"{recipe.item}@{catalog.name}", "sheet": recipe.sheet,
        "header_row": recipe.header_row,
        "columns": [
            {"heading": one.heading, "column": one.column + 1, "field": one.field, "unit": one.unit}
            | ({} if one.settled else {"settled": False})
            for one in recipe.columns
        ],
        "refused": [{"field": field, "reason": reason} for field, reason in recipe.refused],
    }  # fmt: skip
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def from_file(raw: bytes, catalog: CatalogSet) -> Recipe:
    """Read a recipe file. Strict: what is unknown, missing or of a wrong kind is refused with its path.

    Raises:
        FileRefused: `recipe_damaged` with `path`; `item_unknown`.
    """
    if len(raw) > LARGEST_FILE:
        raise _damaged("")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _damaged("") from error
    said = _table(content, "", {"format", "name", "item", "sheet", "header_row", "columns", "refused"})
    if said["format"] != FORMAT:
        raise _damaged("format")
    name, sheet = _text(said["name"], "name"), _text(said["sheet"], "sheet", may_be_empty=True)
    item = _item(_text(said["item"], "item"), catalog)
    row = said["header_row"]
    if row is not None and not _is_count(row, 1_048_576):
        raise _damaged("header_row")
    columns = tuple(_list(said["columns"], "columns", lambda one, path: _column(one, path, item)))
    fields = [one.field for one in columns if one.field]
    if not fields or len(set(fields)) < len(fields):
        raise _damaged("columns")
    refused = tuple(_list(said["refused"], "refused", _refused))
    return Recipe("", name[:LONGEST_NAME], item.code, sheet, columns, row, refused)


def _item(ref: str, catalog: CatalogSet) -> Item:
    code = ref.partition("@")[0]
    if code not in catalog.items:
        raise FileRefused("item_unknown", item=ref)
    return catalog.items[code]


def _column(said: object, path: str, item: Item) -> RecipeColumn:
    one = _table(said, path, {"heading", "column", "field", "unit"}, may_lack={"settled"})
    if not _is_count(one["column"], 16_384):
        raise _damaged(f"{path}/column")
    field = one["field"]
    if field is not None and (not isinstance(field, str) or field not in item.by_id):
        raise _damaged(f"{path}/field")
    if one["unit"] not in {"", *UNITS}:
        raise _damaged(f"{path}/unit")
    settled = one.get("settled", True)
    if not isinstance(settled, bool) or (field and not settled):
        raise _damaged(f"{path}/settled")
    heading = _text(one["heading"], f"{path}/heading", may_be_empty=True)
    return RecipeColumn(heading, one["column"] - 1, field, one["unit"], settled)


def _refused(said: object, path: str) -> tuple[str, str]:
    one = _table(said, path, {"field", "reason"})
    return _text(one["field"], f"{path}/field"), _text(one["reason"], f"{path}/reason")


def _list(said: object, path: str, read: Callable[[object, str], Any]) -> list[Any]:
    if not isinstance(said, list) or len(said) > MOST_COLUMNS:
        raise _damaged(path)
    return [read(one, f"{path}/{place}") for place, one in enumerate(said)]


def _table(
    said: object, path: str, keys: set[str], *, may_lack: set[str] | frozenset[str] = frozenset()
) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise _damaged(path)
    for key in sorted(keys.symmetric_difference(said.keys() - may_lack)):
        raise _damaged(f"{path}/{key}".lstrip("/"))
    return said


def _text(said: object, path: str, *, may_be_empty: bool = False) -> str:
    if not isinstance(said, str) or len(said) > LONGEST_TEXT or not (said.strip() or may_be_empty):
        raise _damaged(path)
    return said


def _is_count(said: object, most: int) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 < said <= most


def _damaged(path: str) -> FileRefused:
    return FileRefused("recipe_damaged", path=path or "/")
