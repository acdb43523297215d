"""Registration authorities whose feed stopped, each judged by its own past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time

from rpps_sync.freshness import links
from rpps_sync.freshness.calendar import at_local
from rpps_sync.freshness.evidence import FeedJudged
from rpps_sync.freshness.stalls import ALARM
from rpps_sync.freshness.verdict import Asked, State, Verdict
from rpps_sync.freshness.wording import joined, odds_in_words
from rpps_sync.locales import day as in_full

CERTAIN = 1e-6  # a silence less likely than that is an error
"""Less likely than once in a thousand authorities and years: nobody needs to see one more night of it."""


def feeds(asked: Asked) -> Iterator[Verdict]:
    """One verdict an authority; the professions that are silent are named in it."""
    authorities = asked.evidence.feeds
    if not authorities:
        yield Verdict(State.NO_DATA, asked.say("none"), _limit(asked))
    telling = [judged for judged in authorities.values() if any(one.judged.tellable for one in judged)]
    stalled = sum(bool(_silent(judged)) for judged in telling)
    for name, judged in sorted(authorities.items()):
        silent = _silent(judged)
        link = links.silent(stalled, len(telling)) if silent else links.Link.NONE
        yield _verdict(asked, name, judged, silent, link)


def _silent(judged: Sequence[FeedJudged]) -> list[FeedJudged]:
    """The feeds to name: the authority as a whole when it is silent, else its silent professions, worst first."""
    silent = [one for one in judged if one.judged.silence is not None]
    whole = [one for one in silent if not one.profession]
    return whole or sorted(silent, key=lambda one: one.judged.odds)


def _verdict(
    asked: Asked, name: str, judged: Sequence[FeedJudged], silent: Sequence[FeedJudged], link: links.Link
) -> Verdict:
    if silent:
        begun = min(one.judged.silence.since for one in silent if one.judged.silence)
        return Verdict(
            State.ERROR if min(one.judged.odds for one in silent) < CERTAIN else State.WARN,
            joined((_told(asked, one) for one in silent), asked.language),
            _limit(asked),
            name,
            at_local(begun, time()),
            link,
        )
    if any(one.judged.tellable for one in judged):
        return Verdict(State.OK, _lively(asked, judged), _limit(asked), name)
    learning = all(one.judged.daily == 0 for one in judged)
    return Verdict(State.NO_DATA, asked.say("learning" if learning else "tiny"), _limit(asked), name)


def _told(asked: Asked, one: FeedJudged) -> str:
    silence = one.judged.silence
    assert silence is not None
    return asked.say(
        "silence",
        who=f"{one.label} ({one.profession})" if one.profession else asked.say("whole"),
        seen=silence.seen,
        day=in_full(silence.since, asked.language),
        expected=round(silence.expected),
        n=silence.publications,
        odds=odds_in_words(silence.odds, asked.language),
    )


def _lively(asked: Asked, judged: Sequence[FeedJudged]) -> str:
    whole = next(one.judged.daily for one in judged if not one.profession)
    professions = [one for one in judged if one.profession]
    watched = sum(one.judged.tellable for one in professions)
    daily = f"{whole:.0f}" if whole >= 10 else f"{whole:.1f}"
    return asked.say("lively", daily=daily, professions=watched, all=len(professions))


def _limit(asked: Asked) -> str:
    return asked.say("odds", odds=odds_in_words(ALARM, asked.language))
