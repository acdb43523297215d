"""The state of each objective at one instant: a pure function of a few clocks.

An age is compared strictly (``>``): exactly at the limit is still ok, as in dbt's source freshness. What was
never seen is ``no_data``, never ``ok``. An instant in the future is a wrong clock, told as a warning: its age
means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from rpps_sync.clock import end_of
from rpps_sync.freshness.ages import in_words, limit_in_words
from rpps_sync.freshness.objectives import Clock, Objective, objectives
from rpps_sync.run_summary import FreshnessState

CLOCK_TOLERANCE = timedelta(minutes=5)  # difference between two machines' clocks that nobody should hear about

_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "warn": "alerte au-delà de {warn}",
        "both": "alerte au-delà de {warn}, erreur au-delà de {error}",
        "none": "aucune donnée",
        "future": "daté de {age} dans le futur : une horloge est fausse",
    },
    "en": {
        "warn": "warns past {warn}",
        "both": "warns past {warn}, error past {error}",
        "none": "no data",
        "future": "dated {age} in the future: a clock is wrong",
    },
}


class State(StrEnum):
    """Where an objective stands."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the ages are counted from; None where nothing has happened yet."""

    published_at: datetime | None = None  # of the publication being served
    last_success: datetime | None = None  # end of the last run that published, or found nothing new
    last_observation: date | None = None  # last day an application sent a claim


def assess(clocks: Clocks, *, now: datetime, language: str) -> tuple[FreshnessState, ...]:
    """The state of every declared objective.

    Args:
        clocks: what the ages are counted from.
        now: the instant of the assessment, with its zone.
        language: ``fr`` or ``en``, for the observed age and the limit.
    """
    instants = {
        Clock.PUBLICATION: clocks.published_at,
        Clock.RUN: clocks.last_success,
        Clock.OBSERVATION: _end_of_observation(clocks.last_observation, now),
    }
    return tuple(_assess(objective, instants[objective.clock], now, language) for objective in objectives())


def in_error(states: tuple[FreshnessState, ...]) -> bool:
    """Whether at least one objective is in error, which the exit code tells."""
    return any(state.state == State.ERROR for state in states)


def _end_of_observation(day: date | None, now: datetime) -> datetime | None:
    """Only the day is kept of an observation: today's counts as now, another from the end of its day."""
    if day is None:
        return None
    return now if day == now.date() else end_of(day)


def _assess(objective: Objective, since: datetime | None, now: datetime, language: str) -> FreshnessState:
    state, observed = _state(objective, since, now, language)
    return FreshnessState(objective.id, state.value, observed, _limit(objective, language), since)


def _state(objective: Objective, since: datetime | None, now: datetime, language: str) -> tuple[State, str]:
    words = _WORDS[language]
    if since is None:
        return State.NO_DATA, words["none"]
    age = now - since
    if age < -CLOCK_TOLERANCE:
        return State.WARN, words["future"].format(age=in_words(-age, language))
    if objective.error is not None and age > objective.error:
        return State.ERROR, in_words(age, language)
    return (State.WARN if age > objective.warn else State.OK), in_words(age, language)


def _limit(objective: Objective, language: str) -> str:
    warn = limit_in_words(objective.warn)
    if objective.error is None:
        return _WORDS[language]["warn"].format(warn=warn)
    return _WORDS[language]["both"].format(warn=warn, error=limit_in_words(objective.error))
