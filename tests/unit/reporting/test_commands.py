from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from rpps_sync import cli
from rpps_sync.clock import iso
from rpps_sync.directory.engine import open_engine, writing
from rpps_sync.directory.migrations import upgrade
from rpps_sync.directory.tables import PUBLICATIONS, RUNS
from rpps_sync.errors import EXIT_FAILED, EXIT_OK, EXIT_STALE, EXIT_USAGE
from rpps_sync.run_summary import RunSummary

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rpps_sync(
    tmp_path: Path, tonight: RunSummary, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run a command in a home whose ledger holds one night, an hour after that night."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RPPS_SYNC_HOME", str(tmp_path))
    monkeypatch.setenv("RPPS_SYNC_NOW", iso(tonight.finished_at + timedelta(hours=1)))
    engine = open_engine(f"sqlite:///{tmp_path / 'rpps-sync.sqlite'}")
    upgrade(engine)
    published = tonight.publication
    assert published is not None
    row = {"id": published.id, "seq": 1, "status": "published", "published_at": published.published_at}
    row |= {
        "recorded_at": published.published_at,
        "run_id": tonight.run_id,
        "files": [],
        "metrics": {},
        "reasons": [],
    }
    run = {"run_id": tonight.run_id, "started_at": tonight.started_at, "finished_at": tonight.finished_at}
    with writing(engine) as connection:
        connection.execute(insert(PUBLICATIONS), [row])
        connection.execute(insert(RUNS), [run | {"outcome": "published", "summary": tonight.to_json()}])
    engine.dispose()

    def command(*arguments: str) -> tuple[int, str, str]:
        code = cli._run(list(arguments))
        seen = capsys.readouterr()
        return code, seen.out, seen.err

    return command


def test_fresh_enough_is_exit_zero(rpps_sync: Command) -> None:
    """The morning after a good night, the check is content and the table names the states."""
    code, out, _ = rpps_sync("freshness", "--check")
    assert code == EXIT_OK
    assert "Âge de la publication servie" in out
    assert "no_data" in out


def test_a_publication_of_last_week_is_exit_four(
    rpps_sync: Command, tonight: RunSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --check the exit code tells that an objective is in error; without it, telling is no failure."""
    monkeypatch.setenv("RPPS_SYNC_NOW", iso(tonight.finished_at + timedelta(days=7)))
    code, out, _ = rpps_sync("freshness", "--check", "--json")
    assert code == EXIT_STALE
    states = {line["objective"]: line for line in json.loads(out)}
    assert states["publication.age"]["state"] == "error"
    assert states["publication.age"]["observed"] == "7 j 7 h"
    assert states["publication.age"]["since"] == "2026-11-20T20:04:00Z"
    assert rpps_sync("freshness", "--json")[0] == EXIT_OK


def test_report_prints_where_it_wrote(rpps_sync: Command, tonight: RunSummary, tmp_path: Path) -> None:
    """Both formats go to the folder of reports, and only their paths are printed."""
    code, out, _ = rpps_sync("report")
    assert code == EXIT_OK
    assert out.splitlines() == [
        str(tmp_path / "reports" / f"{tonight.run_id}.{name}") for name in ("html", "json")
    ]
    assert '<html lang="fr">' in (tmp_path / "reports" / "latest.html").read_text()


def test_report_in_english_elsewhere(rpps_sync: Command, tonight: RunSummary, tmp_path: Path) -> None:
    """Language, folder, format and run can be chosen, and --json names the files."""
    options = ("--language", "en", "--format", "html", "--run", tonight.run_id, "--out", str(tmp_path / "web"))
    code, out, _ = rpps_sync("report", *options, "--json")
    path = tmp_path / "web" / f"{tonight.run_id}.html"
    assert code == EXIT_OK
    assert json.loads(out) == {"run_id": tonight.run_id, "language": "en", "files": [str(path)]}
    assert '<html lang="en">' in path.read_text()


def test_a_report_that_cannot_be_written_is_told_in_words(rpps_sync: Command) -> None:
    """An unknown run or format is an error with its mend, without a traceback."""
    code, out, err = rpps_sync("report", "--run", "nowhere")
    assert (code, out) == (EXIT_FAILED, "")
    assert "nowhere" in err
    assert "Traceback" not in err
    code, _, err = rpps_sync("report", "--format", "docx")
    assert code == EXIT_USAGE
    assert "html, json" in err
