"""Catalog sets as large as one likes, written to disk from the fields of the shipped one."""

from __future__ import annotations

import json
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from shutil import copyfile, copytree
from typing import Any

from forms.catalog.sealing import list_set, sign_set
from forms.seal.keys import SigningKey

RESOURCES = Path(__file__).parents[3] / "resources"
FIELDS = 60


def write_large_set(root: Path, items: int) -> Path:
    """Write a signed set of `items` items of 60 fields each; returns its folder."""
    copytree(RESOURCES / "codesets", root / "codesets")
    directory = root / "catalogs" / f"large-{items}"
    (directory / "items").mkdir(parents=True)
    copyfile(RESOURCES / "catalogs" / "sources.json", root / "catalogs" / "sources.json")
    shipped = sorted((RESOURCES / "catalogs" / "2026.1" / "items").glob("*.json"))
    models = [json.loads(path.read_text(encoding="utf-8")) for path in shipped]
    for number, model in enumerate(islice(cycle(models), items)):
        item = _widened(model, number)
        text = json.dumps(item, ensure_ascii=False, indent=1)
        (directory / "items" / f"{item['code']}.json").write_text(text, encoding="utf-8")
    head = list_set(
        directory,
        {
            "name": directory.name,
            "title": "大目录",
            "effective_on": "2026-01-01",
            "classes": {"category": "NATIONAL_CATEGORY_2024", "class7": "DATA_CATEGORY"},
        },
    )
    key = SigningKey.generate()
    signature = sign_set(head, key, signed_by="测试", signed_on=date(2026, 1, 1), until=date(2030, 1, 1))
    _dump(directory / "set.json", head)
    _dump(directory / "set.sig", signature)
    _dump(root / "catalogs" / "keys.json", {"keys": [{"key": key.public, "name": "测试"}]})
    return directory


def _widened(model: dict[str, Any], number: int) -> dict[str, Any]:
    """The item under a new code, its fields followed by more of their kind, without rules, up to 60."""
    fields = list(model["fields"])
    for place, field in enumerate(islice(cycle(model["fields"]), FIELDS - len(fields))):
        more = {
            key: value for key, value in field.items() if key not in {"checks", "aliases", "required_group"}
        }
        more |= {"id": f"MORE_{place}", "title": f"{field['title']}（附加{place}）", "required": False}
        fields.append(more)
    return {**model, "code": f"{model['code']}_{number:04d}", "fields": fields}


def _dump(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
