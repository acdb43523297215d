"""Runs and publications: what was tried each night, what came of it, how fresh it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dashboards.readings.keeping import kept, kept_until_the_next_run
from dashboards.session import reading
from pipelines import freshness
from rpps_sync import clock
from rpps_sync.directory import history, ledger, nights
from rpps_sync.directory.nights import Night, Volume
from rpps_sync.freshness.evidence import FeedJudged
from rpps_sync.freshness.gathering import gather
from rpps_sync.freshness.grouping import Line, lines
from rpps_sync.quality.comparison import Gap, gaps
from rpps_sync.run_summary import FreshnessState


@dataclass(frozen=True, slots=True)
class Served:
    """The publication being served."""

    id: str
    seq: int
    published_at: datetime
    practitioners: int


@kept_until_the_next_run
def served() -> Served | None:
    """The publication being served; None before the first."""
    with reading() as connection:
        row = ledger.served(connection)
    return None if row is None else Served(row.id, row.seq, row.published_at, row.practitioners)


@kept_until_the_next_run
def last_summary() -> Mapping[str, Any] | None:
    """The summary of the last run that ended; None before the first."""
    with reading() as connection:
        return nights.last_summary(connection)


@kept_until_the_next_run
def summary_of(run_id: str) -> Mapping[str, Any] | None:
    """The summary of one run."""
    with reading() as connection:
        return nights.summary_of(connection, run_id)


@kept_until_the_next_run
def past_nights(limit: int) -> Sequence[Night]:
    """The last runs, oldest first."""
    with reading() as connection:
        return nights.nights(connection, limit)


@kept_until_the_next_run
def volumes(limit: int) -> Sequence[Volume]:
    """The last publications looked at, oldest first."""
    with reading() as connection:
        return nights.volumes(connection, limit)


@kept_until_the_next_run
def check_results(limit: int) -> Sequence[tuple[Night, Sequence[Mapping[str, Any]]]]:
    """The results of the checks of the last runs, oldest first."""
    with reading() as connection:
        return nights.check_results(connection, limit)


@kept_until_the_next_run
def lines_by(extract: str, dimension: str, limit: int) -> Sequence[tuple[datetime, Mapping[str, int]]]:
    """Lines of one extract by group in each accepted publication, oldest first."""
    with reading() as connection:
        return nights.lines_by(connection, extract, dimension, limit)


@kept_until_the_next_run
def moves(limit: int) -> Mapping[int, Mapping[str, int]]:
    """How many people moved with each of the last accepted publications, by their numbers."""
    with reading() as connection:
        return nights.moves(connection, limit)


@kept_until_the_next_run
def extracts(limit: int) -> Sequence[tuple[datetime, Mapping[str, Mapping[str, int]]]]:
    """The figures of each extract in each accepted publication, oldest first."""
    with reading() as connection:
        return nights.extracts(connection, limit)


@kept_until_the_next_run
def gaps_between(before: str, after: str) -> Sequence[Gap]:
    """What moved between the figures of two publications."""
    with reading() as connection:
        return gaps(nights.figures_of(connection, before), nights.figures_of(connection, after))


@kept_until_the_next_run
def scores_by(publication_id: str, part: str) -> Mapping[str, Mapping[str, float]]:
    """The scores of one publication by ``extracts``, ``professions`` or ``authorities``."""
    with reading() as connection:
        told: Mapping[str, Mapping[str, float]] = (
            nights.figures_of(connection, publication_id).get("scores", {}).get(part, {})
        )
    return told


@kept_until_the_next_run
def publication_days() -> Sequence[date]:
    """The days of the publications served, oldest first."""
    with reading() as connection:
        return sorted(history.publication_days(connection).values())


@kept
def freshness_states(language: str) -> Sequence[FreshnessState]:
    """The state of every objective, now."""
    with reading() as connection:
        return freshness.states(connection, clock.now(), language)


@kept
def freshness_lines(language: str) -> Sequence[Line]:
    """The state of every objective with its budgets, what asks nothing of anybody on one line each."""
    with reading() as connection:
        return lines(freshness.documents(connection, clock.now(), language), language)


@kept
def feeds() -> Mapping[str, Sequence[FeedJudged]]:
    """What can be said of each feed, by authority: how much is usual, and whether it fell silent."""
    with reading() as connection:
        return gather(connection, clock.now()).feeds
