"""The items that a file may be of, and which of them it is: told by its headings, or by a recipe.

All items of a set are told apart by their names alone (`forms.catalog.names`); the one that fits is then
loaded. So a file is recognised about as quickly among 151 items as when somebody said which it is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from client.core.recipes import Recipe
from client.errors import FileRefused
from client.intake import recipes as recipe_fits
from client.intake.cells import Merge, Row
from client.intake.guessing import guessed
from client.intake.header_rows import HeaderRow, header_rows
from client.intake.headings import (
    LONGEST_HEADING,
    SEARCHED_ROWS,
    Header,
    Matcher,
    best_header,
    forms_of,
    least_matches,
    names_in,
)
from forms.catalog.loader import load_set
from forms.catalog.names import ItemNames, names_of
from forms.catalog.schema import CatalogSet, Item

CLOSE: Final = 0.8
"""Part of the winner's headings that another item must match to be named beside it."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a file may be; travels to the reading process.

    Attributes:
        items: loaded, when the person said which.
        directory: of the set whose items it may be, when nobody said.
        signed: public key that signed that set; empty for a set that nobody has signed.
        recipes: how files were taken before; one that fits settles item and columns.
        sure: whether to refuse a file that may as well be of another item: nobody is there to look.
        told: code of the item that the file itself says it was written for; taken where headings agree.
    """

    items: tuple[Item, ...] = ()
    directory: Path | None = None
    signed: str = ""
    recipes: tuple[Recipe, ...] = ()
    sure: bool = False
    told: str = ""

    def item(self, code: str) -> Item:
        """Return an item by its code."""
        for one in self.items:
            if one.code == code:
                return one
        return self._set().items[code]

    def find(self, rows: Sequence[Row], merges: Sequence[Merge] = (), sheet: str = "") -> Header | None:
        """Find the header among the first rows of a sheet, and the item that the table is of."""
        lines = list(header_rows(rows[:SEARCHED_ROWS], merges))
        return self._by_recipe(lines, sheet) or self._by_names(lines)

    @property
    def first(self) -> Matcher:
        """The item to begin with where headings say nothing: the one that was named, or the first."""
        return Matcher(self.items[0] if self.items else next(iter(self._set().items.values())))

    def guessed(self, header: Header) -> Header:
        """Add guesses for headings that name no field."""
        if not any(one.field is None and not one.found for one in header.headings):
            return header
        return guessed(header, self.item(header.item))

    def recipe(self, name: str) -> Recipe | None:
        """Return a recipe by its name; None where there is none of it."""
        return next((one for one in self.recipes if name and one.name == name), None)

    def _set(self) -> CatalogSet:
        assert self.directory is not None
        return _opened(self.directory, self.signed)

    def _by_recipe(self, lines: Sequence[HeaderRow], sheet: str) -> Header | None:
        fit = recipe_fits.best_fit(self._usable(), lines, sheet)
        return recipe_fits.applied(fit, self.item(fit.recipe.item), lines) if fit else None

    def _usable(self) -> list[Recipe]:
        """Leave out recipes of items that there are no more, or that the file is not to be of."""
        if self.items:
            codes = {one.code for one in self.items}
        elif self.recipes and self.directory is not None:
            codes = set(self._set().items)
        else:
            codes = set()
        return [one for one in self.recipes if one.item in codes]

    def _by_names(self, lines: Sequence[HeaderRow]) -> Header | None:
        index = _index(self.directory, self.signed) if self.directory else NameIndex(self.items)
        ranked = index.rank(lines)
        if not ranked:
            return None
        told = next((one for one in ranked if one.code == self.told), None)
        if told is not None and told.matched >= ranked[0].matched * CLOSE:
            return best_header(Matcher(self.item(told.code)), lines)
        header = best_header(Matcher(self.item(ranked[0].code)), lines)
        if header is None or len(ranked) == 1 or ranked[1].matched < ranked[0].matched * CLOSE:
            return header
        first, second = ranked[:2]
        if (first.matched, first.share) != (second.matched, second.share):
            return replace(header, rival=second.code)
        return self._tied(header, second.code, lines)

    def _tied(self, header: Header, code: str, lines: Sequence[HeaderRow]) -> Header:
        """Tell two items apart, whose known headings fit alike, by what the others may mean."""
        other = best_header(Matcher(self.item(code)), lines)
        if other is None:
            return header
        own, theirs = (_guesses(self.guessed(one)) for one in (header, other))
        if theirs > own:
            return replace(other, rival=header.item)
        return replace(header, rival=code, tied=own == theirs)


def _guesses(header: Header) -> int:
    return sum(one.guess is not None for one in header.headings)


def candidates_of(
    catalog: CatalogSet, code: str | None, recipes: Iterable[Recipe] = (), *, sure: bool = False
) -> Candidates:
    """Return what a file may be: the item of a code, or any of the set.

    Raises:
        FileRefused: `item_unknown`.
    """
    known = tuple(recipes)
    if code is None and catalog.directory is not None:
        return Candidates(
            (), catalog.directory, catalog.signature.key if catalog.signature else "", known, sure
        )
    if code is None:
        return Candidates(tuple(catalog.items.values()), recipes=known, sure=sure)
    try:
        return Candidates((catalog.item(code),), recipes=known, sure=sure)
    except KeyError as error:
        raise FileRefused("item_unknown", item=code) from error


@dataclass(frozen=True, slots=True)
class Rank:
    """How well the headings of an item fit: how many, and which part of the required ones."""

    code: str
    matched: int
    share: float


class NameIndex:
    """The headings of many items at once: form → names → items and fields."""

    def __init__(self, items: Iterable[Item | ItemNames]) -> None:
        self._owners: dict[str, list[tuple[str, str]]] = {}
        self._least: dict[str, int] = {}
        self._required: dict[str, frozenset[str]] = {}
        self._known: dict[str, dict[str, str]] = {}
        for item in items:
            self._least[item.code] = least_matches(len(item.fields))
            self._required[item.code] = frozenset(field.id for field in item.fields if field.required)
            for name, field_id, _how in names_in(item.fields):
                self._owners.setdefault(name, []).append((item.code, field_id))
        # Items share most of their names: each is put into its forms once.
        self._levels: list[dict[str, list[str]]] = [{}, {}, {}]
        for name in self._owners:
            for level, form in zip(self._levels, forms_of(name), strict=True):
                level.setdefault(form, []).append(name)

    def rank(self, lines: Iterable[HeaderRow]) -> list[Rank]:
        """Return the items that have a header among lines, the best first; alike, in their order."""
        best: dict[str, set[str]] = {}
        for line in lines:
            fields: dict[str, set[str]] = {}
            for texts in line.texts.values():
                for code, field_id in self._named(texts).items():
                    fields.setdefault(code, set()).add(field_id)
            for code, found in fields.items():
                if len(found) >= self._least[code] and len(found) > len(best.get(code, ())):
                    best[code] = found
        ranks = [
            Rank(code, len(best[code]), self._share(code, best[code])) for code in self._least if code in best
        ]
        return sorted(ranks, key=lambda one: (-one.matched, -one.share))

    def _share(self, code: str, found: set[str]) -> float:
        required = self._required[code]
        return len(required & found) / len(required) if required else 1.0

    def _named(self, texts: Sequence[str]) -> dict[str, str]:
        """Return item → the field that a heading names in it; the first of its texts that does."""
        if len(texts) == 1:
            return self._of(texts[0])
        found: dict[str, str] = {}
        for text in texts:
            found = {**self._of(text), **found}
        return found

    def _of(self, text: str) -> dict[str, str]:
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = {}
            if 0 < len(text) <= LONGEST_HEADING:
                for form in dict.fromkeys(forms_of(text)):
                    for level in self._levels:
                        for code, field_id in self._told_by(level.get(form, ())).items():
                            if field_id is not None:
                                known.setdefault(code, field_id)
        return known

    def _told_by(self, names: Iterable[str]) -> dict[str, str | None]:
        """Return item → the field that has one of these names; None where two have: that says nothing."""
        fields: dict[str, str | None] = {}
        for name in names:
            for code, field_id in self._owners[name]:
                if fields.setdefault(code, field_id) != field_id:
                    fields[code] = None
        return fields


@functools.lru_cache(maxsize=2)
def _opened(directory: Path, signed: str) -> CatalogSet:
    """Open a set again that the program has opened: what signed it then may sign it."""
    return load_set(directory, signed=bool(signed), trusted=[signed] if signed else None)


@functools.lru_cache(maxsize=2)
def _index(directory: Path, signed: str) -> NameIndex:
    return NameIndex(names_of(_opened(directory, signed)))
