"""The feeds of the registration authorities: which fell silent, since when, how unlikely, who has to act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from dashboards import pieces, readings
from dashboards.pieces import Column, Text
from dashboards.wording import Words
from rpps_sync.freshness import links
from rpps_sync.freshness.evidence import FeedJudged
from rpps_sync.freshness.stalls import ALARM, Silence
from rpps_sync.freshness.wording import odds_in_words, phrase
from rpps_sync.reporting.model import Light

_COLUMNS = (("feed", ""), ("since", "day"), ("brought", "num"), ("odds", "num"), ("act", ""))


def show_feeds(words: Words) -> None:
    """The silent ones first, worst first; all of them for who wants to know what is usual."""
    told = readings.feeds()
    pieces.heading(words.app("feeds.title"), words.app("feeds.note", odds=odds_in_words(ALARM, words.language)))
    if not told:
        pieces.message(Light.NONE, words.app("feeds.none"))
        return
    silent = sorted(
        ((authority, one) for authority, feeds in told.items() for one in feeds if one.judged.silence),
        key=lambda found: found[1].judged.odds,
    )
    watched = sum(any(one.judged.tellable for one in feeds) for feeds in told.values())
    if silent:
        columns = [Column(words.app(f"feeds.{name}"), css) for name, css in _COLUMNS]
        link = links.silent(len({authority for authority, _ in silent}), watched)
        act = phrase(link, words.language)
        rows = [_row(words, authority, one, one.judged.silence, act) for authority, one in silent]
        pieces.table(words.app("feeds.silent"), columns, rows)
    elif watched:
        pieces.message(Light.OK, words.count("app.feeds.lively", watched))
    else:
        pieces.message(Light.NONE, words.app("feeds.learning"))
    with st.expander(words.app("feeds.every")):
        names = (("feed", ""), ("usual", "num"), ("state", ""))
        columns = [Column(words.app(f"feeds.{name}"), css) for name, css in names]
        pieces.table(words.app("feeds.every"), columns, _every(words, told), tall=True)


def _row(words: Words, authority: str, one: FeedJudged, silence: Silence | None, act: str) -> tuple[Text, ...]:
    assert silence is not None
    return (
        pieces.mark(Light.ERROR, _named(words, authority, one)),
        words.day(silence.since),
        words.app("feeds.of", seen=words.number(silence.seen), expected=words.number(silence.expected)),
        words.app("feeds.chance", odds=odds_in_words(silence.odds, words.language)),
        act,
    )


def _named(words: Words, authority: str, one: FeedJudged) -> str:
    name = authority if authority.strip("/?") else words("findings.no_authority")
    return f"{name}, {one.label}" if one.profession else name


def _every(words: Words, told: Mapping[str, Sequence[FeedJudged]]) -> Iterator[tuple[Text, ...]]:
    for authority, feeds in sorted(told.items()):
        for one in feeds:
            judged = one.judged
            state = "silent_state" if judged.silence else "goes_on" if judged.tellable else "untellable"
            light = Light.ERROR if judged.silence else Light.OK if judged.tellable else Light.NONE
            usual = words.number(judged.daily, 0 if judged.daily >= 10 else 1)
            yield _named(words, authority, one), usual, pieces.mark(light, words.app(f"feeds.{state}"))
