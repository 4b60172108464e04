"""Rows judged by the chunk come out as each of them does when it is cleaned and checked by itself."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

from client.core.packed import encode
from client.demo.samples import many_penalties
from client.intake.candidates import Candidates
from client.intake.clean import Touched, cleaner_of
from client.intake.headings import Heading
from client.intake.judging import Opened, Part, Plan, judge_file
from forms.catalog.check import check, natural_key
from forms.catalog.problems import Problem
from forms.catalog.schema import CatalogSet, Item

TODAY = dt.date(2026, 11, 24)
ODD = (
    "",
    "　",
    "undefined",
    "２０２６年3月5日",
    "一\n二",
    " 前空",
    "00",
    "其他-约谈",
    "长期",
    "三万元",
    "|",
    '"',
    "x" * 300,
)


def written(item: Item, path: Path, dice: random.Random) -> list[list[str]]:
    """Write penalties of which every third holds something odd, in any field; returns their cells."""
    rows = []
    for record in many_penalties(700, today=TODAY, faulty_share=0.2):
        cells = ["" if (cell := record.get(field.id)) is None else str(cell) for field in item.fields]
        if dice.random() < 0.3:
            cells[dice.randrange(len(cells))] = dice.choice(ODD)
        rows.append(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[field.title for field in item.fields], *rows])
    return rows


def plainly(item: Item, opened: Opened, cells: list[str]) -> tuple[dict[str, Any], list[Problem]]:
    """Clean and check one row by itself."""
    values: dict[str, Any] = {}
    own = []
    for heading in opened.header.headings:
        cell = cells[heading.column]
        read = cleaner(item, heading)(cell) if cell else ""
        if isinstance(read, Touched):
            if read.code:
                own.append(Problem(heading.field, read.code, params=read.params, suggestion=read.suggestion))
            read = read.value
        if read != "":
            values[heading.field] = read
    named = {problem.path for problem in own}
    found = check(item, values, reported_on=TODAY)
    return values, own + [problem for problem in found if problem.field_id not in named]


def cleaner(item: Item, heading: Heading):
    assert heading.field is not None
    return cleaner_of(item.by_id[heading.field], heading, TODAY)


def test_rows_come_out_as_if_each_was_judged_by_itself(tmp_path: Path, catalog: CatalogSet):
    item = catalog.item("XZCF_FR")
    rows = written(item, path := tmp_path / "表.csv", random.Random(8))

    said = list(judge_file(path, Plan(Candidates((item,)), TODAY, keep=True)))

    opened = said[0]
    assert isinstance(opened, Opened)
    chunks = [part.chunk for part in said if isinstance(part, Part) and part.chunk]
    good = {row[0]: row for chunk in chunks for row in chunk.good}
    faulty = {row[0]: row for chunk in chunks for row in chunk.faulty}
    assert good.keys() | faulty.keys() == set(range(2, len(rows) + 2))
    for number, cells in enumerate(rows, start=2):
        values, problems = plainly(item, opened, cells)
        if number in good:
            lists = [str(values.get(one, "")) for one in ("CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CF_JDRQ")]
            asked = sum(problem.answerable for problem in problems)
            assert not any(problem.severity == "error" for problem in problems), problems
            assert good[number] == (number, encode(values).encode(), natural_key(item, values), *lists, asked)
        else:
            said_of = [(one["path"], one["code"], one["params"]) for one in json.loads(faulty[number][3])]
            assert json.loads(faulty[number][2]) == values
            assert said_of == [(problem.path, problem.code, dict(problem.params)) for problem in problems]
