"""Quality scores: five numbers between 0 and 1 for a publication, its extracts, professions and authorities.

    completeness   filled cells / cells that a healthy line fills (``rpps_sync.extracts.rules.EXPECTED``)
    validity       1 - cells of a wrong shape / cells judged (rules of validity)
    uniqueness     1 - lines that repeat another exactly / lines
    consistency    1 - contradictions / lines judged (rules of consistency), orphans counted for other extracts
    timeliness     1 up to 36 hours after the deposit, then falling evenly to 0 at 10 days

The score is their mean, of those that can be told: a profession has neither uniqueness nor timeliness of its own.
Everything comes from the profile of a file, which comes from the file alone: a score can be made again from the
archive, whenever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from rpps_sync.extracts.crossing import Orphans
from rpps_sync.extracts.profile import BROKEN, JUDGED, Profile
from rpps_sync.extracts.rules import EXPECTED, Dimension
from rpps_sync.publication import ExtractKind

FRESH, STALE = timedelta(hours=36), timedelta(days=10)
Scores = dict[str, float]
"""Dimension -> share; ``score`` is their mean. What cannot be told is left out."""


def scores_of(
    profiles: Mapping[ExtractKind, Profile],
    orphans: Mapping[ExtractKind, Orphans] | None = None,
    *,
    age: timedelta | None = None,
) -> dict[str, Any]:
    """The scores of a publication.

    Args:
        profiles: what was measured of each file.
        orphans: people of each file whom the file of persons does not know.
        age: of the deposit when it was looked at; None: timeliness is left out.

    Returns:
        ``{"publication": scores, "extracts": {kind: scores}, "professions": {code: scores}, "authorities":
        {triplet: scores}}``, the last two from the activity file.
    """
    extracts = {
        str(kind): _mean(_of_extract(profile, (orphans or {}).get(kind))) for kind, profile in profiles.items()
    }
    persons = profiles.get(ExtractKind.PERSONNE_ACTIVITE)
    return {
        "publication": _mean(
            _whole(profiles, extracts) | ({} if age is None else {"timeliness": timeliness(age)})
        ),
        "extracts": extracts,
        "professions": {} if persons is None else _by(persons, "profession"),
        "authorities": {} if persons is None else _by(persons, "registration_authority"),
    }


def timeliness(age: timedelta) -> float:
    """1 up to FRESH, 0 from STALE on, evenly in between.

    >>> timeliness(timedelta(days=1)), timeliness(timedelta(days=20))
    (1.0, 0.0)
    """
    return min(1.0, max(0.0, (STALE - age) / (STALE - FRESH)))


def age_of(published_at: datetime, at: datetime) -> timedelta:
    """How old a deposit was when it was looked at; never negative."""
    return max(timedelta(), at - published_at)


def _of_extract(profile: Profile, orphans: Orphans | None) -> Scores:
    total = profile.groups.select(pl.exclude("profession", "registration_authority").sum())
    scores = _of_counts(total.row(0, named=True), profile.kind) if profile.lines else {}
    if profile.lines:
        scores["uniqueness"] = 1 - profile.duplicates / profile.lines
    if orphans is not None:
        scores["consistency"] = min(scores.get("consistency", 1.0), 1 - orphans.share)
    return scores


def _of_counts(counts: Mapping[str, int], kind: ExtractKind) -> Scores:
    scores = {"completeness": counts["complete"] / max(1, counts["rows"] * len(EXPECTED[kind]))}
    for dimension in Dimension:
        if judged := counts[f"{dimension}{JUDGED}"]:
            scores[str(dimension)] = 1 - counts[f"{dimension}{BROKEN}"] / judged
    return scores


def _by(persons: Profile, group: str) -> dict[str, Scores]:
    counts = persons.groups.group_by(group).agg(pl.col(pl.Int64).sum()).sort("rows", descending=True)
    return {row[group]: _mean(_of_counts(row, persons.kind)) for row in counts.iter_rows(named=True)}


def _whole(profiles: Mapping[ExtractKind, Profile], extracts: Mapping[str, Scores]) -> Scores:
    """The scores of the extracts, weighed by their lines."""
    lines = {str(kind): profile.lines for kind, profile in profiles.items()}
    dimensions = dict.fromkeys(name for scores in extracts.values() for name in scores if name != "score")
    whole = {}
    for name in dimensions:
        told = [kind for kind in extracts if name in extracts[kind]]
        whole[name] = sum(extracts[kind][name] * lines[kind] for kind in told) / sum(lines[kind] for kind in told)
    return whole


def _mean(scores: Scores) -> Scores:
    rounded = {name: round(value, 6) for name, value in scores.items()}
    return rounded | ({"score": round(sum(rounded.values()) / len(rounded), 6)} if rounded else {})
