"""What judging costs: so many observed practitioners against the directory and its history.

    python benchmarks/judging.py --practitioners 100000

Simulated days are published night after night, then everybody is given a token that says what the directory said
on one of the days: most of the newest, a few of the first. Judging everybody anew, judging those of one night who
were never judged, and a night on which little moved are each timed in a process of their own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select

from pipelines.comparison import compare, compare_moved
from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.comparison.fields import TOKEN_SKILL_TYPES
from rpps_sync.directory import bulk, claim_documents
from rpps_sync.directory.engine import open_engine, writing
from rpps_sync.directory.history import histories
from rpps_sync.directory.tables import COMPARISONS, FINDINGS, OBSERVATIONS, PRACTITIONERS
from rpps_sync.observation import ClaimedActivity, ClaimedExercise, Claims
from rpps_sync.practitioner import Practitioner, Structure
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import ComparisonSummary
from rpps_sync.settings import load
from rpps_sync.simulator.publish import publish

FIRST_DAY = date(2026, 11, 15)
LATE = 0.2  # share of the tokens that say what the first day said
OLD = 0.3  # share of the tokens in the shape of 2021
VARIED = 0.25  # share of the tokens whose names and telephones are written another way
Judge = Callable[..., ComparisonSummary]


def main() -> None:
    """Prepare, measure, print the table of RESULTS.md."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--practitioners", type=int, default=100_000)
    asked.add_argument("--days", type=int, default=4)
    asked.add_argument("--observed", type=int, default=0, help="how many of them have a token; all by default")
    asked.add_argument("--new", type=int, default=100_000, help="practitioners never judged before")
    asked.add_argument("--home", type=Path, help="keep the directory there, or use the one that is")
    asked.add_argument("--only", choices=tuple(WORKS))
    options = asked.parse_args()
    logs.configure(quiet=True, verbose=False)
    if options.only:
        print(json.dumps(measured(options.home, options.only, options.new)))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "home"
        if not (home / "ready").exists():
            prepare(Path(folder), home, options.practitioners, options.days, options.observed)
        print("| practitioners | work | judged | wall s | CPU s | peak RSS MB | differences |")
        print("|---|---|---|---|---|---|---|")
        for work in WORKS:
            command = [sys.executable, __file__, "--home", str(home), "--only", work, "--new", str(options.new)]
            row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            cells = (work, row["judged"], row["wall"], row["cpu"], row["rss"], row["differences"])
            print(f"| {options.practitioners:,} |", " | ".join(map(str, cells)), "|", flush=True)


def prepare(folder: Path, home: Path, practitioners: int, days: int, observed: int) -> None:
    """A directory of some nights, and one token for so many of those in it, everybody for 0."""
    publish(folder / "world", practitioners=practitioners, first_day=FIRST_DAY, days=days, seed=1)
    settings = load(home=home)
    for day in range(1, days + 1):
        at = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 21, tzinfo=UTC) + timedelta(days=day - 1)
        with clock.pinned(at):
            run_night(settings, FolderSource(folder / "world" / f"day-{day}"))
    engine = open_engine(settings.database)
    rng = np.random.default_rng(1)
    with writing(engine) as connection:
        names = list(connection.execute(select(PRACTITIONERS.c.national_id)).scalars())
        if observed:
            names = sorted(rng.permutation(names)[:observed].tolist())
        for part in bulk.batches(names, 10_000):
            said = histories(connection, part)
            rows = [_row(name, [v.practitioner for v in said[name].versions], rng, days) for name in part]
            connection.execute(insert(OBSERVATIONS), rows)
    engine.dispose()
    (home / "ready").touch()


def measured(home: Path, work: str, new: int) -> dict[str, int | float]:
    """One work in this process."""
    engine = open_engine(load(home=home).database)
    with writing(engine) as connection:
        judge = WORKS[work](connection, new)
        started, before = time.perf_counter(), getrusage(RUSAGE_SELF)
        summary = judge(connection, grace=3)
        used = getrusage(RUSAGE_SELF)
        return {
            "judged": summary.observed,
            "wall": round(time.perf_counter() - started, 2),
            "cpu": round(used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, 2),
            "rss": used.ru_maxrss // 1024,
            "differences": connection.execute(select(func.count()).select_from(FINDINGS)).scalar_one(),
        }


def everybody(connection: Connection, _new: int) -> Judge:
    """Everybody, as if nobody had been judged before."""
    connection.execute(delete(COMPARISONS))
    connection.execute(delete(FINDINGS))
    return compare


def again(_connection: Connection, _new: int) -> Judge:
    """Everybody, most of whom are found as they were."""
    return compare


def night(connection: Connection, new: int) -> Judge:
    """A night after which so many people were never judged."""
    compare_moved(connection, grace=3)
    some = select(COMPARISONS.c.national_id).limit(new).scalar_subquery()
    connection.execute(delete(COMPARISONS).where(COMPARISONS.c.national_id.in_(some)))
    return compare_moved


WORKS: dict[str, Callable[[Connection, int], Judge]] = {"everybody": everybody, "again": again, "night": night}


def _row(
    name: str, versions: Sequence[Practitioner | None], rng: np.random.Generator, days: int
) -> dict[str, str | date | int]:
    """The observation of somebody who says what the newest day said, or what the first did."""
    documents = [version for version in versions if version]
    late = bool(rng.random() < LATE)
    claims = _claims(
        documents[0 if late else -1], old=bool(rng.random() < OLD), varied=bool(rng.random() < VARIED)
    )
    today = FIRST_DAY + timedelta(days=days - 1)
    return {
        "national_id": name,
        "source": "dpi",
        "scope": "in_scope",
        "trust": "attested",
        "claims": claim_documents.to_json(claims),
        "first_seen": FIRST_DAY if late else today,
        "last_seen": today,
        "occurrences": 1,
    }


def _claims(person: Practitioner, *, old: bool, varied: bool) -> Claims:
    """A token: of 2021 or of today, names and telephones as the files write them or as people do."""
    family, given = person.family_name, person.given_name
    names = (family.title(), given.title()) if varied else (family, given)
    exercises = []
    for exercise in person.exercises:
        skill = next((one for one in exercise.skills if one.type in TOKEN_SKILL_TYPES), None)
        works = tuple(
            ClaimedActivity(
                work.mode,
                work.sector,
                work.role,
                "" if old else work.kind,
                work.pharmacist_section,
                structure=_structure(work.structure, old=old, varied=varied),
            )
            for work in exercise.activities
        )
        told = (skill.type, skill.code) if skill else ("", "")
        exercises.append(ClaimedExercise(exercise.profession, exercise.category, "", *names, *told, works))
    return Claims(exercises=tuple(exercises))


def _structure(place: Structure, *, old: bool, varied: bool) -> Structure:
    if old and (place.finess or place.siret):
        place = replace(place, technical_id="", former_id="", cedex="")
    else:
        place = replace(place, commune="")
    return replace(place, phone=f"+33 {place.phone[1:]}") if varied and place.phone else place


if __name__ == "__main__":
    main()
