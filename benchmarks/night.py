"""What a night costs: first load, normal night, nothing new, as whole processes, against ``sha256sum``.

    python benchmarks/night.py --lines 100000 1000000 --runs 5

The unit U is the wall time of ``sha256sum`` over the same extract files, in the same run.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from measure import Cost, run

LINES_A_PRACTITIONER = 1.17  # of the activity extract, as the simulator draws them
PROGRAM = [sys.executable, "-m", "rpps_sync", "--quiet"]
DAYS = ["2026-11-19", "2026-11-20"]


def main() -> None:
    """Measure every size asked for, and print the table of RESULTS.md."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--lines", type=int, nargs="+", default=[100_000])
    asked.add_argument("--runs", type=int, default=5)
    options = asked.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}\n")
    print("| lines | text | work | wall s | CPU s | peak RSS MB | ratio to sha256sum |")
    print("|---|---|---|---|---|---|---|")
    for lines in options.lines:
        with tempfile.TemporaryDirectory() as folder:
            for row in measured(lines, options.runs, Path(folder)):
                print(row, flush=True)


def measured(lines: int, runs: int, folder: Path) -> Iterator[str]:
    """The rows of one size."""
    world = folder / "world"
    people = str(int(lines / LINES_A_PRACTITIONER))
    simulated = ["simulate", "publish", "--out", str(world), "--practitioners", people, "--days", "2"]
    yield from _check("simulate", run([*PROGRAM, *simulated, "--seed", "1", "--start", DAYS[0]]))
    files = sorted((world / "day-2").glob("*.txt"))
    size = sum(file.stat().st_size for file in files) / 1e6
    unit = Cost.median([run(["sha256sum", *map(str, files)]) for _ in range(runs)])
    costs = {"sha256sum": unit} | _nights(world, folder, runs)
    actual = _lines(next((world / "day-2").glob("*personne*")))
    for work, cost in costs.items():
        yield (
            f"| {actual:,} | {size:.0f} MB | {work} | {cost.wall:.2f} | {cost.cpu:.2f} "
            f"| {cost.peak_rss / 1e6:.0f} | {cost.wall / unit.wall:.1f} |"
        )
        yield from _check(work, cost)


def _nights(world: Path, folder: Path, runs: int) -> dict[str, Cost]:
    home = folder / "home"
    costs: dict[str, list[Cost]] = {"first load": [], "normal night": [], "nothing new": []}
    for _ in range(runs):
        shutil.rmtree(home, ignore_errors=True)
        costs["first load"].append(_night(world / "day-1", home, DAYS[0]))
        costs["normal night"].append(_night(world / "day-2", home, DAYS[1]))
        costs["nothing new"].append(_night(world / "day-2", home, DAYS[1]))
    return {work: Cost.median(measures) for work, measures in costs.items()}


def _night(files: Path, home: Path, day: str) -> Cost:
    environment = {"RPPS_SYNC_HOME": str(home), "RPPS_SYNC_NOW": f"{day}T20:00:00Z"}
    return run([*PROGRAM, "run", "--from", str(files)], environment)


def _lines(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b"")) - 1


def _check(work: str, cost: Cost) -> Iterator[str]:
    if cost.exit_code != 0:
        yield f"| | | {work} | exit code {cost.exit_code} | | | |"


if __name__ == "__main__":
    main()
