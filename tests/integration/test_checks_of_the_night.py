"""What the gate is told by a real night: labels in force, orphans, dates, and the tables of this installation."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from extract_builder import person, world
from rpps_sync.cli import app
from rpps_sync.nomenclature import use
from rpps_sync.publication import ExtractKind
from rpps_sync.run_summary import CheckResult, Outcome, RunSummary
from rpps_sync.settings import Settings

from .conftest import RunDay

PA, DIPL = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.DIPL_AUTEXERC


@pytest.fixture(autouse=True)
def _tables_of_the_package() -> Iterator[None]:
    """A night names the folder of its home: the next test starts without it."""
    yield
    use(None)


def _check(summary: RunSummary, name: str, file: str = "") -> CheckResult:
    return next(check for check in summary.checks if (check.name, check.file) == (name, file))


def test_changed_label_is_told_the_night_it_changes_and_never_again(run_day: RunDay) -> None:
    """The old wording is that of the publication being served."""
    run_day(16, world(60))
    renamed = world(60)
    for line in renamed[PA]:
        line["mode_label"] = "Salariat"
    for line in (line for kind in renamed if kind is not PA for line in renamed[kind]):
        line.pop("mode_label", None)
    told, quiet = run_day(17, renamed), run_day(18, {**renamed, PA: renamed[PA][:-1]})
    assert _check(told, "labels.changed").samples == ("mode=S: Salarié → Salariat",)
    assert _check(quiet, "labels.changed").success


def test_label_rewritten_on_every_line_is_one_line_of_the_report(run_day: RunDay) -> None:
    """Everybody changed in one night: told once, and published."""
    run_day(17, world(60))
    renamed = world(60)
    for line in renamed[PA]:
        line["mode_label"] = "Salariat"
    summary = run_day(18, renamed)
    assert summary.outcome is Outcome.PUBLISHED
    assert _check(summary, "practitioners.changed").failing == 60


def test_diplomas_of_people_whom_the_activity_file_lost_refuse_the_night(run_day: RunDay) -> None:
    """Sixty people with diplomas and no exercise: the two files are not of one day."""
    run_day(17, world(300))
    cut = world(300)
    cut[PA] = cut[PA][:240]
    summary = run_day(18, cut)
    assert summary.outcome is Outcome.REFUSED
    assert _check(summary, "orphans.people", "dipl-autexerc").blocks


def test_usual_orphans_are_learnt_from_the_first_night(run_day: RunDay) -> None:
    """Some diplomas have always been without activity."""
    lines = world(200)
    lines[DIPL] = [
        *lines[DIPL],
        *(person(number, diploma_type="DE", diploma="DE09") for number in range(900, 980)),
    ]
    run_day(17, lines)
    summary = run_day(18, {**lines, PA: lines[PA][:-1]})
    result = _check(summary, "orphans.people", "dipl-autexerc")
    assert (result.success, result.observed[:2]) == (True, "81")


def test_night_looks_codes_up_in_the_tables_of_this_installation(run_day: RunDay, settings: Settings) -> None:
    """A code that 'nomenclature update' brought is no longer unknown."""
    lines = world(60)
    for line in lines[PA][:5]:
        line.update(mode="R", mode_label="Remplaçant")
    assert _check(run_day(17, lines), "codes.unknown.mode", "personne-activite").failing == 5
    codes = [{"code": code, "label": "", "status": "active"} for code in "SLBIR"]
    kept = {"version": "", "date": "", "source": "x", "complete": True, "codes": codes}
    settings.nomenclature.mkdir()
    (settings.nomenclature / "R23.json").write_text(json.dumps(kept), encoding="utf-8")
    use(None)
    assert _check(run_day(18, {**lines, PA: lines[PA][:-1]}), "codes.unknown.mode", "personne-activite").success


@pytest.mark.parametrize("absent", [False, True], ids=["overnight", "after an absence"])
def test_number_that_passes_to_somebody_else_is_told_among_thousands_who_move(
    run_day: RunDay, settings: Settings, absent: bool
) -> None:
    """Whose number it was has changed lines, or left: looking at those who move misses nobody."""
    first = world(60)
    run_day(16, first)
    if absent:
        run_day(17, {**first, PA: first[PA][:7] + first[PA][8:]})
    other = world(60)
    other[PA][7] |= {"family_name": "QUELQUUN", "given_name": "DAUTRE"}
    result = _check(run_day(18, other), "identity.reused")
    assert result.samples == (person(7)["national_id"],)
    environment = {"RPPS_SYNC_HOME": str(settings.home), "RPPS_SYNC_DATABASE_URL": settings.database}
    told = CliRunner().invoke(app, ["checks", "rows", "identity.reused", "--json"], env=environment)
    (row,) = (json.loads(line) for line in told.stdout.splitlines())
    assert (row["family_name"], row["family_name_before"]) == ("QUELQUUN", person(7)["family_name"])
