"""How soon a stalled feed is noticed, and how often one is suspected wrongly: simulated histories and stalls.

    python benchmarks/stalls.py                  200 authorities, 400 days each, counts only
    python benchmarks/stalls.py --nights 75      one authority stopped in real nights of the simulator

Counts: each authority registers one to six professions, of 0.3 to 400 changes a working day. Weekdays have
their rhythm, holidays and bridged days theirs; August and the week of Christmas are half empty; weeks differ;
counts are over-dispersed; a batch comes a day late now and then, a mass correction too; one publication in 23
is missing. None of this is told to the model, which knows the French calendar and the past counts. After a day
drawn between the 200th and the 360th one authority brings nothing, or a fiftieth (what other chains touch).
False alarms are those opened before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from pipelines.freshness import states
from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.freshness.calendar import is_holiday, is_working
from rpps_sync.freshness.silences import CERTAIN
from rpps_sync.freshness.stalls import Brought, judge
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.publisher.layouts import layout
from rpps_sync.run_summary import FreshnessState
from rpps_sync.settings import load
from rpps_sync.simulator.publish import publish

START, DAYS = date(2025, 1, 6), 400
WARM_UP = 120  # days before alarms are counted: the model says no data until it has learned
WATCHED_AFTER = 30  # days after the stall in which it may be noticed
MISSING = 0.043
WEEK = np.array([1.15, 1.05, 1.0, 1.0, 0.85, 0.08, 0.02])
BANDS = ((0, 5), (5, 20), (20, 50), (50, 1000))  # changes a working day


@dataclass
class Outcome:
    """What became of one stalled feed."""

    daily: float
    leaks: bool = False  # whether a fiftieth still comes
    publications: int | None = None  # silent until the alarm; None: not within WATCHED_AFTER days
    telling: int | None = None  # of which carry at least one working day
    tellable: bool = True


@dataclass
class Tally:
    """What all histories showed."""

    outcomes: list[Outcome] = field(default_factory=list)
    alarms: list[int] = field(default_factory=list)  # by authority
    errors: int = 0  # of them, those that became an error, and so an incident
    years: float = 0.0
    feeds: int = 0


def main() -> None:
    """Simulate, judge, print the tables of docs/freshness.md."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--histories", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--nights", type=int, default=0)
    asked.add_argument("--practitioners", type=int, default=1500)
    options = asked.parse_args()
    if options.nights:
        logs.configure(quiet=True, verbose=False)
        with tempfile.TemporaryDirectory() as folder:
            for line in real_nights(Path(folder), options.nights, options.practitioners, options.seed):
                print(line, flush=True)
        return
    tally = Tally()
    for number in range(options.histories):
        one_authority(np.random.default_rng([options.seed, number]), tally)
    for line in table(tally):
        print(line)


def one_authority(rng: np.random.Generator, tally: Tally) -> None:
    """One authority: years of its life, then a stall of all its professions."""
    feeds = int(rng.integers(1, 7))
    stall = int(rng.integers(200, 360))
    leak = float(rng.choice([0.0, 0.0, 0.02]))
    days = [START + timedelta(days=number) for number in range(DAYS)]
    work = np.stack([history(rng, days) for _ in range(feeds)])
    work[:, stall:] = rng.binomial(work[:, stall:], leak)
    published = [number for number in range(1, DAYS) if rng.random() >= MISSING]
    series = [list(brought(days, counts, published)) for counts in (*work, work.sum(axis=0))]
    opened, grave = false_alarms(series, days[stall])
    tally.alarms.append(opened)
    tally.errors += grave
    tally.years += (stall - WARM_UP) / 365.25
    tally.feeds += feeds
    tally.outcomes += [noticed(one, days[stall], leaks=leak > 0) for one in series[:feeds]]


def history(rng: np.random.Generator, days: Sequence[date]) -> np.ndarray:
    """What one feed's office does, day after day."""
    mean = float(np.exp(rng.uniform(np.log(0.3), np.log(400))))
    size = float(rng.uniform(2.5, 25))
    week = WEEK * rng.lognormal(0, 0.15, 7)
    drift = float(rng.normal(0, 0.2))
    slow = np.repeat(rng.lognormal(0, 0.2, len(days) // 7 + 1), 7)[: len(days)]
    means = np.array([season(day) * week[6 if is_holiday(day) else day.weekday()] for day in days])
    means *= mean * slow * (1 + drift * np.arange(len(days)) / 365)
    counts = rng.negative_binomial(size, size / (size + np.maximum(means, 1e-9)))
    for day in np.flatnonzero(rng.random(len(days) - 1) < 0.005):  # a batch comes a day late
        counts[day + 1] += counts[day]
        counts[day] = 0
    mass = rng.random(len(days)) < 0.006
    return np.where(mass, counts * rng.integers(5, 30, len(days)), counts)


def season(day: date) -> float:
    """How much of the usual is done at that time of the year."""
    if (day.month, day.day) >= (12, 22) or (day.month, day.day) <= (1, 3):
        return 0.25
    if day.month == 8:
        return 0.5 if 5 <= day.day <= 24 else 0.7
    bridged = day.weekday() < 5 and not is_working(day) and not is_holiday(day)
    return 0.4 if bridged else 0.85 if day.month == 7 else 1.0


def brought(days: Sequence[date], counts: np.ndarray, published: Sequence[int]) -> Iterator[Brought]:
    """The counts as publications carry them: the work of a day appears the day after, or with the next one."""
    former = 0
    for number in published:
        yield Brought(days[number], days[former], int(counts[former:number].sum()))
        former = number


def false_alarms(series: Sequence[Sequence[Brought]], stall: date) -> tuple[int, int]:
    """Alarms opened before the stall, of each feed and of the authority as a whole, counted once when together.

    And how often one of them became an error, the only ones that open an incident.
    """
    opened: set[date] = set()
    grave: set[date] = set()
    for one in series:
        for place, publication in enumerate(one):
            if publication.day > stall or (publication.day - START).days < WARM_UP:
                continue
            if (odds := silenced(one, place)) == 1.0:
                continue
            before = silenced(one, place - 1)
            if before == 1.0:
                opened.add(publication.day)
            if odds < CERTAIN <= before:
                grave.add(publication.day)
    return len(opened), len(grave)


def silenced(one: Sequence[Brought], place: int) -> float:
    """The odds of the alarm that stands after a publication, 1 when there is none; lively ones need no model."""
    quick = one[max(0, place - 60) : place]
    if one[place].changes > 0.2 * max((item.changes for item in quick), default=0):
        return 1.0
    silence = judge(one[max(0, place - 200) : place + 1]).silence
    return silence.odds if silence else 1.0


def noticed(one: Sequence[Brought], stall: date, *, leaks: bool) -> Outcome:
    """When the stall of one feed is reported."""
    before = [item for item in one if item.follows < stall]
    known = judge(before)
    outcome = Outcome(known.daily, leaks=leaks, tellable=known.tellable)
    after = one[len(before) : len(before) + WATCHED_AFTER]
    for number in range(1, len(after) + 1):
        if judge([*before, *after[:number]]).silence is not None:
            outcome.publications = number
            outcome.telling = sum(item.works for item in after[:number])
            break
    return outcome


def table(tally: Tally) -> Iterator[str]:
    """The figures, in Markdown."""
    yield "| changes a working day | feeds | tellable | noticed | publications: median, p95, most | with work |"
    yield "|---|---|---|---|---|---|"
    for low, high in BANDS:
        band = [one for one in tally.outcomes if low <= one.daily < high]
        tellable = [one for one in band if one.tellable]
        late = sorted(one.publications for one in tellable if one.publications is not None)
        telling = sorted(one.telling for one in tellable if one.telling is not None)
        numbers = f"{len(band)} | {len(tellable)} | {len(late)} | {_spread(late)} | {_spread(telling)}"
        yield f"| {low} to {high} | {numbers} |"
    for leaks, words in ((False, "nothing comes"), (True, "a fiftieth still comes")):
        fast = [one.telling for one in tally.outcomes if one.daily > 50 and one.leaks is leaks]
        soon = sum(number is not None and number <= 2 for number in fast)
        yield f"more than 50 a day, {words}: {soon} of {len(fast)} within two publications with work"
    worst, total = max(tally.alarms), sum(tally.alarms)
    yield f"{total} false alarms in {tally.years:.0f} years, {len(tally.alarms)} authorities, {tally.feeds} feeds:"
    yield f"{total / tally.years:.3f} an authority and year; the worst authority had {worst}"
    yield f"{tally.errors} of them became an error, and so an incident"


def _spread(values: Sequence[int]) -> str:
    if not values:
        return "–"
    return f"{np.median(values):.0f}, {np.percentile(values, 95):.0f}, {values[-1]}"


def real_nights(folder: Path, nights: int, practitioners: int, seed: int) -> Iterator[str]:
    """Nights of the real program on the simulator's files; from one on, the Order of physicians sends nothing."""
    first, stall = date(2026, 3, 2), nights - 8
    publish(
        folder / "world", practitioners=practitioners, first_day=first, days=nights, seed=seed, change_rate=0.05
    )
    settings = load(home=folder / "home", extracts="personne-activite,dipl-autexerc,savoirfaire")
    for number in range(1, nights + 1):
        day = folder / "world" / f"day-{number}"
        if number > stall:
            _stop(folder / "world" / f"day-{stall}", day)
        evening = datetime(first.year, first.month, first.day, 5, tzinfo=UTC) + timedelta(days=number - 1)
        with clock.pinned(evening):
            run_night(settings, FolderSource(day))
            if number >= stall:
                yield f"{number - stall} silent: {_told(_states(settings.database))}"
        print(f"night {number} of {nights}", file=sys.stderr)


def _told(states: Sequence[FreshnessState]) -> str:
    """What is said of the physicians' Order, and which other authority is suspected."""
    order = next(one for one in states if one.objective == "feed.changes:CNOM")
    others = [
        one.objective for one in states if one.objective.startswith("feed.") and one.state in ("warn", "error")
    ]
    suspected = ", ".join(name for name in others if name != order.objective) or "nobody"
    link = f" ({order.link})" if order.link else ""
    return f"CNOM {order.state}{link}: {order.observed}; suspected besides: {suspected}"


def _states(url: str) -> Sequence[FreshnessState]:
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return states(connection, clock.now(), "en")
    finally:
        engine.dispose()


def _stop(last: Path, day: Path) -> None:
    """Give the physicians of a day the lines of the last day that their Order sent."""
    physicians = _physicians(last) | _physicians(day)
    for kind in (ExtractKind.PERSONNE_ACTIVITE, ExtractKind.DIPL_AUTEXERC, ExtractKind.SAVOIRFAIRE):
        name, place = layout(kind).file_name, _place(kind, "national_id")
        old, new = (_lines(one / name) for one in (last, day))
        kept = [line for line in new if line.split("|")[place] not in physicians]
        frozen = [line for line in old if line.split("|")[place] in physicians]
        (day / name).write_text("\n".join([*kept, *frozen]) + "\n", encoding="utf-8")


def _physicians(day: Path) -> set[str]:
    kind = ExtractKind.PERSONNE_ACTIVITE
    who, what = _place(kind, "national_id"), _place(kind, "profession")
    rows = (line.split("|") for line in _lines(day / layout(kind).file_name))
    return {row[who] for row in rows if row[what] == "10"}


def _place(kind: ExtractKind, key: str) -> int:
    return next(place for place, column in enumerate(layout(kind).columns) if column.key == key)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").removesuffix("\n").split("\n")


if __name__ == "__main__":
    main()
