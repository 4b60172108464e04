"""The stick at the command line, on both sides."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pypdfium2
from click.testing import CliRunner

from client.ui import messages
from regional_platform.cli import main as platform_cli
from regional_platform.courier_cli import SENTENCES
from tests.client.cli.conftest import run_minxin
from tests.client.sync.branch import PASSPHRASE
from tests.end2end.by_stick import (
    TREE,
    UNIT,
    Office,
    Region,
)


def in_words(office: Office, *arguments: str) -> str:
    done = run_minxin(
        "courier", *arguments, "--profile", str(office.folder),
        "--operator", office.person("reporter")["name"], secrets={"--passphrase-fd": PASSPHRASE},
    )  # fmt: skip
    assert done.code == 0, done.err
    return done.out


def minxin(office: Office, *arguments: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(in_words(office, *arguments, "--json"))
    return said


def text_of(path: Path) -> str:
    with closing(pypdfium2.PdfDocument(path)) as document:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def test_both_commands_from_end_to_end(region: Region, office: Office, tmp_path: Path):
    office.approved(2)
    office.stand_up()

    went = minxin(office, "out", str(tmp_path / "up.mxp"), "--slip", str(tmp_path / "slip.pdf"))
    ran = CliRunner().invoke(
        platform_cli, ["courier", "in", "--database", region.database, "--json", "--reply",
                       str(tmp_path / "down.mxp"), str(tmp_path / "up.mxp")],
    )  # fmt: skip
    came = json.loads(ran.stdout)
    home = minxin(office, "in", str(tmp_path / "down.mxp"))

    assert (went["load"]["versions"], went["files"]) == (2, ["up.mxp"])
    assert (came["code"], came["accepted"], came["unit"]) == (went["code"], 2, UNIT)
    assert (home["accepted"], home["ack_of"], home["refused"]) == (2, went["package_id"], [])
    assert went["code"] in in_words(office, "out", str(tmp_path / "twice.mxp"), "--again")
    assert (tmp_path / "twice.mxp").read_bytes() == (tmp_path / "up.mxp").read_bytes()
    assert "已接收 2，" in in_words(office, "in", str(tmp_path / "down.mxp"))
    slip = text_of(tmp_path / "slip.pdf")
    for text in (went["code"], went["package_id"], "送出人", "平台接收人", "记录"):
        assert text in slip


def test_a_refusal_at_the_command_line_is_a_sentence(region: Region, tmp_path: Path):
    (tmp_path / "x.mxp").write_bytes(b"nothing of the kind")
    command = ["courier", "in", "--database", region.database, "--reply", str(tmp_path / "y.mxp")]

    ran = CliRunner().invoke(platform_cli, [*command, str(tmp_path / "x.mxp")])

    assert (ran.exit_code, ran.output) == (2, "这不是交换包。请选 .mxp 文件。\n")


def test_every_refusal_of_a_package_has_its_sentence_on_both_sides():
    text = "".join(path.read_text(encoding="utf-8") for path in (TREE / "forms" / "seal").glob("package*.py"))
    codes = set(re.findall(r'PackageError\(\s*"(\w+)"', text)) | {"stick_full", "stick_unwritable"}

    assert codes - {"package_wrong_way"} <= SENTENCES.keys() == codes | {"package_wrong_way"}
    assert codes - {"package_expired"} <= messages.SENTENCES.keys()  # a desk reads an answer, however old
