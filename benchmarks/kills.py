"""A night killed with SIGKILL at random moments, again and again: is anything ever half-done?

    python benchmarks/kills.py [--moments 300] [--database sqlite|postgresql] [--people 300] [--seed 1]

Five times in six the moment lies inside a step, drawn among all of them, else anywhere in the night. Before each
kill the home and the database are put back as they were. After it the database must be whole and hold exactly the
former or the new publication; the next run must end the work by itself and leave no temporary file. Printed: where
the kills fell and what was found there. The first violation ends it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from postgres_server import Server, serving
from stopped_nights import PHASES, Site
from warm_nights import warm

ANYWHERE = 1 / 6  # of the kills


def main() -> None:
    """Kill so many nights on one database, and print the table of RESULTS.md."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--moments", type=int, default=300)
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--people", type=int, default=300)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    chance, started = random.Random(options.seed), time.perf_counter()  # noqa: S311 - moments, no secrets
    found: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder, warm() as nights, _server(options.database) as server:
        site = Site(Path(folder), nights, server, options.people)
        site.prepare()
        for number in range(1, options.moments + 1):
            found[_killed(site, chance)] += 1
            if number % 10 == 0:
                print(f"{number} kills, {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    print(
        f"{options.database}, seed {options.seed}: {found.total()} kills, {time.perf_counter() - started:.0f} s\n"
    )
    print("| killed in | kills | former publication | new publication |\n|---|---|---|---|")
    for step in sorted({step for step, _ in found}):
        old, new = found[step, "old"], found[step, "new"]
        print(f"| {step} | {old + new} | {old} | {new} |")


def _killed(site: Site, chance: random.Random) -> tuple[str, str]:
    """Kill one night; the step it was in, and which publication was there afterwards."""
    site.restore()
    night = site.start()
    if chance.random() < ANYWHERE:
        time.sleep(chance.uniform(0, site.length))
    else:
        step = chance.choice(PHASES)
        start, end = site.steps[step]
        night.wait_for(step)
        time.sleep(chance.uniform(0, end - start))
    code = night.stop()
    where = (night.step or "between steps") if code < 0 else "over before the kill"
    there = site.assert_whole()
    site.assert_goes_on()
    return where, there


@contextmanager
def _server(database: str) -> Iterator[Server | None]:
    if database == "sqlite":
        yield None
        return
    with serving() as server:
        yield server


if __name__ == "__main__":
    main()
