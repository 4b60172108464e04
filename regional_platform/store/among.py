"""Ask for many values at once: one parameter for all of them, whatever their number.

SQLAlchemy's own `in_` writes a parameter for each value and the statement anew each time, which for a batch
costs more than the database's answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Many(TypeDecorator[list[Any]]):
    """A list: JSON text for SQLite, an array for PostgreSQL."""

    impl = Text
    cache_ok = True
    member: TypeEngine[Any] = Text()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.member))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else orjson.dumps(value).decode()


class _ManyNumbers(_Many):
    cache_ok = True
    member = BigInteger()


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True
    name = "among"

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - as all elements have it
        """As it stands: `= 1` behind it, where booleans are numbers (SQLite), keeps it off every index."""
        return self


def among(column: ColumnElement[Any], values: Iterable[str] | Iterable[int]) -> ColumnElement[bool]:
    """The condition that a column has one of many values."""
    many: list[Any] = list(values)
    kind = _ManyNumbers if many and isinstance(many[0], int) else _Many
    return _Among(column, bindparam(None, many, type_=kind()))


@compiles(_Among, "sqlite")
def _on_sqlite(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - of compiled parts


@compiles(_Among, "postgresql")
def _on_postgresql(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    """Not `= ANY`: held against each row that another index finds, it costs the product of both."""
    column, values = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} IN (SELECT unnest({values}))"
