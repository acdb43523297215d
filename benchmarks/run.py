"""Every measurement of RESULTS.md, one after the other: ``make bench``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
MEASUREMENTS = (
    ["night.py", "--lines", "229000", "1145000", "2290000", "4580000", "--runs", "5"],
    ["night.py", "--lines", "1000000", "--runs", "3", "--database", "postgresql"],
    ["peers.py"],
    ["verdicts.py"],
    ["verdicts.py", "--practitioners", "20000", "--seed", "2"],
    ["history.py"],
    ["history.py", "--database", "postgresql", "--seed", "5"],
    ["nights.py"],
    ["storage.py", "--days", "6"],
    ["stalls.py"],
    ["queries.py", "--practitioners", "100000"],
    ["feed.py"],
    ["intake.py"],
    ["intake_growth.py", "--lines", "1000000"],
    ["intake_growth.py", "--lines", "1000000", "--people", "1000000"],
    ["hook.py"],
    ["archive.py"],
    ["kills.py"],
    ["kills.py", "--database", "postgresql", "--seed", "2"],
    ["at_once.py"],
    ["at_once.py", "--database", "postgresql"],
    ["readers.py"],
    ["readers.py", "--database", "postgresql"],
    ["resume.py"],
)


def main() -> None:
    """Run them all; the first that fails ends it."""
    for script, *arguments in MEASUREMENTS:
        print(f"\n## {script} {' '.join(arguments)}\n", flush=True)
        subprocess.run([sys.executable, str(HERE / script), *arguments], check=True)


if __name__ == "__main__":
    main()
