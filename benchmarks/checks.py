"""What the checks of one night cost alone, at two sizes, and the slope between them.

    python benchmarks/checks.py [--practitioners 100000 400000]

A first process reads two simulated days and keeps what it learned, as a night does; a second one, measured, starts
from there: it loads the indexes, gathers those who moved, compares the files and puts every check, the import of
Great Expectations included. The slope tells what the whole country would take.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
from measure import run

from rpps_sync.extracts.cache import ScanCache
from rpps_sync.extracts.crossing import orphans
from rpps_sync.extracts.difference import LineDifference, difference
from rpps_sync.extracts.moved import GATHERED, Moved, lines_of, sample
from rpps_sync.extracts.scan import Scan, scan
from rpps_sync.extracts.wording import published_labels
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.gate import assess, metrics_of
from rpps_sync.quality.movement import movement_of
from rpps_sync.quality.scores import scores_of

NATIONAL = 1_290_000  # practitioners of the real extracts, 2026
DAYS = (date(2026, 11, 19), date(2026, 11, 20))
FILES = {
    ExtractKind.PERSONNE_ACTIVITE: "ps-libreacces-personne-activite.txt",
    ExtractKind.DIPL_AUTEXERC: "ps-libreacces-dipl-autexerc.txt",
    ExtractKind.SAVOIRFAIRE: "ps-libreacces-savoirfaire.txt",
    ExtractKind.MSSANTE: "extraction-correspondance-mssante.txt",
    ExtractKind.CARTES: "porteurs-cps-cpf.txt",
}
NIGHTS = 28  # of history, what a night looks back at


def main() -> None:
    """Measure every size, or do one of the two parts of a measure (what the processes of this program are for)."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--practitioners", type=int, nargs="+", default=[100_000, 400_000])
    asked.add_argument("--part", choices=("read", "check"), help=argparse.SUPPRESS)
    asked.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.part == "read":
        _read(options.folder)
    elif options.part == "check":
        _check(options.folder)
    else:
        _measure(options.practitioners)


def _measure(sizes: list[int]) -> None:
    print("| practitioners | lines | checks, CPU s | wall s | peak RSS MB | results |\n|---|---|---|---|---|---|")
    told = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            told.append(_of_size(size, Path(folder)))
    if len(told) > 1:
        first, last = told[0], told[-1]
        for name in ("cpu", "peak"):
            slope = (last[name] - first[name]) / (sizes[-1] - sizes[0])
            whole = last[name] + slope * (NATIONAL - sizes[-1])
            print(f"{name}: {slope * 100_000:.2f} per 100,000 practitioners, {whole:.1f} for {NATIONAL:,}")


def _of_size(size: int, folder: Path) -> Mapping[str, float]:
    simulated = [
        "simulate",
        "publish",
        "--out",
        str(folder / "world"),
        "--practitioners",
        str(size),
        "--days",
        "2",
    ]
    run([sys.executable, "-m", "rpps_sync", "--quiet", *simulated, "--seed", "1", "--start", str(DAYS[0])])
    for part in ("read", "check"):
        subprocess.run([sys.executable, __file__, "--part", part, "--folder", str(folder)], check=True)
    found: Mapping[str, float] = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    print(
        f"| {size:,} | {found['lines']:,.0f} | {found['cpu']:.1f} | {found['wall']:.1f} "
        f"| {found['peak']:.0f} | {found['results']:.0f} |",
        flush=True,
    )
    return found


def _text(folder: Path, day: int, kind: ExtractKind) -> Path:
    return folder / "world" / f"day-{day}" / FILES[kind]


def _read(folder: Path) -> None:
    """Read the two days, and keep what a night holds of them when it comes to its checks."""
    cache = ScanCache(folder / "lines")
    for kind in ExtractKind:
        scans = []
        for day in (1, 2):
            with _text(folder, day, kind).open("rb") as stream:
                scans.append(scan(stream, kind))
            cache.save(f"{day}-{kind}", scans[-1])
        moved = difference(scans[0].index, scans[1].index)
        moved.gained.write_parquet(folder / f"{kind}.gained")
        moved.lost.write_parquet(folder / f"{kind}.lost")


def _check(folder: Path) -> None:
    """The checks alone."""
    cache = ScanCache(folder / "lines")
    before, after = ({kind: _placed(cache.load(f"{day}-{kind}")) for kind in ExtractKind} for day in (1, 2))
    differences = {
        kind: LineDifference(*(pl.read_parquet(folder / f"{kind}.{side}") for side in ("gained", "lost")))
        for kind in ExtractKind
    }
    former = {kind: one.profile for kind, one in before.items()}
    labels = published_labels(former.values())
    history = [metrics_of(former, orphans({kind: one.index for kind, one in before.items()}))] * NIGHTS
    wall, cpu = time.perf_counter(), time.process_time()
    profiles = {kind: one.profile for kind, one in after.items()}
    people = pl.concat([one.affected for one in differences.values()]).unique()
    chosen = sample(people)
    sides = (_lines(folder, day, scans, chosen) for day, scans in ((1, before), (2, after)))
    strangers = orphans({kind: one.index for kind, one in after.items()})
    results = assess(
        profiles,
        movement_of(before, after, differences),
        history,
        "fr",
        labels=labels,
        orphans=strangers,
        differences=differences,
        moved=Moved(people.len(), chosen.len(), *sides),
        published_on=DAYS[1],
    )
    scores_of(profiles, strangers)
    told = {
        "lines": sum(one.lines for one in profiles.values()),
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "results": len(results),
    }
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


def _placed(found: Scan | None) -> Scan:
    """A scan as a night holds it once its lines were compared: fingerprints are no longer needed."""
    assert found is not None
    return Scan(found.index.drop("line_hash"), found.profile)


def _lines(
    folder: Path, day: int, scans: Mapping[ExtractKind, Scan], people: pl.Series
) -> Mapping[ExtractKind, pl.DataFrame]:
    found = {}
    for kind in GATHERED:
        with _text(folder, day, kind).open("rb") as text:
            found[kind] = lines_of(text, scans[kind].index, scans[kind].profile.header, people)
    return found


if __name__ == "__main__":
    main()
