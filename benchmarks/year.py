"""A year and more of nights in fast forward: does anything grow that should not, and is history still exact?

    python benchmarks/year.py [--practitioners 20000] [--nights 400] [--keep 30] [--days 60] [--seconds 0]

Each night is simulated, lived through as cron would (archive, checks, publication, retention, report, alerts,
metrics) and thrown away. Printed: every 25 nights the seconds and memory of the process and the bytes of home,
archive and database; their slopes per night over the second half; the publications in the archive against the cap;
and for some of them, whether the directory as of each is, by hash, a fresh load of it. ``--seconds`` ends earlier.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipelines.alerting import after_night
from pipelines.nightly import run_night
from pipelines.replay import replay
from rpps_sync import clock, logs
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import Settings, load
from rpps_sync.simulator import card_events, mailbox_events
from rpps_sync.simulator.evolution import evolve
from rpps_sync.simulator.publish import _write_day
from rpps_sync.simulator.world import build_world

sys.path.append(str(Path(__file__).parent))
from nights import _as_of, _versions

FIRST_DAY = date(2025, 10, 1)
EVENING = timedelta(hours=21)
CHANGE_RATE = 0.003


@dataclass(frozen=True)
class Sample:
    """How things stood after a night."""

    night: int
    seconds: float
    rss: int  # bytes, now
    home: int  # bytes
    archive: int
    database: int
    archived: int  # publications


def main() -> None:
    """Live, measure, compare, print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("practitioners", 20_000), ("nights", 400), ("keep", 30), ("days", 60), ("seconds", 0)):
        asked.add_argument(f"--{name}", type=int, default=default)
    asked.add_argument("--seed", type=int, default=5)
    options = asked.parse_args()
    logs.configure(quiet=True, verbose=False)
    with tempfile.TemporaryDirectory() as folder:
        settings = load(
            home=Path(folder) / "home",
            archive_keep=options.keep,
            archive_days=options.days,
            metrics_textfile=Path(folder) / "rpps-sync.prom",
        )
        samples = _live(settings, Path(folder) / "day", options)
        _tell(samples)
        _compare(settings, Path(folder))


def _live(settings: Settings, day: Path, options: argparse.Namespace) -> list[Sample]:
    world = build_world(options.practitioners, options.seed, FIRST_DAY)
    mailbox_events.furnish(world)
    card_events.furnish(world)
    samples: list[Sample] = []
    begun = time.perf_counter()
    for night in range(1, options.nights + 1):
        if options.seconds and time.perf_counter() - begun > options.seconds:
            break
        if night > 1:
            evolve(world, night, CHANGE_RATE)
        today = FIRST_DAY + timedelta(days=night - 1)
        _write_day(world, day, today, (), lambda _lines: None)
        with clock.pinned(datetime(today.year, today.month, today.day, tzinfo=UTC) + EVENING):
            started = time.perf_counter()
            run = run_night(settings, FolderSource(day))
            after_night(settings, run)
            seconds = time.perf_counter() - started
        assert run.outcome == "published", f"night {night}: {run.outcome}, {run.message}"
        shutil.rmtree(day)
        samples.append(_sample(settings, night, seconds))
        if night % 25 == 0:
            print(json.dumps(vars(samples[-1])), flush=True)
    return samples


def _sample(settings: Settings, night: int, seconds: float) -> Sample:
    resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    database = sum(path.stat().st_size for path in settings.home.glob("rpps-sync.sqlite*"))
    archived = len(Archive(settings.archive).all())
    return Sample(
        night, round(seconds, 3), resident, _disk(settings.home), _disk(settings.archive), database, archived
    )


def _disk(folder: Path) -> int:
    """Bytes of a folder, files with several names counted once."""
    found = {(status := path.stat()).st_ino: status.st_size for path in folder.rglob("*") if path.is_file()}
    return sum(found.values())


def _tell(samples: list[Sample]) -> None:
    half = samples[len(samples) // 2 :]
    slopes = {name: _slope(half, name) for name in ("seconds", "rss", "home", "archive", "database")}
    print(f"{len(samples)} nights published; slopes per night over the last {len(half)}:")
    for name, slope in slopes.items():
        print(f"  {name}: {slope:+.5f} s" if name == "seconds" else f"  {name}: {slope / 1e6:+.4f} MB")
    print(f"publications in the archive: {samples[-1].archived}; at most {max(item.archived for item in samples)}")


def _slope(samples: list[Sample], name: str) -> float:
    """By least squares."""
    mean_x = sum(item.night for item in samples) / len(samples)
    mean_y = sum(getattr(item, name) for item in samples) / len(samples)
    spread = sum((item.night - mean_x) ** 2 for item in samples)
    return sum((item.night - mean_x) * (getattr(item, name) - mean_y) for item in samples) / spread


def _compare(settings: Settings, folder: Path) -> None:
    """The directory as of some archived publications, against each replayed into an empty database."""
    versions = _versions(settings)
    archived = Archive(settings.archive).all()
    total = versions["since"].max()
    assert isinstance(total, int)
    chosen = sorted({0, len(archived) // 3, 2 * len(archived) // 3, len(archived) - 1})
    equal = 0
    for index in chosen:
        seq = total - (len(archived) - 1 - index)
        fresh = load(home=folder / f"fresh-{index}")
        with clock.pinned(archived[index].published_at + EVENING):
            replay(settings, archived[index].id, fresh.database)
        equal += _as_of(versions, seq) == _as_of(_versions(fresh), 1)
        shutil.rmtree(fresh.home, ignore_errors=True)
    print(f"{equal} of {len(chosen)} archived days equal to a fresh load, by hash")


if __name__ == "__main__":
    main()
