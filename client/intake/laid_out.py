"""Some rows of a table, cleaned and laid out by column: what is done for all of them at once.

Most rows of most files are right. Those are vouched for here together (`forms.catalog.sieve`); the others are
taken out one by one and judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from client.core.packed import encode
from client.intake.columns import CleanColumn, member
from forms.catalog.naturalkey import natural_keys
from forms.catalog.problems import Problem
from forms.catalog.schema import Item, Value
from forms.catalog.sieve import Sieve


class CleanRows(NamedTuple):
    """Rows, cleaned.

    Attributes:
        names: fields of the columns that are not blank.
        columns: one a name.
        own: place → what cleaning has to say of the row.
        rows: how many there are.
    """

    names: list[str]
    columns: list[CleanColumn]
    own: dict[int, list[Problem]]
    rows: int

    def payloads(self) -> list[bytes]:
        """Write the values of each row as one JSON object: what `encode` would write, column by column."""
        if not self.names:
            return [b"{}"] * self.rows
        pieces, texts = zip(*map(member, self.names, self.columns), strict=True)
        form = "".join(pieces)
        if form[0] == ",":  # the first column is filled in every row
            form = f"{{{form[1:]}}}"
            return [(form % row).encode() for row in zip(*texts, strict=True)]
        return [b"{" + (form % row)[1:].encode() + b"}" for row in zip(*texts, strict=True)]


class LaidOut:
    """Rows, cleaned, with what is known of each before it is judged.

    Attributes:
        doubtful: places of the rows that must be judged; the others are right.
        keys: the natural key of each row.
        payloads: the values of each row as JSON; where no rows are wanted, only of those without a key.
        shown: what lists show of each row.
    """

    def __init__(self, item: Item, clean: CleanRows, sieve: Sieve, *, wants_rows: bool) -> None:
        self.own = clean.own
        self._columns = {name: column.values for name, column in zip(clean.names, clean.columns, strict=True)}
        plain = {name for name, column in zip(clean.names, clean.columns, strict=True) if column.plain}
        self.doubtful = sieve.doubtful(self._columns, clean.rows, plain=plain)
        self.doubtful.update(clean.own)
        self.keys = natural_keys(item, self._columns, clean.rows)
        if wants_rows:
            self.payloads = clean.payloads()
        else:
            self.payloads = [
                b"" if key is not None else encode(self.values(place)).encode()
                for place, key in enumerate(self.keys)
            ]
        blank = [""] * clean.rows
        lists = (item.subject_name, item.subject_code, item.doc_no, item.act_on)
        shown: list[Sequence[Value]] = [self._columns.get(name, blank) for name in lists]
        self.shown = list(zip(*(map(str, column) for column in shown), strict=True)) if wants_rows else []

    def put(self, place: int, other: LaidOut) -> None:
        """Put in place of a row the only one of another table."""
        self.keys[place], self.payloads[place] = other.keys[0], other.payloads[0]
        if self.shown:
            self.shown[place] = other.shown[0]

    def values(self, place: int) -> dict[str, Value]:
        """Return the values of a row; what is empty has no key."""
        return {name: value for name, column in self._columns.items() if (value := column[place]) != ""}
