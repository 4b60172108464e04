"""Bodies as they arrive: counted while they stream, unpacked up to a limit, read strictly as JSON."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import zstandard
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from regional_platform.problems import Fault, Refusal
from regional_platform.settings import Limits

Model = TypeVar("Model", bound=BaseModel)

DEEPEST: Final = 32
"""JSON levels in a body."""

MOST_CONTAINERS: Final = 200_000
"""Objects and arrays in a body; each costs far more memory than the byte that opens it."""

_SLICE: Final = 65_536
_STRINGS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)

_WORDS: Final = {
    "missing": "缺少这一项。",
    "extra_forbidden": "接口约定里没有这一项。",
    "string_pattern_mismatch": "写法不符合接口约定。",
    "json": "不是有效的 JSON。",
    "float": "不接受小数，金额请写成文本。",
    "double_key": "同一项出现了两次。",
    "too_deep": f"嵌套超过 {DEEPEST} 层。",
    "too_many": "对象和数组太多。",
    "not_canonical": "没有规范的写法。",
}


def fault(pointer: str, code: str) -> Fault:
    """Say that what stands at `pointer` is not as the contract says."""
    return Fault(pointer, code, _WORDS.get(code, "取值不符合接口约定。"))


def too_large(limits: Limits) -> Refusal:
    """The refusal of a body over a limit."""
    return Refusal("batch-too-large", limits=limits.as_dict())


async def counted(request: Request, most: int, limits: Limits) -> AsyncIterator[bytes]:
    """Yield the body piece by piece.

    What follows the limit is thrown away up to as much again, so that the sender reads the answer
    instead of a broken connection.

    Raises:
        Refusal: batch-too-large, as soon as more than `most` bytes came.
    """
    announced = request.headers.get("content-length", "")
    size, over = 0, announced.isdigit() and int(announced) > most
    async for piece in request.stream():
        size += len(piece)
        over = over or size > most
        if not over:
            yield piece
        elif size > 2 * most:
            break
    if over:
        raise too_large(limits)


async def whole(request: Request, most: int, limits: Limits) -> bytes:
    """Read a body of at most `most` bytes."""
    return b"".join([piece async for piece in counted(request, most, limits)])


def unpacked(body: bytes, coding: str, limits: Limits) -> bytes:
    """Unpack a body; stops at the limit, so that a bomb costs no more than an honest body.

    Raises:
        Refusal: batch-too-large, unsupported-media, malformed.
    """
    unpack = _CODINGS.get(coding)
    if unpack is None:
        raise Refusal("unsupported-media", headers={"Accept-Encoding": "zstd, gzip"})
    try:
        plain = unpack(body, limits.body_bytes)
    except (zstandard.ZstdError, zlib.error) as error:
        raise Refusal("malformed", errors=[fault("#", "coding")]) from error
    if len(plain) > limits.body_bytes:
        raise too_large(limits)
    return plain


def _plain(body: bytes, _most: int) -> bytes:
    return body


def _from_gzip(body: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    plain = unpacker.decompress(body, most + 1)
    if len(plain) <= most and not unpacker.eof:
        raise zlib.error("cut short")
    return plain


def _from_zstd(body: bytes, most: int) -> bytes:
    plain = bytearray()
    unpacker = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024)
    with unpacker.stream_reader(io.BytesIO(body)) as reader:
        while len(plain) <= most and (piece := reader.read(_SLICE)):
            plain += piece
    return bytes(plain)


_CODINGS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "": _plain,
    "identity": _plain,
    "gzip": _from_gzip,
    "zstd": _from_zstd,
}


class _Unacceptable(ValueError):
    """A number with a fraction, or a key that stands twice."""


def strict_json(body: bytes) -> Any:
    """Read JSON without what it leaves open: no doubled keys, no fractions, no NaN, no great depth.

    Raises:
        Refusal: malformed.
    """
    refuse_many(body)
    try:
        value = json.loads(body, object_pairs_hook=_members, parse_float=_no_float, parse_constant=_no_float)
    except _Unacceptable as error:
        raise Refusal("malformed", errors=[fault("#", str(error))]) from error
    except RecursionError as error:
        raise Refusal("malformed", errors=[fault("#", "too_deep")]) from error
    except ValueError as error:
        raise Refusal("malformed", errors=[fault("#", "json")]) from error
    refuse_deep(value)
    return value


def refuse_many(body: bytes) -> None:
    """Count what opens an object or an array; those inside texts do not count.

    Raises:
        Refusal: malformed.
    """
    if body.count(b"{") + body.count(b"[") > MOST_CONTAINERS:
        plain = _STRINGS.sub(b"", body)
        if plain.count(b"{") + plain.count(b"[") > MOST_CONTAINERS:
            raise Refusal("malformed", errors=[fault("#", "too_many")])


def refuse_deep(value: Any) -> None:
    """Walk down level by level.

    Raises:
        Refusal: malformed.
    """
    level, depth = [value], 0
    while level := [one for one in level if type(one) is dict or type(one) is list]:
        depth += 1
        if depth > DEEPEST:
            raise Refusal("malformed", errors=[fault("#", "too_deep")])
        level = [member for one in level for member in (one.values() if type(one) is dict else one)]


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Unacceptable("double_key")
    return made


def _no_float(_text: str) -> float:
    raise _Unacceptable("float")


def faults_of(error: ValidationError, under: str = "#") -> list[Fault]:
    """Turn what a model refuses into pointers, each place once."""
    found: dict[str, Fault] = {}
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        steps = [str(step).replace("~", "~0").replace("/", "~1") for step in one["loc"]]
        pointer = "/".join([under, *steps])
        found.setdefault(pointer, fault(pointer, one["type"]))
    return list(found.values())


@contextmanager
def faults_under(pointer: str) -> Iterator[None]:
    """Turn what a model refuses into `malformed`, with pointers under `pointer`."""
    try:
        yield
    except ValidationError as error:
        raise Refusal("malformed", errors=faults_of(error, pointer)) from error


def shaped(model: type[Model], value: object) -> Model:
    """Read a value as `model`, which names all that it takes.

    Raises:
        Refusal: malformed, with a pointer to every place that does not fit.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Refusal("malformed", errors=faults_of(error)) from error
