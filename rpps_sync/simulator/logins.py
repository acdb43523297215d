"""Logins: what the token of each observed practitioner says, on each day they are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rpps_sync.simulator.alterations import altered
from rpps_sync.simulator.dossiers import Cells, Dossier, differ
from rpps_sync.simulator.schedules import ordinary_days, story_days
from rpps_sync.simulator.stories import Story
from rpps_sync.simulator.truth import Played
from rpps_sync.simulator.userinfo import PLAIN, Style, draw_style, story_style

_MERGED = 0.05  # share of the stories whose RPPS number is found among the other identifiers
Versions = list[Dossier | None]  # what the directory says of somebody, one per day


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose logins are observed: what the token says on each day they are seen."""

    said: dict[int, Dossier]  # by day, 1 is the first
    style: Style
    elsewhere: bool = False  # seen by another application than the first


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
    return Person({day: present[day] for day in seen}, draw_style(present[1], stage.rng))


def playing(stage: Stage, story: Story) -> tuple[Person, Played]:
    """Somebody who plays a story, and what the story comes down to."""
    seen = story_days(story, stage.days, stage.rng, stage.grace)
    before, after = _sides(stage, story)
    said = {day: _said(story, day, stage.days, before, after) for day in seen}
    style = story_style(stage.rng, old=story.field == "address.commune")
    if before.exercises and stage.rng.random() < _MERGED:
        style = replace(style, merged=True)
    return Person(said, style), Played(story, seen, before, after)


def elsewhere(stage: Stage, story: Story) -> Person | None:
    """The same person at another application, whose token is always up to date; None who are not always there."""
    versions = stage.history[story.national_id]
    if any(version is None for version in versions):
        return None
    seen = ordinary_days(stage.days, stage.rng, changing=True)
    said = {day: version for day in seen if (version := versions[day - 1])}
    return Person(said, PLAIN, elsewhere=True)


def _sides(stage: Stage, story: Story) -> tuple[Dossier, Dossier]:
    """What the side that changes says before and after; for ``odd``, the directory and the token."""
    versions = stage.history[story.national_id]
    first = versions[0]
    if first is None:  # nobody the directory knows
        return Dossier(story.national_id), Dossier(story.national_id)
    if story.plot in ("odd", "recent", "ahead"):
        return first, altered(first, story, stage.rng, stage.structures)
    before, after = versions[story.day - 2] or first, versions[story.day - 1]
    return before, after or before  # somebody who left says what was last known


def _said(story: Story, day: int, days: int, before: Dossier, after: Dossier) -> Dossier:
    """What the token says on one day."""
    match story.plot:
        case "odd" | "recent":
            return after
        case "ahead":
            return after if day >= story.day else before
        case "followed":
            return after if day >= story.day - 1 else before
        case "refreshed":
            return after if day == days else before
        case _:
            return before
