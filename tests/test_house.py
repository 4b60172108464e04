"""The house: where things lie, likings, the log, and what the program refuses to start with."""

from __future__ import annotations

import importlib.util
import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Signal, Slot

from client import log, paths, settings
from client.cli.verbs import VERBS
from client.errors import ClientError

TREE = Path(__file__).parents[1]
RIC = "35020319900307401X"
USCC = "91350200MA2XXXXX1A"
TOKEN = "kq3J9x_Zr7uPz1-aaBBccDDeeFFggHHiiJJkkLLmm12"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
UUID = "01936d9e-7c1a-7cc3-8a4e-0d5b5c1c2f3a"


# --- paths


def test_resources_are_found_in_the_source_tree():
    assert (paths.resources() / "calendars" / "2026.json").is_file()


def test_resources_are_found_frozen_and_in_a_wheel(tmp_path: Path):
    package = tmp_path / "site-packages" / "client"
    (tmp_path / "site-packages" / "minxin_resources").mkdir(parents=True)

    assert paths.resources_of(package, frozen_at="/opt/minxin") == Path("/opt/minxin/resources")
    assert paths.resources_of(package, frozen_at=None) == tmp_path / "site-packages" / "minxin_resources"


@pytest.mark.parametrize(
    ("platform", "environment", "place"),
    [
        pytest.param("linux", {}, "/home/me/.local/share/minxin", id="Linux"),
        pytest.param("linux", {"XDG_DATA_HOME": "/data"}, "/data/minxin", id="Linux with XDG"),
        pytest.param("linux", {"XDG_DATA_HOME": "data"}, "/home/me/.local/share/minxin", id="relative XDG"),
        pytest.param("win32", {"LOCALAPPDATA": "/local"}, "/local/MinXin", id="Windows"),
        pytest.param("darwin", {}, "/home/me/Library/Application Support/MinXin", id="macOS"),
    ],
)
def test_a_desk_lies_where_the_system_keeps_such_things(
    platform: str, environment: dict[str, str], place: str
):
    assert paths.default_profile_of(platform, environment, Path("/home/me")) == Path(place)


def test_the_chinese_font_is_there():
    assert paths.font_file().read_bytes()[:4] == b"OTTO"


# --- settings


def test_settings_come_back_as_saved(tmp_path: Path):
    wanted = settings.Settings(scheme="dark", log_level="debug")

    settings.save(tmp_path, wanted)

    assert settings.load(tmp_path) == wanted
    assert [path.name for path in tmp_path.iterdir()] == [settings.FILE_NAME]


def test_a_fresh_desk_has_the_defaults(tmp_path: Path):
    assert settings.load(tmp_path) == settings.Settings()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param('{"scheme": "pink"}', "scheme", id="unknown value"),
        pytest.param('{"scheme": ["dark"]}', "scheme", id="another type"),
        pytest.param('{"colour": "red"}', "colour", id="unknown key"),
        pytest.param("[]", "", id="no object"),
        pytest.param("{", "", id="cut file"),
    ],
)
def test_wrong_settings_are_refused_by_key(tmp_path: Path, text: str, key: str):
    (tmp_path / settings.FILE_NAME).write_text(text, encoding="utf-8")

    with pytest.raises(ClientError) as refused:
        settings.load(tmp_path)

    assert (refused.value.code, refused.value.params["key"]) == ("settings_unreadable", key)


def test_every_setting_is_checked():
    assert set(settings._VALUES) == set(settings.Settings.__dataclass_fields__)


def test_settings_that_cannot_be_written_say_so(tmp_path: Path):
    with pytest.raises(ClientError, match="settings_unwritable"):
        settings.save(tmp_path / "missing", settings.Settings())


# --- log


def the_log_after(profile: Path, *lines: str, error: Exception | None = None) -> str:
    handler = log.start(profile)
    try:
        for line in lines:
            log.logger("client.sync.cycle").info("%s", line)
        if error:
            log.logger("client.sync.cycle").error("stopped", exc_info=error)
    finally:
        log.stop(handler)
    return paths.log_file(profile).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("secret", "line"),
    [
        pytest.param(RIC, f"row 3: {RIC}", id="identity number"),
        pytest.param(RIC.lower(), f"号码{RIC.lower()}。", id="identity number beside Chinese"),
        pytest.param(USCC, f"/tmp/名单_{USCC}.xlsx", id="credit code in a file name"),
        pytest.param(TOKEN, f"Authorization: Bearer {TOKEN}", id="bearer token"),
        pytest.param("s3cret", "token=s3cret&x=1", id="short token after its name"),
        pytest.param("春暖花开", "口令：春暖花开", id="passphrase"),
        pytest.param(TOKEN, f"got {TOKEN}", id="a token without its name"),
    ],
)
def test_the_log_never_keeps_a_secret_or_an_identity(tmp_path: Path, secret: str, line: str):
    text = the_log_after(tmp_path, line, error=ValueError(line))

    assert "client.sync.cycle" in text
    assert secret not in text


def test_the_log_still_says_which_record(tmp_path: Path):
    text = the_log_after(tmp_path, f"version {UUID} of 2026-11-24, digest {DIGEST}")

    assert UUID in text
    assert DIGEST[:8] in text
    assert DIGEST not in text


def test_the_log_turns_over_before_it_grows_large(tmp_path: Path):
    handler = log.start(tmp_path)
    for _ in range(30_000):
        log.logger("client.sync.cycle").info("a line of some length, as they are written every day")
    log.stop(handler)

    sizes = [path.stat().st_size for path in paths.log_file(tmp_path).parent.iterdir()]
    assert 1 < len(sizes) <= log.OLD_FILES + 1
    assert max(sizes) <= log.FILE_BYTES


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.text(max_size=60))
def test_no_surrounding_saves_an_identity_number_from_the_scrubber(before: str, after: str):
    assert RIC not in log.scrub(before + RIC + after)


def test_after_stop_nothing_is_written(tmp_path: Path):
    before = the_log_after(tmp_path, "one")
    logging.getLogger("client.sync.cycle").warning("two")

    assert paths.log_file(tmp_path).read_text(encoding="utf-8") == before


# --- what is loaded


def modules_after(code: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True, check=True, text=True, cwd=TREE, timeout=60,
    )  # fmt: skip
    return set(json.loads(ran.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import client.cli", id="the command line"),
        pytest.param(
            "import contextlib, client.cli as c\n"
            "with contextlib.suppress(SystemExit): c.main(['workdays', '2026-02-12', '5'])",
            id="a verb that has run",
        ),
        pytest.param(
            "from client.cli.verbs import VERBS, minxin\n"
            "for name in VERBS: assert minxin.get_command(None, name), name",
            id="every verb loaded",
        ),
    ],
)
def test_opening_the_command_line_loads_no_qt(code: str):
    loaded = modules_after(code)

    assert not {name for name in loaded if name.split(".")[0] in {"PySide6", "shiboken6", "qtawesome"}}


# --- what is refused


class Listener(QObject):
    said = Signal(int)
    heard = 0

    @Slot(int)
    def hear(self, _: int) -> None:
        self.heard += 1


def the_script(root: Path) -> ModuleType:
    """A copy of run.py, so that its .venv is another."""
    copy = root / "run.py"
    copy.write_bytes((TREE / "run.py").read_bytes())
    spec = importlib.util.spec_from_file_location("run", copy)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_thousand_calls_from_qt_leave_none_alone():
    """PySide6 6.12.0 drops a reference on None at every call of a slot, and ends in an abort."""
    listener = Listener()
    listener.said.connect(listener.hear)
    before = sys.getrefcount(None)

    for number in range(1000):
        listener.said.emit(number)

    assert listener.heard == 1000
    assert abs(sys.getrefcount(None) - before) < 100


def test_run_py_refuses_the_broken_qt_whoever_installed_it(tmp_path: Path):
    run = the_script(tmp_path)
    packages = run.VENV / "lib" / "python3.11" / "site-packages"
    (packages / "pyside6_essentials-6.11.3.dist-info").mkdir(parents=True)
    run.refuse_broken_qt()
    (packages / "PySide6_Essentials-6.12.0.dist-info").mkdir()

    with pytest.raises(run.SetUpError, match=r"6\.12\.0 is refused"):
        run.refuse_broken_qt()


def test_run_py_says_what_it_can_do():
    ran = subprocess.run(
        [sys.executable, TREE / "run.py"], capture_output=True, check=False, text=True, timeout=60
    )

    assert ran.returncode == 2
    assert all(word in ran.stderr for word in ("setup", "demo", "test", "bench", "faults", "bundle"))


# --- what is written down


def test_the_documents_name_only_files_that_are_there():
    texts = [
        path.read_text(encoding="utf-8") for path in (TREE / "README.md", TREE / "docs" / "architecture.md")
    ]
    named = {
        name
        for text in texts
        for name in re.findall(r"\b(?:tests|docs|build|client|forms|resources)/[\w./]*\w", text)
    }

    assert sorted(name for name in named if not (TREE / name).exists()) == []


def test_every_invariant_names_tests_that_exist():
    text = (TREE / "docs" / "architecture.md").read_text(encoding="utf-8")
    invariants = re.findall(r"^- \*\*([IL]\d+)\*\*", text, re.MULTILINE)
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)

    lost = [f"{path}::{name}" for path, name in named if f"def {name}(" not in text_of(TREE / path)]

    assert invariants == [*(f"I{n}" for n in range(1, 13)), "L1", "L2"]
    assert lost == []


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_every_verb_is_documented():
    text = (TREE / "docs" / "architecture.md").read_text(encoding="utf-8")

    assert [verb for verb in VERBS if verb != "window" and f"`{verb}" not in text] == []


def test_the_platforms_migrations_are_one_line_numbered_as_their_files():
    files = sorted((TREE / "regional_platform/store/migrations/versions").glob("0*.py"))
    texts = [path.read_text(encoding="utf-8") for path in files]
    numbers = [f"{n:04d}" for n in range(1, len(files) + 1)]

    assert [path.name[:4] for path in files] == numbers
    named = [re.findall(r'^revision = "(\w+)"', text, re.MULTILINE) for text in texts]
    assert named == [[n] for n in numbers]
    followed = [re.findall(r"^down_revision = (\S+)", text, re.MULTILINE) for text in texts]
    assert followed == [["None"], *([f'"{n}"'] for n in numbers[:-1])]
