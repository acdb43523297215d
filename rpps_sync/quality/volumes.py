"""Checks on how much there is: lines, people, who left or changed, quarantine, duplicates, and what vanished."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

import polars as pl

from rpps_sync.extracts.profile import Profile
from rpps_sync.limits import LIMITS
from rpps_sync.quality.declarations import Check
from rpps_sync.quality.history import of_the_day, usual
from rpps_sync.quality.metrics import MOVEMENTS, groups_of
from rpps_sync.quality.moves import migrations
from rpps_sync.quality.trials import Figure, Members, Movement, Subject, Told, Trial


def rows(check: Check, subject: Subject) -> list[Trial]:
    """A figure of the file against a hard minimum, the only check that an empty file meets."""
    value = _figure(check, subject.profile)
    return [_trial(check, subject, Figure(value, check.minimum, check.minimum, examined=value, told=Told.COUNT))]


def volume(check: Check, subject: Subject) -> list[Trial]:
    """A figure of the file against its past."""
    past = [int(metrics[check.figure]) for metrics in subject.past if check.figure in metrics]
    if not past:
        return [_skipped(check, subject, "no-past")]
    value = _figure(check, subject.profile)
    return [_trial(check, subject, _level(value, past))]


def _level(value: int, past: Sequence[float], name: str = "") -> Figure:
    """A count against its past."""
    found = usual(past, value)
    expected = round(found.reference)
    return Figure(value, expected, expected, max(value, expected), name, told=Told.MOVED, spread=found.spread)


def groups(check: Check, subject: Subject) -> list[Trial]:
    """Lines of every profession, département or registration authority against its past; one result for all."""
    assert subject.profile is not None
    tonight = groups_of(subject.profile, check.group)
    past = [counts for metrics in subject.past if (counts := _counts_of(metrics, check.group))]
    if not past:
        return [_skipped(check, subject, "no-past")]
    known = dict.fromkeys(group for counts in past for group in counts)
    figures = tuple(_level(tonight.get(name, 0), [counts.get(name, 0) for counts in past], name) for name in known)
    return [Trial(check, subject.kind, figures)]


def _counts_of(metrics: Mapping[str, Any], group: str) -> Mapping[str, int]:
    found: Mapping[str, int] = metrics.get("groups", {}).get(group) or metrics.get("codes", {}).get(group, {})
    return found


def still(check: Check, subject: Subject) -> list[Trial]:
    """Lines that came or went, on a working day, in a file that always changes then."""
    difference = None if subject.kind is None else subject.around.differences.get(subject.kind)
    if difference is None or not subject.past:
        return [_skipped(check, subject, "no-past")]
    if subject.around.published_on is None or subject.around.published_on.weekday() in _WEEKEND:
        return [_skipped(check, subject, "weekend")]
    usually = median([int(metrics["moved"]) for metrics in subject.past if "moved" in metrics] or [0])
    if usually < _LIVELY:
        return [_skipped(check, subject, "quiet-file")]
    moved = difference.added + difference.removed
    lines = 0 if subject.profile is None else subject.profile.lines
    return [_trial(check, subject, Figure(moved, 1, 1, examined=lines, told=Told.COUNT))]


def churn(check: Check, subject: Subject) -> list[Trial]:
    """Arrivals, departures and changes against the past: of the same weekday, once eight weeks are known."""
    movement = subject.around.movement
    past = of_the_day(subject.around.history, subject.around.published_on)
    known = [metrics["movement"] for metrics in past if "movement" in metrics]
    if movement is None or not known:
        return [_skipped(check, subject, "no-past")]
    return [Trial(check, None, [_churned(movement, known, name) for name in MOVEMENTS])]


def _churned(movement: Movement, known: Sequence[Mapping[str, int]], name: str) -> Figure:
    value = int(getattr(movement, name))
    found = usual([one[name] for one in known], value)
    examined = movement.present
    return Figure(value, round(found.reference), examined, examined, name, told=Told.COUNT, spread=found.spread)


_WEEKEND = (5, 6)
_LIVELY = 20  # lines that usually move: with fewer, none is no news


def beyond(check: Check, subject: Subject) -> list[Trial]:
    """People who left from the end of the file: everybody after the last identifier of tonight."""
    return _moved(check, subject, lambda movement: movement.beyond)


def vanished(check: Check, subject: Subject) -> list[Trial]:
    """Codes of the last accepted publication, with enough lines to matter, that no line has tonight."""
    return [_vanished(check, subject, column) for column in check.results_in(subject.kind)]


def _vanished(check: Check, subject: Subject, column: str) -> Trial:
    assert subject.profile is not None
    former = subject.past[-1].get("codes", {}).get(column, {}) if subject.past else {}
    codes = {code: int(count) for code, count in former.items() if int(count) >= check.minimum}
    if not codes:
        return Trial(check, subject.kind, column=column, skipped="no-past")
    values = subject.profile.values.get(column)
    tonight = set() if values is None else set(values["value"].to_list())
    kept = tuple(code for code in codes if code in tonight)
    frame = pl.DataFrame({"value": list(codes), "rows": list(codes.values()), "sample": list(codes)})
    return Trial(check, subject.kind, (Members(frame, kept, sum(codes.values())),), column=column)


def departed(check: Check, subject: Subject) -> list[Trial]:
    """Practitioners who left, as a share of those who were there."""
    migrated = migrations(subject.around.moved)
    return _moved(check, subject, lambda movement: max(0, movement.departed - migrated))


def changed(check: Check, subject: Subject) -> list[Trial]:
    """Practitioners whose lines moved in the same night, as a share of those who were there."""
    return _moved(check, subject, lambda movement: movement.changed)


def _moved(check: Check, subject: Subject, count: Callable[[Movement], int]) -> list[Trial]:
    movement = subject.around.movement
    if movement is None or not movement.present:
        return [_skipped(check, subject, "no-past" if movement is None else "nobody")]
    return [_trial(check, subject, Figure(count(movement), 0, movement.present, examined=movement.present))]


def quarantine(check: Check, subject: Subject) -> list[Trial]:
    """Lines that could not be read, as a share of all; the samples are their numbers."""
    assert subject.profile is not None
    lines = subject.profile.quarantined
    total = subject.profile.lines + len(lines)
    samples = tuple(str(line.line_number) for line in lines[: LIMITS.samples])
    return [_trial(check, subject, Figure(len(lines), 0, total, examined=total, samples=samples))]


def duplicates(check: Check, subject: Subject) -> list[Trial]:
    """Lines that repeat another one exactly; a healthy file has some."""
    assert subject.profile is not None
    profile = subject.profile
    return [_trial(check, subject, Figure(profile.duplicates, 0, profile.lines, examined=profile.lines))]


def _figure(check: Check, profile: Profile | None) -> int:
    assert profile is not None
    return profile.lines if check.figure == "lines" else profile.practitioners


def _trial(check: Check, subject: Subject, figure: Figure) -> Trial:
    return Trial(check, subject.kind, (figure,))


def _skipped(check: Check, subject: Subject, why: str) -> Trial:
    return Trial(check, subject.kind, skipped=why)
