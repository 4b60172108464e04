"""What the platform answered to small questions: what it lacks, how far an upload is, who this desk is now.

Believed only after every check, as in `reading`. No network, no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from client.core.answers import Renewed, Upload
from client.core.reconciled import Theirs
from client.errors import LinkError, PlatformRefusal
from client.sync.reading import check_origin, refusal, shaped, text, wait_of, whole
from client.sync.wire import Pinned, Reply
from forms.seal.tree import Leaf, Path

BARE: Final[Mapping[int, str]] = {
    400: "malformed", 401: "token_expired", 403: "not_authorised", 404: "upload_unknown", 503: "maintenance",
}  # fmt: skip
"""What a refusal without a body means, by its status."""


def read_missing(said: Mapping[str, Any], asked: Collection[str]) -> list[str]:
    """Return the versions that the platform lacks, of those that were asked.

    Raises:
        LinkError: ``not_ours``: it speaks of something else.
    """
    missing = shaped(lambda s: [text(one) for one in s["missing"]], said)
    if len(set(missing)) != len(missing) or not set(missing) <= set(asked):
        raise LinkError("not_ours", why="missing")
    return missing


def read_upload(said: Mapping[str, Any], size_bytes: int) -> Upload | None:
    """Return an upload that goes on, or None when all of it is there; LinkError ``not_ours`` else."""
    offset = shaped(lambda s: whole(s["offset"]), said)
    if not 0 <= offset <= size_bytes:
        raise LinkError("not_ours", why="offset")
    if said.get("upload_id") is None:
        return None
    return Upload(shaped(lambda s: text(s["upload_id"]), said), offset)


def read_offset(reply: Reply, pinned: Pinned, status: int) -> int:
    """Return how much of an upload the platform has; an answer to HEAD has no body, also when it says no.

    Raises:
        LinkError: it is not our platform's answer.
        PlatformRefusal: it is, and says no.
    """
    check_origin(reply, pinned)
    if reply.status != status:
        raise (
            refusal(reply)
            if reply.body
            else PlatformRefusal(BARE.get(reply.status, "internal"), status=reply.status, **wait_of(reply))
        )
    offset = reply.headers.get("upload-offset", "")
    if not (offset.isascii() and offset.isdigit()):
        raise LinkError("not_ours", why="offset")
    return int(offset)


def read_nodes(said: Mapping[str, Any], paths: Sequence[Path]) -> list[Theirs]:
    """Return the places of the platform's tree that were asked for; LinkError ``not_ours`` for others."""
    nodes = shaped(lambda s: [_node(one) for one in s["nodes"]], said)
    if [one.path for one in nodes] != list(paths):
        raise LinkError("not_ours", why="path")
    return nodes


def _node(said: Mapping[str, Any]) -> Theirs:
    path = tuple(text(one) for one in said["path"])
    return Theirs(
        path,
        text(said["sha256"]),
        {text(one["name"]): text(one["sha256"]) for one in said.get("children", ())},
        tuple(
            Leaf(
                text(one["record_id"]), path[0], path[1], text(one["version_id"]),
                text(one["content_sha256"]), text(one["outcome"]),
            )
            for one in said.get("records", ())
        ),
    )  # fmt: skip


def read_renewed(said: Mapping[str, Any]) -> Renewed:
    """Return the new id of this desk, and its session; LinkError ``not_ours`` for anything else."""
    return shaped(lambda s: Renewed(*(text(s[one.name]) for one in fields(Renewed))), said)
