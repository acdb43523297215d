"""The proof of the checks: every incident found, and quiet nights left in peace.

    python benchmarks/quality.py [--nights 120] [--practitioners 4000] [--write]

Incidents are injected into one simulated publication, after ten nights without trouble; quiet nights follow one
another with working days, weekends, holidays and days without a deposit. ``--write`` puts the table and figures
in docs/quality-proof.md, which ``make docs`` appends to docs/quality.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import chain
from pathlib import Path

from rpps_sync.run_summary import CheckResult
from rpps_sync.simulator.incidents import Incident, incidents
from rpps_sync.simulator.rehearsal import Rehearsal, days

PAGE = Path(__file__).parents[1] / "docs" / "quality-proof.md"
WORLDS = 2  # simulated ones, at work beside one another
QUIET_PEOPLE = 2500
QUIET_BEFORE = 10  # nights before the incidents
FIRST_DAY = date(2026, 3, 2)


def main() -> None:
    """Print both halves of the proof; exit with 1 when one of them fails."""
    options = _options()
    with ProcessPoolExecutor(WORLDS * 2) as pool:
        nights = [pool.submit(_quiet, options.nights // WORLDS, seed) for seed in range(11, 11 + WORLDS)]
        halves = [pool.submit(_table, options.practitioners, start) for start in range(WORLDS)]
        found, missed = (list(chain(*one)) for one in zip(*(half.result() for half in halves), strict=True))
        alerts, blocks = (list(chain(*one)) for one in zip(*(night.result() for night in nights), strict=True))
    text = "\n".join(_lines(found, missed, options, alerts, blocks)) + "\n"
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    if missed or blocks or len(alerts) > 4:
        raise SystemExit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=120)
    parser.add_argument("--practitioners", type=int, default=4000)
    parser.add_argument("--write", action="store_true", help="write docs/quality-proof.md")
    return parser.parse_args()


def _table(practitioners: int, start: int) -> tuple[list[str], list[str]]:
    """Some rows of the table, and the incidents that were not told as they should be."""
    *before, today = days(practitioners, FIRST_DAY, QUIET_BEFORE + 1, seed=7)
    rehearsal = Rehearsal()
    for day in before:
        rehearsal.night(day.day, day.files)
    rows, missed = [], []
    for incident in incidents()[start::WORLDS]:
        spoilt = incident.spoil(before, today.files)
        results = rehearsal.night(today.day, spoilt, deposits=incident.later, keep=False)
        told = [one for one in results if one.name == incident.check and str(one.severity) == incident.severity]
        told = [one for one in told if one.speaks]
        missed += [] if told else [incident.name]
        rows += [_row(incident, one) for one in told[:1]]
    return rows, missed


def _row(incident: Incident, told: CheckResult) -> str:
    seen = told.observed if len(told.observed) <= 90 else f"{told.observed[:87]}..."
    seen = seen.replace("|", "/").replace("\n", " ")
    return f"| {incident.name} | `{told.name}` | {told.severity} | {told.title}: {seen} |"


def _quiet(nights: int, seed: int) -> tuple[list[str], list[str]]:
    """What was told on nights without trouble, once each, and those that were refused."""
    rehearsal = Rehearsal()
    alerts: list[str] = []
    blocks: list[str] = []
    standing: set[tuple[str, str]] = set()
    for day in days(QUIET_PEOPLE, FIRST_DAY, nights, seed=seed):
        results = rehearsal.night(day.day, day.files)
        told = {(one.name, one.file): one for one in results if one.to_see}
        alerts += [f"{day.day} {name}: {told[name, file].observed}" for name, file in told.keys() - standing]
        blocks += [str(day.day)] if any(one.blocks for one in results) else []
        standing = set(told)
    return alerts, blocks


def _lines(
    rows: Sequence[str],
    missed: Sequence[str],
    options: argparse.Namespace,
    alerts: Sequence[str],
    blocks: Sequence[str],
) -> Iterator[str]:
    yield "## The proof"
    yield ""
    yield f"Incidents injected into simulated publications of {options.practitioners:,} practitioners:"
    yield f"{len(rows)} of {len(rows) + len(missed)} told by the right check with the right severity."
    yield f"Quiet nights: {options.nights}, {WORLDS} worlds of {QUIET_PEOPLE:,} practitioners, with"
    yield "weekends, holidays and days without a deposit, and without new codes or labels:"
    yield f"{len(alerts)} false alerts, {len(blocks)} false refusals."
    yield f"Made again by `python benchmarks/quality.py --nights {options.nights} --write`."
    yield ""
    yield "| incident | check | severity | what is told |"
    yield "|---|---|---|---|"
    yield from rows
    for name in missed:
        yield f"| {name} | **missed** | | |"
    if alerts:
        yield ""
        yield "False alerts:"
        yield ""
        yield from (f"- {alert}" for alert in alerts)


if __name__ == "__main__":
    main()
