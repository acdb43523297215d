"""How right the verdicts are: simulated nights and tokens, against the truth the simulator wrote down.

    python benchmarks/verdicts.py --practitioners 2000 --days 6

Precision: the share of findings that were expected. Recall: the share of expected findings that were found. A
finding counts when practitioner, application, field, element and verdict agree; ``since`` is counted apart.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.claims_intake import take_in, verifier_of
from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.directory import findings
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.findings import Filters
from rpps_sync.finding import Verdict
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.issuer import new_issuer
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.tokens import TRUTH_FILE, write_tokens

FIRST_DAY = date(2026, 11, 15)
ISSUER, CLIENT = "https://psc.simulator.invalid/auth/realms/esante-wallet", "rpps-sync-demo"
STRICT = ("practitioner", "exercise.", "skill", "activity.")
Key = tuple[str, str, str, str, str]


def main() -> None:
    """Simulate, judge, and print the table of RESULTS.md."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--practitioners", type=int, default=2000)
    asked.add_argument("--days", type=int, default=6)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    logs.configure(quiet=True, verbose=False)
    with tempfile.TemporaryDirectory() as folder:
        found, truth = judged(Path(folder), options.practitioners, options.days, options.seed)
    for line in _table(found, truth):
        print(line)


def judged(folder: Path, practitioners: int, days: int, seed: int) -> tuple[dict[Key, str], dict[Key, str]]:
    """Findings and truth of some simulated nights, by what makes a finding, with their ``since``."""
    world, out = folder / "world", folder / "tokens" / "observations.jsonl"
    out.parent.mkdir(parents=True)
    publish(world, practitioners=practitioners, first_day=FIRST_DAY, days=days, seed=seed)
    write_tokens(world, out, issuer=new_issuer(ISSUER, CLIENT), observed=practitioners, seed=seed)
    settings = load(
        home=folder / "home", psc_issuer=ISSUER, psc_client_id=CLIENT, psc_jwks_url=str(out.parent / "jwks.json")
    )
    for day in range(1, days + 1):
        with clock.pinned(_evening(day)):
            run_night(settings, FolderSource(world / f"day-{day}"))
    with clock.pinned(_evening(days)):
        found = _findings(settings, out)
    truth = (json.loads(line) for line in (out.parent / TRUTH_FILE).read_text(encoding="utf-8").splitlines())
    return found, _by_key(truth)


def _evening(day: int) -> datetime:
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 21, tzinfo=UTC) + timedelta(days=day - 1)


def _findings(settings: Settings, observations: Path) -> dict[Key, str]:
    engine = open_engine(settings.database)
    with observations.open("rb") as stream:
        taken = take_in(engine, stream, verifier_of(settings), grace=settings.grace_publications)
    if taken.refused:
        raise SystemExit(f"observations were refused: {taken.to_json()}")
    with reading(engine) as connection:
        standing = findings.find(connection, Filters())
        outside = findings.find(connection, Filters(verdicts=(Verdict.OUT_OF_SCOPE,)))
    engine.dispose()
    return _by_key(_plain(finding) for finding in [*standing, *outside])


def _plain(finding: Any) -> dict[str, Any]:
    one = finding.judgement
    return {
        "national_id": one.national_id,
        "source": one.source,
        "field": one.field,
        "element": one.element,
        "verdict": str(one.verdict),
        "since": one.since.isoformat() if one.since else "",
    }


def _by_key(items: Iterable[dict[str, Any]]) -> dict[Key, str]:
    return {
        (item["national_id"], item["source"], item["field"], item["element"], item["verdict"]): item["since"]
        for item in items
    }


def _table(found: dict[Key, str], truth: dict[Key, str]) -> Iterator[str]:
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key in found.keys() | truth.keys():
        kind = "strict fields" if key[2].startswith(STRICT) else "names, contact, address"
        for group in (kind, f"{key[2]} {key[4]}"):
            groups[group]["found"] += key in found
            groups[group]["expected"] += key in truth
            groups[group]["both"] += key in found and key in truth
            groups[group]["since"] += key in found and key in truth and found[key] == truth[key]
    yield "| fields | expected | found | precision | recall | since right |"
    yield "|---|---|---|---|---|---|"
    for group, count in sorted(groups.items(), key=lambda item: (" " in item[0].replace(" fields", ""), item[0])):
        precision, recall = _share(count["both"], count["found"]), _share(count["both"], count["expected"])
        since = _share(count["since"], count["both"])
        yield f"| {group} | {count['expected']} | {count['found']} | {precision} | {recall} | {since} |"
    for key in sorted(found.keys() ^ truth.keys())[:20]:
        yield f"only {'found' if key in found else 'expected'}: {key[2:]}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


if __name__ == "__main__":
    main()
