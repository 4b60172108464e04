"""Words of a case with a code: reasons (理由), materials (材料), outcomes (处理结果).

Each says where it is attested. The lists stand in `resources/legal/`; read strictly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, cast

from forms.catalog.reading import Faults, Table, read_json
from forms.law.clocks import PROVENANCES, Provenance
from forms.law.rulesets import KINDS, refuse

List = Literal["reasons", "materials", "outcomes"]


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of a list.

    Attributes:
        kinds: the kinds of case that it is for; empty for all.
        attested_in: where it was found; empty where it is ours.
        usual: code of the outcome that it usually leads to; empty where there is none.
    """

    code: str
    title: str
    kinds: tuple[str, ...]
    attested_in: str
    usual: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Words:
    """The three lists, each by code, in the order in which they are shown."""

    reasons: Mapping[str, Word]
    materials: Mapping[str, Word]
    outcomes: Mapping[str, Word]

    def reasons_for(self, kind: str) -> tuple[Word, ...]:
        """Return the reasons of a kind of case."""
        return tuple(word for word in self.reasons.values() if not word.kinds or kind in word.kinds)

    def materials_for(self, kind: str) -> tuple[Word, ...]:
        """Return the materials of a kind of case."""
        return tuple(word for word in self.materials.values() if not word.kinds or kind in word.kinds)


_FILES: Final[tuple[List, ...]] = ("reasons", "materials", "outcomes")


def load_words(directory: Path) -> Words:
    """Read the three lists.

    Raises:
        RuleError: with every fault and its place.
    """
    faults = Faults()
    reasons, materials, outcomes = (_read(directory, name, faults) for name in _FILES)
    for word in reasons.values():
        if word.usual and word.usual not in outcomes:
            faults.add("reasons.json", f"codes/{word.code}/usual", "not_of_choice", word.usual)
    refuse(faults)
    return Words(reasons, materials, outcomes)


def _read(directory: Path, name: List, faults: Faults) -> Mapping[str, Word]:
    file = f"{name}.json"
    table = Table(read_json(directory / file, file, faults), file, "", faults)
    table.text("title")
    words: dict[str, Word] = {}
    for one in table.tables("codes"):
        kinds = one.texts("kinds")
        for place, kind in enumerate(kinds):
            if kind not in KINDS:
                one.fault(f"kinds/{place}", "not_of_choice", kind)
        word = Word(
            one.text("code"), one.text("title"), kinds, one.maybe_text("attested_in") or "",
            one.maybe_text("usual") or "", cast("Provenance", one.choice("provenance", PROVENANCES)),
        )  # fmt: skip
        one.done()
        if word.code in words:
            one.fault("code", "doubled", word.code)
        words[word.code] = word
    table.done()
    return MappingProxyType(words)
