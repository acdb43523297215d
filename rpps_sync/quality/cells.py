"""Checks on cells: lines that break a rule of their columns, against a hard bound and against the past."""

from __future__ import annotations

from rpps_sync.quality.declarations import Check
from rpps_sync.quality.history import usual
from rpps_sync.quality.trials import Figure, Subject, Told, Trial


def rules(check: Check, subject: Subject) -> list[Trial]:
    """Lines that break each of the rules named, among those it judges; one result per rule."""
    assert subject.profile is not None
    measured = subject.profile.rules
    return [_rule(check, subject, name, *measured.get(name, (0, 0))) for name in check.results_in(subject.kind)]


def _rule(check: Check, subject: Subject, name: str, judged: int, broken: int) -> Trial:
    if not judged:
        return Trial(check, subject.kind, column=name, skipped="no-value")
    return Trial(check, subject.kind, (Figure(broken, 0, judged, examined=judged),), column=name)


def rise(check: Check, subject: Subject) -> list[Trial]:
    """Lines that break each rule of the file against the share that usually does; one result for all."""
    assert subject.profile is not None
    figures = []
    for name, (judged, broken) in subject.profile.rules.items():
        known = [metrics["rules"][name] for metrics in subject.past if name in metrics.get("rules", {})]
        past = [usual_broken / usual_judged for usual_judged, usual_broken in known if usual_judged]
        if past and judged:
            figures.append(_against(name, judged, broken, past))
    return [Trial(check, subject.kind, figures) if figures else Trial(check, subject.kind, skipped="no-past")]


def _against(name: str, judged: int, broken: int, past: list[float]) -> Figure:
    found = usual(past, broken / judged)
    spread = None if found.spread is None else found.spread * judged
    expected = round(found.reference * judged)
    return Figure(broken, expected, judged, judged, name, told=Told.SHARE, spread=spread)
