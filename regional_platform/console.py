"""What all `minxin-platform` commands share: which database, how they answer, how they refuse."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, NoReturn, TypeVar

import click
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from regional_platform.api import admin_models
from regional_platform.catalogs import Catalogs, load_catalogs
from regional_platform.problems import Refusal, problem
from regional_platform.published import Shelf
from regional_platform.settings import DEFAULT_DATABASE, database_url, find_resources
from regional_platform.store.engine import Store, open_store
from regional_platform.store.migrate import DatabaseTooNew
from regional_platform.times import legal_day, utc_now

T = TypeVar("T")

database_option = click.option(
    "--database", default=DEFAULT_DATABASE, show_default=True, help="SQLAlchemy 地址，或 SQLite 文件路径。"
)
json_option = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")


class Fitting(click.ParamType[str]):
    """Text that fits the shape that the API asks of it; what does not fit is said in words."""

    name = "text"

    def __init__(self, shape: Any, words: str) -> None:
        self._shape: TypeAdapter[str] = TypeAdapter(shape)
        self._words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the text as it is, or refuse it."""
        try:
            return self._shape.validate_python(value)
        except ValidationError:
            self.fail(self._words, param, ctx)


CODE = Fitting(admin_models.Named, "代码以字母或数字开头，只含字母、数字、- 和 _，最多 64 个。")
NAME = Fitting(admin_models.Name, "不能空着，最多 200 个字。")
CODE18 = Fitting(admin_models.Code18, "统一社会信用代码是 18 位数字和大写字母。")
DIVISION = Fitting(admin_models.Division, "行政区划代码是 6 位数字。")
PHONE = Fitting(admin_models.Phone, "不能空着，最多 64 个字。")
TEXT = Fitting(admin_models.Text, "不能空着，最多 10,000 个字。")
REASON = Fitting(admin_models.Reason, "不能空着，最多 500 个字。")


def open_database(database: str) -> Store:
    """Open the database, or stop."""
    try:
        return open_store(database_url(database))
    except DatabaseTooNew:
        stop_too_new()
    except OperationalError:
        stop_unreachable()


def stop_unreachable() -> NoReturn:
    """Stop: there is no database to work with."""
    stop("数据库连不上或不能用：请核对 --database 的地址，并确认数据库在运行。")


def stop_too_new() -> NoReturn:
    """Stop: the database is a newer program's."""
    stop("数据库由更新版本的程序建立，请更新程序。")


def stop(sentence: str) -> NoReturn:
    """Say why, and end with status 2."""
    click.echo(sentence, err=True)
    sys.exit(2)


def write(database: str, act: Callable[[Connection], T]) -> T:
    """Do an act in one transaction; a refusal is said in its own words, and ends the command."""
    with closing(open_database(database)) as store:
        try:
            return store.write(act)
        except Refusal as refused:
            stop(sentence(refused))


def read(database: str, look: Callable[[Connection], T]) -> T:
    """Look something up."""
    with closing(open_database(database)) as store, store.reading() as connection:
        try:
            return look(connection)
        except Refusal as refused:
            stop(sentence(refused))


@contextmanager
def catalogs_of(store: Store) -> Iterator[Catalogs]:
    """Open the published catalog sets as they are in force today."""
    resources, now = find_resources(), utc_now()
    shelf = Shelf(load_catalogs(resources).sets)
    try:
        store.write(lambda connection: shelf.register(connection, resources, now))
        with store.reading() as connection:
            catalogs = shelf.look(connection, legal_day(now))
        assert catalogs is not None  # the first look
        yield catalogs
    finally:
        shelf.close()


def sentence(refused: Refusal) -> str:
    """What a refusal says to people."""
    said = problem(refused.code, instance="", errors=refused.errors, extras=refused.extras)
    places = "".join(f"\n  {one.pointer}：{one.detail}" for one in refused.errors)
    detail = said["detail"].replace("，位置见 errors", "，位置如下")
    return f"{said['title']}：{detail}{places}"


def answer(told: Any, words: str, *, as_json: bool) -> None:
    """Print an answer, as JSON or in words."""
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else words)


def table(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows under their headings, parted by tabs: people read it, and programs cut it."""
    lines = ["\t".join(columns.values())]
    lines += ["\t".join("" if row[name] is None else str(row[name]) for name in columns) for row in rows]
    return "\n".join(lines)


def every(page: Callable[[Any], dict[str, Any]], name: str, start: Any = "") -> list[dict[str, Any]]:
    """Collect the rows of all pages."""
    rows: list[dict[str, Any]] = []
    after: Any = start
    while after is not None:
        got = page(after)
        rows += got[name]
        after = got["next"]
    return rows
