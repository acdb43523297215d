"""How right the verdicts are: simulated nights and tokens, against the truth the simulator wrote down.

    python benchmarks/verdicts.py --practitioners 10000 --days 20

Night after night the day's publication is taken in, then the observations that arrived; a tenth of them are late
and out of order. The gate refuses the publications of two nights, cut short on purpose: one is never served, the
other is accepted by a person. Precision: the share of findings that were expected. Recall: the share of expected
findings that were found. A finding counts when practitioner, application, field, element and verdict agree;
``since`` is counted apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from pipelines.claims_intake import take_in, verifier_of
from pipelines.nightly import accept, run_night
from rpps_sync import clock, logs
from rpps_sync.directory import findings
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.findings import Filters
from rpps_sync.finding import Verdict
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.publisher.layouts import layout
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.issuer import new_issuer
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.tokens import ARRIVALS_FILE, TRUTH_FILE, write_tokens

FIRST_DAY = date(2026, 11, 15)
ISSUER, CLIENT = "https://psc.simulator.invalid/auth/realms/esante-wallet", "rpps-sync-demo"
LATE = 0.1
GROUPS = {  # fields by what they decide
    "practitioner": "identity",
    "exercise.profession": "profession",
    "exercise.category": "category",
    "skill": "skill",
    "activity.structure": "places",
    "activity": "places, how",
    "identity": "names",
    "contact": "contact and address",
    "address": "contact and address",
}
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
    publish(world, practitioners=practitioners, first_day=FIRST_DAY, days=days, seed=seed)
    lost, accepted = (days // 3, days // 2) if days >= 6 else (0, 0)
    write_tokens(
        world,
        out,
        issuer=new_issuer(ISSUER, CLIENT),
        observed=practitioners,
        seed=seed,
        refused=[lost] if lost else [],
        late=LATE,
    )
    settings = load(
        home=folder / "home", psc_issuer=ISSUER, psc_client_id=CLIENT, psc_jwks_url=str(out.parent / "jwks.json")
    )
    lines = out.read_bytes().splitlines(keepends=True)
    arrivals = json.loads((out.parent / ARRIVALS_FILE).read_text(encoding="utf-8"))
    for day in range(1, days + 1):
        with clock.pinned(_evening(day)):
            _night(settings, world / f"day-{day}", lost=day == lost, accepted=day == accepted)
            arrived = b"".join(line for line, at in zip(lines, arrivals, strict=True) if at == day)
            _take_in(settings, arrived)
        print(f"night {day} of {days}", file=sys.stderr)
    with clock.pinned(_evening(days)):
        found = _findings(settings)
    truth = (json.loads(line) for line in (out.parent / TRUTH_FILE).read_text(encoding="utf-8").splitlines())
    return found, _by_key(truth)


def _night(settings: Settings, folder: Path, *, lost: bool, accepted: bool) -> None:
    """One night: taken in, or refused for good, or refused by a stricter gate and accepted by a person."""
    if lost:
        file = folder / layout(ExtractKind.PERSONNE_ACTIVITE).file_name
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[: len(lines) // 2]))
    if accepted:
        file = folder / layout(ExtractKind.CARTES).file_name
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[: len(lines) // 2]))
    summary = run_night(settings, FolderSource(folder))
    if summary.outcome is not (Outcome.REFUSED if lost or accepted else Outcome.PUBLISHED):
        raise SystemExit(f"{folder.name}: {summary.outcome}: {summary.message}")
    if accepted and summary.publication:
        accept(settings, summary.publication.id, by="benchmark", because="only cards are missing")


def _evening(day: int) -> datetime:
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 21, tzinfo=UTC) + timedelta(days=day - 1)


def _take_in(settings: Settings, arrived: bytes) -> None:
    engine = open_engine(settings.database)
    taken = take_in(engine, BytesIO(arrived), verifier_of(settings), grace=settings.grace_publications)
    engine.dispose()
    if taken.refused:
        raise SystemExit(f"observations were refused: {taken.to_json()}")


def _findings(settings: Settings) -> dict[Key, str]:
    engine = open_engine(settings.database)
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
    cells: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for key in found.keys() | truth.keys():
        for cell in ((_group(key[2]), key[4]), (_group(key[2]), "all"), ("all", "all"), ("all", key[1])):
            cells[cell]["found"] += key in found
            cells[cell]["expected"] += key in truth
            cells[cell]["both"] += key in found and key in truth
            cells[cell]["since"] += key in found and key in truth and found[key] == truth[key]
    yield "| fields | verdict or application | expected | found | precision | recall | since right |"
    yield "|---|---|---|---|---|---|---|"
    for (group, verdict), count in sorted(cells.items()):
        precision, recall = _share(count["both"], count["found"]), _share(count["both"], count["expected"])
        since = _share(count["since"], count["both"])
        numbers = f"{count['expected']} | {count['found']} | {precision} | {recall} | {since}"
        yield f"| {group} | {verdict} | {numbers} |"
    for key in sorted(found.keys() ^ truth.keys())[:30]:
        yield f"only {'found' if key in found else 'expected'}: {key[1:]}"
    for key in sorted(found.keys() & truth.keys()):
        if found[key] != truth[key]:
            yield f"since {found[key]}, expected {truth[key]}: {key[1:]}"


def _group(field: str) -> str:
    return GROUPS.get(field) or GROUPS[field.partition(".")[0]]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


if __name__ == "__main__":
    main()
