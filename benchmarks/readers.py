"""Do readers ever see a mixture of two publications? Programs that read without pause while it publishes.

    python benchmarks/readers.py [--readers 8] [--publications 50] [--database sqlite|postgresql]

Printed: how many states the readers saw, each exactly that of one publication. All of them must have read the
whole feed of changes, once and in order; anything else ends it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from postgres_server import serving
from reading_programs import read_while_it_publishes
from small_directory import SmallDirectory


def main() -> None:
    """Publish and read at once, on one database."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--readers", type=int, default=8)
    asked.add_argument("--publications", type=int, default=50)
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = asked.parse_args()
    started = time.perf_counter()
    server_or_none = serving() if options.database == "postgresql" else nullcontext()
    with tempfile.TemporaryDirectory() as folder, server_or_none as server:
        url = server.migrated() if server else f"sqlite:///{folder}/directory.sqlite"
        directory = SmallDirectory(Path(folder), url)
        seen = read_while_it_publishes(directory, url, options.readers, options.publications)
        directory.engine.dispose()
    took = time.perf_counter() - started
    print(f"{options.database}: {options.readers} readers, {options.publications} publications, {took:.0f} s")
    print(f"{seen} states seen, each that of one publication; every feed complete and in order")


if __name__ == "__main__":
    main()
