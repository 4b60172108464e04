"""`/openapi.yaml` and `/docs`: the contract as it stands in the resources, for people and programs."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

import yaml
from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from regional_platform.api.declare import Open
from regional_platform.platform import Platform

router = APIRouter(include_in_schema=False)

_METHODS = ("get", "post", "put", "patch", "delete", "head")
_STYLE = (
    "body{font:15px/1.6 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1c2024}"
    "h2{margin-top:2rem;font-size:1.1rem}code,pre{font:13px ui-monospace,monospace}"
    "pre{background:#f5f6f8;padding:1rem;overflow:auto}td{padding:.1rem .8rem .1rem 0;vertical-align:top}"
)


def contract_text(platform: Platform) -> str:
    """Read the contract."""
    return (platform.settings.resources / "api" / "openapi.yaml").read_text(encoding="utf-8")


@router.get("/openapi.yaml")
def openapi_yaml(platform: Open) -> Response:
    """Give the contract as it is written."""
    return Response(contract_text(platform), media_type="application/yaml")


@router.get("/docs")
def docs(platform: Open) -> HTMLResponse:
    """Show the contract; loads nothing from elsewhere."""
    return HTMLResponse(_page(contract_text(platform)))


@cache
def _page(text: str) -> str:
    """Built once: whoever asks need not be signed in, and reading the contract takes half a second."""
    known = yaml.safe_load(text)
    parts = [
        f"<!doctype html><meta charset=utf-8><title>{escape(known['info']['title'])}</title>",
        f"<style>{_STYLE}</style><h1>{escape(known['info']['title'])}</h1>",
        f"<pre>{escape(known['info']['description'])}</pre>",
        *(
            _operation(path, method, operation)
            for path, methods in known["paths"].items()
            for method, operation in methods.items()
            if method in _METHODS
        ),
        f'<h2><a href="openapi.yaml">openapi.yaml</a></h2><pre>{escape(text)}</pre>',
    ]
    return "".join(parts)


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    answers = "".join(
        f"<tr><td><code>{escape(status)}</code><td>{escape(said.get('description') or _name(said))}"
        for status, said in operation["responses"].items()
    )
    return (
        f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['summary'])}</p>"
        f"<p>{escape(operation.get('description', ''))}</p><table>{answers}</table>"
    )


def _name(said: dict[str, Any]) -> str:
    return str(said.get("$ref", "")).rpartition("/")[2]
