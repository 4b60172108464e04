"""Rules on identifiers, bound to their fields; and the shapes that all bound rules share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final, NamedTuple

from forms.catalog.codes import DOCUMENT_FORMS, DOUBTS, FAULTS, RESIDENT_CARDS, repaired, ric_fault, ric_of_18
from forms.catalog.problems import Problem
from forms.catalog.rules import CertByType, OneOf, Rule
from forms.catalog.schema import Field, Item, Values


class Moment(NamedTuple):
    """When a record is judged.

    Attributes:
        today: the reporting day.
        iso: the same as text.
        as_of: the day by which codes are judged.
    """

    today: date
    iso: str
    as_of: str


Found = list[Problem]
OnValue = Callable[[Any, Values, Moment, Found], None]
"""(value of the field, record, moment, problems to add to)."""
OnRecord = Callable[[Values, Found], None]

_KIND_OF_RULE: Final = {"uscc": "uscc", "orgcode": "orgcode", "regno": "regno", "idcard": "ric"}


def identifier_problem(path: str, kind: str, value: str, today: date) -> Problem | None:
    """Judge an identifier as it stands in a record, where only its proper form is right."""
    fault = FAULTS[kind](value, today)
    if not fault:
        return None
    if fault in DOUBTS:
        suggestion = ric_of_18(value) if fault == "ric_fifteen" else None
        return Problem(path, fault, "warning", answerable=True, suggestion=suggestion)
    suggestion = repaired(kind, value, today)
    return Problem(path, fault, params={"length": len(value)}, suggestion=suggestion)


def bind_identifier(rule: Rule, field: Field, _item: Item) -> OnValue:
    """Bind a rule that wants one kind of identifier."""
    kind = _KIND_OF_RULE[rule.kind]
    path = field.id
    fault_of = FAULTS[kind]

    def look(value: Any, _values: Values, moment: Moment, found: Found) -> None:
        if fault_of(value, moment.today):
            problem = identifier_problem(path, kind, value, moment.today)
            if problem is not None:
                found.append(problem)

    return look


def bind_one_of(rule: OneOf, field: Field, _item: Item) -> OnValue:
    """Bind a rule that wants one of several kinds of identifier."""
    kinds = tuple(_KIND_OF_RULE[kind] for kind in rule.of)
    path, names = field.id, ";".join(kinds)

    def look(value: Any, _values: Values, moment: Moment, found: Found) -> None:
        problems = [identifier_problem(path, kind, value, moment.today) for kind in kinds]
        if any(problem is None for problem in problems):
            return
        doubts = [problem for problem in problems if problem is not None and problem.answerable]
        suggestion = next((p.suggestion for p in problems if p is not None and p.suggestion), None)
        none = Problem(path, "one_of_none", params={"kinds": names}, suggestion=suggestion)
        found.append(doubts[0] if doubts else none)

    return look


def bind_cert_by_type(rule: CertByType, field: Field, item: Item) -> OnValue:
    """Bind a rule that judges a number by the kind of certificate chosen beside it."""
    path, type_field = field.id, rule.type_field
    code_set = item.by_id[type_field].code_set
    # Where the kind is no code but a text, it is judged by when it is written as in the code sets.
    kinds = (*RESIDENT_CARDS, *DOCUMENT_FORMS)
    names = {code.code: code.name for code in code_set.codes} if code_set else {kind: kind for kind in kinds}
    cards = frozenset(code for code, name in names.items() if name in RESIDENT_CARDS)

    def look(value: Any, values: Values, moment: Moment, found: Found) -> None:
        chosen = values.get(type_field)
        if type(chosen) is not str:
            return
        if chosen in cards:
            if ric_fault(value, moment.today):
                problem = identifier_problem(path, "ric", value, moment.today)
                if problem is not None:
                    found.append(problem)
            return
        name = names.get(chosen, "")
        form = DOCUMENT_FORMS.get(name)
        if form is not None and not form.fullmatch(value):
            found.append(Problem(path, "certificate_form", "warning", answerable=True, params={"kind": name}))

    return look
