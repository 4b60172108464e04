"""How verbs speak: JSON for scripts, Chinese for people, one exit code table."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from client.errors import ClientError
from client.paths import default_profile
from client.ui.messages import sentence_of

FINE: Final = 0
PROBLEMS: Final = 1
COULD_NOT: Final = 2

Verb = TypeVar("Verb", bound=Callable[..., Any])


def common(verb: Verb) -> Verb:
    """Give a verb the two options that every verb takes."""
    verb = click.option("--json", "as_json", is_flag=True, help="输出 JSON，供脚本使用")(verb)
    return click.option(
        "--profile",
        type=click.Path(file_okay=False, path_type=Path),
        default=default_profile,
        help="本机档案所在文件夹",
    )(verb)


def personal(verb: Verb) -> Verb:
    """Give a verb the options that name a person and open their key."""
    verb = click.option(
        "--passphrase-fd", type=int, default=None, help="从这个文件描述符读口令（第一行）；不给就在终端询问"
    )(verb)
    return click.option("--operator", "operator_name", required=True, help="操作员姓名")(verb)


def show_json(value: object) -> None:
    """Print one JSON document on a line of its own."""
    click.echo(json.dumps(value, ensure_ascii=False))


def read_secret(descriptor: int | None, question: str) -> str:
    """Read a secret from a file descriptor, else ask on the terminal without echo.

    Raises:
        ClientError: the descriptor is not open, or empty.
    """
    if descriptor is None:
        answer: str = click.prompt(question, hide_input=True, err=True)
        return answer
    try:
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            line = stream.readline()
    except OSError as error:
        raise ClientError("secret_unreadable", descriptor=descriptor) from error
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    if not text:
        raise ClientError("secret_unreadable", descriptor=descriptor)
    return text


def fail(error: ClientError) -> int:
    """Say what went wrong, in words and with its code, on standard error; return the exit code."""
    click.echo(f"{sentence_of(error)}（{error.code}）", err=True)
    return COULD_NOT


def progress_line(text: str) -> None:
    """Rewrite one line on a terminal; nothing where standard error is a file."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)
