"""Codes of errors → Chinese sentences: what happened, what it means, what to do.

Imports no Qt, so that the command line says the same. A sentence is filled from the
parameters of its error; a code without a sentence is a fault that a test finds.
"""

from __future__ import annotations

from typing import Final

from client.errors import ClientError, LinkError

CRASH: Final = "程序遇到了没有料到的问题。已保存的内容都在本机，可以继续使用；请把编号告诉技术支持。"

SENTENCES: Final[dict[str, str]] = {}


def sentence(error: ClientError) -> str:
    """Return the sentence of an error, filled in."""
    text = SENTENCES.get(error.code)
    if text is None:
        return f"这一步没有做成（{error.code}）。已保存的内容都在本机，请把编号告诉技术支持。"
    return text.format_map(_Known(error.params))


def is_expected(error: ClientError) -> bool:
    """Say whether the error is part of a normal day (no line, a rule of the office), not a fault."""
    return isinstance(error, LinkError) or error.code in EXPECTED


EXPECTED: Final = frozenset({"maker_is_checker", "not_allowed", "unlock_failed"})


class _Known(dict[str, object]):
    """Parameters of a sentence; one that is missing is left out rather than breaking the message."""

    def __missing__(self, key: str) -> str:
        return ""
