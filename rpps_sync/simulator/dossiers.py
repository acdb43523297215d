"""Dossiers: what the published files say of a few practitioners on each day, shaped as a token tells it.

Read back from the files of ``simulate publish``, so that tokens agree with what was really published.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import SEPARATOR, layout

Cells = dict[str, str]

_EXERCISE = ("profession", "category", "exercise_civility", "family_name", "given_name", "skill_type", "skill")
_TOKEN_SKILLS = ("S", "CEX", "PAC")  # types of savoir-faire that reach a token
_NOT_ACTIVITY = (*_EXERCISE, "id_type", "identifier", "national_id", "civility")


@dataclass(slots=True)
class Exercise:
    """One profession and category: its cells, and its activities by the column keys of the extract."""

    cells: Cells
    activities: list[Cells]


@dataclass(slots=True)
class Dossier:
    """One practitioner on one day; empty when the files of that day do not name them."""

    national_id: str
    civility: str = ""
    exercises: list[Exercise] = field(default_factory=list)

    def copy(self) -> Dossier:
        """A copy that can be altered."""
        return copy.deepcopy(self)


def structure_key(activity: Cells) -> str:
    """The identifier that names an activity's structure best, or an empty string."""
    return activity["technical_id"] or activity["former_id"] or activity["finess"] or activity["siret"]


def everybody(folder: Path) -> list[str]:
    """The national identifiers of one day's personne-activite, sorted."""
    ids = _scan(folder).select(pl.col("national_id").unique().sort()).collect(engine="streaming")
    return ids["national_id"].to_list()


def dossiers(folder: Path, national_ids: Collection[str]) -> dict[str, Dossier]:
    """What one day's files say of those practitioners; people who are not there are left out."""
    wanted = pl.Series(sorted(national_ids), dtype=pl.String)
    rows = _scan(folder).filter(pl.col("national_id").is_in(wanted.implode())).collect(engine="streaming")
    found: dict[str, Dossier] = {}
    for row in rows.sort(rows.columns).iter_rows(named=True):
        dossier = found.setdefault(row["national_id"], Dossier(row["national_id"], row["civility"]))
        _add(dossier, row)
    return found


def _scan(folder: Path) -> pl.LazyFrame:
    expected = layout(ExtractKind.PERSONNE_ACTIVITE)
    return pl.scan_csv(
        folder / expected.file_name,
        separator=SEPARATOR,
        quote_char=None,
        infer_schema=False,
        empty_string_is_null=False,
    ).rename({column.name: column.key for column in expected.columns})


def _add(dossier: Dossier, row: Cells) -> None:
    """Each further line of an exercise adds a situation; only its first line gives a skill."""
    cells = {key: row[key] for key in _EXERCISE}
    if cells["skill_type"] not in _TOKEN_SKILLS:
        cells |= {"skill_type": "", "skill": ""}
    activity = {key: value for key, value in row.items() if key not in _NOT_ACTIVITY}
    same = ("profession", "category")
    for exercise in dossier.exercises:
        if all(exercise.cells[key] == cells[key] for key in same):
            exercise.activities.append(activity)
            return
    dossier.exercises.append(Exercise(cells, [activity]))


def differ(versions: Sequence[Dossier | None]) -> bool:
    """Whether somebody's dossier is not the same on all those days."""
    return any(version != versions[0] for version in versions)
