"""What the platform counts of itself, as Prometheus text. Numbers only: nobody's name, number or unit.

With several workers the counts of all of them are added up, through files in the folder that
PROMETHEUS_MULTIPROC_DIR names; `serve` makes one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import Connection, func, select

from regional_platform.protocol import PROTOCOL
from regional_platform.store.partitions import strays
from regional_platform.store.tables import job

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
STEPS: Final = ("match", "wait", "store")

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "minxin_requests", "Requests answered", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "minxin_request_seconds", "Time to the last byte of an answer", ("method", "route"),
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._problems = Counter(
            "minxin_problems", "Problems answered to requests", ("type",), registry=self._registry
        )
        self._versions = Counter(
            "minxin_protocol", "Requests, by the version of the protocol", ("version",),
            registry=self._registry,
        )  # fmt: skip
        self._records = Counter(
            "minxin_records", "Versions judged, by outcome", ("outcome",), registry=self._registry
        )

    def spoke(self, version: int | None) -> None:
        """Count a request by the version of the protocol that its caller says to speak."""
        known = version is not None and PROTOCOL["min"] <= version <= PROTOCOL["max"]
        self._versions.labels("none" if version is None else str(version) if known else "other").inc()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the path as the contract writes it, without what stood in it."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def refused(self, code: str) -> None:
        """Count a problem that was answered."""
        self._problems.labels(code).inc()

    def judged(self, outcomes: Mapping[str, int]) -> None:
        """Count versions that were judged and committed."""
        for outcome, count in outcomes.items():
            self._records.labels(outcome).inc(count)

    def text(self, connection: Connection) -> bytes:
        """All counts of all workers, and how much the pipeline still has to do."""
        told = self._registry
        if os.environ.get(FOLDER):
            told = CollectorRegistry()
            MultiProcessCollector(told)  # type: ignore[no-untyped-call]
        return generate_latest(told) + generate_latest(_waiting(connection))


def _waiting(connection: Connection) -> CollectorRegistry:
    """Versions that wait, by step, and those set aside after faults of ours."""
    registry = CollectorRegistry()
    jobs = Gauge("minxin_jobs", "Versions that wait for a step", ("step",), registry=registry)
    rows = connection.execute(select(job.c.step, func.count()).group_by(job.c.step))
    counts = {str(step): int(count) for step, count in rows}
    for step in STEPS:
        jobs.labels(step).set(counts.get(step, 0))
    parts = Gauge("minxin_stray_partitions", "Default partitions that are not empty", registry=registry)
    parts.set(len(strays(connection)))
    aside = Gauge("minxin_jobs_set_aside", "Versions set aside after faults of ours", registry=registry)
    aside.set(connection.execute(select(func.count()).where(job.c.failures > 0)).scalar_one())
    return registry
