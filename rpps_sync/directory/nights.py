"""The nights as people look back on them: light rows, so that a page over 400 nights reads no whole document.

A run is what was tried; a publication is what came of it. Their summaries and figures are documents of tens of
kilobytes: here the database picks the few values asked for out of them, or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from rpps_sync.clock import french_day
from rpps_sync.directory.ledger import RUNNING, served
from rpps_sync.directory.tables import FINDING_EVENTS, PUBLICATIONS, RUNS
from rpps_sync.publication import ExtractKind

_GROUPS = ("department", "registration_authority")
_OF_EXTRACT = ("lines", "practitioners", "duplicates", "quarantined", "moved")


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a page depends on: nothing it shows has changed while its pulse is the same."""

    publication: str  # being served; empty when there is none
    run: str  # the last one that ended; empty before the first
    event: int  # the last thing that happened to a finding

    def __bool__(self) -> bool:
        """Whether anything was ever run."""
        return bool(self.run)


@dataclass(frozen=True, slots=True)
class Night:
    """One run, without its summary."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str  # of RunSummary, or 'running'

    @property
    def day(self) -> date:
        """Its day in France."""
        return french_day(self.started_at)


@dataclass(frozen=True, slots=True)
class Volume:
    """One publication looked at, as a point of the trends."""

    id: str
    seq: int | None  # None: refused
    published_at: datetime
    practitioners: int | None
    movement: Mapping[str, int]  # arrived, departed, changed; empty when it was not measured
    scores: Mapping[str, float]  # of the publication; empty when they were not measured


def pulse(connection: Connection) -> Pulse:
    """What the directory and the ledgers are at, in three indexed look-ups."""
    about = served(connection)
    run = connection.scalar(
        select(RUNS.c.run_id).where(RUNS.c.outcome != RUNNING).order_by(RUNS.c.started_at.desc()).limit(1)
    )
    event = connection.scalar(select(func.max(FINDING_EVENTS.c.id)))
    return Pulse(about.id if about else "", run or "", event or 0)


def last_summary(connection: Connection) -> Mapping[str, Any] | None:
    """The summary of the last run that ended; None before the first."""
    ended = select(RUNS.c.summary).where(RUNS.c.outcome != RUNNING)
    return connection.scalar(ended.order_by(RUNS.c.started_at.desc()).limit(1))


def summary_of(connection: Connection, run_id: str) -> Mapping[str, Any] | None:
    """The summary of one run; None when the ledger has no such run."""
    return connection.scalar(select(RUNS.c.summary).where(RUNS.c.run_id == run_id))


def nights(connection: Connection, limit: int = 400) -> list[Night]:
    """The last runs, oldest first."""
    columns = (RUNS.c.run_id, RUNS.c.started_at, RUNS.c.finished_at, RUNS.c.outcome)
    newest = connection.execute(select(*columns).order_by(RUNS.c.started_at.desc()).limit(limit))
    return [Night(*row) for row in newest][::-1]


def check_results(connection: Connection, limit: int = 30) -> list[tuple[Night, Sequence[Mapping[str, Any]]]]:
    """The results of the checks of the last runs that ran any, oldest first; a document is read for each."""
    columns = (RUNS.c.run_id, RUNS.c.started_at, RUNS.c.finished_at, RUNS.c.outcome)
    checks = RUNS.c.summary["checks"].label("checks")
    newest = connection.execute(select(*columns, checks).order_by(RUNS.c.started_at.desc()).limit(limit))
    told = [(Night(*row[:4]), row.checks) for row in newest if row.checks]
    return told[::-1]


def volumes(connection: Connection, limit: int = 400) -> list[Volume]:
    """The last publications looked at, refused ones included, oldest first."""
    figures = PUBLICATIONS.c.metrics
    statement = select(
        PUBLICATIONS.c.id,
        PUBLICATIONS.c.seq,
        PUBLICATIONS.c.published_at,
        PUBLICATIONS.c.practitioners,
        figures["movement"].label("movement"),
        figures["scores", "publication"].label("scores"),
    )
    newest = connection.execute(statement.order_by(PUBLICATIONS.c.published_at.desc()).limit(limit))
    return [
        Volume(row.id, row.seq, row.published_at, row.practitioners, row.movement or {}, row.scores or {})
        for row in newest
    ][::-1]


def moves(connection: Connection, limit: int = 45) -> dict[int, Mapping[str, int]]:
    """How many people arrived, changed and left with each of the last accepted publications, by their numbers.

    These are the people of the change feed; the figures of a publication count people whose lines moved.
    """
    people = RUNS.c.summary["delta", "practitioners"].label("people")
    told = select(PUBLICATIONS.c.seq, people).join(RUNS, RUNS.c.run_id == PUBLICATIONS.c.run_id)
    newest = told.where(PUBLICATIONS.c.seq.is_not(None)).order_by(PUBLICATIONS.c.seq.desc()).limit(limit)
    names = {"arrived": "added", "changed": "changed", "departed": "departed"}
    return {
        row.seq: {kind: row.people[name] for kind, name in names.items()}
        for row in connection.execute(newest)
        if row.people
    }


def lines_by(
    connection: Connection, extract: str, dimension: str, limit: int = 400
) -> list[tuple[datetime, Mapping[str, int]]]:
    """Lines of one extract by group in each accepted publication, oldest first.

    Args:
        connection: reading.
        extract: which one (``personne-activite``).
        dimension: ``department``, ``registration_authority``, or a column of codes such as ``profession``.
        limit: how many publications.
    """
    part = ("groups" if dimension in _GROUPS else "codes", dimension)
    counts = PUBLICATIONS.c.metrics[("files", extract, *part)].label("counts")
    accepted = select(PUBLICATIONS.c.published_at, counts).where(PUBLICATIONS.c.seq.is_not(None))
    newest = connection.execute(accepted.order_by(PUBLICATIONS.c.seq.desc()).limit(limit))
    return [(row.published_at, row.counts or {}) for row in newest][::-1]


def extracts(connection: Connection, limit: int = 400) -> list[tuple[datetime, Mapping[str, Mapping[str, int]]]]:
    """The figures of each extract in each accepted publication, oldest first.

    Returns:
        The deposit, and by extract ``lines``, ``practitioners``, ``duplicates``, ``quarantined`` and ``moved``;
        what was not measured is left out.
    """
    wanted = [(kind, name) for kind in ExtractKind for name in _OF_EXTRACT]
    columns = [PUBLICATIONS.c.metrics["files", str(kind), name].as_integer() for kind, name in wanted]
    accepted = select(PUBLICATIONS.c.published_at, *columns).where(PUBLICATIONS.c.seq.is_not(None))
    newest = connection.execute(accepted.order_by(PUBLICATIONS.c.seq.desc()).limit(limit))
    return [(row[0], _by_extract(wanted, row[1:])) for row in newest][::-1]


def _by_extract(
    wanted: Sequence[tuple[ExtractKind, str]], values: Sequence[int | None]
) -> Mapping[str, Mapping[str, int]]:
    told: dict[str, dict[str, int]] = {}
    for (kind, name), value in zip(wanted, values, strict=True):
        if value is not None:
            told.setdefault(str(kind), {})[name] = value
    return told


def figures_of(connection: Connection, publication_id: str) -> Mapping[str, Any]:
    """All the figures kept of one publication (``rpps_sync.quality.metrics``); empty when it is not known."""
    statement = select(PUBLICATIONS.c.metrics).where(PUBLICATIONS.c.id == publication_id)
    return connection.scalar(statement) or {}
