"""What a night costs: first load, normal night, nothing new, as whole processes, against ``sha256sum``.

    python benchmarks/night.py --lines 100000 1000000 --runs 5 [--database sqlite|postgresql] [--observed 100000]

The unit U is the wall time of ``sha256sum`` over the same extract files, in the same run. The normal night comes
after people were observed (attested, in one application), so that it judges whom it moves; the peak is that of the
process, without that of a database server. Nothing new is asked of a simulated publisher over HTTP on loopback,
which answers 304 to conditional requests.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from measure import Cost, run

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from postgres_server import Server, serving

LINES_A_PRACTITIONER = 1.17  # of the activity extract, as the simulator draws them
PROGRAM = [sys.executable, "-m", "rpps_sync", "--quiet"]
DAYS = ["2026-11-19", "2026-11-20"]


@dataclass(frozen=True)
class Site:
    """Simulated days, people who sign in, and a home to be filled again and again."""

    world: Path
    observations: Path
    home: Path
    server: Server | None

    def emptied(self) -> dict[str, str]:
        """The environment of a home without anything, on an empty database."""
        shutil.rmtree(self.home, ignore_errors=True)
        environment = {"RPPS_SYNC_HOME": str(self.home), "RPPS_SYNC_CHANNELS": "data-gouv"}
        if self.server is not None:
            environment["RPPS_SYNC_DATABASE_URL"] = self.server.empty()
        return environment

    def night(self, day: int, environment: Mapping[str, str]) -> Cost:
        """One night on files in a folder."""
        files = str(self.world / f"day-{day}")
        return run(
            [*PROGRAM, "run", "--from", files], environment | {"RPPS_SYNC_NOW": f"{DAYS[day - 1]}T20:00:00Z"}
        )

    def intake(self, environment: Mapping[str, str]) -> Cost:
        """Observations, judged as they come in."""
        command = [*PROGRAM, "claims", "ingest", str(self.observations), "--source", "benchmark"]
        return run(command, environment | {"RPPS_SYNC_NOW": f"{DAYS[0]}T22:00:00Z"})

    def asked_again(self, environment: Mapping[str, str]) -> Cost:
        """A night that asks a publisher over HTTP for what it already has."""
        with _published(self.world) as catalogue:
            online = environment | {"RPPS_SYNC_CATALOG_URL": catalogue, "RPPS_SYNC_NOW": f"{DAYS[1]}T21:00:00Z"}
            run([*PROGRAM, "run"], online)  # learns the marks that the next request refers to
            return run([*PROGRAM, "run"], online)


def main() -> None:
    """Measure every size asked for, and print the table of RESULTS.md."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--lines", type=int, nargs="+", default=[100_000])
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--observed", type=int, default=100_000)
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = asked.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, ", end="")
    print(f"{options.database}\n\n| lines | text | work | wall s | CPU s | peak RSS MB | ratio to sha256sum |")
    print("|---|---|---|---|---|---|---|")
    for lines in options.lines:
        with (
            tempfile.TemporaryDirectory() as folder,
            serving() if options.database == "postgresql" else nullcontext() as server,
        ):
            site = _site(lines, options.observed, Path(folder), server)
            for row in measured(site, options.runs):
                print(row, flush=True)


def _site(lines: int, observed: int, folder: Path, server: Server | None) -> Site:
    """Two days of the wanted size, and what one application sees of them without tokens."""
    world, tokens, people = folder / "world", folder / "tokens.jsonl", int(lines / LINES_A_PRACTITIONER)
    days = ["simulate", "publish", "--out", str(world), "--practitioners", str(people), "--days", "2"]
    _done("simulate", run([*PROGRAM, *days, "--seed", "1", "--start", DAYS[0]]))
    signed = [
        "simulate",
        "tokens",
        str(world),
        "--out",
        str(tokens),
        "--observed",
        str(min(observed, people // 2)),
    ]
    _done("tokens", run([*PROGRAM, *signed]))
    attested = folder / "attested.jsonl"
    with tokens.open(encoding="utf-8") as source, attested.open("w", encoding="utf-8") as target:
        for line in source:
            seen = json.loads(line)
            if seen["observed_at"][:10] == DAYS[0]:
                target.write(json.dumps({key: seen[key] for key in ("observed_at", "userinfo")}) + "\n")
    return Site(world, attested, folder / "home", server)


def measured(site: Site, runs: int) -> Iterator[str]:
    """The rows of one size."""
    files = sorted((site.world / "day-2").glob("*.txt"))
    size = sum(file.stat().st_size for file in files) / 1e6
    unit = Cost.median([run(["sha256sum", *map(str, files)]) for _ in range(runs)])
    lines = _lines(next((site.world / "day-2").glob("*personne*")))
    for work, cost in ({"sha256sum": unit} | _nights(site, runs)).items():
        yield (
            f"| {lines:,} | {size:.0f} MB | {work} | {cost.wall:.2f} | {cost.cpu:.2f} "
            f"| {cost.peak_rss / 1e6:.0f} | {cost.wall / unit.wall:.1f} |"
        )
        _done(work, cost)


def _nights(site: Site, runs: int) -> dict[str, Cost]:
    observed = f"intake of {_lines(site.observations) + 1:,} observations"
    costs: dict[str, list[Cost]] = {"first load": [], observed: [], "normal night": [], "nothing new": []}
    for _ in range(runs):
        environment = site.emptied()
        costs["first load"].append(site.night(1, environment))
        costs[observed].append(site.intake(environment))
        costs["normal night"].append(site.night(2, environment))
        costs["nothing new"].append(site.asked_again(environment))
    return {work: Cost.median(measures) for work, measures in costs.items()}


@contextmanager
def _published(world: Path) -> Iterator[str]:
    """A simulated publisher of the second day; the base of its catalogue."""
    command = [*PROGRAM, "simulate", "serve", str(world), "--day", "2", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as publisher:
        assert publisher.stdout is not None
        try:
            yield json.loads(publisher.stdout.readline())["catalog_url"]
        finally:
            publisher.terminate()


def _lines(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b"")) - 1


def _done(work: str, cost: Cost) -> None:
    if cost.exit_code != 0:
        raise SystemExit(f"{work} ended with {cost.exit_code}")


if __name__ == "__main__":
    main()
