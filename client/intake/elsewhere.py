"""What the platform holds of the acts in a file (比对): rows concerned, what is shown of it, what is done.

Pure: asking is the network's, `client.sync.asking`. Only rows that would become records are looked at;
a row that changes a record of this desk makes no second report of its act.

Unless somebody says otherwise such a row is skipped. Two records of one act count against its subject
twice, and become a conflict at the platform that somebody has to settle: who wants that says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from client.core.comparisons import Asked, Reported, Shown, Told
from client.core.imports import USUAL, Choice, Choices, Elsewhere
from client.core.packed import Packed, encode
from client.core.words import CITIES
from client.intake.compare import Compared, Difference, FreeRow, differences, is_about_person
from forms.catalog.schema import Item

KIND: Final = "on_platform"

SOMEBODY: Final = "别的部门"


@dataclass(frozen=True, slots=True)
class There:
    """A row whose act others have reported, and what is told of it.

    Attributes:
        told: None where only `who` is kept, from before the import was cut.
        who: unit, city and day in words, and how many more.
    """

    row: int
    subject: str
    subject_code: str
    doc_no: str
    payload: str
    told: Told | None
    who: str


def _there(said: Sequence[Any]) -> There:
    row, subject, subject_code, doc_no, payload, told, who = said
    return There(row, subject, subject_code, doc_no, payload, None if told is None else _told(told), who)


def _told(said: Sequence[Any]) -> Told:
    return Told(tuple(Reported(*one) for one in said[0]), said[1], said[2])


def keys_of(compared: Compared) -> list[str]:
    """Return the natural keys of the acts that the platform is asked about."""
    return [row.key for row in compared.free]


def persons_of(compared: Compared) -> dict[str, str]:
    """Return natural key → exact number of the natural person that the act is about, if it is about one."""
    if not compared.persons:
        return {}
    return {
        row.key: row.subject_code for row in compared.free if is_about_person(compared.item, row.subject_code)
    }


def rows_there(compared: Compared, asked: Asked, before: Mapping[int, Elsewhere]) -> Packed[There]:
    """Return the rows whose acts others have reported.

    Args:
        compared: the rows of the file.
        asked: what the platform has said.
        before: what was chosen before the import was cut, for rows that are not asked about again.
    """
    found: Packed[There] = Packed(_there)
    for row in compared.free if asked.told or before else ():
        told = asked.told.get(row.key)
        if told is not None:
            _add(found, row, told, who_of(told))
        elif row.row in before and row.key not in asked.keys:
            _add(found, row, None, before[row.row].who)
    return found


def _add(found: Packed[There], row: FreeRow, told: Told | None, who: str) -> None:
    shown = None
    if told is not None:
        reported = [
            [one.record_id, one.unit_name, one.city, one.act_on, one.disputed] for one in told.reported
        ]
        shown = [reported, told.more, told.hidden]
    texts = [row.subject, row.subject_code, row.doc_no, row.payload]
    found.add(KIND, encode([row.row, *texts, shown, who]))


def who_of(told: Told) -> str:
    """Say who has reported an act: unit and day of the first, and how many more there are."""
    if not told.reported:
        return SOMEBODY
    first = told.reported[0]
    name = place_of(first) + (f"（{first.act_on}）" if first.act_on else "")
    others = len(told.reported) - 1 + told.hidden
    if not others and not told.more:
        return name
    return f"{name}等 {others + 1}{' 家以上' if told.more else ' 家'}"


def place_of(one: Reported) -> str:
    """Name a unit with its city."""
    city = CITIES.get(one.city, "")
    return one.unit_name if one.unit_name.startswith(city) else f"{city}{one.unit_name}"


def differences_of(there: There, shown: Shown, item: Item) -> list[Difference]:
    """Return the fields in which another unit's record differs from the row, as far as it is shown."""
    here: Mapping[str, Any] = json.loads(there.payload) if there.payload else {}
    mine = {name: value for name, value in here.items() if name not in shown.masked}
    theirs = {name: value for name, value in shown.values.items() if name not in shown.masked}
    return [Difference(*one) for one in differences(theirs, mine, item)]


def with_elsewhere(choices: Choices, rows: Iterable[There], of_rows: Mapping[int, Choice]) -> Choices:
    """Add what becomes of rows whose acts others have reported: by row, else by kind, else as usual."""
    usual = choices.groups.get(KIND) or USUAL[KIND]
    chosen = {one.row: (of_rows.get(one.row, usual), one.who) for one in rows}
    elsewhere = {row: Elsewhere(choice.act, choice.reason, who) for row, (choice, who) in chosen.items()}
    groups = {kind: one for kind, one in choices.groups.items() if kind != KIND}
    return Choices(groups, choices.rows, elsewhere)
