"""The evidence that states are judged on, read from the ledgers in a handful of small queries.

Nothing of the size of the directory is read: ledgers, counts a publication, counts an application.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, func, select

from rpps_sync.clock import french_day, parse_instant
from rpps_sync.directory import ledger
from rpps_sync.directory.feeds import EVERYBODY, Counted, Feed, counted
from rpps_sync.directory.intake_counts import ATTESTED, VERIFIED
from rpps_sync.directory.labels import load as load_labels
from rpps_sync.directory.tables import INTAKE_COUNTS, PUBLICATIONS, RUNS
from rpps_sync.freshness.calendar import is_working
from rpps_sync.freshness.evidence import (
    Application,
    Content,
    Evidence,
    FeedJudged,
    LastRun,
    Served,
    Standing,
)
from rpps_sync.freshness.stalls import PAST, Brought, judge
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.channels import ChannelState
from rpps_sync.run_summary import ChannelSummary, Outcome

SUCCESSES = (Outcome.PUBLISHED.value, Outcome.UNCHANGED.value)
_REMEMBERED = "judged feeds"  # of the connection, with the run that published them
_RUNS = 40  # looked back at, newest first
_PUBLICATIONS = 40
_APPLICATION_DAYS = 120  # an application silent for longer is not expected any more
_LIVELY, _KNOWN = 0.6, 8  # share of the publications that changed an extract, of at least so many


@dataclass(frozen=True, slots=True)
class AtWork:
    """The run that asks, which is not in the ledger yet and counts all the same."""

    started_at: datetime
    ended_at: datetime  # its work, as far as it has come
    outcome: Outcome
    channels: tuple[ChannelSummary, ...] = ()


@dataclass(frozen=True, slots=True)
class _Run:
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    channels: Sequence[Mapping[str, Any]]

    @property
    def succeeded(self) -> bool:
        return self.outcome in SUCCESSES


def gather(connection: Connection, now: datetime, at_work: AtWork | None = None) -> Evidence:
    """Read the evidence.

    Args:
        connection: the directory's database, only read.
        now: the instant of the assessment.
        at_work: the run that asks, if one does.
    """
    runs = _runs(connection, at_work)
    served = ledger.served(connection)
    publications = _publications(connection)
    channels = _channels(runs)
    return Evidence(
        served=_served(served) if served else None,
        successes=tuple(run.finished_at for run in runs if run.succeeded and run.finished_at),
        last_run=LastRun(runs[0].started_at, runs[0].outcome) if runs else None,
        channels=channels,
        content=_content(publications, runs, channels),
        extracts=_extracts(publications, runs),
        applications=_applications(connection, now.date()),
        feeds=_judged_once(connection, served.run_id) if served else {},
    )


def last_success(connection: Connection) -> datetime | None:
    """When a run last did its work, be there something new or not; None when none ever did."""
    succeeded = select(func.max(RUNS.c.finished_at)).where(RUNS.c.outcome.in_(SUCCESSES))
    found: datetime | None = connection.scalar(succeeded)
    return found


def _runs(connection: Connection, at_work: AtWork | None) -> list[_Run]:
    """The last runs that ended, newest first."""
    columns = (RUNS.c.started_at, RUNS.c.finished_at, RUNS.c.outcome, RUNS.c.summary["channels"].label("channels"))
    ended = select(*columns).where(RUNS.c.outcome != ledger.RUNNING)
    rows = connection.execute(ended.order_by(RUNS.c.started_at.desc()).limit(_RUNS))
    runs = [_Run(row.started_at, row.finished_at, row.outcome, row.channels or ()) for row in rows]
    if at_work is None:
        return runs
    channels = [
        {"name": one.name, "state": one.state, "published_at": one.published_at} for one in at_work.channels
    ]
    return [_Run(at_work.started_at, at_work.ended_at, at_work.outcome.value, channels), *runs]


def _served(row: Row[Any]) -> Served:
    return Served(row.published_at, {file["kind"]: parse_instant(file["published_at"]) for file in row.files})


def _channels(runs: Sequence[_Run]) -> dict[str, Standing]:
    """How the channels of the last run stand, with the newest each of them ever offered."""
    if not runs:
        return {}
    offered: defaultdict[str, list[datetime]] = defaultdict(list)
    for run in runs:
        for channel in run.channels:
            if at := channel.get("published_at"):
                offered[channel["name"]].append(at if isinstance(at, datetime) else parse_instant(at))
    return {
        channel["name"]: Standing(channel["state"], max(offered[channel["name"]], default=None))
        for channel in runs[0].channels
    }


def _publications(connection: Connection) -> Sequence[Row[Any]]:
    """The last accepted publications, newest first, with the lines that moved in each file (None: all are new)."""
    moved = [
        PUBLICATIONS.c.metrics["files", str(kind), "moved"].as_integer().label(kind.name) for kind in ExtractKind
    ]
    columns = (PUBLICATIONS.c.published_at, PUBLICATIONS.c.recorded_at, PUBLICATIONS.c.files, *moved)
    accepted = select(*columns).where(PUBLICATIONS.c.seq.is_not(None))
    return connection.execute(accepted.order_by(PUBLICATIONS.c.seq.desc()).limit(_PUBLICATIONS)).all()


def _content(
    publications: Sequence[Row[Any]], runs: Sequence[_Run], channels: Mapping[str, Standing]
) -> Content | None:
    newest = next((row for row in publications if any(_moved(row, kind) for kind in _kinds(row))), None)
    if newest is None:
        return None
    served = (one.published_at for one in channels.values() if one.state == ChannelState.SERVED)
    dates = [publications[0].published_at, *filter(None, served)]  # others were not looked into
    return Content(newest.published_at, _nights(newest, runs), dated=max(dates))


def _extracts(publications: Sequence[Row[Any]], runs: Sequence[_Run]) -> dict[str, Content]:
    found = {}
    for kind in _kinds(publications[0]) if publications else ():
        place = next((at for at, row in enumerate(publications) if _moved(row, kind)), len(publications) - 1)
        before = [row for row in publications[place:] if getattr(row, kind.name) is not None]
        lively = len(before) >= _KNOWN and sum(_moved(row, kind) for row in before) >= _LIVELY * len(before)
        newest = publications[place]
        found[str(kind)] = Content(newest.published_at, _nights(newest, runs), lively)
    return found


def _kinds(row: Row[Any]) -> list[ExtractKind]:
    return [ExtractKind(file["kind"]) for file in row.files]


def _moved(row: Row[Any], kind: ExtractKind) -> bool:
    moved = getattr(row, kind.name)
    return moved is None or moved > 0


def _nights(newest: Row[Any], runs: Sequence[_Run]) -> tuple[date, ...]:
    """The days, since that publication came, on which a run looked and did its work."""
    came = french_day(newest.recorded_at)
    days = {french_day(run.started_at) for run in runs if run.succeeded}
    return tuple(sorted(day for day in days if day > came))


def _applications(connection: Connection, today: date) -> dict[str, Application]:
    table = INTAKE_COUNTS.c
    recent = select(table.source, table.day, table.last_seen).where(
        table.fate.in_((ATTESTED, VERIFIED)), table.day >= today - timedelta(days=_APPLICATION_DAYS)
    )
    days: defaultdict[str, set[date]] = defaultdict(set)
    seen: defaultdict[str, set[date]] = defaultdict(set)
    for row in connection.execute(recent):
        days[row.source].add(row.day)
        seen[row.source].add(row.last_seen or row.day)
    return {
        name: Application(max(seen[name]), max(map(_pause, pairwise(sorted(came))), default=0))
        for name, came in sorted(days.items())
    }


def _pause(between: tuple[date, date]) -> int:
    """Working days between two days."""
    first, last = between
    return sum(is_working(first + timedelta(days=number)) for number in range(1, (last - first).days))


def _judged_once(connection: Connection, run_id: str) -> Mapping[str, tuple[FeedJudged, ...]]:
    """Feeds move with publications only: judged once for each, for as long as the connection lives."""
    known: tuple[str, Mapping[str, tuple[FeedJudged, ...]]] | None = connection.info.get(_REMEMBERED)
    if known is None or known[0] != run_id:
        known = run_id, _feeds(connection, counted(connection, 2 * PAST))
        connection.info[_REMEMBERED] = known
    return known[1]


def _feeds(connection: Connection, past: Sequence[Counted]) -> dict[str, tuple[FeedJudged, ...]]:
    """Every feed that changed anything in the past looked at, judged, by authority.

    Twice as much is looked at as a rhythm needs: a feed silent for half a year still has one to be compared with.
    """
    known = sorted({feed for one in past for feed in one.changes if feed.authority != EVERYBODY})
    labels = load_labels(connection).by_code if known else {}
    found: defaultdict[str, list[FeedJudged]] = defaultdict(list)
    for feed in known:
        label = labels.get(("profession", feed.profession)) or feed.profession
        found[feed.authority].append(FeedJudged(feed.profession, label, judge(brought(past, feed))))
    return {name: tuple(judged) for name, judged in found.items()}


def brought(past: Sequence[Counted], feed: Feed) -> list[Brought]:
    """What each publication brought of one feed, oldest first."""
    return [Brought(one.day, one.follows, one.changes.get(feed, 0)) for one in past]
