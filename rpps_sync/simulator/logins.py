"""Logins: what the token of each observed practitioner says, on each day they are seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rpps_sync.simulator.alterations import altered
from rpps_sync.simulator.dossiers import Cells, Dossier, differ
from rpps_sync.simulator.schedules import ordinary_days, story_days
from rpps_sync.simulator.stories import Story
from rpps_sync.simulator.truth import Played
from rpps_sync.simulator.userinfo import PLAIN, Style, draw_style, story_style

_TURNS = 7  # of each plot: the first two are played at the second application, the third is up to date there
_COUNTERPARTS = (  # plots in which the directory does the same
    ("kept", "refreshed"),
    ("odd", "recent", "ahead"),
    ("departed", "forgotten"),
    ("unknown", "recent-unknown"),
)
Versions = list[Dossier | None]  # what the directory says of somebody, one per day


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose logins are observed: what the token says on each day they are seen."""

    said: dict[int, Dossier]  # by day, 1 is the first
    style: Style


@dataclass(frozen=True, slots=True)
class Scene:
    """One person as one application sees them."""

    person: Person
    played: Played | None  # None for those who always agree
    elsewhere: bool = False  # seen by the second application


@dataclass(frozen=True, slots=True)
class Stage:
    """What the stories are played with."""

    rng: np.random.Generator
    days: int
    grace: int  # N of the verdicts
    history: Mapping[str, Versions]  # by national identifier
    structures: Sequence[Cells]  # activities of other people, whose structures tokens can borrow


def agreeing(stage: Stage, national_id: str) -> Person | None:
    """Somebody whose token always says what the directory says that day.

    None for those who leave, for a while or for good: their last login would outlive them.
    """
    versions = stage.history[national_id]
    present = {number: dossier for number, dossier in enumerate(versions, start=1) if dossier}
    if len(present) < len(versions):
        return None
    seen = ordinary_days(stage.days, stage.rng, changing=differ(versions))
    return Person({day: present[day] for day in seen}, draw_style(present[1], stage.rng, stage.days))


def scenes(stage: Stage, story: Story, number: int) -> Iterator[Scene]:
    """What each application sees of somebody who has a story, the ``number``-th of its plot.

    By turns, both applications see a disagreement, each its own; or the second alone does, and the token that the
    first sees is up to date; or the first alone does, and the second sees a token up to date, or none. Somebody
    who is not always in the directory is never up to date.
    """
    both, second, up_to_date = (number % _TURNS == turn for turn in range(3))
    always = all(version is not None for version in stage.history.get(story.national_id, [None]))
    yield _up_to_date(stage, story) if second and always else _playing(stage, story)
    if second:
        yield replace(_playing(stage, story), elsewhere=True)
    elif both:
        yield replace(_playing(stage, _counterpart(stage, story)), elsewhere=True)
    elif up_to_date and always:
        yield replace(_up_to_date(stage, story), elsewhere=True)


def _playing(stage: Stage, story: Story) -> Scene:
    """Somebody who plays a story, and what the story comes down to."""
    seen = story_days(story, stage.days, stage.rng, stage.grace)
    before, after = _sides(stage, story)
    said = {day: _said(story, day, stage.days, before, after) for day in seen}
    style = story_style(stage.rng, stage.days, old=story.field == "address.commune")
    if not before.exercises:
        style = replace(style, merged_from=None)
    if story.plot == "married":  # a third name would be another one
        style = replace(style, spellings={**style.spellings, "family_name": ""})
    return Scene(Person(said, style), Played(story, seen, before, after))


def _up_to_date(stage: Stage, story: Story) -> Scene:
    """The same person where the token always says what the directory says."""
    versions = stage.history[story.national_id]
    seen = ordinary_days(stage.days, stage.rng, changing=True)
    said = {day: version for day in seen if (version := versions[day - 1])}
    return Scene(Person(said, PLAIN), None)


def _counterpart(stage: Stage, story: Story) -> Story:
    """A story for another application, on what the directory does in this one."""
    others = next((plots for plots in _COUNTERPARTS if story.plot in plots), (story.plot,))
    possible = [plot for plot in others if _has_room(plot, story.day, stage.days)]
    plot = possible[int(stage.rng.integers(0, len(possible)))]
    turns = plot == "ahead" and story.plot != "ahead"  # the others of its kind turn on no day
    return replace(story, plot=plot, day=int(stage.rng.integers(2, stage.days + 1)) if turns else story.day)


def _has_room(plot: str, day: int, days: int) -> bool:
    return (plot != "refreshed" or day < days) and (plot != "ahead" or days >= 2)


def _sides(stage: Stage, story: Story) -> tuple[Dossier, Dossier]:
    """What the side that changes says before and after; for ``odd``, the directory and the token."""
    versions = stage.history.get(story.national_id, [None])
    first = versions[0]
    if first is None:  # nobody the directory knows
        return Dossier(story.national_id), Dossier(story.national_id)
    if story.plot in ("odd", "recent", "ahead", "hesitant"):
        return first, altered(first, story, stage.rng, stage.structures)
    before, after = versions[story.day - 2] or first, versions[story.day - 1]
    return before, after or before  # somebody who left says what was last known


def _said(story: Story, day: int, days: int, before: Dossier, after: Dossier) -> Dossier:
    """What the token says on one day."""
    match story.plot:
        case "odd" | "recent":
            changed = True
        case "ahead":
            changed = day >= story.day
        case "followed":
            changed = day >= story.day - 1
        case "hesitant" | "reverted":
            changed = story.day <= day < story.day + 2
        case "refreshed":
            changed = day == days
        case _:
            changed = False
    return after if changed else before
