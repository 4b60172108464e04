"""A platform and an office for the tests of the stick."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regional_platform.pipeline.worker import settle
from tests.conftest import SeededFile
from tests.end2end.by_stick import (
    UNIT,
    Office,
    Region,
    open_office,
    out,
)


@pytest.fixture
def new_region(seeded_file: SeededFile, tmp_path: Path) -> Iterator[Region]:
    """A platform of its own for one test."""
    (tmp_path / "region").mkdir()
    with seeded_file.copied(tmp_path / "region") as database:
        made = Region(str(database), seeded_file.seed, tmp_path / "region")
        yield made
        made.close()


@pytest.fixture(scope="module")
def region(seeded_file: SeededFile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """A platform for all tests that do not mind what the others left."""
    folder = tmp_path_factory.mktemp("region")
    with seeded_file.copied(folder) as database:
        made = Region(str(database), seeded_file.seed, folder)
        yield made
        made.close()


@pytest.fixture(scope="module")
def the_office(region: Region) -> Iterator[Office]:
    made = open_office(region)
    yield made
    made.stand_up()


@pytest.fixture
def office(region: Region, the_office: Office) -> Office:
    """The office, its reporter at work, with nothing that waits."""
    the_office.sit_down("reporter")
    for _ in range(2):
        assert the_office.sync().problem is None
        settle(region.app.state.platform, UNIT)
    return the_office


@pytest.fixture
def on_the_way(region: Region, office: Office, tmp_path: Path) -> Path:
    """A package with three records, made and not yet taken in."""
    office.approved(3)
    out(office, tmp_path / "up.mxp")
    return tmp_path / "up.mxp"
