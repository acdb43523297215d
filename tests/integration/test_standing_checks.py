"""What stands from night to night: since when, and what somebody said of it."""

import json
from pathlib import Path

from typer.testing import CliRunner

from extract_builder import world
from rpps_sync.cli import app
from rpps_sync.directory import standing
from rpps_sync.directory.engine import open_engine, writing
from rpps_sync.publication import ExtractKind
from rpps_sync.run_summary import CheckResult, Outcome, RunSummary
from rpps_sync.settings import Settings

from .conftest import RunDay

PA = ExtractKind.PERSONNE_ACTIVITE
NAME = "codes.unknown.mode"


def _lines(unknown: int, code: str = "?", people: int = 60) -> dict[ExtractKind, list[dict[str, str]]]:
    lines = world(people)
    for line in lines[PA][:unknown]:
        line["mode"] = code
    return lines


def _told(summary: RunSummary) -> CheckResult:
    return next(check for check in summary.checks if (check.name, check.file) == (NAME, PA))


def _acknowledge(settings: Settings) -> None:
    engine = open_engine(settings.database)
    with writing(engine) as connection:
        standing.acknowledge(connection, NAME, "", "Camille", "announced by the ANS")
    engine.dispose()


def test_known_warning_is_quiet_until_it_changes(run_day: RunDay, settings: Settings) -> None:
    """It stays visible with its reason; a new code, or many more lines, makes it speak again."""
    first = _told(run_day(16, _lines(4)))
    assert (first.first_seen, first.acknowledged, first.to_see) == ("2026-11-16", "", True)
    _acknowledge(settings)
    known = _told(run_day(17, _lines(5)))
    assert (known.first_seen, known.acknowledged, known.to_see) == ("2026-11-16", "announced by the ANS", False)
    changed = _told(run_day(18, _lines(5, code="!")))
    assert (changed.first_seen, changed.acknowledged, changed.to_see) == ("2026-11-16", "", True)


def test_result_that_passes_is_forgotten_with_what_was_said_of_it(run_day: RunDay, settings: Settings) -> None:
    """When it comes back it is news again."""
    run_day(16, _lines(4))
    _acknowledge(settings)
    run_day(17, _lines(0))
    again = _told(run_day(18, _lines(4)))
    assert (again.first_seen, again.acknowledged) == ("2026-11-18", "")


def test_third_night_without_anything_new_is_an_error(run_day: RunDay) -> None:
    """One missed night happens, two are told, three are an incident."""
    run_day(16, _lines(0))
    nights = [run_day(day, _lines(0)) for day in (17, 18, 19)]
    told = [next(check for check in night.checks if check.name == "transport.frozen") for night in nights]
    assert {night.outcome for night in nights} == {Outcome.UNCHANGED}
    assert [(str(one.status), str(one.severity)) for one in told[1:]] == [
        ("warned", "warning"),
        ("failed", "error"),
    ]
    assert told[0].success


def test_refused_publication_is_compared_listed_and_its_lines_are_had(
    run_day: RunDay, settings: Settings, tmp_path: Path
) -> None:
    """All that the person on duty needs, without opening a file of eight hundred megabytes."""
    run_day(16, _lines(0, people=300))
    assert run_day(17, _lines(4, people=200)).outcome is Outcome.REFUSED
    environment = {"RPPS_SYNC_HOME": str(settings.home), "RPPS_SYNC_DATABASE_URL": settings.database}

    def call(*words: str) -> str:
        result = CliRunner().invoke(app, ["checks", *words], env=environment, catch_exceptions=False)
        assert result.exit_code == 0
        return result.stdout

    compared = json.loads(call("compare", "--json"))
    assert {"dimension": "extract", "group": "cartes", "before": 150, "after": 100, "change": -50} in compared[
        "gaps"
    ]
    standing_now = json.loads(call("list", "--json"))
    assert "volume.lines" in {row["name"] for row in standing_now}
    assert "completeness" in call("score")
    call("rows", NAME, "--extract", str(PA), "-o", str(tmp_path / "rows.csv"))
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8-sig").count("\n") == 5
    lost = [json.loads(line) for line in call("rows", "practitioners.departed", "--json").splitlines()]
    assert len({row["national_id"] for row in lost}) == len(lost) == 100
    assert not list(settings.archive.glob(".rows-*")), "texts laid out for reading are taken away"
