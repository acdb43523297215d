"""What needs somebody tonight, and who that is: the table that a manager reads after the verdict.

A check points at whoever makes or hands out the extracts, an objective at the link of the chain that broke, a
finding at the authority that can correct the record or at the application whose tokens are late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rpps_sync.finding import Verdict
from rpps_sync.reporting.corrections import acronym_of, channel_of
from rpps_sync.reporting.headline import Story
from rpps_sync.reporting.lights import READING_ORDER
from rpps_sync.reporting.model import CheckLine, Findings, FreshnessLine, Hand, Light, Standing
from rpps_sync.reporting.words import Words
from rpps_sync.run_summary import CheckSeverity, Outcome

_BAD = (Light.WARN, Light.ERROR)
_TO_CORRECT = (Verdict.DIRECTORY_STALE, Verdict.CONFLICT)
_AT_APPLICATIONS = {  # what an application can do something about, and how grave it is
    Verdict.DEPARTED_PRACTITIONER: Light.ERROR,
    Verdict.UNKNOWN_PRACTITIONER: Light.ERROR,
    Verdict.TOKEN_STALE: Light.WARN,
}
_ONE_BY_ONE = 2  # of a kind; more of them are counted
_ANSWERS_FOR_CHECK = {"transport": "diffusion", "codes": "us"}  # by family; the publisher for all others


def hands(story: Story, found: Findings, told: tuple[str, str], words: Words) -> tuple[Hand, ...]:
    """Everything that needs somebody, the worst first.

    Args:
        story: the run.
        found: the findings that stand.
        told: why the run ended so, and what to do about it (``headline.explain``).
        words: of the report's language.
    """
    standing = Standing(found.by_authority, found.by_source)
    asked = (
        *_of_the_run(story, told, words),
        *_of_checks(story, words),
        *_of_freshness(story, words),
        *at_applications(standing, words),
        *at_authorities(standing, words),
        *_of_quarantine(story, words),
    )
    return tuple(sorted(asked, key=lambda hand: READING_ORDER.index(hand.light)))


def to_settle(found: Findings) -> int:
    """How many findings somebody can act upon: all that stand but those that only wait."""
    return sum(count.findings for count in found.by_verdict if count.verdict != Verdict.PENDING)


def _of_the_run(story: Story, told: tuple[str, str], words: Words) -> Iterator[Hand]:
    message, mend = told
    ended_badly = story.summary["outcome"] in (Outcome.REFUSED, Outcome.FAILED)
    if message and (ended_badly or mend):
        yield Hand(Light.ERROR if ended_badly else Light.WARN, message, words("who.us"), mend)


def _of_checks(story: Story, words: Words) -> Iterator[Hand]:
    """The worst ones; the others in one line, so that checks do not hide what people and applications can do."""
    refused = story.summary["outcome"] == Outcome.REFUSED
    failing = [line for line in story.checks if line.light in _BAD and not (refused and _blocks(line))]
    for line in failing[:_ONE_BY_ONE]:
        what = words("hands.check", title=line.title, observed=line.observed)
        yield Hand(line.light, what, words("who." + _ANSWERS_FOR_CHECK.get(line.family, "publisher")), line.mend)
    yield from _others("checks", failing[_ONE_BY_ONE:], words)


def _blocks(line: CheckLine) -> bool:
    return line.light is Light.ERROR and line.severity == CheckSeverity.BLOCKING


def _of_freshness(story: Story, words: Words) -> Iterator[Hand]:
    late = sorted(
        (line for line in story.freshness if line.light in _BAD), key=lambda line: READING_ORDER.index(line.light)
    )
    for line in late[:_ONE_BY_ONE]:
        what = words("hands.freshness", title=line.title, observed=line.observed)
        yield Hand(line.light, what, words("who." + (line.link or "us")), line.mend)
    yield from _others("stale", late[_ONE_BY_ONE:], words)


def _others(kind: str, lines: Sequence[CheckLine | FreshnessLine], words: Words) -> Iterator[Hand]:
    if lines:
        more = words.count(f"headline.{kind}", len(lines))
        yield Hand(lines[0].light, words("hands.more", what=more), words("who.annex"), words("hands.more_how"))


def at_applications(found: Standing, words: Words) -> Iterator[Hand]:
    """What the applications can do: people who left or are unknown and sign in, tokens that are late."""
    for count in found.by_source:
        for verdict, light in _AT_APPLICATIONS.items():
            if number := count.by_verdict.get(verdict, 0):
                what, how = words.count(f"hands.{verdict}", number), words(f"hands.{verdict}_how")
                yield Hand(light, what, words("who.application", name=count.source), how)


def at_authorities(found: Standing, words: Words) -> Iterator[Hand]:
    """What each registration authority can correct."""
    counts: Counter[str] = Counter()
    for line in found.by_authority:
        counts[acronym_of(line.authority)] += sum(line.by_verdict.get(verdict, 0) for verdict in _TO_CORRECT)
    for acronym, number in counts.most_common():
        if number:
            who = words.known("authority", acronym) if acronym else words("who.no_authority")
            how = words("hands.correct_how", channel=channel_of(acronym, "", words.language))
            yield Hand(Light.WARN, words.count("hands.correct", number), who, how)


def _of_quarantine(story: Story, words: Words) -> Iterator[Hand]:
    if story.quarantined:
        what = words.count("hands.quarantine", story.quarantined)
        yield Hand(Light.WARN, what, words("who.publisher"), words("hands.quarantine_how"))
