"""Every declared check, failed: the rows behind it can be had, or there is a stated reason for having none."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

import polars as pl
import pytest

from rpps_sync.errors import NotFound
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.declarations import Check, load_checks
from rpps_sync.quality.rows import NO_ROWS, Side, Sources, rows_behind
from rpps_sync.simulator.incidents import incidents
from rpps_sync.simulator.rehearsal import Day, Files, Rehearsal, days
from rpps_sync.simulator.spoiling import Spoil, on_lines, people_gone, putting, some_of

PEOPLE = 1200
PA, DIPL, SKILLS, MAIL, CARDS = ExtractKind
_TENTH = some_of(0.1)


def _as_it_came(_before: Sequence[Day], files: Files) -> Files:
    return files


OTHERS: Mapping[str, tuple[str, Spoil]] = {
    "practitioners.changed": ("practitioners.changed", _as_it_came),
    "volume.churn": ("volume.churn", _as_it_came),
    "volume.practitioners": ("volume.practitioners", people_gone(some_of(0.03))),
    "filled.identity": ("filled.identity.id_type", on_lines(PA, putting(_TENTH, id_type=""))),
    "filled.skill": ("filled.skill.skill", on_lines(SKILLS, putting(_TENTH, skill=""))),
    "filled.rates": ("filled.rates", on_lines(PA, putting(_TENTH, phone=""))),
    "keys.adeli-shape": ("keys.adeli-shape", on_lines(PA, putting(_TENTH, id_type="0", identifier="0123"))),
    "labels.drift": ("labels.drift.mode", on_lines(PA, putting(_TENTH, mode_label="Autrement"))),
    "referential.skills": ("referential.skills", on_lines(PA, putting(_TENTH, skill="SM99", skill_type="S"))),
}
"""Faults of the checks that no incident of the corpus is about."""


@cache
def _nights() -> tuple[Rehearsal, Sequence[Day], Day]:
    *before, today = days(PEOPLE, date(2026, 3, 2), 6, seed=5)
    rehearsal = Rehearsal()
    for day in before:
        rehearsal.night(day.day, day.files)
    return rehearsal, before, today


def _side(files: Files) -> Side:
    return Side(tuple(files), lambda kind: io.BytesIO(files[kind]))


def _sources(former: Files, tonight: Files) -> Sources:
    rehearsal, before, _ = _nights()
    older = tuple(_side(day.files) for day in before[-2::-1])
    return Sources(_side(tonight), _side(former), older, tuple(rehearsal.history))


def _fault(check: Check) -> tuple[str, Sources]:
    """The name of a result of a check, and the files of a night on which it fails."""
    _, before, today = _nights()
    former = before[-1].files
    if check.id == "identity.migrated":
        number = today.files[PA].split(b"\n")[1].split(b"|")[2]
        former = {kind: text.replace(number, b"0990000001") for kind, text in today.files.items()}
        return check.id, _sources(former, today.files)
    if check.id in OTHERS:
        name, spoil = OTHERS[check.id]
        return name, _sources(former, spoil(before, today.files))
    incident = next(one for one in incidents() if one.check in _names(check))
    return incident.check, _sources(former, incident.spoil(before, today.files))


def _names(check: Check) -> set[str]:
    parts = {part for kind in check.files for part in check.results_in(kind)}
    return {check.id, *(f"{check.id}.{part}" for part in parts)}


@pytest.mark.parametrize("check", load_checks().checks, ids=lambda check: check.id)
def test_rows_behind_every_check_can_be_had_or_there_is_a_reason(check: Check) -> None:
    """Nobody has to open a file of eight hundred megabytes to learn whom a result is about."""
    if check.looks_at in NO_ROWS:
        with pytest.raises(NotFound, match="no row is behind"):
            rows_behind(check.id, (*check.files, PA)[0], _sources(_nights()[2].files, _nights()[2].files))
        return
    name, sources = _fault(check)
    found = [frame for kind in check.files or (PA,) for frame in _rows(name, kind, sources)]
    assert sum(frame.height for frame in found) > 0
    told = set(found[0].columns)
    assert told & {"national_id", "code"}, "a row says who, or which code"


def _rows(name: str, kind: ExtractKind, sources: Sources) -> list[pl.DataFrame]:
    """All rows behind a result; nothing for an extract that does not give it."""
    try:
        found = list(rows_behind(name, kind, sources))
    except NotFound:
        return []
    assert len({tuple(frame.columns) for frame in found}) <= 1, "one table has one header"
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("orphans.people", SKILLS),
        ("identity.names", PA),
        ("identity.reused", PA),
        ("referential.names", PA),
        ("stability.rewritten", PA),
        ("stability.flapping", PA),
        ("labels.conflict", PA),
        ("volume.beyond", PA),
        ("volume.vanished.card_type", CARDS),
        ("codes.shapes", PA),
        ("quarantine.share", PA),
    ],
)
def test_rows_listed_are_those_that_were_counted(name: str, kind: ExtractKind) -> None:
    """A list that does not add up to the figure of the report would be asked about every morning."""
    rehearsal, before, today = _nights()
    incident = next(one for one in incidents() if one.check == name)
    spoilt = incident.spoil(before, today.files)
    results = rehearsal.night(today.day, spoilt, keep=False)
    counted = [one for one in results if one.name == name and one.file in ("", kind)]
    rows = pl.concat(rows_behind(name, kind, _sources(before[-1].files, spoilt)))
    people = rows.select("national_id").n_unique() if name in _OF_PEOPLE else rows.height
    assert [one.failing for one in counted] == [people]


_OF_PEOPLE = ("orphans.people", "referential.names", "stability.rewritten")
"""Checks that count people, of whom several rows tell."""
