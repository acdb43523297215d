"""What a day costs in the archive: whole texts against differences, on simulated days.

    python benchmarks/archive.py [--practitioners 20000] [--days 31] [--seed 4]

Printed, in bytes and seconds: the texts, one day whole, the difference of the day after the base and of the last
day before the newest, the whole archive before and after, the time to compact a day and to read one both ways.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from rpps_sync.publication import Publication
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import Settings
from rpps_sync.simulator.publish import publish

FIRST_DAY = date(2026, 1, 1)


def main() -> None:
    """Simulate, archive, compact, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--practitioners", type=int, default=20_000)
    asked.add_argument("--days", type=int, default=31)
    asked.add_argument("--seed", type=int, default=4)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world, archive = Path(folder) / "days", Archive(Path(folder) / "archive")
        publish(
            world, practitioners=options.practitioners, first_day=FIRST_DAY, days=options.days, seed=options.seed
        )
        for day in range(1, options.days + 1):
            archive.receive(FolderSource(world / f"day-{day}"), Settings().extracts)
        print(json.dumps(_measure(archive, Path(folder) / "archive"), indent=2))


def _measure(archive: Archive, root: Path) -> dict[str, Any]:
    days = archive.all()
    before, one_day, reading = _disk(root), _folder(days[1]), _read(archive, days[1])
    started = time.perf_counter()
    count = len(archive.compact(most=len(days)))
    compacting = time.perf_counter() - started
    return {
        "days": len(days),
        "text_bytes_of_a_day": sum(file.bytes for file in days[1].files),
        "whole_day": one_day,
        "difference_after_1_day": _folder(days[1]),
        f"difference_after_{len(days) - 2}_days": _folder(days[-2]),
        "archive_whole": before,
        "archive_compacted": _disk(root),
        "seconds_to_compact_a_day": round(compacting / count, 2),
        "seconds_to_read_a_whole_day": reading,
        "seconds_to_read_a_compacted_day": _read(archive, days[1]),
        "damages": len(archive.damages()),
        "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _folder(publication: Publication) -> int:
    """Bytes that this day adds: bases belong to the day that they came with."""
    return sum(path.stat().st_size for path in publication.folder.iterdir() if not path.match("*.base.zst"))


def _disk(root: Path) -> int:
    found = {(status := path.stat()).st_ino: status.st_size for path in root.rglob("*") if path.is_file()}
    return sum(found.values())


def _read(archive: Archive, publication: Publication) -> float:
    started = time.perf_counter()
    for file in publication.files:
        with archive.open(publication, file.kind) as stream:
            while stream.read(1 << 20):
                pass
    return round(time.perf_counter() - started, 2)


if __name__ == "__main__":
    main()
