"""A package that is damaged, or not for its reader, has no effect on either side."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Executable, update

from client.store import link
from regional_platform.auth.grants import give
from regional_platform.store.tables import device, operator, operator_key, role_grant
from regional_platform.times import iso, utc_now
from tests.end2end.by_stick import (
    UNIT,
    Office,
    Region,
    content_of,
    read,
    refused,
)


def damaged(path: Path) -> Iterator[bytes]:
    """Some ways to spoil a file: cut off, a bit turned, pieces exchanged, something behind it."""
    whole, chance = path.read_bytes(), random.Random(5)
    yield whole[:-1]
    yield whole[: len(whole) // 2]
    yield whole + b"\0"
    for _ in range(12):
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        yield bytes(spoilt)
    middle = len(whole) - 400
    one, other, rest = whole[middle : middle + 100], whole[middle + 100 : middle + 200], whole[middle + 200 :]
    yield whole[:middle] + other + one + rest


def test_a_damaged_package_has_no_effect_on_the_platform(region: Region, on_the_way: Path, tmp_path: Path):
    before = content_of(region)

    codes = set()
    for spoilt in damaged(on_the_way):
        (tmp_path / "bad.mxp").write_bytes(spoilt)
        codes.add(refused(lambda: region.take_in(tmp_path / "bad.mxp", tmp_path / "down.mxp")))

    assert codes <= {"package_truncated", "package_damaged", "package_forged", "package_part_missing",
                     "not_a_package", "package_for_another", "package_unknown_format",
                     "device-unknown"}  # fmt: skip
    assert content_of(region) == before
    assert not (tmp_path / "down.mxp").exists()
    assert region.take_in(on_the_way, tmp_path / "down.mxp").counts["accepted"] == 3


def test_a_damaged_answer_changes_nothing_at_the_desk(
    region: Region, office: Office, on_the_way: Path, tmp_path: Path
):
    region.take_in(on_the_way, tmp_path / "down.mxp")
    before = (office.outbox(), office.receipts(), link.link(office.desk.db.reader()))

    for spoilt in damaged(tmp_path / "down.mxp"):
        (tmp_path / "bad.mxp").write_bytes(spoilt)
        refused(lambda: read(office, tmp_path / "bad.mxp"))
        assert (office.outbox(), office.receipts(), link.link(office.desk.db.reader())) == before

    assert read(office, tmp_path / "down.mxp").applied.accepted == 3


def test_an_answer_is_for_the_desk_that_asked(region: Region, on_the_way: Path, tmp_path: Path):
    region.take_in(on_the_way, tmp_path / "down.mxp")
    other = region.office("other", code=region.unit(UNIT)["spare_enrolment_codes"][0])

    assert refused(lambda: read(other, tmp_path / "down.mxp")) == "package_for_another"
    assert refused(lambda: read(other, on_the_way)) == "package_wrong_way"
    other.stand_up()


def test_the_platform_does_not_take_its_own_answer_nor_what_is_too_old(
    region: Region, on_the_way: Path, tmp_path: Path
):
    region.take_in(on_the_way, tmp_path / "down.mxp")
    platform = region.app.state.platform

    assert refused(lambda: region.take_in(tmp_path / "down.mxp", tmp_path / "x.mxp")) == "package_wrong_way"
    platform.clock = lambda: utc_now() + timedelta(days=61)
    try:
        assert refused(lambda: region.take_in(on_the_way, tmp_path / "x.mxp")) == "package_expired"
    finally:
        platform.clock = utc_now


def test_who_is_locked_or_unknown_and_a_desk_that_is_revoked_bring_nothing_in(
    region: Region, office: Office, on_the_way: Path, tmp_path: Path
):
    person, device_id = office.person("reporter")["operator_id"], office.desk.device.device_id
    before = content_of(region)

    def after(change: Executable, back: Executable) -> str:
        store = region.app.state.platform.store
        store.write(lambda connection: connection.execute(change))
        try:
            return refused(lambda: region.take_in(on_the_way, tmp_path / "x.mxp"))
        finally:
            store.write(lambda connection: connection.execute(back))

    mine, this = operator.c.operator_id == person, device.c.device_id == device_id
    keys = operator_key.c.operator_id == person
    assert after(
        update(operator).where(mine).values(locked_at="2026-11-24T00:00:00.000Z"),
        update(operator).where(mine).values(locked_at=None),
    ) == "operator-locked"  # fmt: skip
    assert after(
        update(device).where(this).values(revoked_at="2026-11-24T00:00:00.000Z"),
        update(device).where(this).values(revoked_at=None),
    ) == "device-revoked"  # fmt: skip
    other, mine_now = office.person("reviewer")["operator_id"], office.desk.key.public
    assert after(
        update(operator_key).where(keys).values(operator_id=other),
        update(operator_key).where(operator_key.c.public_key == mine_now).values(operator_id=person),
    ) == "signature-invalid"  # fmt: skip
    assert content_of(region) == before
    roles = [(role, UNIT) for role in office.person("reporter")["roles"]]
    ended = update(role_grant).where(role_grant.c.operator_id == person)
    region.app.state.platform.store.write(
        lambda connection: connection.execute(ended.values(ended_at="2026-11-24T00:00:00.000Z"))
    )
    assert refused(lambda: region.take_in(on_the_way, tmp_path / "x.mxp")) == "not-authorised"
    region.app.state.platform.store.write(
        lambda connection: give(connection, person, roles, None, iso(utc_now()))
    )
