"""States as people read them: what asks for attention one by one, the rest of each objective on one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rpps_sync.freshness.objectives import Group, objective_of, objectives, subject_of
from rpps_sync.freshness.verdict import State
from rpps_sync.freshness.wording import joined

_ASKS = (State.ERROR, State.WARN)
_OBSERVATIONS = 3  # different ones that a line of several subjects still tells


@dataclass(frozen=True, slots=True)
class Line:
    """One subject of an objective, or several that say the same or ask nothing of anybody."""

    state: State
    objective: str  # its id, with the subject when there is only one
    title: str
    observed: str
    limit: str
    group: Group | None = None  # None: an objective of former times
    subjects: tuple[str, ...] = ()
    states: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)  # the lines it is made of

    @property
    def named(self) -> str:
        """The title, with whose state it is."""
        return f"{self.title} – {', '.join(self.subjects)}" if self.subjects else self.title

    def budget_left(self, place: int) -> float | None:
        """The least that is left of the error budgets over one of the windows; None where nothing was known yet.

        Args:
            place: of the window in ``rpps_sync.freshness.budget.WINDOWS``.
        """
        known = [state["budgets"][place] for state in self.states if state.get("budgets")]
        return min((budget["left"] for budget in known if budget["known_hours"]), default=None)


def lines(states: Iterable[Mapping[str, Any]], language: str) -> tuple[Line, ...]:
    """The lines of some states, by group and objective in the order of their declarations, the worst first.

    Args:
        states: as ``RunSummary.to_json`` writes them: ``objective``, ``state``, ``observed``, ``limit``.
        language: ``fr`` or ``en``.
    """
    by_objective: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for state in states:
        by_objective[state["objective"].partition(":")[0]].append(state)
    order = {item.id: rank for rank, item in enumerate(objectives())}
    names = sorted(by_objective, key=lambda name: order.get(name, len(order)))
    return tuple(line for name in names for line in _of_objective(by_objective[name], language))


def _of_objective(states: Sequence[Mapping[str, Any]], language: str) -> Iterator[Line]:
    for kind in _ASKS:
        alike: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for state in states:
            if state["state"] == kind:
                alike[state["observed"]].append(state)
        yield from (_line(same, language) for same in alike.values())
    for kind in (State.OK, State.NO_DATA):
        if quiet := [state for state in states if state["state"] == kind]:
            yield _line(quiet, language)


def _line(states: Sequence[Mapping[str, Any]], language: str) -> Line:
    first = states[0]
    declared = objective_of(first["objective"])
    name = first["objective"] if len(states) == 1 else first["objective"].partition(":")[0]
    return Line(
        state=State(first["state"]),
        objective=name,
        title=declared.title.spoken(language) if declared else name,
        observed=_observed(states, language),
        limit=first["limit"],
        group=declared.group if declared else None,
        subjects=tuple(subject for state in states if (subject := subject_of(state["objective"]))),
        states=tuple(states),
    )


def _observed(states: Sequence[Mapping[str, Any]], language: str) -> str:
    """What was observed, once where it is the same; too many different things are for the details."""
    by_words: defaultdict[str, list[str]] = defaultdict(list)
    for state in states:
        by_words[state["observed"]].append(subject_of(state["objective"]))
    if len(by_words) == 1:
        return str(states[0]["observed"])
    if len(by_words) > _OBSERVATIONS:
        return ""
    colon = " : " if language == "fr" else ": "
    return joined((f"{', '.join(subjects)}{colon}{words}" for words, subjects in by_words.items()), language)
