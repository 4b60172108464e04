"""`minxin-platform score`: compute the scorecards of a period, and show them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click
from sqlalchemy import select

from regional_platform import scores
from regional_platform.acts import CONSOLE
from regional_platform.console import (
    answer,
    catalogs_of,
    database_option,
    json_option,
    open_database,
    sentence,
    stop,
    table,
)
from regional_platform.problems import Refusal
from regional_platform.published import calendar_of, root_path
from regional_platform.settings import find_resources
from regional_platform.store.admin_tables import score as score_table
from regional_platform.store.engine import Store
from regional_platform.store.tables import unit
from regional_platform.times import utc_now


@click.command("score")
@database_option
@json_option
@click.option("--unit", "code", help="只算这个机构及其下级；默认全区域。")
@click.argument("period")
def score(database: str, *, as_json: bool, code: str | None, period: str) -> None:
    """计算一个周期的评价（如 2026-11），可重复计算。"""
    with closing(open_database(database)) as store:
        try:
            cards = _computed(store, code, period)
        except Refusal as refused:
            stop(sentence(refused))
    rows = [
        {"unit": one["unit"], **{figure["code"]: _shown(figure) for figure in one["total"]["figures"]}}
        for one in cards
    ]
    figures = cards[0]["total"]["figures"] if cards else []
    columns = {"unit": "机构", **{figure["code"]: figure["name"] for figure in figures}}
    answer(cards, table(columns, rows) if cards else f"{period} 没有可算的数据。", as_json=as_json)


def _shown(figure: dict[str, Any]) -> str:
    mark = {True: " ✓", False: " ✗", None: ""}[figure["full"]]
    return (
        "–" if figure["value"] is None else f"{figure['value']}（{figure['above']}/{figure['below']}）{mark}"
    )


def _computed(store: Store, code: str | None, period: str) -> list[dict[str, Any]]:
    resources = find_resources()
    with catalogs_of(store) as catalogs:
        with store.reading() as connection:
            ground = scores.Ground(catalogs, calendar_of(connection, resources), scores.scoring_of(resources))
            root = select(unit.c.code).where(unit.c.path == root_path(connection))
            place = code or connection.execute(root).scalar_one()
        scores.compute(store, CONSOLE, ground, utc_now(), code=place, period=period)
    units = select(score_table.c.unit).where(score_table.c.period == period).distinct()
    with store.reading() as connection:
        wanted = connection.execute(units.order_by(score_table.c.unit)).scalars().all()
        return [scores.scorecard(connection, ground.scoring, code=one, period=period) for one in wanted]


GROUPS = (score,)
