"""Stories: the disagreements between tokens and directory that a simulation seeds on purpose.

A story is one practitioner, one plot, one field. ``publish`` plays the directory's part on the day it is due and
writes the stories down in ``world.json``; ``tokens`` plays the token's part and writes what should be found.

| plot | what happens |
|---|---|
| ``kept`` | the directory changes on that day, the token keeps the former value |
| ``refreshed`` | the same, and the token follows on the last day |
| ``ahead`` | the token changes on that day, the directory keeps the former value |
| ``followed`` | the same, and the directory follows the day after |
| ``odd`` | the token says something else than the directory from the first time it is seen |
| ``recent`` | the same, first seen on one of the last two days |
| ``departed`` | the practitioner leaves the directory on that day and still signs in |
| ``forgotten`` | the same, but nobody signs in any more: an account to close |
| ``returned`` | the same, and the directory has them again two days later |
| ``wavering`` | the directory changes on that day and changes back the day after; the token keeps the value |
| ``relapsed`` | the same, and the directory changes again the day after that |
| ``hesitant`` | the token changes on that day and changes back two days later |
| ``reverted`` | the directory and the token change on that day, and the token changes back two days later |
| ``married`` | the directory adds a second name on that day, the token keeps the first alone |
| ``unknown``, ``recent-unknown`` | an RPPS number that no day ever publishes |
| ``out-of-scope`` | an identity that the extracts never contain |

``how`` is ``replaced``, or for the fields that are sets also ``added`` and ``dropped``: seen from whoever changes
(for ``odd``, from the token); ``another`` makes the number somebody else's: both names change.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path

import numpy as np

from rpps_sync.errors import UsageError
from rpps_sync.simulator.keyed_numbers import with_key

WORLD_FILE = "world.json"
_FORMAT = 1

PROFESSION = "exercise.profession"
CATEGORY = "exercise.category"
SKILL = "skill"
STRUCTURE = "activity.structure"
SECTION = "activity.pharmacist_section"
FAMILY_NAME = "identity.family_name"
GIVEN_NAME = "identity.given_name"
PRACTITIONER = "practitioner"
SETS = (PROFESSION, STRUCTURE)
VALUES = (
    CATEGORY,
    SKILL,
    "activity.mode",
    "activity.sector",
    "activity.role",
    "activity.kind",
    SECTION,
    FAMILY_NAME,
    GIVEN_NAME,
)
CONTACTS = (
    "contact.phone",
    "contact.email",
    "address.street",
    "address.postal_code",
    "address.commune",
)
ANOTHER = "another"
KEEPING = ("kept", "relapsed", "reverted")  # plots whose token ends with what the directory said before
_WAVERING = (CATEGORY, SKILL, "activity.mode", "activity.role", "activity.kind")
_WAVERING_TOO = ("activity.sector", SECTION, FAMILY_NAME, GIVEN_NAME, "contact.phone", "address.street")
_SWINGING = (CATEGORY, SKILL, "activity.mode", FAMILY_NAME, "address.street")  # fields that tokens change back
_RESOLVED = (PROFESSION, STRUCTURE, CATEGORY, SKILL, FAMILY_NAME)  # fields of the stories that end well
IDENTITIES = ("siret-card", "finess-card", "psi", "adeli", "test-bed")  # `how` of the out-of-scope stories


@dataclass(frozen=True, slots=True)
class Plot:
    """What a story is about."""

    name: str
    field: str
    how: str = "replaced"


@dataclass(frozen=True, slots=True)
class Story:
    """A plot that befalls one practitioner; ``day`` (1 is the first) is when it turns."""

    national_id: str
    plot: str
    field: str
    how: str
    day: int


@dataclass(frozen=True, slots=True)
class Script:
    """What ``world.json`` holds: enough to play the tokens' part."""

    seed: int
    days: tuple[date, ...]
    stories: tuple[Story, ...]


def plots(days: int) -> Iterator[Plot]:
    """Every plot that so many days have room for, the verdicts by turns; what a small world needs comes first."""
    yield from _by_turns(_first_plots(days))
    yield from _by_turns(_more_plots(days))


def _by_turns(lists: Sequence[Sequence[Plot]]) -> Iterator[Plot]:
    yield from (plot for round_ in zip_longest(*lists) for plot in round_ if plot is not None)


def _first_plots(days: int) -> list[list[Plot]]:
    fields = [*(Plot("", field) for field in VALUES)]
    fields += _of_sets()
    fields += [*(Plot("", field) for field in CONTACTS), Plot("", PRACTITIONER, ANOTHER)]
    acts = {"odd": fields, "recent": fields}
    if days >= 2:
        acts |= {"kept": fields, "ahead": fields}
    if days >= 3:
        resolved = [Plot("", field) for field in _RESOLVED]
        acts |= {"refreshed": resolved, "followed": resolved}
    if days >= 5:
        wavering = [Plot("", field) for field in _WAVERING]
        acts |= {"wavering": wavering, "relapsed": wavering, "returned": [Plot("", PRACTITIONER)] * 2}
    lists = [_of_plot(name, items) for name, items in acts.items()]
    lists.append([Plot("unknown", PRACTITIONER), Plot("recent-unknown", PRACTITIONER)])
    lists.append([Plot("out-of-scope", PRACTITIONER, how) for how in IDENTITIES])
    if days >= 2:
        lists.append([Plot("departed", PRACTITIONER)] * 3)
    return lists


def _more_plots(days: int) -> list[list[Plot]]:
    lists = []
    if days >= 2:
        lists += [[Plot("forgotten", PRACTITIONER)] * 2, [Plot("married", FAMILY_NAME)] * 2]
    if days >= 5:
        swinging = [*(Plot("", field) for field in _SWINGING)]
        wavering = [*_of_sets(), *(Plot("", field) for field in _WAVERING_TOO), Plot("", PRACTITIONER, ANOTHER)]
        lists += [_of_plot(name, wavering) for name in ("wavering", "relapsed")]
        lists += [_of_plot("hesitant", [*swinging, *_of_sets()]), _of_plot("reverted", swinging)]
    return lists


def _of_sets() -> list[Plot]:
    return [Plot("", field, how) for field in SETS for how in ("replaced", "added", "dropped")]


def _of_plot(name: str, items: Sequence[Plot]) -> list[Plot]:
    return [Plot(name, item.field, item.how) for item in items]


def turning_day(plot: Plot, number: int, days: int) -> int:
    """The day on which the ``number``-th story of a plot turns; 0 when nothing turns."""
    first, last = {
        "kept": (2, days),
        "departed": (2, days),
        "forgotten": (2, days),
        "married": (2, days),
        "ahead": (2, days),
        "refreshed": (2, days - 1),
        "followed": (3, days),
        "returned": (2, days - 2),
        "wavering": (2, days - 1),
        "relapsed": (2, days - 2),
        "hesitant": (2, days - 2),
        "reverted": (2, days - 2),
    }.get(plot.name, (0, 0))
    return first + number % (last - first + 1)


def foreign_identity(how: str, number: int) -> str:
    """An identity of ``IDENTITIES`` that no extract contains, as ``SubjectNameID`` writes it."""
    match how:
        case "siret-card":
            return f"5{180_000 + number:09d}00012/CPAT{number:05d}"
        case "finess-card":
            return f"3{759_900_000 + number:09d}/{number:09d}"
        case "psi":
            return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://psc.simulator.invalid/{number}"))
        case "adeli":
            return f"0{int(with_key(np.array([75_930_000 + number]))[0])}"
        case _:
            return f"ANS202611181{number:05d}"


def write_script(folder: Path, script: Script) -> None:
    """Write ``world.json``."""
    text = {
        "format": _FORMAT,
        "seed": script.seed,
        "days": [day.isoformat() for day in script.days],
        "stories": [asdict(story) for story in script.stories],
    }
    (folder / WORLD_FILE).write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


def read_script(folder: Path) -> Script:
    """Read ``world.json``.

    Raises:
        UsageError: the folder holds no simulation, or one that another version wrote.
    """
    try:
        text = json.loads((folder / WORLD_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{folder} holds no simulation: {WORLD_FILE} is missing or unreadable",
            mend="run rpps-sync simulate publish --out there first",
            reason="no-simulation",
        ) from error
    if text.get("format") != _FORMAT:
        raise UsageError(f"{folder / WORLD_FILE} was written by another version", mend="publish it again")
    days: Sequence[str] = text["days"]
    return Script(
        seed=text["seed"],
        days=tuple(date.fromisoformat(day) for day in days),
        stories=tuple(Story(**story) for story in text["stories"]),
    )
