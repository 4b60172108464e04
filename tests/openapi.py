"""The contract of resources/api/openapi.yaml, read once: it takes half a second in plain Python."""

from __future__ import annotations

from typing import Any, Final

import yaml

from regional_platform.settings import find_resources

TEXT: Final = (find_resources() / "api" / "openapi.yaml").read_text(encoding="utf-8")
CONTRACT: Final[dict[str, Any]] = yaml.load(TEXT, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
