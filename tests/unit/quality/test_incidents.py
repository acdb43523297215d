import sys
from collections.abc import Sequence
from datetime import date
from functools import cache

import pytest

from rpps_sync.simulator.incidents import Incident, incidents
from rpps_sync.simulator.rehearsal import Day, Rehearsal, days

PEOPLE = 4000
FIRST_DAY = date(2026, 3, 2)


@cache
def _after_quiet_nights() -> tuple[Rehearsal, Sequence[Day], Day]:
    """Ten nights without trouble, and the deposit that will be spoilt."""
    *before, today = days(PEOPLE, FIRST_DAY, 11, seed=7)
    rehearsal = Rehearsal()
    for day in before:
        results = rehearsal.night(day.day, day.files)
        assert not [one for one in results if one.to_see], f"{day.day} is no quiet night"
    return rehearsal, before, today


def test_corpus_has_sixty_incidents_of_different_names() -> None:
    """A proof on a handful of faults proves little."""
    names = [incident.name for incident in incidents()]
    assert len(names) == len(set(names)) >= 60


@pytest.mark.parametrize("incident", incidents()[::2], ids=lambda incident: incident.name)
def test_incident_is_told_by_the_right_check_with_the_right_severity(incident: Incident) -> None:
    """What was spoilt is named, as gravely as it should be; the other half is proved by benchmarks/quality.py."""
    rehearsal, before, today = _after_quiet_nights()
    spoilt = incident.spoil(before, today.files)
    results = rehearsal.night(today.day, spoilt, deposits=incident.later, keep=False)
    told = [one for one in results if one.speaks and one.name == incident.check]
    sys.stdout.write(
        f"{incident.name} | {incident.check} | {incident.severity} | {[one.observed for one in told]}\n"
    )
    assert incident.severity in {str(one.severity) for one in told}
    assert all(one.title and one.reason and one.mend and one.explanation for one in told)


def test_nothing_that_is_spoilt_is_remembered() -> None:
    """A trial leaves the rehearsal as it was: the day itself is still quiet."""
    rehearsal, _, today = _after_quiet_nights()
    assert not [one for one in rehearsal.night(today.day, today.files, keep=False) if one.to_see]


def test_check_that_looked_at_no_row_is_never_green() -> None:
    """What passed has seen something, on quiet nights and on those that went wrong."""
    rehearsal, before, today = _after_quiet_nights()
    nights = [today.files, *(incident.spoil(before, today.files) for incident in incidents()[::12])]
    told = [one for files in nights for one in rehearsal.night(today.day, files, keep=False)]
    assert not {one.name for one in told if one.success and not one.rows}
