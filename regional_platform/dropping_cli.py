"""`minxin-platform drop-read`: what every desk has read, and old answers, may go."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click

from regional_platform import dropping
from regional_platform.console import answer, database_option, json_option, open_database, table
from regional_platform.times import utc_now

DAYS = click.IntRange(30, 36_500)


@click.command("drop-read")
@database_option
@json_option
@click.option("--feed-days", default=90, show_default=True, type=DAYS, help="消息至少留多少天。")
@click.option("--answer-days", default=365, show_default=True, type=DAYS, help="批次的答复至少留多少天。")
@click.option("--do", "is_done", is_flag=True, help="真的清理；不写就只算。")
def drop_read(database: str, *, as_json: bool, feed_days: int, answer_days: int, is_done: bool) -> None:
    """清理各终端都读过的旧回执消息和旧批次的答复；默认只算。版本、回执、办件、通知都保留。"""
    now, days = utc_now(), {"feed_days": feed_days, "answer_days": answer_days}
    with closing(open_database(database)) as store:
        with store.reading() as connection:
            told = dropping.figures(connection, now, **days)
        if is_done:
            gone = dropping.drop(store, now, **days)
            words = (
                f"清理了 {gone['entries']:,} 条消息（{gone['rows']:,} 行）、{gone['answers']:,} 个批次答复。"
            )
            answer(gone, words, as_json=as_json)
            return
    answer(told, _in_words(told), as_json=as_json)


def _in_words(told: dict[str, Any]) -> str:
    columns = {
        "unit": "机构", "head": "消息总数", "read": "都读到", "entries": "可清理", "bytes": "字节",
        "waiting": "还等终端读", "desk": "最慢的终端", "seen_at": "最近联系",
    }  # fmt: skip
    return (
        f"{table(columns, told['units'])}\n可清理 {told['entries']:,} 条消息（{told['bytes']:,} 字节）、"
        f"{told['answers']:,} 个批次答复（{told['answer_bytes']:,} 字节）。加 --do 才清理。"
    )


GROUPS = (drop_read,)
