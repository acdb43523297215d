"""How well people are found without an identifier: precision and recall on dirty descriptions of known people.

    python benchmarks/matching.py --practitioners 100000 --people 2000
    python benchmarks/matching.py --database DIRECTORY.sqlite --people 2000

People are drawn from the directory and described as other files tell them: typos, names swapped, a maiden name in
place of the one they exercise under, one given name out of several, an old address, fields left out. One in ten is
nobody of the directory: the names of two people put together, at the place of a third. Prints the tables of
docs/matching.md.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from pipelines.matching import match
from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.directory import documents, migrations
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.matching.decision import Decision, Verdict
from rpps_sync.matching.description import Described
from rpps_sync.practitioner import Practitioner
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import load
from rpps_sync.simulator.publish import publish

FIRST_DAY = date(2026, 11, 20)
STRANGERS = 10  # one in so many
DIRT = {"typo": 0.25, "swapped": 0.05, "maiden": 0.08, "one_given": 0.2, "moved": 0.25, "sparse": 0.3}
CURVE = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Case:
    """A description, who it is of (empty: nobody), and what was done to it."""

    told: Described
    whose: str
    dirt: tuple[str, ...]


def main() -> None:
    """Make or open a directory, describe people, and print the tables."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--practitioners", type=int, default=20_000)
    asked.add_argument("--database", type=Path)
    asked.add_argument("--people", type=int, default=2_000)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    logs.configure(quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        file = options.database or _made(Path(folder), options.practitioners, options.seed)
        engine = open_engine(f"sqlite:///{file}")
        with reading(engine) as connection:
            cases = described(connection, options.people, random.Random(options.seed))  # noqa: S311 - reproducible
            began = time.perf_counter()
            decisions = list(match(connection, [case.told for case in cases]))
            seconds = time.perf_counter() - began
        engine.dispose()
    print(f"{len(cases)} descriptions, {1000 * seconds / len(cases):.1f} ms each\n")
    print("\n".join(curve(cases, decisions)))
    print()
    print("\n".join(by_dirt(cases, decisions)))


def _made(folder: Path, practitioners: int, seed: int) -> Path:
    publish(folder / "world", practitioners=practitioners, days=1, seed=seed, first_day=FIRST_DAY)
    settings = load(home=folder / "home")
    with clock.pinned(datetime(2026, 11, 20, 21, tzinfo=UTC)):
        run_night(settings, FolderSource(folder / "world" / "day-1"))
    engine = open_engine(settings.database)
    migrations.upgrade(engine)
    engine.dispose()
    return folder / "home" / "rpps-sync.sqlite"


def described(connection: Connection, people: int, draw: random.Random) -> list[Case]:
    """Descriptions of so many people, and of some who are nobody."""
    every = list(connection.execute(select(PRACTITIONERS.c.national_id)).scalars())
    chosen = draw.sample(every, min(people * 2, len(every)))
    known = list(documents.load(connection, chosen).values())
    cases = [_case(known[place], known, draw) for place in range(min(people, len(known)))]
    return [_stranger(case, known, draw) if place % STRANGERS == 0 else case for place, case in enumerate(cases)]


def _case(person: Practitioner, others: list[Practitioner], draw: random.Random) -> Case:
    told = _as_it_is(person)
    dirt = [name for name, share in DIRT.items() if draw.random() < share]
    for name in dirt:
        told = _dirtied(told, name, draw.choice(others), draw)
    return Case(told, person.national_id, tuple(dirt))


def _as_it_is(person: Practitioner) -> Described:
    exercise = person.exercises[0] if person.exercises else None
    place = next(
        (one.structure for one in (exercise.activities if exercise else ()) if one.structure.postal_code), None
    )
    return Described(
        family=person.family_name.title(),
        given=person.given_name.title(),
        profession=exercise.profession if exercise else "",
        postal_code=place.postal_code if place else "",
        commune=place.commune_label if place else "",
        structure=place.name if place else "",
    )


def _dirtied(told: Described, dirt: str, other: Practitioner, draw: random.Random) -> Described:
    if dirt == "typo":
        return replace(
            told, **{name: _misspelt(getattr(told, name), draw) for name in [draw.choice(["family", "given"])]}
        )
    if dirt == "swapped":
        return replace(told, family=told.given, given=told.family)
    if dirt == "maiden":
        return replace(told, family=other.family_name)
    if dirt == "one_given":
        return replace(told, given=told.given.replace("-", " ").split(" ")[0])
    if dirt == "moved":
        elsewhere = _as_it_is(other)
        return replace(
            told, postal_code=elsewhere.postal_code, commune=elsewhere.commune, structure=elsewhere.structure
        )
    return replace(
        told, **dict.fromkeys(draw.sample(["profession", "postal_code", "commune", "structure"], 2), "")
    )


def _misspelt(name: str, draw: random.Random) -> str:
    if len(name) < 3:
        return name
    place = draw.randrange(1, len(name))
    return draw.choice(
        [
            name[:place] + name[place + 1 :],
            name[:place] + draw.choice(LETTERS) + name[place:],
            name[:place] + draw.choice(LETTERS) + name[place + 1 :],
            name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :],
        ]
    )


def _stranger(case: Case, others: list[Practitioner], draw: random.Random) -> Case:
    one, another = draw.choice(others), draw.choice(others)
    told = replace(case.told, family=one.family_name, given=another.given_name)
    return Case(told, "", ("stranger",))


def curve(cases: list[Case], decisions: list[Decision]) -> list[str]:
    """Precision and recall of the best candidate, by the least probability it is taken at."""
    lines = ["| least probability | named | precision | recall |", "|---|---|---|---|"]
    known = sum(bool(case.whose) for case in cases)
    for least in CURVE:
        named = [
            (case, decision.ranked[0].candidate.national_id)
            for case, decision in zip(cases, decisions, strict=True)
            if decision.ranked and decision.ranked[0].probability >= least
        ]
        right = sum(case.whose == who for case, who in named)
        lines.append(f"| {least} | {len(named)} | {right / max(len(named), 1):.4f} | {right / known:.4f} |")
    return lines


def by_dirt(cases: list[Case], decisions: list[Decision]) -> list[str]:
    """The verdicts by what was done to the description; wrong: another person was named."""
    names = [*Verdict, "wrong", "among the candidates"]
    lines = [f"| dirt | cases | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for dirt in ("(none)", *DIRT, "stranger"):
        counts = Counter[str]()
        for case, decision in zip(cases, decisions, strict=True):
            if dirt in case.dirt or (dirt == "(none)" and not case.dirt):
                counts["cases"] += 1
                counts[decision.verdict] += 1
                chosen = decision.chosen
                counts["wrong"] += chosen is not None and chosen.candidate.national_id != case.whose
                counts["among the candidates"] += case.whose in [
                    one.candidate.national_id for one in decision.ranked
                ]
        lines.append(f"| {dirt} | {counts['cases']} | {' | '.join(str(counts[name]) for name in names)} |")
    return lines


if __name__ == "__main__":
    main()
