"""Checks on how much there is: lines, people, who left or changed, quarantine, duplicates, and what vanished."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from rpps_sync.extracts.profile import Profile
from rpps_sync.limits import LIMITS
from rpps_sync.quality.declarations import Check
from rpps_sync.quality.metrics import reference
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
    expected = round(reference(past, value))
    return [_trial(check, subject, Figure(value, expected, expected, examined=value, told=Told.MOVED))]


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
    return _moved(check, subject, lambda movement: movement.departed)


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
