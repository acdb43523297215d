"""How fast observations are taken in, attested and verified, and in how much memory.

    python benchmarks/intake.py --observations 50000

Simulated practitioners sign in over two days; the lines go through the whole intake into a new SQLite database.
Reading (JSON, signature, claims) and taking in (the same, then the database) are told apart; judging is left to
``verdicts.py``: nothing is published here. CPU seconds, since the machine may have other work.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipelines.claims_intake import take_in, verifier_of
from rpps_sync import clock, logs
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine
from rpps_sync.psc import intake
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.issuer import DEFAULT_CLIENT_ID, DEFAULT_ISSUER, new_issuer
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.tokens import write_tokens

FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC).date()
TWO_DAYS_LATER = datetime(2026, 11, 3, tzinfo=UTC)


def main() -> None:
    """Simulate, split into attested and verified lines, and measure each in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--observations", type=int, default=50_000)
    parser.add_argument("--measure", type=Path, help="for the processes this script starts")
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        simulate(folder, arguments.observations)
        print("| lines | MB | read, a CPU second | taken in, a CPU second | taken in again | peak RSS MB |")
        print("|---|---|---|---|---|---|", flush=True)
        for name in ("attested", "verified"):
            subprocess.run([sys.executable, __file__, "--measure", str(folder / f"{name}.jsonl")], check=True)


def simulate(folder: Path, observations: int) -> None:
    """Write ``attested.jsonl`` and ``verified.jsonl``, about so many lines each."""
    people = observations // 2 + 1_000
    publish(folder / "world", practitioners=people * 2, first_day=FIRST_DAY, days=2, seed=1)
    issuer = new_issuer(DEFAULT_ISSUER, DEFAULT_CLIENT_ID)
    write_tokens(folder / "world", folder / "seen.jsonl", issuer=issuer, observed=people)
    with (
        (folder / "seen.jsonl").open("rb") as seen,
        (folder / "attested.jsonl").open("wb") as attested,
        (folder / "verified.jsonl").open("wb") as verified,
    ):
        for line in seen:
            item = json.loads(line)
            if item.pop("id_token", None):
                verified.write(line)
            attested.write(json.dumps(item, ensure_ascii=False).encode() + b"\n")


def measure(lines: Path) -> None:
    """One row of the table."""
    logs.configure(quiet=True)
    settings = load(
        home=lines.parent / f"home-{lines.stem}",
        psc_issuer=DEFAULT_ISSUER,
        psc_client_id=DEFAULT_CLIENT_ID,
        psc_jwks_url=str(lines.parent / "jwks.json"),
    )
    with clock.pinned(TWO_DAYS_LATER):
        rates = list(_rates(settings, lines))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = lines.stat().st_size / 1e6
    cells = [lines.stem, f"{size:.0f}", *(f"{rate:,.0f}" for rate in rates), f"{peak:.0f}"]
    print("| " + " | ".join(cells) + " |", flush=True)


def _rates(settings: Settings, lines: Path) -> Iterator[float]:
    verifier = verifier_of(settings)
    engine = open_engine(settings.database)
    migrations.upgrade(engine)

    def read() -> int:
        with lines.open("rb") as stream:
            return sum(1 for _ in intake.read(stream, verifier=verifier))

    def taken() -> int:
        with lines.open("rb") as stream:
            summary = take_in(engine, stream, verifier, grace=3)
        assert not summary.refused, summary.refused
        return summary.accepted + summary.duplicate

    for work in (read, taken, taken):
        yield _rate(work)
    engine.dispose()


def _rate(work: Callable[[], int]) -> float:
    started = time.process_time()
    return work() / (time.process_time() - started)


if __name__ == "__main__":
    main()
