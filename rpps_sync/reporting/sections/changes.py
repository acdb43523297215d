"""What a publication changed, by field and by profession."""

from __future__ import annotations

from collections import Counter, defaultdict

from rpps_sync.reporting.material import Material
from rpps_sync.reporting.model import Changes, FieldChanges, ProfessionChanges

_MOVEMENTS = {"arrived": "arrived", "returned": "arrived", "changed": "changed"}


def changes(material: Material) -> Changes:
    """What moved; all zeros on a night that published nothing."""
    delta = material.summary["delta"]
    people = delta["practitioners"]
    return Changes(
        lines_added=delta["lines_added"],
        lines_removed=delta["lines_removed"],
        arrived=people["added"],
        changed=people["changed"],
        departed=people["departed"],
        total=people["total"],
        by_field=_by_field(material),
        by_profession=_by_profession(material),
    )


def _by_field(material: Material) -> tuple[FieldChanges, ...]:
    changes = (FieldChanges(**row) for row in material.fields)
    return tuple(sorted(changes, key=lambda change: (-change.total, change.field)))


def _by_profession(material: Material) -> tuple[ProfessionChanges, ...]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in material.professions:
        counts[row["profession"]][_MOVEMENTS[row["kind"]]] += row["practitioners"]
    for row in material.departures:
        for code in filter(None, row["last_professions"].split(",")):
            counts[code]["departed"] += row["practitioners"]
    changes = (
        ProfessionChanges(
            code, material.labels.get(code) or code, moved["arrived"], moved["changed"], moved["departed"]
        )
        for code, moved in counts.items()
    )
    return tuple(sorted(changes, key=lambda change: (-change.total, change.code)))
