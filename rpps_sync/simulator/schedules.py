"""Schedules: on which days each practitioner is seen signing in."""

from __future__ import annotations

import numpy as np

from rpps_sync.simulator.stories import Story

_SEEN = 0.55  # share of the days on which somebody signs in
RECENT_DAYS = 2  # 'recent' stories begin on one of that many last days


def story_days(story: Story, days: int, rng: np.random.Generator, grace: int) -> tuple[int, ...]:
    """The days a story needs, and some more; never empty, ascending, 1 is the first."""
    start, needed = 1, {days}
    match story.plot:
        case "kept" | "departed":
            needed = {int(rng.integers(story.day, days + 1)), int(rng.integers(1, days + 1))}
        case "refreshed":
            needed = {int(rng.integers(story.day, days)), days}
        case "ahead" | "followed":
            agreed, moved = (story.day, story.day) if story.plot == "ahead" else (story.day - 1, story.day - 1)
            needed = {int(rng.integers(1, agreed)), int(rng.integers(moved, days + 1))}
        case "forgotten":
            needed = {int(rng.integers(1, story.day))}
            return _with_more(needed, 1, story.day - 1, rng)
        case "hesitant" | "reverted":
            moved = int(rng.integers(story.day, story.day + 2)) if story.plot == "hesitant" else story.day + 1
            needed = {int(rng.integers(1, story.day)), moved, int(rng.integers(story.day + 2, days + 1))}
        case "returned" | "wavering" | "married":
            needed = {int(rng.integers(1, story.day)), int(rng.integers(story.day, days + 1))}
        case "relapsed":
            needed = {int(rng.integers(1, days + 1))}
        case "recent" | "recent-unknown":
            start = int(rng.integers(max(1, days - RECENT_DAYS + 1), days + 1))
            needed = {start}
        case "odd" | "unknown":
            needed = {int(rng.integers(1, max(1, days - grace + 1) + 1))}
            start = min(needed)
        case _:
            needed = {int(rng.integers(1, days + 1))}
    return _with_more(needed, start, days, rng)


def ordinary_days(days: int, rng: np.random.Generator, *, changing: bool) -> tuple[int, ...]:
    """Some days; somebody who changes in the directory is seen on the last one too."""
    needed = {days} if changing else {int(rng.integers(1, days + 1))}
    return _with_more(needed, 1, days, rng)


def _with_more(needed: set[int], start: int, days: int, rng: np.random.Generator) -> tuple[int, ...]:
    more = {day for day in range(start, days + 1) if rng.random() < _SEEN}
    return tuple(sorted(needed | more))
