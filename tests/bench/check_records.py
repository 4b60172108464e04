"""How many penalty records one core checks in a second, all problems found, beside other validators.

The peers do less: a JSON Schema cannot hold a check character, or a date against another; frictionless gets
types, lengths, codes and required fields. All get the same records in the same run, with all 28 fields
filled, one in ten of them wrong, and the same share of them must come out as wrong for what a peer can say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import frictionless
import jsonschema_rs

from forms.catalog.check import check
from forms.catalog.export import json_schema
from forms.catalog.loader import load_set
from forms.catalog.schema import Item
from tests.forms.catalog.sampling import a_sample

NAME = "check_records"
RECORDS = 20_000
FRICTIONLESS_RECORDS = 2_000
TODAY = date(2026, 11, 24)
SELDOM = {
    "CF_XDR_GSZC", "CF_XDR_ZZJG", "CF_XDR_SWDJ", "CF_XDR_SYDW", "CF_XDR_SHZZ",
    "CF_NR_WFFF", "CF_NR_ZKDX", "BZ",
}  # fmt: skip
"""What a record of a fine leaves empty: the codes that the credit code replaced, what was not confiscated."""
RESOURCES = Path(__file__).parents[2] / "resources"

Figures = dict[str, float | int | str]


def run() -> Figures:
    """Measure processor time, the best of three."""
    item = load_set(RESOURCES / "catalogs" / "2026.1").items["XZCF_FR"]
    records = list(penalties(item, RECORDS))
    validator = jsonschema_rs.Draft202012Validator(json_schema(item), validate_formats=True)
    found = sum(bool(check(item, record, reported_on=TODAY)) for record in records)
    sayable = sum(not validator.is_valid(record) for record in records)
    problems = sum(len(list(validator.iter_errors(record))) for record in records)
    ours = rate(RECORDS, lambda: [check(item, record, reported_on=TODAY) for record in records])
    right = [record for place, record in enumerate(records) if place % 10]
    ours_right = rate(len(right), lambda: [check(item, record, reported_on=TODAY) for record in right])
    sparse = [{key: record[key] for key in record.keys() - SELDOM} for record in right]
    ours_sparse = rate(len(sparse), lambda: [check(item, record, reported_on=TODAY) for record in sparse])
    valid_only = rate(RECORDS, lambda: [validator.is_valid(record) for record in records])
    all_errors = rate(RECORDS, lambda: [list(validator.iter_errors(record)) for record in records])
    tabular = frictionless_rate(item, records[:FRICTIONLESS_RECORDS])
    return {
        "records": RECORDS,
        "records found wrong": found,
        "records found wrong by jsonschema-rs": sayable,
        "problems jsonschema-rs names": problems,
        "check, records/s": ours,
        "check, right records only, records/s": ours_right,
        "check, right records without what is seldom filled, records/s": ours_sparse,
        "jsonschema-rs, yes or no, records/s": valid_only,
        "jsonschema-rs, all errors, records/s": all_errors,
        "frictionless, records/s": tabular,
        "check : jsonschema-rs, all errors": ours / all_errors,
        "check : frictionless": ours / tabular,
    }


def penalties(item: Item, count: int) -> Iterable[dict[str, Any]]:
    """Make penalty records, no two alike; every tenth has a wrong check character and no fine."""
    for n in range(count):
        day = f"2026-{n % 10 + 1:02d}-{n % 28 + 1:02d}"
        record = a_sample(item, codes={"CF_CFLB": "02", "CF_FR_ZJLX": "1"}) | {
            "CF_XDR_MC": f"厦门鹭潮食品有限公司第{n}分公司",
            "CF_XDR_SHXYM": with_check(f"91350200MA{n:07d}"[:17]),
            "CF_WSH": f"厦市监罚〔2026〕{n}号",
            "CF_SY": f"当事人于{day}经营超过保质期的食品，货值金额{n}元，违反食品安全法第三十四条的规定。",
            "CF_NR": f"没收违法所得{n}元，罚款5万元。",
            "CF_JDRQ": day,
            "CF_YXQ": "2099-12-31",
            "CF_GSJZQ": f"2029-{day[5:]}",
        }
        if n % 10 == 0:
            record["CF_XDR_SHXYM"] = f"{record['CF_XDR_SHXYM'][:17]}{'0' if n % 20 else '1'}"
            record.pop("CF_NR_FK")
        yield record


_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def with_check(body: str) -> str:
    """Add the check character of a credit code to its first 17."""
    total = sum(weight * _ALPHABET.index(one) for weight, one in zip(_WEIGHTS, body, strict=True))
    return body + _ALPHABET[(31 - total % 31) % 31]


def rate(count: int, work: Callable[[], object]) -> float:
    """Return how many a second of processor time, the best of three."""
    best = min(_seconds(work) for _ in range(3))
    return count / best


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def frictionless_rate(item: Item, records: list[dict[str, Any]]) -> float:
    """Validate the same records as a table resource, types, lengths and codes declared as far as it goes."""
    fields = []
    for field in item.fields:
        constraints: dict[str, Any] = {"required": field.required}
        if field.type in {"string", "text"} and field.max_length:
            constraints["maxLength"] = field.max_length
        if field.type == "enum" and field.code_set:
            constraints["enum"] = [code.code for code in field.code_set.codes]
        kind = {"date": "date", "decimal": "number", "int": "integer"}.get(field.type, "string")
        fields.append({"name": field.id, "type": kind, "constraints": constraints})
    header = [field.id for field in item.fields]
    rows = [[_cell(record.get(field_id)) for field_id in header] for record in records]
    schema = frictionless.Schema.from_descriptor({"fields": fields})

    def validate() -> None:
        report = frictionless.Resource(data=[header, *rows], schema=schema).validate()
        assert report.tasks[0].stats["rows"] == len(rows), report.errors

    return rate(len(records), validate)


def _cell(value: Any) -> Any:
    return ";".join(value) if isinstance(value, list) else "" if value is None else value
