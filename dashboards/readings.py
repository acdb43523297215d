"""Everything the pages read, kept as long as nothing has changed.

Each reading is kept under the pulse of the directory (the publication served, the last run, the last event of a
finding) and for a few minutes at most: ages grow by themselves. Ten people who open a page cost what one costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from io import StringIO
from typing import Any, ParamSpec, TypeVar

import polars as pl
import streamlit as st

from dashboards.session import launch, reading
from pipelines import freshness
from pipelines.evidence import evidence
from pipelines.worklists import Recipient, names_of, worklists
from rpps_sync import clock
from rpps_sync.clock import end_of
from rpps_sync.directory import finding_history, finding_pages, findings, history, ledger, nights
from rpps_sync.directory import quarantine as set_aside
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
from rpps_sync.freshness.grouping import Line, lines
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.quality.comparison import Gap, gaps
from rpps_sync.quality.rows import write_csv
from rpps_sync.reporting.worklists import to_csv
from rpps_sync.run_summary import FreshnessState

KEPT = timedelta(minutes=5)
ROWS = 20_000  # lines of one file of offending rows; the command line has no such bound
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
def freshness_lines(language: str) -> Sequence[Line]:
    """The state of every objective with its budgets, what asks nothing of anybody on one line each."""
    with reading() as connection:
        return lines(freshness.documents(connection, clock.now(), language), language)


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


@kept
def finding(finding_id: str) -> tuple[Finding, str, Sequence[Mapping[str, Any]]]:
    """One finding, the name of whom it is about (empty when they left), and its events.

    Raises:
        NotFound: no finding has that id.
    """
    with reading() as connection:
        found = findings.get(connection, finding_id)
        person = found.judgement.national_id
        name = " ".join(names_of(connection, [person]).get(person, ()))
        return found, name, finding_history.history(connection, finding_id)


@kept
def scores_by(publication_id: str, part: str) -> Mapping[str, Mapping[str, float]]:
    """The scores of one publication by ``extracts``, ``professions`` or ``authorities``."""
    with reading() as connection:
        told: Mapping[str, Mapping[str, float]] = (
            nights.figures_of(connection, publication_id).get("scores", {}).get(part, {})
        )
    return told


@kept
def quarantine() -> Sequence[Mapping[str, Any]]:
    """The lines set aside in the publication looked at last."""
    with reading() as connection:
        last = set_aside.last_looked_at(connection)
        return set_aside.of_publication(connection, last) if last else []


def archive() -> Sequence[tuple[str, datetime, int, int]]:
    """The publications in the archive, newest first: name, deposit, files, bytes once unpacked."""
    found = Archive(launch().settings.archive).all()
    told = [(one.id, one.published_at, len(one.files), sum(file.bytes for file in one.files)) for one in found]
    return sorted(told, key=lambda one: one[1], reverse=True)


def rows_behind(publication_id: str, name: str, extract: str) -> tuple[bytes, int]:
    """The lines at fault, as a CSV file, and how many it holds (``ROWS`` at most); read from the archive.

    Raises:
        NotFound: the result has no lines behind it, or the archive no longer holds that publication.
    """
    root = launch().settings.archive
    with (
        reading() as connection,
        evidence(connection, root, publication_id, name, ExtractKind(extract)) as found,
        StringIO(newline="") as text,
    ):
        count = write_csv(_at_most(found, ROWS), text)
        return text.getvalue().encode("utf-8-sig"), count


def _at_most(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    left = rows
    for frame in frames:
        yield frame.head(left)
        left -= frame.height
        if left <= 0:
            return


@kept
def worklist_files(recipient: str, language: str) -> Sequence[tuple[str, int, str, str, bytes]]:
    """What to hand over: name, lines, advice, name of the file, its content; nothing of the token alone."""
    with reading() as connection:
        lists = worklists(connection, Recipient(recipient), language, claims=False)
    return [
        (one.name, len(one.rows), " ".join(one.advice), f"{one.file_name}.csv", to_csv(one.rows)) for one in lists
    ]
