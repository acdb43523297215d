"""One publication beside another: lines by profession, département and authority, from the figures kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rpps_sync.publication import ExtractKind

DIMENSIONS = ("extract", "profession", "department", "registration_authority")
_PERSONS = str(ExtractKind.PERSONNE_ACTIVITE)


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines of one group, before and after."""

    dimension: str
    group: str
    before: int
    after: int

    @property
    def change(self) -> int:
        """Lines gained, or lost when negative."""
        return self.after - self.before


def gaps(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Gap]:
    """What moved between the figures of two publications (see ``metrics_of``), largest first by dimension."""
    found = []
    for dimension in DIMENSIONS:
        old, new = _counts(before, dimension), _counts(after, dimension)
        rows = [Gap(dimension, group, old.get(group, 0), new.get(group, 0)) for group in old.keys() | new.keys()]
        found += sorted((row for row in rows if row.change), key=lambda row: (-abs(row.change), row.group))
    return found


def _counts(metrics: Mapping[str, Any], dimension: str) -> Mapping[str, int]:
    files = metrics.get("files", {})
    if dimension == "extract":
        return {kind: figures.get("lines", 0) for kind, figures in files.items()}
    persons = files.get(_PERSONS, {})
    found: Mapping[str, int] = persons.get("groups", {}).get(dimension) or persons.get("codes", {}).get(
        dimension, {}
    )
    return found
