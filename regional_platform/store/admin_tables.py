"""The tables of administration: who changed what, liaisons, notices, what is published."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from regional_platform.store.tables import AT, CODE, ID, SERIAL, SHA, metadata

DAY: Final = String(10)

admin_act = Table(  # append-only: every act of administration; `path` as it was then
    "admin_act",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("at", AT, nullable=False),
    Column("operator_id", CODE),  # null: by the platform's own commands
    Column("act", CODE, nullable=False),  # e.g. unit.add
    Column("object", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("before", Text),  # JSON, without secrets
    Column("after", Text),
    Index("ix_admin_act_object", "object"),
)

liaison = Table(  # 联络员 of a unit, in their order
    "liaison",
    metadata,
    Column("unit", CODE, ForeignKey("unit.code"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("deputy", Boolean, nullable=False),
)

notice = Table(  # 通知: to a unit and all below it, from a day until a day
    "notice",
    metadata,
    Column("notice_id", ID, primary_key=True),
    Column("unit", CODE, ForeignKey("unit.code"), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("from_on", DAY, nullable=False),
    Column("until_on", DAY, nullable=False),
    Column("posted_by", CODE),
    Column("posted_at", AT, nullable=False),
    Column("withdrawn_by", CODE),
    Column("withdrawn_at", AT),
    Column("withdrawn_why", Text),
)

published = (
    Table(  # catalog sets and calendars as they were published; `content` null: ships with the program
        "published",
        metadata,
        Column("n", SERIAL, primary_key=True, autoincrement=True),
        Column("kind", String(12), nullable=False),  # catalog, calendar, rule_set
        Column("name", CODE, nullable=False),
        Column("digest", SHA, nullable=False),
        Column("title", Text, nullable=False),
        Column("holds_from", DAY, nullable=False),
        Column("content", LargeBinary),
        Column("published_by", CODE),
        Column("published_at", AT, nullable=False),
        Column("accept_until", DAY),
        Column("retired_by", CODE),
        Column("retired_at", AT),
        UniqueConstraint("kind", "digest"),
    )
)

rule_choice = Table(  # which rule set a city follows for a kind of case, from when; append-only
    "rule_choice",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("city", String(6), nullable=False),
    Column("kind", String(12), nullable=False),  # objection, repair
    Column("rule_set", CODE, nullable=False),
    Column("digest", SHA, nullable=False),  # of the content that was confirmed
    Column("since_on", DAY, nullable=False),
    Column("confirmed_by", Text),
    Column("confirmed_on", DAY),
    Column("chosen_by", CODE),  # null: by the platform's own commands
    Column("chosen_at", AT, nullable=False),
    Index("ix_rule_choice_city", "city", "kind", "since_on"),
)

catalog_key = Table(  # public keys that may sign sets, beside those that ship with the program
    "catalog_key",
    metadata,
    Column("public_key", CODE, primary_key=True),
    Column("name", Text, nullable=False),
    Column("trusted_at", AT, nullable=False),
)

zero_report = Table(  # 无数据上报: nothing happened in a period; only ever added, and withdrawn once
    "zero_report",
    metadata,
    Column("report_id", ID, primary_key=True),
    Column("unit", CODE, ForeignKey("unit.code"), nullable=False),
    Column("item", CODE, nullable=False),
    Column("period", String(12), nullable=False),
    Column("last_on", DAY, nullable=False),
    Column("made_by", CODE, nullable=False),
    Column("made_at", AT, nullable=False),
    Column("withdrawn_by", CODE),
    Column("withdrawn_at", AT),
    Column("withdrawn_why", Text),
    Index("ix_zero_report_unit_item", "unit", "item", "last_on"),
)

score = Table(  # counts of one item of a unit in a period, as last computed
    "score",
    metadata,
    Column("unit", CODE, ForeignKey("unit.code"), primary_key=True),
    Column("period", String(12), primary_key=True),
    Column("item", CODE, primary_key=True),
    Column("counts", Text, nullable=False),  # JSON
    Column("computed_at", AT, nullable=False),
)
