"""How each kind of objective is judged on the evidence: one function a kind, one verdict a subject.

An age is compared strictly (``>``): exactly at the limit is still ok, as in dbt's source freshness. Nights are
counted, and the limit is the night at which it is told. What was never seen is ``no_data``, never ``ok``. An
instant in the future is a wrong clock, told as a warning: its age means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from rpps_sync.clock import end_of, french_day
from rpps_sync.freshness import links
from rpps_sync.freshness.ages import in_words, limit_in_words
from rpps_sync.freshness.calendar import PARIS, after_working_time, at_local, is_working
from rpps_sync.freshness.evidence import Application, Content
from rpps_sync.freshness.links import Link
from rpps_sync.freshness.objectives import Calendar, Watch
from rpps_sync.freshness.silences import feeds
from rpps_sync.freshness.verdict import CLOCK_TOLERANCE, Asked, State, Verdict
from rpps_sync.freshness.wording import joined
from rpps_sync.locales import day as in_full
from rpps_sync.publisher.channels import ChannelState

_DAY = timedelta(days=1)
_OUT_OF_USE = (ChannelState.UNREACHABLE, ChannelState.REFUSED, ChannelState.MIXED_DAYS)


def publication(asked: Asked) -> Iterator[Verdict]:
    """The age of what is served."""
    served = asked.evidence.served
    yield _aged(asked, served.published_at if served else None, links.late(asked.evidence, asked.now))


def run(asked: Asked) -> Iterator[Verdict]:
    """The age of our last success."""
    yield _aged(asked, asked.evidence.last_success, Link.US)


def extracts(asked: Asked) -> Iterator[Verdict]:
    """The age of each file of the publication served."""
    served = asked.evidence.served
    if served is None:
        yield _nothing(asked)
        return
    for kind, deposited in served.files.items():
        yield _aged(asked, deposited, links.late(asked.evidence, asked.now), subject=kind)


def channels(asked: Asked) -> Iterator[Verdict]:
    """The age of what each channel offered when a run last looked: not looking is another objective's matter."""
    looked = asked.evidence.last_run
    if looked is None or not asked.evidence.channels:
        yield _nothing(asked)
        return
    for name, standing in asked.evidence.channels.items():
        at = Asked(asked.objective, asked.evidence, looked.started_at, asked.language)
        link = links.channel(name, standing.state)
        verdict = _aged(at, standing.published_at, link, subject=name)
        if standing.state in _OUT_OF_USE:
            observed = asked.say(standing.state)
            if standing.published_at is not None:
                observed = f"{observed}, {asked.say('offered', age=verdict.observed)}"
            verdict = Verdict(State.WARN, observed, verdict.limit, name, standing.published_at, link)
        yield Verdict(verdict.state, verdict.observed, verdict.limit, name, verdict.since, verdict.link)


def ready(asked: Asked) -> Iterator[Verdict]:
    """Whether a run had done its work in the day before the last deadline."""
    assert asked.objective.deadline is not None
    deadline = at_local(french_day(asked.now), asked.objective.deadline)
    if deadline > asked.now:
        deadline = at_local(french_day(asked.now) - _DAY, asked.objective.deadline)
    limit = asked.say("deadline", hour=f"{asked.objective.deadline:%H:%M}")
    ends = sorted(asked.evidence.successes)
    in_time = [end for end in ends if deadline - _DAY < end <= deadline]
    late = [end for end in ends if deadline < end]
    misses = deadline + (2 * _DAY if late else _DAY)  # when the next one will have been missed
    if in_time:
        yield Verdict(State.OK, _at(asked, "ready", in_time[-1]), limit, since=in_time[-1], error_at=misses)
    elif late and late[0] != ends[0]:
        observed = _at(asked, "ready-late", late[0])
        yield Verdict(State.WARN, observed, limit, since=late[0], link=Link.US, error_at=misses)
    elif ends and not late:
        link = links.late(asked.evidence, asked.now)
        yield Verdict(State.ERROR, _at(asked, "not-ready", ends[-1]), limit, since=ends[-1], link=link)
    else:
        yield Verdict(State.NO_DATA, asked.say("none"), limit)


def content(asked: Asked) -> Iterator[Verdict]:
    """Nights on which a run found nothing new, whatever the date it came under."""
    seen = asked.evidence.content
    if seen is None:
        yield _nothing(asked)
        return
    yield _nights(asked, seen, "", links.frozen(asked.evidence, asked.now))


def still(asked: Asked) -> Iterator[Verdict]:
    """The same of each extract, after working days only; one that seldom changes tells nothing."""
    found = asked.evidence.extracts
    if not found:
        yield _nothing(asked)
    for kind, seen in found.items():
        if seen.lively:
            yield _nights(asked, seen, kind, Link.PUBLISHER)
        else:
            yield Verdict(State.NO_DATA, asked.say("quiet"), _limit(asked), kind, seen.changed_at)


def applications(asked: Asked) -> Iterator[Verdict]:
    """The last observation of each application, in working time, against its own pauses too."""
    found = asked.evidence.applications
    if not found:
        yield _nothing(asked)
    for name, application in found.items():
        yield _application(asked, name, application)


WATCHES: Mapping[Watch, Callable[[Asked], Iterator[Verdict]]] = {
    Watch.PUBLICATION: publication,
    Watch.EXTRACT: extracts,
    Watch.CHANNEL: channels,
    Watch.READY: ready,
    Watch.CONTENT: content,
    Watch.STILL: still,
    Watch.FEED: feeds,
    Watch.INTAKE: applications,
    Watch.RUN: run,
}


def _application(asked: Asked, name: str, application: Application) -> Verdict:
    """Only the day is kept of an observation: today's counts as now, another from the end of its day."""
    day = application.last_seen
    since = asked.now if day == asked.now.date() else end_of(day)
    assert asked.objective.warn is not None
    pause = 2 * application.longest_pause * 24
    verdict = _aged(
        asked, since, Link.US, subject=name, patience=timedelta(hours=max(asked.objective.warn, pause))
    )
    if pause <= asked.objective.warn:
        return verdict
    observed = asked.say("pause", age=verdict.observed, pause=application.longest_pause)
    return Verdict(
        verdict.state, observed, verdict.limit, name, since, verdict.link, verdict.warn_at, verdict.error_at
    )


def _aged(
    asked: Asked, since: datetime | None, link: Link, *, subject: str = "", patience: timedelta | None = None
) -> Verdict:
    if since is None:
        return _nothing(asked, subject)
    assert asked.objective.warn is not None
    warn_at = _after(asked, since, patience or timedelta(hours=asked.objective.warn))
    error_at = _after(asked, since, timedelta(hours=asked.objective.error)) if asked.objective.error else None
    age = asked.now - since
    if age < -CLOCK_TOLERANCE:
        observed = asked.say("future", age=in_words(-age, asked.language))
        return Verdict(State.WARN, observed, _limit(asked), subject, since, Link.US)
    state = State.OK
    if error_at is not None and asked.now > error_at:
        state = State.ERROR
    elif asked.now > warn_at:
        state = State.WARN
    guilty = link if state is not State.OK else Link.NONE
    return Verdict(state, in_words(age, asked.language), _limit(asked), subject, since, guilty, warn_at, error_at)


def _after(asked: Asked, since: datetime, patience: timedelta) -> datetime:
    if asked.objective.calendar is Calendar.WORKING:
        return after_working_time(since, patience)
    return since + patience


def _nights(asked: Asked, seen: Content, subject: str, link: Link) -> Verdict:
    nights = [night for night in seen.nights if _counts(asked, night)]
    warn, error = asked.objective.warn, asked.objective.error
    assert warn is not None
    state = State.OK
    if error is not None and len(nights) >= error:
        state = State.ERROR
    elif len(nights) >= warn:
        state = State.WARN
    day = in_full(french_day(seen.changed_at), asked.language)
    key = ("changed", "night")[len(nights)] if len(nights) < 2 else "nights"
    observed = [asked.say(key, n=len(nights), day=day)]
    if nights and seen.dated is not None and links.date_moves_alone(seen):
        moved = in_full(french_day(seen.dated), asked.language)
        observed.append(asked.say("moves-alone", day=moved))
    guilty = link if state is not State.OK else Link.NONE
    told = joined(observed, asked.language)
    return Verdict(state, told, _limit(asked), subject, seen.changed_at, guilty)


def _counts(asked: Asked, night: date) -> bool:
    """A night after a day off brings nothing where offices have to work for it."""
    return asked.objective.calendar is Calendar.EVERY_DAY or is_working(night - _DAY)


def _nothing(asked: Asked, subject: str = "") -> Verdict:
    return Verdict(State.NO_DATA, asked.say("none"), _limit(asked), subject)


def _limit(asked: Asked) -> str:
    objective = asked.objective
    key = "both" if objective.error else "warn"
    limits: dict[str, object]
    if objective.unit == "nights":
        key = "nights-both" if objective.error else "nights-limit"
        limits = {"warn": objective.warn, "error": objective.error}
    else:
        hours = {"warn": objective.warn or 0, "error": objective.error or 0}
        limits = {name: _hours(asked, number) for name, number in hours.items()}
    suffix = f", {asked.say('worked-nights')}" if objective.unit == "nights" and _works(asked) else ""
    return asked.say(key, **limits) + suffix


def _hours(asked: Asked, number: int) -> str:
    limit = limit_in_words(timedelta(hours=number))
    return asked.say("working", limit=limit) if _works(asked) else limit


def _works(asked: Asked) -> bool:
    return asked.objective.calendar is Calendar.WORKING


def _at(asked: Asked, key: str, instant: datetime) -> str:
    local = instant.astimezone(PARIS)
    return asked.say(key, day=in_full(local.date(), asked.language), hour=f"{local:%H:%M}")
