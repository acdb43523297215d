"""The first sentence of a report: was tonight clean, what is served, how old is it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rpps_sync.freshness.states import State
from rpps_sync.reporting.model import CheckLine, FreshnessLine, Light, Served
from rpps_sync.reporting.words import Words
from rpps_sync.run_summary import CheckSeverity, Outcome


@dataclass(frozen=True, slots=True)
class Story:
    """What the sentence is made of."""

    summary: Mapping[str, Any]
    served: Served | None
    checks: tuple[CheckLine, ...]
    freshness: tuple[FreshnessLine, ...]
    quarantined: int
    to_settle: int = 0  # findings that somebody can act upon


def tell(story: Story, words: Words) -> tuple[Light, str]:
    """The light of the night, and three sentences: how it ended, what is served, what asks for attention."""
    reservations = _reservations(story, words)
    clean = not reservations
    sentences = (_opening(story, words, clean=clean), _serving(story, words), _asking(story, reservations, words))
    return _light(story, clean=clean), " ".join(sentences)


def explain(story: Story, words: Words) -> tuple[str, str]:
    """Why it ended so, and what to do; where checks refused, in the words of the report."""
    publication, blocking = story.summary["publication"], [line for line in story.checks if _blocks(line)]
    if story.summary["outcome"] != Outcome.REFUSED or not publication or not blocking:
        return story.summary["message"], story.summary["mend"]
    reasons = [words("headline.reason", title=line.title, observed=line.observed) for line in blocking]
    return " ".join(reasons), words("headline.refused_mend", id=publication["id"])


def _light(story: Story, *, clean: bool) -> Light:
    ended_badly = story.summary["outcome"] in (Outcome.REFUSED, Outcome.FAILED)
    stale = any(line.state == State.ERROR for line in story.freshness)
    if ended_badly or stale or story.served is None:
        return Light.ERROR
    failing = any(line.light is Light.ERROR for line in story.checks)
    return Light.OK if clean and not failing else Light.WARN


def _opening(story: Story, words: Words, *, clean: bool) -> str:
    outcome, publication = story.summary["outcome"], story.summary["publication"]
    if outcome == Outcome.REFUSED and publication:
        blocking = sum(_blocks(line) for line in story.checks)
        name = words("headline.refused", day=words.day(publication["published_at"]))
        return words.count("headline.refused_by", blocking, opening=name) if blocking else f"{name}."
    if outcome == Outcome.REFUSED:
        return words("headline.refused_unread")  # not even archived: there is no day to name
    if outcome == Outcome.PUBLISHED:
        return words("headline.published_clean" if clean else "headline.published")
    return words(f"headline.{outcome}")


def _serving(story: Story, words: Words) -> str:
    if story.served is None:
        return words("headline.nothing_served")
    kind = "served" if story.summary["outcome"] == Outcome.PUBLISHED else "still_served"
    age = words.age(timedelta(seconds=story.served.age_seconds))
    return words(f"headline.{kind}", day=words.day(story.served.published_at.date()), age=age)


def _asking(story: Story, reservations: list[str], words: Words) -> str:
    """What to look at; where the night itself asks for nothing, the findings that wait for somebody."""
    if reservations:
        return words("headline.reservations", list=enumerated(reservations, words))
    if story.to_settle:
        return words.count("headline.to_settle", story.to_settle)
    settled = story.summary["outcome"] in (Outcome.PUBLISHED, Outcome.UNCHANGED)
    return words("headline.nothing_asked" if settled else "headline.nothing_else")


def _reservations(story: Story, words: Words) -> list[str]:
    """What keeps the night from being clean, besides its outcome."""
    refused = story.summary["outcome"] == Outcome.REFUSED
    failing = [
        line
        for line in story.checks
        if line.light in (Light.WARN, Light.ERROR) and not (refused and _blocks(line))
    ]
    stale = [line for line in story.freshness if line.light in (Light.WARN, Light.ERROR)]
    counts = {"checks": len(failing), "quarantined": story.quarantined, "stale": len(stale)}
    return [words.count(f"headline.{name}", number) for name, number in counts.items() if number]


def _blocks(line: CheckLine) -> bool:
    return line.light is Light.ERROR and line.severity == CheckSeverity.BLOCKING


def enumerated(parts: Sequence[str], words: Words) -> str:
    """Parts of a sentence, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return words("headline.and", first=", ".join(parts[:-1]), last=parts[-1])
