"""Figures for Prometheus: what was answered, by all workers, and how the directory stands."""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from pipelines.figures import figures
from pipelines.freshness import states
from rpps_sync import __version__, clock
from rpps_sync.directory.engine import reading
from rpps_sync.errors import RppsSyncError
from rpps_sync.metrics import families

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the library lets workers add up their figures
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


class Figures:
    """The counters of one worker."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "rpps_sync_requests", "Requests answered.", ("route", "method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "rpps_sync_request_seconds",
            "Time from the first byte asked to the last one sent.",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        registry = self._registry
        if os.environ.get(SHARED_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library says nothing of it
        directory = CollectorRegistry()
        directory.register(_Directory(self._engine))
        return generate_latest(registry) + generate_latest(directory)


class _Directory(Collector):
    """How the directory stands at the moment it is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """The figures that the textfile has too; without the directory only that it cannot be read."""
        try:
            with reading(self._engine) as connection:
                now = clock.now()
                told = figures(connection, now, states(connection, now, "en"))
        except RppsSyncError:
            yield GaugeMetricFamily("rpps_sync_up", "Whether a publication is served.", value=0.0)
        else:
            yield from families(told)
        version = GaugeMetricFamily("rpps_sync_build_info", "The version that answers.", labels=("version",))
        version.add_metric([__version__], 1)
        yield version
