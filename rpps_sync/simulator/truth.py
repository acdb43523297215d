"""Truth: what should be found in the end, read off what the simulator did.

Written from the stories alone; the comparison room, which has to find it, is not consulted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rpps_sync.simulator.dossiers import Dossier, structure_key
from rpps_sync.simulator.stories import (
    CATEGORY,
    PROFESSION,
    SETS,
    SKILL,
    STRUCTURE,
    Story,
)

SILENT = ("refreshed", "followed")  # plots that end in agreement
_UNEXPLAINED = {"unknown": "unknown_practitioner", "recent-unknown": "unknown_practitioner"}  # else a conflict


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of ``truth.jsonl``."""

    national_id: str
    source: str
    field: str
    element: str
    verdict: str
    since: str


@dataclass(frozen=True, slots=True)
class Played:
    """A story as it was played.

    ``before`` and ``after`` are what the side that changes said before and after; for ``odd`` stories the
    directory and the token.
    """

    story: Story
    seen: Sequence[int]  # days on which the token was seen, ascending
    before: Dossier
    after: Dossier


def expected(played: Played, days: Sequence[date], grace: int, source: str) -> Iterator[Expected]:
    """What should be found about one story on the last day."""
    story = played.story
    if story.plot in SILENT:
        return
    for element, change in _elements(played):
        verdict, day = _verdict(played, change, len(days), grace)
        yield Expected(story.national_id, source, story.field, element, verdict, days[day - 1].isoformat())


def _elements(played: Played) -> Iterator[tuple[str, str]]:
    """The elements concerned, each ``gone``, ``come`` or ``changed``."""
    field = played.story.field
    if field in SETS:
        before, after = _set(played.before, field), _set(played.after, field)
        yield from ((element, "gone") for element in sorted(before - after))
        yield from ((element, "come") for element in sorted(after - before))
    else:
        yield _element(played), "changed"


def _element(played: Played) -> str:
    """The profession, skill or structure that a single value belongs to; empty for what belongs to the person."""
    field = played.story.field
    if field == CATEGORY:
        return played.before.exercises[0].cells["profession"]
    if field == SKILL:
        token = played.before if played.story.plot == "kept" else played.after
        cells = token.exercises[0].cells
        return f"{cells['profession']}/{cells['skill_type']}/{cells['skill']}"
    if field.startswith("activity."):
        return structure_key(played.before.exercises[0].activities[0])
    return ""


def _set(dossier: Dossier, field: str) -> set[str]:
    if field == PROFESSION:
        return {exercise.cells["profession"] for exercise in dossier.exercises}
    assert field == STRUCTURE
    return {structure_key(activity) for exercise in dossier.exercises for activity in exercise.activities}


def _verdict(played: Played, change: str, days: int, grace: int) -> tuple[str, int]:
    """The verdict on one element, and the day since when (1 is the first)."""
    story, first = played.story, played.seen[0]
    match story.plot:
        case "kept":
            # What the directory gained makes a token late only once the grace is over.
            overdue = change != "come" or days - max(first, story.day) + 1 >= grace
            return ("token_stale" if overdue else "pending"), story.day
        case "ahead":
            return "directory_stale", min(day for day in played.seen if day >= story.day)
        case "departed":
            return "departed_practitioner", story.day
        case "out-of-scope":
            return "out_of_scope", first
    overdue = days - first + 1 >= grace
    return (_UNEXPLAINED.get(story.plot, "conflict") if overdue else "pending"), first


def counts(lines: Sequence[Expected]) -> Mapping[str, int]:
    """How many findings of each verdict are expected."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.verdict] = found.get(line.verdict, 0) + 1
    return found
