"""A year and more of nights in fast forward: does anything grow that should not, and is history still exact?

    python benchmarks/year.py [--practitioners 20000] [--nights 400] [--figures FILE] [--seconds 0] [--trim]

One process lives through all nights, which is harder on its memory than what cron, systemd and the scheduler do, a
process a night. Each night brings a simulated day and what an application saw of some people, and is lived
through whole: archive, checks, publication, retention, inbox, comparison, report, alerts, metrics. One line of
figures a night goes to ``--figures``, so that a run that is cut short still tells; SIGTERM ends it after the night
under way, and so do ``--seconds``. At the end: slopes over the second half, disk against the caps, and the
directory as of some of all those nights against a fresh load of their files, by hash.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from pipelines.alerting import after_night
from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import Settings, load

sys.path.append(str(Path(__file__).parent))
from nights import _as_of, _versions
from year_deposits import Deposit, Wanted, deposits

EVERY = 25  # nights between two lines on the screen
_HALF = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """How things stood after a night; sizes in bytes."""

    night: int
    seconds: float  # wall
    cpu: float  # seconds
    rss: int  # after the night
    peak: int  # during it
    home: int
    archive: int
    reports: int
    database: int
    archived: int  # publications
    timings: dict[str, float]
    expected: tuple[int, int] | None


def main() -> None:
    """Live, measure, compare, print."""
    options = _asked()
    logs.configure(quiet=True, verbose=False)
    with tempfile.TemporaryDirectory(prefix="rpps-sync-year-") as name:
        folder = Path(name)
        settings = load(
            home=folder / "home",
            archive_keep=options.keep,
            archive_days=options.days,
            metrics_textfile=folder / "rpps-sync.prom",
        )
        samples = list(_lived(settings, folder, options))
        _tell(samples)
        _compare(settings, samples)


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    whole = {"practitioners": 20_000, "nights": 400, "keep": 30, "days": 60, "seconds": 0, "observed": 200}
    for name, default in (whole | {"compare-every": 20, "seed": 5}).items():
        asked.add_argument(f"--{name}", type=int, default=default)
    asked.add_argument("--figures", type=Path)
    asked.add_argument("--trim", action="store_true", help="give free memory back after each night (glibc)")
    return asked.parse_args()


def _lived(settings: Settings, folder: Path, options: argparse.Namespace) -> Iterator[Sample]:
    wanted = Wanted(options.practitioners, options.nights, options.observed, options.compare_every, options.seed)
    told_to_stop = _ends_on_request()
    begun = time.perf_counter()
    with deposits(folder, wanted) as days:
        for deposit in days:
            sample = _night(settings, deposit)
            if options.trim:
                ctypes.CDLL("libc.so.6").malloc_trim(0)
            if options.figures:
                with options.figures.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(sample)) + "\n")
            if sample.night % EVERY == 0:
                print(_line(sample), flush=True)
            yield sample
            if told_to_stop or (options.seconds and time.perf_counter() - begun > options.seconds):
                return


def _ends_on_request() -> list[int]:
    """Filled by the signal that asks for an early end."""
    heard: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        heard.append(number)

    signal.signal(signal.SIGTERM, hear)
    return heard


def _night(settings: Settings, deposit: Deposit) -> Sample:
    settings.inbox.mkdir(parents=True, exist_ok=True)
    shutil.move(deposit.observations, settings.inbox / f"{deposit.observations.stem}.jsonl")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    with clock.pinned(deposit.evening):
        started, worked = time.perf_counter(), time.process_time()
        run = run_night(settings, FolderSource(deposit.folder))
        after_night(settings, run)
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    assert run.outcome == "published", f"night {deposit.night}: {run.outcome}, {run.message}"
    assert run.inbox.accepted, f"night {deposit.night}: {run.inbox}"
    return Sample(
        night=deposit.night,
        seconds=round(seconds, 3),
        cpu=round(cpu, 3),
        rss=_memory("VmRSS"),
        peak=_memory("VmHWM"),
        home=_disk(settings.home),
        archive=_disk(settings.archive),
        reports=_disk(settings.reports),
        database=sum(path.stat().st_size for path in settings.home.glob("rpps-sync.sqlite*")),
        archived=len(Archive(settings.archive).all()),
        timings=dict(run.timings),
        expected=deposit.expected,
    )


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith(f"{name}:"))


def _disk(folder: Path) -> int:
    """Bytes of a folder, files with several names counted once."""
    found = {(status := path.stat()).st_ino: status.st_size for path in folder.rglob("*") if path.is_file()}
    return sum(found.values())


def _line(sample: Sample) -> str:
    sizes = ((name, getattr(sample, name) / 1e6) for name in ("rss", "peak", "home", "archive", "database"))
    told = ", ".join(f"{name} {size:,.1f} MB" for name, size in sizes)
    return f"night {sample.night}: {sample.seconds:.2f} s, {sample.cpu:.2f} s of CPU, {told}"


def _tell(samples: list[Sample]) -> None:
    half = samples[len(samples) // _HALF :]
    print(f"{len(samples)} nights published; over the last {len(half)}, a night:")
    for name in ("seconds", "cpu"):
        print(f"  {name}: {_slope(half, name):+.5f} s")
    for name in ("rss", "peak", "home", "archive", "reports", "database"):
        print(f"  {name}: {_slope(half, name) / 1e6:+.4f} MB")
    print(f"publications in the archive: {samples[-1].archived}; at most {max(item.archived for item in samples)}")
    print(f"archive, at most {max(item.archive for item in samples) / 1e6:.1f} MB; on {os.uname().machine}")


def _slope(samples: list[Sample], name: str) -> float:
    """By least squares."""
    mean_x = sum(item.night for item in samples) / len(samples)
    mean_y = sum(getattr(item, name) for item in samples) / len(samples)
    spread = sum((item.night - mean_x) ** 2 for item in samples)
    return sum((item.night - mean_x) * (getattr(item, name) - mean_y) for item in samples) / spread


def _compare(settings: Settings, samples: list[Sample]) -> None:
    """The directory as of some nights, against what their files alone gave on their day."""
    versions = _versions(settings)
    told = [(item.night, item.expected, _as_of(versions, item.night)) for item in samples if item.expected]
    for night, expected, lived in told:
        if expected != lived:
            print(f"night {night}: {lived} is not {expected}")
    print(f"{sum(a == b for _, a, b in told)} of {len(told)} nights equal to a fresh load of their files, by hash")


if __name__ == "__main__":
    main()
