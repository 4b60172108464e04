"""How long a query over 50,000 codes takes while typing: by code, name, initials, two words, and in vain.

The limit is 20 ms, for that is what a person does not notice; a plain loop over all codes stands beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from itertools import product

from client.intake.initials import initials_of
from forms.catalog.codesearch import CodeIndex, folded
from forms.catalog.schema import Code

NAME = "code_search"
CODES = 50_000
LIMIT_MS = 20.0
TRIES = 200

Figures = dict[str, float | int | str]
QUERIES = {
    "code": "3502060", "name": "湖里", "initials": "hlj", "two words": "思明 街道", "one letter": "j",
    "in vain": "不存在的地方", "two words in vain": "街道 不存在",
}  # fmt: skip


def run() -> Figures:
    """Measure the slowest of many tries of each query, after the index is built."""
    codes = places(CODES)
    begun = time.perf_counter()
    letters = initials_of(codes)
    spelt = time.perf_counter()
    index = CodeIndex(codes, letters)
    built = time.perf_counter()
    names = [folded(code.name) for code in codes]
    figures: Figures = {
        "codes": len(codes),
        "initials, s": spelt - begun,
        "index, s": built - spelt,
    }
    for name, text in QUERIES.items():
        figures[f"{name}, median ms"] = median_ms(lambda text=text: index.find(text, on=date(2026, 11, 24)))
    slowest = max(value for key, value in figures.items() if key.endswith("median ms"))
    figures["slowest : limit of 20 ms"] = float(slowest) / LIMIT_MS
    figures["plain loop by name, median ms"] = median_ms(lambda: [n for n in names if "湖里" in n][:50])
    return figures


def median_ms(query: Callable[[], object]) -> float:
    """Return the median wall time of one query."""
    times = []
    for _ in range(TRIES):
        begun = time.perf_counter()
        query()
        times.append(time.perf_counter() - begun)
    return sorted(times)[TRIES // 2] * 1000


def places(count: int) -> list[Code]:
    """Make places down to the street, as many as a country has."""
    towns = ("厦门", "漳州", "泉州", "龙岩", "福州", "莆田", "三明", "南平", "宁德", "平潭")
    parts = ("湖里", "思明", "海沧", "集美", "同安", "翔安", "芗城", "龙文", "鲤城", "丰泽")
    marks = "东西南北中上下新老大小前后左右金木水火土"
    kinds = ("街道", "镇", "乡", "开发区", "林场")
    names = product(towns, parts, marks, marks, kinds)
    return [Code(f"3502{place:05d}", "".join(name)) for place, name in zip(range(count), names, strict=False)]
