"""The frozen client: it is made, it starts, and its check of itself can fail."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

TREE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bundle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle", TREE / "build" / "bundle.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["bundle"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def program(bundle: ModuleType) -> Path:
    """The frozen client. PyInstaller's work is kept in .out/, so that the next run is quicker."""
    folder = bundle.freeze(TREE / ".out" / "test")
    made: Path = folder / bundle.NAME
    return made


@pytest.mark.timeout(600)
def test_the_frozen_client_finds_nothing_wrong_with_itself(bundle: ModuleType, program: Path):
    said = bundle.smoke(program)

    assert len(said) == 4


@pytest.mark.timeout(600)
def test_the_frozen_client_carries_its_licences_and_no_part_of_the_platform(program: Path):
    inside = {str(path.relative_to(program.parent)) for path in program.parent.rglob("*")}

    for package in (
        "minxin",
        "pylopdf-fonts-zh-cn",
        "pylopdf-fonts-jp",
        "reportlab",
        "fonttools",
        "qtawesome",
        "sqlcipher3",
        "cryptography",
    ):
        assert any(f"licences/{package}/" in name for name in inside), package
    assert not [name for name in inside if "regional_platform" in name or "fastapi" in name.lower()]
    assert not [path for path in program.parent.rglob("*") if path.is_symlink() and not path.exists()]


@pytest.mark.timeout(600)
def test_a_damaged_bundle_does_not_pass(bundle: ModuleType, program: Path):
    damaged = program.parents[1] / "damaged"  # on the same disk, so that files need no copy
    shutil.rmtree(damaged, ignore_errors=True)
    shutil.copytree(program.parent, damaged, symlinks=True, copy_function=os.link)
    next(damaged.rglob("NotoSansSC-Regular.otf")).unlink()

    try:
        with pytest.raises(bundle.BundleError, match="font"):
            bundle.smoke(damaged / bundle.NAME)
    finally:
        shutil.rmtree(damaged)


def test_a_line_that_nobody_explained_is_named(bundle: ModuleType):
    err = "This plugin does not support propagateSizeHints()\n\nqt.qpa.fonts: cannot find font directory\n"

    assert bundle.unexplained(err) == ["qt.qpa.fonts: cannot find font directory"]


def test_a_bad_finding_and_a_missing_one_stop_the_bundle(bundle: ModuleType):
    names = ["database", "keyring", "font", "catalog", "tls", "search", "spreadsheet", "paper", "qt", "form"]
    good = [{"name": name, "state": "ok", "detail": ""} for name in names]
    bad = [*good[1:], {"name": "database", "state": "bad", "detail": "disk_full"}]

    assert bundle.well(json.dumps({"findings": good}))[0] == "database (ok)"
    with pytest.raises(bundle.BundleError, match="database: disk_full"):
        bundle.well(json.dumps({"findings": bad}))
    with pytest.raises(bundle.BundleError, match="did not look at database"):
        bundle.well(json.dumps({"findings": good[1:]}))


def test_a_module_of_ours_that_was_left_out_is_named(bundle: ModuleType):
    warnings = (
        "missing module named pwd - imported by posixpath (delayed)\n"
        "missing module named 'client.store.drafts' - imported by client.cli.road (top-level)\n"
        "missing module named client.demo - imported by client.cli (delayed)\n"
    )

    assert bundle.ours_missing(warnings) == ["client.store.drafts"]
