"""Is history exact? Random sequences of small publications, each past day against a fresh load of its files.

    python benchmarks/history.py [--sequences 1000] [--database sqlite|postgresql] [--seed 1]

The property is that of ``tests/unit/directory/test_history.py``, over many more sequences: what ``lookup`` answers
as of each day, and the directory that the change feed rebuilds, against a database loaded from that day alone.
Printed: sequences, days compared, how long it took. A difference ends it, with the shortest sequence to show it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from rpps_sync import logs

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from history_sequences import SEQUENCES, Night, live_through
from postgres_server import serving
from small_directory import SmallDirectory


def main() -> None:
    """Live through so many sequences on one database."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--sequences", type=int, default=1000)
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    logs.configure(quiet=True, verbose=False)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, _databases(options.database, Path(folder)) as (lived, fresh):
        done = _soak(lived, fresh, options.sequences, options.seed)
    print(f"{options.database}, seed {options.seed}: {done['sequences']} sequences of {done['nights']} nights")
    print(f"{done['days']} served days equal to fresh loads; {time.perf_counter() - started:.0f} s")
    print({name: count for name, count in sorted(done.items()) if name not in ("sequences", "nights", "days")})


def _soak(lived: SmallDirectory, fresh: SmallDirectory, sequences: int, number: int) -> Counter[str]:
    done: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=sequences,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(nights=SEQUENCES)
    def every_past_day_is_exact(nights: list[Night]) -> None:
        done.update(sequences=1, nights=len(nights), days=live_through(nights, lived, fresh))
        done.update(night.fate for night in nights)
        if done["sequences"] % 100 == 0:
            print(f"{done['sequences']} sequences", file=sys.stderr, flush=True)

    every_past_day_is_exact()
    return done


@contextmanager
def _databases(kind: str, folder: Path) -> Iterator[tuple[SmallDirectory, SmallDirectory]]:
    (folder / "lived").mkdir()
    (folder / "fresh").mkdir()
    if kind == "sqlite":
        yield SmallDirectory(folder / "lived"), SmallDirectory(folder / "fresh")
        return
    with serving() as server:
        pair = [SmallDirectory(folder / name, server.migrated()) for name in ("lived", "fresh")]
        yield pair[0], pair[1]
        for small in pair:
            small.engine.dispose()


if __name__ == "__main__":
    main()
