"""The first tables, and what keeps received content and receipts from being changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("version", "receipt", "case_revision")


def upgrade() -> None:
    """Make all tables."""
    _people()
    _road()
    _versions()
    _pipeline()
    _cases()
    _protect()


def _people() -> None:
    """The platform itself, units, people, desks and their sessions."""
    op.create_table(
        "server",
        sa.Column("server_id", sa.String(length=64), nullable=False),
        sa.Column("signing_key", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("server_id", name=op.f("pk_server")),
    )
    op.create_table(
        "unit",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.Column("code18", sa.String(length=18), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["parent"], ["unit.code"], name=op.f("fk_unit_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit")),
    )
    op.create_table(
        "operator",
        sa.Column("operator_id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("totp_device", sa.String(length=36), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed_at", sa.String(length=24), nullable=True),
        sa.Column("locked_until", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_operator_unit")),
        sa.PrimaryKeyConstraint("operator_id", name=op.f("pk_operator")),
    )
    op.create_index(op.f("ix_operator_unit"), "operator", ["unit"], unique=False)
    op.create_table(
        "operator_key",
        sa.Column("operator_id", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("registered_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.operator_id"], name=op.f("fk_operator_key_operator_id")
        ),
        sa.PrimaryKeyConstraint("operator_id", "public_key", name=op.f("pk_operator_key")),
    )
    op.create_table(
        "enrolment_code",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=True),
        sa.Column("public_key", sa.String(length=64), nullable=True),
        sa.Column("used_at", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_enrolment_code_unit")),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_enrolment_code")),
    )
    op.create_table(
        "device",
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("enrolled_at", sa.String(length=24), nullable=False),
        sa.Column("revoked_at", sa.String(length=24), nullable=True),
        sa.Column("feed_ack", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_device_unit")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device")),
    )
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("operator_id", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("ended_at", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.device_id"], name=op.f("fk_session_device_id")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.operator_id"], name=op.f("fk_session_operator_id")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_session")),
    )


def _road() -> None:
    """What comes in: approvals, batches, attachments."""
    op.create_table(
        "approval",
        sa.Column("approval_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("maker", sa.String(length=64), nullable=False),
        sa.Column("maker_roles", sa.Text(), nullable=False),
        sa.Column("checker", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_approval")),
    )
    op.create_table(
        "batch",
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("prev_batch_sha256", sa.String(length=64), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "batch_id", name=op.f("pk_batch")),
        sa.UniqueConstraint("device_id", "device_seq", name=op.f("uq_batch_device_id_device_seq")),
    )
    op.create_table(
        "batch_void",
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("named_by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "batch_id", name=op.f("pk_batch_void")),
    )
    op.create_table(
        "attachment",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("unit", "sha256", name=op.f("pk_attachment")),
    )
    op.create_table(
        "attachment_part",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "sha256", "n", name=op.f("pk_attachment_part")),
    )


def _versions() -> None:
    """Versions, how far they have come, and their receipts."""
    op.create_table(
        "version_key",
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("receipt_no", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("stored_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_version_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "version",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("parent", sa.String(length=36), nullable=True),
        sa.Column("op", sa.String(length=12), nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("approval_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_version")),
        sa.UniqueConstraint("version_id", name=op.f("uq_version_version_id")),
    )
    op.create_index(op.f("ix_version_record_id"), "version", ["record_id"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", "stage", name=op.f("pk_receipt")),
    )
    op.create_table(
        "receipt_count",
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.Column("month", sa.String(length=6), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city", "month", name=op.f("pk_receipt_count")),
    )


def _pipeline() -> None:
    """Records, the library of subjects, what is still to be done, and the feed."""
    op.create_table(
        "record",
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("head", sa.String(length=36), nullable=True),
        sa.Column("head_op", sa.String(length=12), nullable=True),
        sa.Column("natural_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record")),
        sa.UniqueConstraint("unit", "natural_key", name=op.f("uq_record_unit_natural_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_record_unit_item", "record", ["unit", "item", "record_id"], unique=False)
    op.create_table(
        "subject",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("representative", sa.Text(), nullable=True),
        sa.Column("basis", sa.String(length=8), nullable=False),
        sa.Column("since_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_subject")),
    )
    op.create_table(
        "job",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject_kind", sa.String(length=8), nullable=True),
        sa.Column("subject_code", sa.String(length=64), nullable=True),
        sa.Column("subject_name", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_job")),
    )
    op.create_index("ix_job_step_n", "job", ["step", "n"], unique=False)
    op.create_index(
        "ix_job_waiting",
        "job",
        ["subject_code"],
        unique=False,
        sqlite_where=sa.text("step = 'wait'"),
        postgresql_where=sa.text("step = 'wait'"),
    )
    op.create_table(
        "feed_head",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_feed_head_unit")),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_feed_head")),
    )
    op.create_table(
        "feed",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=True),
        sa.Column("stage", sa.String(length=12), nullable=True),
        sa.Column("json", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("unit", "seq", name=op.f("pk_feed")),
        sqlite_with_rowid=False,
    )


def _cases() -> None:
    """Objections and their decisions."""
    op.create_table(
        "casefile",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("hall_unit", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.Column("opening_sha256", sa.String(length=64), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.String(length=24), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("decided_version", sa.String(length=36), nullable=True),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_casefile")),
    )
    op.create_index(op.f("ix_casefile_decided_version"), "casefile", ["decided_version"], unique=False)
    op.create_index(op.f("ix_casefile_record_id"), "casefile", ["record_id"], unique=False)
    op.create_table(
        "case_revision",
        sa.Column("revision", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_case_revision")),
    )
    op.create_index(op.f("ix_case_revision_case_id"), "case_revision", ["case_id"], unique=False)
    op.create_table(
        "case_correction",
        sa.Column("decided_version", sa.String(length=36), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("decided_version", "version_id", name=op.f("pk_case_correction")),
    )
    op.create_index(op.f("ix_case_correction_version_id"), "case_correction", ["version_id"], unique=False)
    op.create_table(
        "case_evidence",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "case_id", "unit", name=op.f("pk_case_evidence")),
    )


def _protect() -> None:
    """Refuse changes to rows that are only ever added."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
