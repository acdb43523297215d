"""How long somebody waits for each page of the dashboard, after many nights and with many findings.

    python benchmarks/dashboard.py [--practitioners 20000] [--nights 400] [--findings 100000] [--keep FOLDER]

Two nights are lived; the ledgers, the findings and the observations are then filled with copies of their rows,
older or of other people, as many as asked. A real browser opens each page: first after the application started
(cold), then as a second visitor (warm). Printed, in seconds: from the address to the last figure.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from browser import browsing
from dashboard_home import FIRST_DAY, Home, made, shown
from dashboard_visits import WIDE, Visit, visit_of
from dashboard_years import filled
from rpps_sync.settings import load

OBSERVED = 2_000  # people with tokens of their own: signing them is not what is measured
PAGES = ("", "practitioner?q=martin", "quality", "publications", "freshness", "tokens", "operations")


def main() -> None:
    """Make it, fill it, and look at each page twice."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--practitioners", type=int, default=20_000)
    asked.add_argument("--nights", type=int, default=400)
    asked.add_argument("--findings", type=int, default=100_000)
    asked.add_argument("--keep", type=Path, help="make it there and leave it, or look at what was left there")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = _left(options.keep) or _grown(options.keep or Path(scratch), options)
        print(f"{options.practitioners} people, {options.nights} nights, {options.findings} findings")
        for page, cold, warm in looked_at(home):
            print(f"{page or 'morning':24} cold {cold:5.2f} s   warm {warm:5.2f} s")


def _left(folder: Path | None) -> Home | None:
    """What a former run left there."""
    config = folder / "rpps-sync.toml" if folder else None
    if config is None or not config.exists():
        return None
    morning = datetime.combine(FIRST_DAY + timedelta(days=2), datetime.min.time(), UTC) + timedelta(hours=6)
    return Home(config, load(config), (), morning)


def _grown(folder: Path, options: argparse.Namespace) -> Home:
    folder.mkdir(parents=True, exist_ok=True)
    home = made(folder, people=options.practitioners, nights=2, refused=0, observed=OBSERVED)
    filled(home, nights=options.nights - 2, findings=options.findings)
    return home


def looked_at(home: Home) -> Iterator[tuple[str, float, float]]:
    """Each page twice: by who comes first, then by somebody else."""
    with browsing() as browser, shown(home) as address:
        for page in PAGES:
            took = []
            for _ in range(2):
                with browser.new_context(viewport=WIDE) as context:
                    visit = visit_of(context.new_page(), address)
                    began = time.perf_counter()
                    visit.open(page, "fr")
                    took.append(time.perf_counter() - began - Visit.PAUSE)
            yield page, took[0], took[1]


if __name__ == "__main__":
    main()
