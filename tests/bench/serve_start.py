"""How long `minxin-platform serve` takes in an empty folder until it greets: tables laid out, catalog read.

The limit is 3 s. The peer is Python with FastAPI, SQLAlchemy and uvicorn loaded, and nothing done.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final
from urllib.request import urlopen

NAME = "serve_start"
LIMIT_S: Final = 3.0
TRIES: Final = 3

Figures = dict[str, float | int | str]


def run() -> Figures:
    """Measure wall time, the best of three."""
    bare = min(loaded_s() for _ in range(TRIES))
    greeted = min(greeted_s() for _ in range(TRIES))
    return {
        "until it greets, s": greeted,
        "libraries loaded alone, s": bare,
        "until it greets : limit of 3 s": greeted / LIMIT_S,
        "until it greets : libraries loaded": greeted / bare,
    }


def loaded_s() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import fastapi, sqlalchemy, uvicorn"], check=True)
    return time.perf_counter() - begun


def greeted_s() -> float:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "regional_platform.cli", "serve", "--port", "0"],
            cwd=folder, stdout=subprocess.PIPE, env=environment,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["listening"]
            with urlopen(f"{url}/v1/hello", timeout=20) as answer:
                answer.read()
            return time.perf_counter() - begun
        finally:
            process.terminate()
            process.communicate(timeout=20)
