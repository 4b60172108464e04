"""The tables of the platform, the same on SQLite and PostgreSQL.

Times are ISO 8601 UTC text (`*_at`). What was received, and every receipt, is only ever added
(triggers say so); `version_key`, `record` and `casefile` hold what follows from it and are moved in the same
transactions. Ids, natural keys and batch keys stand in tables of
their own: on PostgreSQL the versions are parted by city and month, where nothing else keeps an id unique.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    text,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID: Final = String(36)
SHA: Final = String(64)
AT: Final = String(24)
CODE: Final = String(64)
SERIAL: Final = BigInteger().with_variant(Integer, "sqlite")
"""A number given by the database; SQLite gives one only to a column called INTEGER."""

BINARY_TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its bytes on both, so that a prefix is a range of an index."""

server = Table(
    "server",
    metadata,
    Column("server_id", CODE, primary_key=True),
    Column("signing_key", LargeBinary, nullable=False),
    Column("epoch", CODE, nullable=False),
    Column("made_at", AT, nullable=False),
)

unit = Table(  # 机构; `path` is the codes from the root, each ended by "/", so a subtree is a prefix
    "unit",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("name", Text, nullable=False),
    Column("city", String(6), nullable=False),
    Column("parent", CODE, ForeignKey("unit.code")),
    Column("code18", String(18)),  # null where the unit only holds others together
    Column("level", String(12), nullable=False, server_default=text("''")),
    Column("path", Text, nullable=False, server_default=text("''")),
    Column("closed_at", AT),
    Index("uq_unit_path", "path", unique=True),
)

operator = Table(  # 操作员; `person` is the same for one person's places in several units
    "operator",
    metadata,
    Column("operator_id", CODE, primary_key=True),
    Column("person", CODE, nullable=False),
    Column("unit", CODE, ForeignKey("unit.code"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("password", Text, nullable=False),  # Argon2id, PHC text
    Column("totp_secret", Text, nullable=False),  # base32
    Column("totp_step", BigInteger),  # the last step that was used, and by which desk
    Column("totp_device", ID),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failed_at", AT),
    Column("locked_until", AT),
    Column("locked_at", AT),  # by an administrator, until unlocked
    Column("closed_at", AT),
)

role_grant = Table(  # 授权: a role over a unit and all below it; only ever added, and ended once
    "role_grant",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("operator_id", CODE, ForeignKey("operator.operator_id"), nullable=False, index=True),
    Column("role", String(12), nullable=False),
    Column("unit", CODE, ForeignKey("unit.code"), nullable=False, index=True),
    Column("granted_by", CODE),  # null: by the platform's own commands
    Column("granted_at", AT, nullable=False),
    Column("ended_by", CODE),
    Column("ended_at", AT),
)

operator_key = Table(  # kept for ever: old approvals must stay provable
    "operator_key",
    metadata,
    Column("operator_id", CODE, ForeignKey("operator.operator_id"), primary_key=True),
    Column("public_key", CODE, primary_key=True),
    Column("device_id", ID, nullable=False),
    Column("registered_at", AT, nullable=False),
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("code_sha256", SHA, primary_key=True),
    Column("unit", CODE, ForeignKey("unit.code"), nullable=False),
    Column("device_id", ID),
    Column("public_key", CODE),
    Column("used_at", AT),
    Column("expires_at", AT),
    Column("replaces", ID),  # the desk that is revoked when this code is used
)

device = Table(  # 终端
    "device",
    metadata,
    Column("device_id", ID, primary_key=True),
    Column("unit", CODE, ForeignKey("unit.code"), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", CODE, nullable=False),
    Column("enrolled_at", AT, nullable=False),
    Column("revoked_at", AT),
    Column("feed_ack", BigInteger, nullable=False, server_default="0"),
    Column("seen_at", AT),
    Column("retired_at", AT),  # it goes on under another id, and takes no batches any more
    Column("renews", ID, index=True),  # the desk that it was before
)

session = Table(
    "session",
    metadata,
    Column("token_sha256", SHA, primary_key=True),
    Column("device_id", ID, ForeignKey("device.device_id"), nullable=False, index=True),
    Column("operator_id", CODE, ForeignKey("operator.operator_id"), nullable=False, index=True),
    Column("issued_at", AT, nullable=False),
    Column("expires_at", AT, nullable=False, index=True),
    Column("ended_at", AT),
)

approval = Table(  # 审核, as received
    "approval",
    metadata,
    Column("approval_id", ID, primary_key=True),
    Column("unit", CODE, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("body_sha256", SHA, nullable=False),
    Column("maker", CODE, nullable=False),
    Column("maker_roles", Text, nullable=False),  # JSON array, as they were
    Column("checker", CODE, nullable=False),
    Column("confirmed_at", AT, nullable=False),
)

batch = Table(  # 批次; the answer is kept packed (zstd), byte for byte
    "batch",
    metadata,
    Column("device_id", ID, primary_key=True),
    Column("batch_id", ID, primary_key=True),
    Column("device_seq", BigInteger, nullable=False),
    Column("body_sha256", SHA, nullable=False),
    Column("prev_batch_sha256", SHA),
    Column("items", Integer, nullable=False),
    Column("received_at", AT, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    UniqueConstraint("device_id", "device_seq"),
)

traffic = Table(  # bytes of batches, as they travelled, by legal day
    "traffic",
    metadata,
    Column("unit", CODE, primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)

batch_void = Table(
    "batch_void",
    metadata,
    Column("device_id", ID, primary_key=True),
    Column("batch_id", ID, primary_key=True),
    Column("named_by", ID, nullable=False),
)

version_key = Table(  # every version id ever seen, and how far it has come; what a receipt says of it stays
    "version_key",
    metadata,
    Column("version_id", ID, primary_key=True),
    Column("unit", CODE, nullable=False),
    Column("record_id", ID, nullable=False),
    Column("content_sha256", SHA, nullable=False),
    Column("receipt_no", String(32), nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("stage", String(12), nullable=False),
    Column("stored_at", AT),
    Column("city", String(6), nullable=False, server_default=text("''")),
    Column("month", Integer, nullable=False, server_default=text("0")),
    Column("checked_at", AT),  # when it was accepted without a word; else its receipt is kept whole
    Index("ix_version_key_record_id", "record_id"),
    sqlite_with_rowid=False,
)

version = (
    Table(  # 版本: append-only, the canonical bytes that were approved; `month` is of its coming, 202611
        "version",
        metadata,
        Column("n", SERIAL, primary_key=True, autoincrement=True),
        Column("version_id", ID, nullable=False, unique=True),
        Column("record_id", ID, nullable=False),
        Column("unit", CODE, nullable=False),
        Column("device_id", ID, nullable=False),
        Column("batch_id", ID, nullable=False),
        Column("parent", ID),
        Column("op", String(12), nullable=False),
        Column("catalog", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("approval_id", ID, nullable=False),
        Column("place", Integer, nullable=False),
        Column("case_id", ID),
        Column("received_at", AT, nullable=False),
        Column("city", String(6), nullable=False, server_default=text("''")),
        Column("month", Integer, nullable=False, server_default=text("0")),
    )
)

SAME_VERSION: Final = and_(
    version.c.version_id == version_key.c.version_id,
    version.c.city == version_key.c.city,
    version.c.month == version_key.c.month,
)
"""How a key is joined to its version: with city and month, so that PostgreSQL looks into one partition."""

receipt = Table(  # 回执: append-only; those that say more than follows from key and stage, see `receipts`
    "receipt",
    metadata,
    Column("version_id", ID, primary_key=True),
    Column("stage", String(12), primary_key=True),
    Column("raw", LargeBinary, nullable=False),
)

receipt_count = Table(
    "receipt_count",
    metadata,
    Column("city", String(6), primary_key=True),
    Column("month", String(6), primary_key=True),
    Column("n", BigInteger, nullable=False),
)

record = Table(  # one row a record: who owns it, and its last accepted version
    "record",
    metadata,
    Column("record_id", ID, primary_key=True),
    Column("unit", CODE, nullable=False),
    Column("item", CODE, nullable=False),
    Column("head", ID),
    Column("head_op", String(12)),
    Column("natural_key", Text),  # null while nothing is accepted, and when withdrawn
    Column("city", String(6), nullable=False, server_default=text("''")),
    Column("subject_code", CODE),  # of the last accepted payload; stays when withdrawn
    Column(
        "act_on", String(10), nullable=False, server_default=text("''")
    ),  # day of the act; empty: not dated
    Column("act_key", Text),  # 自然键 without the unit; null while nothing is accepted, and when withdrawn
    Index("ix_record_unit_item", "unit", "item", "record_id"),
    Index("ix_record_subject", "subject_code", "act_on", "record_id", "item", "unit", "head_op"),
    Index("ix_record_act", "act_key", "unit"),
    UniqueConstraint("unit", "natural_key"),
    sqlite_with_rowid=False,
)

job = Table(  # what the pipeline still has to do; `wait` is unmatched, until subjects come
    "job",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("version_id", ID, nullable=False),  # the first one, where `run` says all
    Column("unit", CODE, nullable=False),
    Column("step", String(8), nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("subject_kind", String(8)),
    Column("subject_code", CODE),
    Column("subject_name", Text),
    Column("run", LargeBinary),  # ids of many versions that wait together
    Index("ix_job_step_unit", "step", "unit", "n"),
    Index(
        "ix_job_waiting",
        "subject_code",
        sqlite_where=text("step = 'wait'"),
        postgresql_where=text("step = 'wait'"),
    ),
)

subject = Table(  # 信用主体; basis: loaded, or derived from a record at first sight
    "subject",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", BINARY_TEXT, nullable=False, server_default=text("''")),  # the name as it is searched
    Column("representative", Text),
    Column("basis", String(8), nullable=False),
    Column("since_at", AT, nullable=False),
    Index("ix_subject_name_key", "name_key", "code"),
)

access = Table(  # append-only: who looked at a person or at what another unit supplied, and why
    "access",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("at", AT, nullable=False),
    Column("operator_id", CODE, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("device_id", ID, nullable=False),
    Column("what", String(16), nullable=False),
    Column("key", Text, nullable=False),
    Column("reason", Text),
    Index("ix_access_key", "what", "key"),
)

feed_head = Table(  # one row a unit; its row lock orders the feed
    "feed_head",
    metadata,
    Column("unit", CODE, ForeignKey("unit.code"), primary_key=True),
    Column("n", BigInteger, nullable=False),
)

feed = Table(  # a `stage` row names its receipt, or many (`json`: their ids); others carry their own JSON
    "feed",
    metadata,
    Column("unit", CODE, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(32), nullable=False),
    Column("at", AT, nullable=False),
    Column("version_id", ID),
    Column("stage", String(12)),
    Column("json", LargeBinary),
    Column("entries", Integer, nullable=False, server_default="1"),  # numbers from `seq` on
    sqlite_with_rowid=False,
)

attachment = Table(
    "attachment",
    metadata,
    Column("unit", CODE, primary_key=True),
    Column("sha256", SHA, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("kept_at", AT, nullable=False),
)

upload = Table(  # an attachment that is arriving
    "upload",
    metadata,
    Column("upload_id", ID, primary_key=True),
    Column("unit", CODE, nullable=False),
    Column("sha256", SHA, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("offset_bytes", BigInteger, nullable=False),
    Column("touched_at", AT, nullable=False, index=True),
    UniqueConstraint("unit", "sha256"),
)

upload_part = Table(  # its chunks, as they came
    "upload_part",
    metadata,
    Column("upload_id", ID, primary_key=True),
    Column("at_byte", BigInteger, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)

attachment_part = Table(  # 1 MB each, so that reading one needs little memory
    "attachment_part",
    metadata,
    Column("unit", CODE, primary_key=True),
    Column("sha256", SHA, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)
