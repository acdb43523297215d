"""Everything the pages read, kept as long as nothing has changed.

Each reading is kept under the pulse of the directory (the publication served, the last run, the last event of a
finding) and for a few minutes at most: ages grow by themselves. Ten people who open a page cost what one costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from dashboards.session import reading
from pipelines import freshness
from rpps_sync import clock
from rpps_sync.clock import end_of
from rpps_sync.directory import finding_pages, findings, history, ledger, nights
from rpps_sync.directory import timeline as life
from rpps_sync.directory.finding_pages import Grouping, Tally
from rpps_sync.directory.findings import Filters
from rpps_sync.directory.labels import load as load_labels
from rpps_sync.directory.lags import By, Distribution, distributions, lags
from rpps_sync.directory.lookup import lookup
from rpps_sync.directory.nights import Night, Pulse, Volume
from rpps_sync.directory.search import answers
from rpps_sync.directory.search.finding import Wanted
from rpps_sync.directory.timeline import Moment
from rpps_sync.finding import Finding, FindingStatus
from rpps_sync.quality.comparison import Gap, gaps
from rpps_sync.run_summary import FreshnessState

KEPT = timedelta(minutes=5)
_PULSE = "pulse"  # key of the session
_READINGS: dict[str, Callable[..., Any]] = {}

Given = ParamSpec("Given")
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Served:
    """The publication being served."""

    id: str
    seq: int
    published_at: datetime
    practitioners: int


def take_pulse() -> Pulse:
    """Look at what everything below is kept under; once for each time a page is shown."""
    with reading() as connection:
        pulse = nights.pulse(connection)
    st.session_state[_PULSE] = pulse
    return pulse


@st.cache_data(ttl=KEPT, max_entries=400, show_spinner=False)
def _kept(pulse: Pulse, name: str, given: tuple[Any, ...]) -> Any:  # noqa: ARG001 - the pulse is part of the key
    return _READINGS[name](*given)


def kept(read: Callable[Given, Told]) -> Callable[Given, Told]:
    """Keep what a function of this module reads; what it is given must be positional and plain."""
    _READINGS[read.__name__] = read

    @wraps(read)
    def answered(*given: Given.args, **_: Given.kwargs) -> Told:
        told: Told = _kept(st.session_state[_PULSE], read.__name__, given)
        return told

    return answered


@kept
def served() -> Served | None:
    """The publication being served; None before the first."""
    with reading() as connection:
        row = ledger.served(connection)
    return None if row is None else Served(row.id, row.seq, row.published_at, row.practitioners)


@kept
def last_summary() -> Mapping[str, Any] | None:
    """The summary of the last run that ended; None before the first."""
    with reading() as connection:
        return nights.last_summary(connection)


@kept
def summary_of(run_id: str) -> Mapping[str, Any] | None:
    """The summary of one run."""
    with reading() as connection:
        return nights.summary_of(connection, run_id)


@kept
def freshness_states(language: str) -> Sequence[FreshnessState]:
    """The state of every objective, now."""
    with reading() as connection:
        return freshness.states(connection, clock.now(), language)


@kept
def freshness_kept(days: int) -> Mapping[str, Mapping[str, int]]:
    """In how many runs of the last days each objective was in each state."""
    with reading() as connection:
        return nights.freshness_kept(connection, clock.now() - timedelta(days=days))


@kept
def past_nights(limit: int) -> Sequence[Night]:
    """The last runs, oldest first."""
    with reading() as connection:
        return nights.nights(connection, limit)


@kept
def volumes(limit: int) -> Sequence[Volume]:
    """The last publications looked at, oldest first."""
    with reading() as connection:
        return nights.volumes(connection, limit)


@kept
def check_results(limit: int) -> Sequence[tuple[Night, Sequence[Mapping[str, Any]]]]:
    """The results of the checks of the last runs, oldest first."""
    with reading() as connection:
        return nights.check_results(connection, limit)


@kept
def lines_by(dimension: str, limit: int) -> Sequence[tuple[datetime, Mapping[str, int]]]:
    """Activity lines by group in each accepted publication, oldest first."""
    with reading() as connection:
        return nights.lines_by(connection, dimension, limit)


@kept
def gaps_between(before: str, after: str) -> Sequence[Gap]:
    """What moved between the figures of two publications."""
    with reading() as connection:
        return gaps(nights.figures_of(connection, before), nights.figures_of(connection, after))


@kept
def labels_of(system: str) -> Mapping[str, str]:
    """The published label of each code of one system (``profession``, ``skill``)."""
    with reading() as connection:
        by_code = load_labels(connection).by_code
    return {code: label for (of, code), label in by_code.items() if of == system}


@kept
def standing_by_verdict() -> Mapping[str, int]:
    """How many findings stand, by verdict."""
    with reading() as connection:
        return findings.counts(connection)


@kept
def judged() -> tuple[int, Mapping[str, int]]:
    """How many practitioners were judged, and the verdicts on their fields."""
    with reading() as connection:
        return findings.totals(connection)


@kept
def tallies(by: str) -> Sequence[Tally]:
    """Standing findings by group and verdict."""
    with reading() as connection:
        return finding_pages.tallies(connection, Grouping(by))


@kept
def delays(by: str) -> Sequence[Distribution]:
    """How long the late side takes to catch up, by field or by source."""
    with reading() as connection:
        return distributions(lags(connection), By(by))


@kept
def search(asked: str, limit: int) -> Mapping[str, Any]:
    """Who answers, the best first (``rpps_sync.directory.search.answers.search``)."""
    with reading() as connection:
        return answers.search(connection, Wanted(asked), limit=limit)


@kept
def record(national_id: str, day: str) -> Mapping[str, Any]:
    """One practitioner's document, today (no day) or as it was at the end of an ISO day."""
    with reading() as connection:
        as_of = end_of(date.fromisoformat(day)) if day else None
        return lookup(connection, national_id, as_of)


@kept
def timeline(national_id: str) -> Sequence[Moment]:
    """What each publication said anew of somebody, newest first."""
    with reading() as connection:
        return life.timeline(connection, national_id)


@kept
def publication_days() -> Sequence[date]:
    """The days of the publications served, oldest first."""
    with reading() as connection:
        return sorted(history.publication_days(connection).values())


@kept
def findings_of(national_id: str) -> Sequence[Finding]:
    """All findings of one practitioner, resolved ones last."""
    with reading() as connection:
        found = findings.find(connection, Filters(everything=True, national_id=national_id))
    return sorted(found, key=lambda one: one.status is FindingStatus.RESOLVED)


@kept
def was_judged(national_id: str) -> bool:
    """Whether a token of this practitioner was ever compared with the directory."""
    with reading() as connection:
        return finding_pages.was_judged(connection, national_id)


@kept
def findings_page(filters: Filters, limit: int, skip: int) -> tuple[int, Sequence[Finding]]:
    """How many findings answer, and some of them."""
    with reading() as connection:
        found = finding_pages.page(connection, filters, limit=limit, skip=skip)
        return finding_pages.how_many(connection, filters), found
