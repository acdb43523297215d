"""Ten runs started at once: who works, who is told to try later, and how soon.

    python benchmarks/at_once.py [--database sqlite|postgresql] [--people 300] [--runs 10]

Whole processes, Python's own start included, on an installation before its third night. Printed: how many ended
with each exit code, and the wall and CPU time of those that ended with 75.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

from measure import Cost, run

from rpps_sync.errors import EXIT_TRY_LATER

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from postgres_server import serving
from stopped_nights import Site
from warm_nights import warm


def main() -> None:
    """Start them, and print what became of them."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--people", type=int, default=300)
    asked.add_argument("--runs", type=int, default=10)
    options = asked.parse_args()
    server_or_none = serving() if options.database == "postgresql" else nullcontext()
    with tempfile.TemporaryDirectory() as folder, warm() as nights, server_or_none as server:
        site = Site(Path(folder), nights, server, options.people)
        site.prepare()
        site.restore()
        command = [sys.executable, "-m", "rpps_sync", *site.command()]
        with ThreadPoolExecutor(options.runs) as threads:
            costs = list(threads.map(lambda _: run(command, site.environment()), range(options.runs)))
        assert site.content() == site.new
    print(f"{options.database}: exit codes {dict(Counter(cost.exit_code for cost in costs))}")
    waited = sorted((cost for cost in costs if cost.exit_code == EXIT_TRY_LATER), key=lambda cost: cost.wall)
    median = Cost.median(waited)
    print(f"75 after {median.wall:.2f} s (median), {waited[-1].wall:.2f} s (last); {median.cpu:.2f} s of CPU each")


if __name__ == "__main__":
    main()
