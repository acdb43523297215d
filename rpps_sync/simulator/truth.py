"""Truth: what should be found in the end, read off what the simulator did.

Written from the stories alone; the comparison room, which has to find it, is not consulted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rpps_sync.simulator.dossiers import Dossier, structure_key
from rpps_sync.simulator.stories import (
    ANOTHER,
    CATEGORY,
    FAMILY_NAME,
    GIVEN_NAME,
    KEEPING,
    PRACTITIONER,
    PROFESSION,
    SETS,
    SKILL,
    STRUCTURE,
    Story,
)

SILENT = ("refreshed", "followed", "returned", "wavering", "hesitant", "married")  # plots that end in agreement
_UNEXPLAINED = {"unknown": "unknown_practitioner", "recent-unknown": "unknown_practitioner"}  # else a conflict
_IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days, and which of their publications were never served."""

    days: Sequence[date]
    refused: frozenset[int] = frozenset()  # 1 is the first day; neither the first nor the last

    @property
    def served(self) -> list[int]:
        """The days whose publication was served."""
        return [day for day in range(1, len(self.days) + 1) if day not in self.refused]

    def publications_from(self, day: int) -> int:
        """How many publications were served at some instant from a day on: that of the day and later ones."""
        return 1 + sum(later > day for later in self.served)

    def start_of(self, holds: Callable[[int], bool]) -> int:
        """The first served day of the last run of them in which something holds."""
        start = self.served[-1]
        for day in reversed(self.served):
            if not holds(day):
                break
            start = day
        return start


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


def expected(played: Played, calendar: Calendar, grace: int, source: str) -> Iterator[Expected]:
    """What should be found about one story on the last day."""
    story = played.story
    if story.plot in SILENT:
        return
    for field, element, change in _elements(played):
        verdict, day = _verdict(played, change, calendar, grace)
        yield Expected(story.national_id, source, field, element, verdict, calendar.days[day - 1].isoformat())


def _elements(played: Played) -> Iterator[tuple[str, str, str]]:
    """The fields and elements concerned, each ``gone``, ``come`` or ``changed``."""
    field = played.story.field
    if field in SETS:
        before, after = _set(played.before, field), _set(played.after, field)
        yield from ((field, element, "gone") for element in sorted(before - after))
        yield from ((field, element, "come") for element in sorted(after - before))
    elif played.story.how == ANOTHER:
        yield PRACTITIONER, _IDENTITY, "changed"
        yield FAMILY_NAME, "", "changed"
        yield GIVEN_NAME, "", "changed"
    else:
        yield field, _element(played), "changed"


def _element(played: Played) -> str:
    """The profession, skill or structure that a single value belongs to; empty for what belongs to the person."""
    field = played.story.field
    if field == CATEGORY:
        return played.before.exercises[0].cells["profession"]
    if field == SKILL:
        token = played.before if played.story.plot in KEEPING else played.after
        cells = token.exercises[0].cells
        return f"{cells['profession']}/{cells['skill_type']}/{cells['skill']}"
    if field.startswith(("activity.", "contact.", "address.")):
        return structure_key(played.before.exercises[0].activities[0])
    return ""


def _set(dossier: Dossier, field: str) -> set[str]:
    if field == PROFESSION:
        return {exercise.cells["profession"] for exercise in dossier.exercises}
    assert field == STRUCTURE
    return {structure_key(activity) for exercise in dossier.exercises for activity in exercise.activities}


def _verdict(played: Played, change: str, calendar: Calendar, grace: int) -> tuple[str, int]:
    """The verdict on one element, and the day since when (1 is the first)."""
    story, first = played.story, played.seen[0]
    turned = calendar.start_of(lambda day: _turned(story, day))
    match story.plot:
        case "kept" | "relapsed":
            # What the directory gained makes a token late only once the grace is over.
            overdue = change != "come" or calendar.publications_from(max(first, turned)) >= grace
            return ("token_stale" if overdue else "pending"), turned
        case "ahead":
            return "directory_stale", min(day for day in played.seen if day >= story.day)
        case "reverted":
            # It moved last: what it says now is the news, from the day after it last said the other.
            return "directory_stale", max(day for day in played.seen if day < story.day + 2) + 1
        case "departed" | "forgotten":
            return "departed_practitioner", turned
        case "out-of-scope":
            return "out_of_scope", first
    overdue = calendar.publications_from(first) >= grace
    return (_UNEXPLAINED.get(story.plot, "conflict") if overdue else "pending"), first


def _turned(story: Story, day: int) -> bool:
    """Whether the files of a day tell the story after its turn."""
    return day >= story.day and not (story.plot == "relapsed" and day == story.day + 1)


def counts(lines: Sequence[Expected]) -> Mapping[str, int]:
    """How many findings of each verdict are expected."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.verdict] = found.get(line.verdict, 0) + 1
    return found
