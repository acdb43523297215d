"""*Ce matin*: three sentences (is the directory fresh, was tonight clean, what needs a hand), then figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from dashboards import pieces, readings, session
from dashboards.charts import Point
from dashboards.checks_told import blocks, light_of, why
from dashboards.look import Look
from dashboards.nights_shown import show_calendar, show_practitioners
from dashboards.pieces import Figure, Text
from dashboards.visitors import may
from dashboards.wording import Words
from rpps_sync import clock
from rpps_sync.clock import parse_instant
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.finding import Verdict
from rpps_sync.freshness.objectives import title_of
from rpps_sync.freshness.states import State
from rpps_sync.reporting.lights import READING_ORDER, freshness_light
from rpps_sync.reporting.model import Light
from rpps_sync.run_summary import FreshnessState, Outcome

NIGHTS = 35  # of the trend and of the calendar: five weeks
Sentence = tuple[Light, Text]


def page() -> None:
    """Show it."""
    words = session.words()
    summary = readings.last_summary()
    pieces.headline(words.app("morning.title"), words.instant(clock.now()))
    if summary is None:
        pieces.message(Light.NONE, words.app("morning.never_ran"), words.app("morning.never_ran_mend"))
        return
    states = readings.freshness_states(words.language)
    standing = readings.standing_by_verdict()
    pieces.sentences([_fresh(words, states), _clean(words, summary), _asked(words, standing, summary)])
    told, mend = why(words, summary)
    if told:
        pieces.message(_night_light(summary), told, mend)
    pieces.figures(_figures(words, summary, standing))
    _trend(words)


def _fresh(words: Words, states: Sequence[FreshnessState]) -> Sentence:
    """Is the directory fresh?"""
    served = readings.served()
    if served is None:
        return Light.ERROR, words("headline.nothing_served")
    worst = min((freshness_light(State(one.state)) for one in states), key=READING_ORDER.index, default=Light.NONE)
    told = words(
        "headline.served",
        day=words.day(served.published_at.date()),
        age=words.age(clock.now() - served.published_at),
    )
    asks = (one.objective.partition(":")[0] for one in states if one.state in (State.WARN, State.ERROR))
    late = [title_of(name, words.language) for name in dict.fromkeys(asks)]
    if not late:
        light = Light.OK if worst in (Light.OK, Light.NONE) else worst
        return light, _linked("freshness", words, words.app("morning.fresh", served=told))
    return worst, _linked("freshness", words, words.app("morning.late", served=told, list=", ".join(late)))


def _clean(words: Words, summary: Mapping[str, Any]) -> Sentence:
    """Was tonight clean?"""
    night = words.day(clock.french_day(parse_instant(summary["started_at"])))
    outcome, troubles = summary["outcome"], list(_troubles(words, summary))
    if outcome == Outcome.REFUSED:
        blocking = sum(blocks(check) for check in summary["checks"])
        told = words.app("morning.refused", night=night)
        if blocking:
            told = words.app("morning.refused_by", night=night, list=words.count("app.morning.blocking", blocking))
        return Light.ERROR, _linked("quality", words, told)
    if outcome == Outcome.FAILED:
        return Light.ERROR, _linked("operations", words, words.app("morning.failed", night=night))
    if troubles:
        told = words.app("morning.reservations", night=night, list=_listed(words, troubles))
        return _night_light(summary), _linked("quality", words, told)
    key = "morning.unchanged" if outcome == Outcome.UNCHANGED else "morning.clean"
    return Light.OK, _linked("operations", words, words.app(key, night=night))


def _troubles(words: Words, summary: Mapping[str, Any]) -> Iterator[str]:
    failing = _failing(summary)
    if failing:
        yield words.count("headline.checks", failing)
    if lines := summary["quarantine"]["lines"]:
        yield words.count("headline.quarantined", lines)


def _failing(summary: Mapping[str, Any]) -> int:
    return sum(light_of(check) in (Light.WARN, Light.ERROR) for check in summary["checks"])


def _night_light(summary: Mapping[str, Any]) -> Light:
    if summary["outcome"] in (Outcome.REFUSED, Outcome.FAILED):
        return Light.ERROR
    lights = [light_of(check) for check in summary["checks"]] + [Light.OK]
    worst = min(lights, key=READING_ORDER.index)
    return worst if worst in (Light.ERROR, Light.WARN) else Light.WARN


def _asked(words: Words, standing: Mapping[str, int], summary: Mapping[str, Any]) -> Sentence:
    """What needs a hand?"""
    total = sum(standing.values()) - standing.get(Verdict.PENDING, 0)
    departed = standing.get(Verdict.DEPARTED_PRACTITIONER, 0)
    if not total:
        observed = summary["comparison"]["observed"] or readings.judged()[0]
        key = "morning.nothing_asked" if observed else "morning.nothing_observed"
        return (Light.OK if observed else Light.NONE), _linked("tokens", words, words.app(key))
    told = words.count("app.morning.findings", total)
    if not departed:
        told = f"{told}."
    else:
        told = words.app(
            "morning.and_departed", findings=told, departed=words.count("app.morning.departed", departed)
        )
    return (Light.ERROR if departed else Light.WARN), _linked("tokens", words, told)


def _figures(words: Words, summary: Mapping[str, Any], standing: Mapping[str, int]) -> Iterator[Figure]:
    served, delta = readings.served(), summary["delta"]["practitioners"]

    def to(page: str) -> str:
        return pieces.address(page, words.language)

    audit = may(KeyScope.AUDIT)

    if served:
        detail = words.app("morning.of", day=words.day(served.published_at.date()))
        yield Figure(words.number(served.practitioners), words("figure.practitioners"), detail, to("publications"))
    if summary["outcome"] == Outcome.PUBLISHED and delta["added"] < delta["total"]:  # else the first load
        moved = words(
            "figure.changes_detail", arrived=words.number(delta["added"]), departed=words.number(delta["departed"])
        )
        who = (
            pieces.address("publications", words.language, moved=str(served.seq), kind="changed") if served else ""
        )
        yield Figure(
            words.number(delta["changed"]), words("figure.changes"), moved, who if audit else to("publications")
        )
    ran = [check for check in summary["checks"] if check["status"] != "skipped"]
    if ran:
        passed = sum(check["status"] == "passed" for check in ran)
        yield Figure(
            words.number(passed),
            words("figure.checks"),
            words("figure.checks_of", total=words.number(len(ran))),
            pieces.address("quality", words.language, show="passed"),
        )
    people, _ = readings.judged()
    if people:
        yield Figure(
            words.number(sum(standing.values())),
            words("figure.findings"),
            _observed(words, people, standing.get(Verdict.PENDING, 0)),
            pieces.address("tokens", words.language, list="1") if audit else "",
        )


def _observed(words: Words, people: int, pending: int) -> str:
    """Whom the findings are about, and how many of them only wait for the next publications."""
    observed = words.count("figure.findings_detail", people)
    waiting = words.app("morning.waiting", n=words.number(pending), people=observed)
    return waiting if pending else observed


def _trend(words: Words) -> None:
    look = Look(words, session.dark())
    nights = readings.past_nights(NIGHTS)
    volumes = [one for one in readings.volumes(NIGHTS) if one.seq is not None and one.practitioners is not None]
    points = [Point(one.published_at.date(), one.practitioners or 0) for one in volumes]
    pieces.heading(words.app("morning.nights"), words.app("morning.nights_note"))
    described = words.app("morning.nights_described", n=words.number(len(nights)))
    show_calendar(look, nights, described)
    if len(points) < 2:
        pieces.show(Markup('<p class="note">{}</p>').format(words.app("morning.trend_alone")))
        return
    show_practitioners(look, points)


def _linked(page: str, words: Words, sentence: str) -> Text:
    if page in ("tokens", "operations") and not may(KeyScope.AUDIT):
        return sentence
    return Markup("{} {}").format(sentence, pieces.link(page, words.language, words.app("morning.see")))


def _listed(words: Words, items: list[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return words("headline.and", first=", ".join(items[:-1]), last=items[-1])
