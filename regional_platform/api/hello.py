"""`GET /v1/hello`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter

from regional_platform.api.declare import Open, may_answer
from regional_platform.platform import Platform
from regional_platform.protocol import PROTOCOL
from regional_platform.published import refresh
from regional_platform.times import iso

router = APIRouter()


@router.get("/v1/hello", responses=may_answer())
def hello(platform: Open) -> dict[str, Any]:
    """Say who the platform is, signed."""
    said = _said(platform)
    return {**said, "sig": platform.identity.key.sign("hello", said)}


def _said(platform: Platform) -> dict[str, Any]:
    current, now = refresh(platform).current, platform.clock()
    spread_s = platform.settings.spread_s
    back_again = now - platform.opened_at < timedelta(seconds=spread_s)
    return {
        "server_id": platform.identity.server_id,
        "server_key": platform.identity.key.public,
        "package_key": platform.identity.package_key.public,
        "epoch": platform.identity.epoch,
        "time": iso(now),
        "protocol": PROTOCOL,
        "limits": platform.settings.limits.as_dict(),
        "catalog_set": {"name": current.name, "digest": current.digest},
        "encodings": ["zstd", "gzip"],
        **({"spread_seconds": spread_s} if back_again else {}),
    }
