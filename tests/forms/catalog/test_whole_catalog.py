"""All 151 items, by records made from their own rules: what is right passes, each rule has its breach."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import jsonschema_rs
import pytest

from forms.catalog.check import check, natural_key
from forms.catalog.export import json_schema
from forms.catalog.fieldtypes import parse, show
from forms.catalog.forbidden import forbidden_ground
from forms.catalog.messages import sentence
from forms.catalog.rules import RULES
from tests.forms.catalog.sampling import FOUND, INSEPARABLE, a_breach, a_sample
from tests.forms.catalog.test_export import UNSAYABLE, mutations

RESOURCES = Path(__file__).parents[3] / "resources"
CODES = sorted(path.stem for path in (RESOURCES / "catalogs" / "2026.1" / "items").glob("*.json"))
RECORDS = 1_000
"""Records of one item that are held against its JSON Schema; 151,000 in all."""

SAMPLES = 20
"""Right records of one item that those are made from."""


def found(problems):
    return [(problem.field_id, problem.code) for problem in problems]


@pytest.mark.parametrize("code", CODES)
def test_a_sampled_record_passes(code, catalog_set, today):
    item = catalog_set.items[code]
    dice = random.Random(code)
    for record in [a_sample(item), *(a_sample(item, dice=dice, full=full) for full in (True, False) * 10)]:
        assert found(check(item, record, reported_on=today)) == []


@pytest.mark.parametrize("code", CODES)
def test_each_rule_has_a_record_that_breaks_it_alone(code, catalog_set, today):
    item = catalog_set.items[code]
    for field in item.fields:
        for rule in field.rules:
            problems = found(check(item, a_breach(item, field, rule, today), reported_on=today))
            also = INSEPARABLE.get((code, field.id, rule.kind), set())
            own = [one for one in problems if one not in also]
            assert set(problems) >= also
            assert len(own) == 1, (field.id, rule, problems)
            assert own[0][1] in FOUND[type(rule)], (field.id, rule, problems)


@pytest.mark.parametrize("code", CODES)
def test_each_required_group_is_missed_when_nothing_of_it_is_filled(code, catalog_set, today):
    item = catalog_set.items[code]
    groups = {}
    for field in item.fields:
        if field.required_group is not None:
            groups.setdefault(field.required_group, []).append(field.id)
    for members in groups.values():
        record = {key: value for key, value in a_sample(item).items() if key not in members}
        assert found(check(item, record, reported_on=today)) == [(members[0], "group_missing")]
        for one in members:
            assert found(check(item, record | {one: a_sample(item)[one]}, reported_on=today)) == []


@pytest.mark.parametrize("code", CODES)
def test_what_must_be_filled_is_missed_and_nothing_else(code, catalog_set, today):
    item = catalog_set.items[code]
    for field in item.fields:
        record = a_sample(item)
        record.pop(field.id, None)
        problems = found(check(item, record, reported_on=today))
        missed = [one for one in problems if one[1] == "required_missing"]
        assert missed == ([(field.id, "required_missing")] if field.required else [])


@pytest.mark.parametrize("code", CODES)
def test_the_exported_schema_agrees_with_check(code, catalog_set, today):
    item = catalog_set.items[code]
    schema = json_schema(item)
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    dice = random.Random(code)
    samples = [a_sample(item, dice=dice, full=place % 2 == 0) for place in range(SAMPLES)]
    values = [(field.id, mutations(field)) for field in item.fields]
    said = {}
    for place in range(RECORDS):
        record = dict(samples[place % SAMPLES])
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            field_id, choices = dice.choice(values)
            value = dice.choice(choices)
            if value is None:
                record.pop(field_id, None)
            else:
                record[field_id] = value
        problems = check(item, record, reported_on=today)
        sayable = [p for p in problems if p.code not in UNSAYABLE]
        assert validator.is_valid(record) == (not sayable), (record, sayable)
        said |= {(problem.path, problem.code): problem for problem in problems}
    assert all(sentence(problem, item) for problem in said.values())


@pytest.mark.parametrize("code", CODES)
def test_each_value_reads_as_itself(code, catalog_set):
    item = catalog_set.items[code]
    for field_id, value in a_sample(item, dice=random.Random(code)).items():
        assert parse(item.by_id[field_id], show(item.by_id[field_id], value)) == value


@pytest.mark.parametrize("code", CODES)
def test_two_acts_have_two_keys_and_one_act_has_one(code, catalog_set):
    """Brackets, blanks and widths do not make an act another one; any part of its key does."""
    item = catalog_set.items[code]
    record = a_sample(item)
    key = natural_key(item, record)

    assert (key is None) == (not item.natural_key)
    for field_id in item.natural_key:
        field = item.by_id[field_id]
        if field.code_set is not None and len(field.code_set.codes) == 1:
            continue
        other = {
            "date": "2026-03-04", "enum": field.code_set.codes[-1].code if field.code_set else "",
        }.get(field.type, "闽乙1号")  # fmt: skip
        assert natural_key(item, record | {field_id: other}) != key
        assert natural_key(item, {k: v for k, v in record.items() if k != field_id}) is None


@pytest.mark.parametrize("code", CODES)
def test_nothing_of_an_item_is_forbidden_or_without_a_source(code, catalog_set):
    item = catalog_set.items[code]
    basis = item.basis

    assert [f.title for f in item.fields if forbidden_ground(f.title)] == []
    assert {"item", "cycle", "unit_kinds", "subject", "sharing", "retention"} <= set(basis)
    assert ("natural_key" in basis) == bool(item.natural_key)
    assert ("act_on" in basis) == bool(item.act_on)
    assert {basis[key].provenance for key in ("sharing", "retention", "unit_kinds")} == {"derived"}
    for field in item.fields:
        assert (
            "length" in field.basis
            or field.max_length is None
            or field.type in {"date", "decimal"}
            or (basis["item"].provenance == "sourced")
        ), field.id


def test_every_kind_of_rule_is_in_use_and_has_a_breach(catalog_set):
    used = Counter(type(rule) for item in catalog_set.items.values() for f in item.fields for rule in f.rules)

    assert set(used) == set(RULES.values()) == set(FOUND)


def test_no_basis_names_a_source_that_is_not_explained(catalog_set):
    known = set(json.loads((RESOURCES / "catalogs" / "sources.json").read_text(encoding="utf-8")))
    for code_set in catalog_set.code_sets.values():
        assert code_set.source
        assert {text.split()[0].strip(",:;") for text in code_set.source} <= known


def test_only_what_is_sourced_is_called_so(catalog_set):
    """A code set that rests on memory says so, itself or at the code."""
    assert catalog_set.code_sets["BLACKLIST_KIND"].provenance == "recalled"
    assert catalog_set.code_sets["BLACKLIST_KIND"].by_code["B01"].basis.provenance == "sourced"
    assert catalog_set.code_sets["NATIONAL_CATEGORY_2024"].by_code["06"].basis.provenance == "recalled"
    provenances = Counter(entry.provenance for entry in catalog_set.entries.values())
    assert provenances == {"sourced": 141, "derived": 10}
