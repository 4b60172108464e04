"""The tables of lists (名单): who is on which, every act upon that, and what was published each day."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from regional_platform.store.tables import AT, CODE, ID, SERIAL, SHA, metadata

DAY: Final = String(10)
NO_END: Final = "9999-12-31"
"""`last_on` of what is on a list without an end; sorts after every day."""

list_entry = Table(  # one row a record of a list item, as its newest stored version says
    "list_entry",
    metadata,
    Column("record_id", ID, primary_key=True),
    Column("list", CODE, nullable=False),
    Column("item", CODE, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("subject_kind", String(8), nullable=False),
    Column("subject_code", CODE, nullable=False),
    Column("subject_name", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("keeper", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("since_on", DAY, nullable=False),
    Column("since_stated", Boolean, nullable=False),
    Column("until_on", DAY),
    Column("removed_on", DAY),  # the first day off the list
    Column("removed_because", Text, nullable=False),
    Column("removed_by", Text, nullable=False),
    Column("last_on", DAY, nullable=False),  # the last day on it, whatever ends it
    Column("withdrawn", Boolean, nullable=False),
    Column("stored_on", DAY, nullable=False),  # legal day on which the record was first stored
    Column("version_id", ID, nullable=False),
    Index("ix_list_entry_list", "list", "record_id"),
    Index("ix_list_entry_subject", "subject_code", "record_id"),
    Index("ix_list_entry_counted", "list", "unit", "since_on", "last_on"),
    sqlite_with_rowid=False,
)

list_act = Table(  # append-only: what each version did to a list
    "list_act",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("record_id", ID, nullable=False, index=True),
    Column("list", CODE, nullable=False),
    Column("act", String(12), nullable=False),  # entered, changed, moved, removed, withdrawn
    Column("version_id", ID, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("maker", CODE, nullable=False),
    Column("checker", CODE, nullable=False),
    Column("at", AT, nullable=False),
    Column("since_on", DAY, nullable=False),
    Column("last_on", DAY, nullable=False),
    Column("ground", Text, nullable=False),
    Column("keeper", Text, nullable=False),
)

list_day = Table(  # append-only: the days on which lists were published; the first to write it wins
    "list_day",
    metadata,
    Column("day", DAY, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("made_at", AT, nullable=False),
    Column("made_by", CODE, nullable=False),  # pipeline, or command
    Column("members", BigInteger, nullable=False),
    Column("filter_sha256", SHA, nullable=False),
    Column("filter_bytes", BigInteger, nullable=False),
)

list_edition = Table(  # append-only: one a list and day; the delta is kept packed (zstd)
    "list_edition",
    metadata,
    Column("list", CODE, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", DAY, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("put", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("snapshot_sha256", SHA, nullable=False),
    Column("snapshot_bytes", BigInteger, nullable=False),
    Column("delta_sha256", SHA, nullable=False),
    Column("delta_bytes", BigInteger, nullable=False),
    Column("delta", LargeBinary, nullable=False),
    Index("uq_list_edition_list_day", "list", "day", unique=True),
)

list_body = Table(  # only the newest: the snapshot of each list, and the filter under `*`; packed (zstd)
    "list_body",
    metadata,
    Column("list", CODE, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

list_key = Table(  # keys that the tags of persons are made with: one is in use, one may be coming
    "list_key",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    Column("cost", Integer, nullable=False),
    Column("made_at", AT, nullable=False),
    Column("since_at", AT),  # null while its tags are being made
    Column("ended_at", AT),  # when another took its place
)

list_telling = Table(  # days whose publication some units were not told of yet: those after a code
    "list_telling",
    metadata,
    Column("day", DAY, primary_key=True),
    Column("after", CODE, nullable=False),
)

list_tag = Table(  # what stands for a person in what is published; slow to make, so made once a key
    "list_tag",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("subject_code", CODE, primary_key=True),
    Column("tag", String(32), nullable=False),
)
