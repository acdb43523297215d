import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from rpps_sync.cli.simulate import app
from rpps_sync.publication import ExtractKind


def _run(*arguments: str) -> dict | list:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days published by the command."""
    folder = tmp_path_factory.mktemp("commands") / "days"
    days = _run(
        "publish",
        "--out",
        str(folder),
        "--practitioners",
        "500",
        "--days",
        "3",
        "--seed",
        "6",
        "--start",
        "2026-11-18",
    )
    assert [day["day"] for day in days] == ["2026-11-18", "2026-11-19", "2026-11-20"]
    assert [file["kind"] for file in days[0]["files"]] == list(ExtractKind)
    return folder


def test_publish_shows_people_what_was_written(tmp_path: Path) -> None:
    """A table of days and extracts."""
    result = CliRunner().invoke(
        app, ["publish", "--out", str(tmp_path / "days"), "--practitioners", "200", "--days", "1"]
    )
    assert result.exit_code == 0
    assert "personne-activite" in result.stdout
    assert "simulate serve" in result.stderr


def test_tokens_are_written_beside_their_truth(folder: Path, tmp_path: Path) -> None:
    """Observations, public keys, issuer and truth; the summary counts the expected findings."""
    out = tmp_path / "observations.jsonl"
    summary = _run("tokens", str(folder), "--out", str(out), "--observed", "300", "--source", "dpi-test")
    assert {file.name for file in tmp_path.iterdir()} == {
        "observations.jsonl",
        "truth.jsonl",
        "jwks.json",
        "issuer.json",
    }
    truth = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sum(summary["expected"].values()) == len(truth)
    assert {line["source"] for line in truth} == {"dpi-test", "portail-demo"}  # which disagrees in its own way
    shown = CliRunner().invoke(
        app, ["tokens", str(folder), "--out", str(out), "--observed", "50", "--late", "0.5"]
    )
    arrivals = json.loads((tmp_path / "arrivals.json").read_text(encoding="utf-8"))
    assert len(arrivals) == len(out.read_bytes().splitlines())
    assert "token_stale" in shown.stdout


def test_serve_answers_until_it_is_stopped(folder: Path) -> None:
    """The address is the first thing it prints."""
    command = "from rpps_sync.cli.simulate import app; app()"
    arguments = [sys.executable, "-c", command, "serve", str(folder), "--day", "2", "--json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        catalogue = httpx.get(f"{told['catalog_url']}/datasets/69025e6c73d1f9b79ca3c365/").json()
        os.kill(process.pid, signal.SIGTERM)
    assert catalogue["last_modified"].startswith("2026-11-19")
    assert process.returncode != 0
