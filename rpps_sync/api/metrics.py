"""Figures for Prometheus: what was answered, by all workers, and how the directory stands."""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from rpps_sync import __version__, clock
from rpps_sync.directory.engine import reading
from rpps_sync.directory.findings import counts
from rpps_sync.directory.serving import served
from rpps_sync.errors import RppsSyncError
from rpps_sync.freshness.gathering import gather

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
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
        """The gauges; without the directory only that it cannot be read."""
        gauges = {"rpps_sync_up": ("Whether the directory can be read and holds a publication.", 0.0)}
        by_verdict: dict[str, int] = {}
        try:
            with reading(self._engine) as connection:
                now = served(connection)
                success = gather(connection, clock.now()).last_success
                by_verdict = counts(connection)
            gauges |= {
                "rpps_sync_up": (gauges["rpps_sync_up"][0], 1.0),
                "rpps_sync_publication_age_seconds": ("Age of the publication served.", float(now.age_seconds)),
                "rpps_sync_publication_seq": ("Number of the publication served.", float(now.seq)),
                "rpps_sync_practitioners": ("People in the publication served.", float(now.practitioners)),
            }
            if success:
                told = "When a run last published or found nothing new, in seconds since 1970."
                gauges["rpps_sync_last_success_timestamp_seconds"] = (told, success.timestamp())
        except RppsSyncError:
            pass
        for name, (told, value) in gauges.items():
            yield GaugeMetricFamily(name, told, value=value)
        findings = GaugeMetricFamily("rpps_sync_findings", "Findings that stand.", labels=("verdict",))
        for verdict, count in by_verdict.items():
            findings.add_metric([verdict], count)
        yield findings
        version = GaugeMetricFamily("rpps_sync_build_info", "The version that answers.", labels=("version",))
        version.add_metric([__version__], 1)
        yield version
