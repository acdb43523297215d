"""Figures for Prometheus: one rendering for ``/metrics`` and for the textfile of node_exporter.

    render(figures)      the text, as Prometheus reads it
    families(figures)    the same as metrics of the library, to be added to others

Names are promises: alerts and dashboards of others rely on them (docs/alerts.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STATES = ("ok", "warn", "error", "no_data")
OUTCOMES = ("published", "unchanged", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Figures:
    """How an installation stands at one instant; None where nothing has happened yet."""

    at: datetime
    published_at: datetime | None = None  # of the publication being served
    publication_seq: int = 0
    practitioners: int = 0
    last_success: datetime | None = None
    last_run: datetime | None = None  # start of the last run that ended
    outcome: str = ""  # of that run
    seconds: Mapping[str, float] = field(default_factory=dict)  # of its steps
    peak_rss: int = 0  # bytes, of that run
    quarantined: int = 0  # lines, of that run
    checks: Mapping[str, int] = field(default_factory=dict)  # by status, of that run
    objectives: Mapping[str, str] = field(default_factory=dict)  # state by objective
    findings: Mapping[str, int] = field(default_factory=dict)  # standing ones, by verdict
    incidents: tuple[str, ...] = ()  # causes of those that are open
    undelivered: int = 0  # notifications


def families(figures: Figures) -> Iterator[Metric]:
    """Every figure as a metric."""
    for name, told, value in _single(figures):
        yield GaugeMetricFamily(f"rpps_sync_{name}", told, value=value)
    labelled = (
        ("last_run_outcome", "1 for how the last run ended.", "outcome", _one_of(OUTCOMES, figures.outcome)),
        ("step_seconds", "How long each step of the last run took.", "step", figures.seconds),
        ("checks", "Checks of the last run.", "status", figures.checks),
        ("findings", "Findings that stand.", "verdict", figures.findings),
        ("incident_open", "1 for each open incident.", "cause", dict.fromkeys(figures.incidents, 1)),
    )
    for name, told, label, values in labelled:
        family = GaugeMetricFamily(f"rpps_sync_{name}", told, labels=(label,))
        for key, value in values.items():
            family.add_metric([key], value)
        yield family
    told = "1 for the state of an objective."
    states = GaugeMetricFamily("rpps_sync_freshness", told, labels=("objective", "state"))
    for objective, found in figures.objectives.items():
        for state, value in _one_of(STATES, found).items():
            states.add_metric([objective, state], value)
    yield states


def render(figures: Figures) -> bytes:
    """The text of all figures."""
    registry = CollectorRegistry()
    registry.register(_Once(figures))
    return generate_latest(registry)


class _Once(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """What the library asks for."""
        return families(self._figures)


def _single(figures: Figures) -> Iterator[tuple[str, str, float]]:
    yield "up", "Whether a publication is served.", float(figures.published_at is not None)
    if figures.published_at:
        age = (figures.at - figures.published_at).total_seconds()
        yield "publication_age_seconds", "Age of the publication served, when this was written.", age
        yield (
            "publication_timestamp_seconds",
            "When the publication served was deposited, in seconds since 1970.",
            figures.published_at.timestamp(),
        )
        yield "publication_seq", "Number of the publication served.", figures.publication_seq
    yield "practitioners", "People in the publication served.", figures.practitioners
    told = "When a run last published or found nothing new, in seconds since 1970."
    if figures.last_success:
        yield "last_success_timestamp_seconds", told, figures.last_success.timestamp()
    if figures.last_run:
        yield (
            "last_run_timestamp_seconds",
            "When the last run that ended began, in seconds since 1970.",
            figures.last_run.timestamp(),
        )
    yield "last_run_peak_rss_bytes", "Memory of the last run.", figures.peak_rss
    yield "quarantined_lines", "Unreadable lines of the last run.", figures.quarantined
    yield "notifications_undelivered", "Messages that wait to be delivered.", figures.undelivered
    yield "written_timestamp_seconds", "When this was written, in seconds since 1970.", figures.at.timestamp()


def _one_of(known: tuple[str, ...], found: str) -> dict[str, int]:
    return {name: int(name == found) for name in known}
