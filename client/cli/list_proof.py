"""What a file of a list is worth: a snapshot, deltas or the filter, by signature and digest alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from forms.lists.editions import follows
from forms.lists.filterfile import ListFilter, read_filter
from forms.lists.sealed import DELTA, SNAPSHOT, NotGenuine, is_sealed, opened

KINDS: Final = {"list.snapshot": "名单快照", "list.delta": "名单变动", "list.filter": "名单速查文件"}

REASONS: Final = {
    "not_published": "不是平台发布的名单文件。",
    "misshapen": "文件不完整，或格式不对。请重新取一份。",
    "digest_differs": "内容和摘要不符，文件被改过或传输中损坏。请重新取一份。",
    "signature_invalid": "签名不是这个平台的。请确认文件从哪里来。",
    "gap": "各次变动接不上，中间缺了或换过。请重新取一份。",
}
"""By the code of NotGenuine that `verify` can meet."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What can be said of one file; of a false one only its kind and why.

    Attributes:
        kind: ``list.snapshot``, ``list.delta`` or ``list.filter``.
        said: list, number, day and counts.
        problem: code of NotGenuine; None when it holds.
        key: the public key that it was held against.
    """

    kind: str
    said: Mapping[str, Any]
    problem: str | None
    key: str | None

    def as_dict(self) -> dict[str, Any]:
        """The proof as `--json` prints it."""
        return {
            "kind": self.kind, "valid": self.problem is None, **self.said, "problem": self.problem,
            "key": self.key,
        }  # fmt: skip

    def sentence(self) -> str:
        """The proof in a sentence."""
        kind = KINDS[self.kind]
        if self.problem is not None:
            return f"{kind}核不上：{REASONS[self.problem]}"
        told = "，".join(f"{word} {self.said[name]}" for name, word in _WORDS if name in self.said)
        return f"{kind}核验通过：{told}。"


_WORDS: Final = (
    ("name", "名单"), ("lists", "名单数"), ("number", "第几期"), ("on", "截至"), ("entries", "在册"),
    ("members", "在册"), ("added", "列入或变更"), ("dropped", "移出"), ("deltas", "变动次数"),
)  # fmt: skip


def prove_filter(content: bytes, public: str | None) -> Proof:
    """Hold a filter file against its signature."""
    try:
        found = read_filter(content, public)
    except NotGenuine as error:
        return Proof("list.filter", {}, error.code, public)
    return Proof("list.filter", _of_filter(found), None, public or found.server_key)


def _of_filter(found: ListFilter) -> dict[str, Any]:
    head = found.head
    return {
        "lists": len(head.lists), "number": head.number, "on": head.on.isoformat(), "members": found.members,
    }  # fmt: skip


def sealed_in(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the envelopes in what was read as JSON: one, or a page of deltas; none in anything else."""
    if is_sealed(value):
        assert isinstance(value, dict)
        return [value]
    many = value.get("deltas") if isinstance(value, dict) else None
    if not isinstance(many, list) or not all(map(is_sealed, many)):
        return []
    return many if all(one["document"]["format"] == DELTA for one in many) else []


def prove_sealed(envelopes: Sequence[Mapping[str, Any]], public: str | None) -> Proof:
    """Hold a snapshot, or deltas in a row, against signatures and against each other."""
    kind = str(envelopes[0]["document"]["format"])
    try:
        documents = [opened(one, public) for one in envelopes]
    except NotGenuine as error:
        return Proof(kind, {}, error.code, public)
    if not all(follows(earlier, later) for earlier, later in pairwise(documents)):
        return Proof(kind, {}, "gap", public)
    last = documents[-1]
    told = {name: last[name] for name in ("list", "name", "number", "on")}
    if kind == SNAPSHOT:
        told["entries"] = len(last["entries"])
    else:
        told["added"] = sum(len(one["put"]) for one in documents)
        told["dropped"] = sum(len(one["drop"]) for one in documents)
        told["deltas"] = len(documents)
    return Proof(kind, told, None, public or str(envelopes[0]["server_key"]))
