"""The table of exchange packages (交换包): which came from a desk on a stick, and which answered them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from regional_platform.store.tables import AT, CODE, ID, SHA, metadata

package: Final = Table(
    "package",
    metadata,
    Column("package_id", ID, primary_key=True),
    Column("way", String(4), nullable=False),  # up, down
    Column("device_id", ID, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("package_seq", BigInteger, nullable=False),
    Column("sha256", SHA, nullable=False),
    Column("operator_id", CODE),  # who made it; null on the way down
    Column("ack_of", ID),  # on the way down: the one that it answers
    Column("created_at", AT, nullable=False),  # by the clock of the desk
    Column("noted_at", AT, nullable=False),
    Column("counts", Text, nullable=False),  # JSON
    Index("ix_package_number", "device_id", "way", "package_seq"),
)
