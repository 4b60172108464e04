"""Of fields and their values, what the form decides without a widget."""

from __future__ import annotations

from forms.catalog.problems import Problem
from forms.catalog.schema import Field, Item, Value
from forms.qt.typed import as_value


def in_sections(item: Item) -> list[Field]:
    """Return the fields in the order of the form: section by section, that of the subject first.

    The other sections stand where the catalog names them first, and so do fields in their section.
    """
    titles = list(dict.fromkeys(field.section for field in item.fields))
    subject = item.by_id.get(item.subject_name)
    if subject is not None:
        titles.sort(key=lambda title: title != subject.section)
    return sorted(item.fields, key=lambda field: titles.index(field.section))


def settled(field: Field, value: Value | None, problem: Problem) -> Value | None:
    """Return `value` with what the problem suggests: whole, or for the member or cell it is about."""
    place, _, inner = problem.path.partition("/")[2].partition("/")
    suggestion = problem.suggestion or ""
    if not isinstance(value, list) or not place.isdecimal() or int(place) >= len(value):
        return as_value(field, suggestion)
    changed = list(value)
    if not inner:
        changed[int(place)] = suggestion
        return changed
    one = next((one for one in field.fields if one.id == inner), None)
    if one is not None and isinstance(changed[int(place)], dict):
        changed[int(place)] = {**changed[int(place)], inner: as_value(one, suggestion) or suggestion}
    return changed
