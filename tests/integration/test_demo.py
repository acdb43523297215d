import json
from pathlib import Path

import pytest

from pipelines.demo import demo
from rpps_sync import cli
from rpps_sync.errors import UsageError
from rpps_sync.finding import Verdict
from rpps_sync.run_summary import Outcome


def test_the_demo_plays_three_nights_and_can_be_played_again(tmp_path: Path) -> None:
    """Three publications over HTTP, disagreements found, somebody to look up; a second time takes its place."""
    folder = tmp_path / "demo"
    for _ in range(2):
        shown = demo(folder, 200)
        assert [night.outcome for night in shown.nights] == [Outcome.PUBLISHED] * 3
        assert shown.nights[-1].report is not None
        assert shown.nights[-1].report.is_file()
        assert Verdict.TOKEN_STALE in {item.judgement.verdict for item in shown.findings}
        assert shown.somebody.startswith("8999")


def test_the_commands_shown_after_the_demo_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The settings file the demo leaves is enough for every other command."""
    folder = tmp_path / "demo"
    shown = demo(folder, 200)
    capsys.readouterr()
    assert cli._run(["--config", str(folder / "rpps-sync.toml"), "lookup", shown.somebody, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["national_id"] == shown.somebody


@pytest.mark.parametrize("kept", ["world/save.dat", "holiday.jpg"])
def test_the_demo_never_clears_a_folder_that_is_not_its_own(tmp_path: Path, kept: str) -> None:
    """A folder with anything else in it, be it called as ours is, is refused and left as it was."""
    file = tmp_path / "mine" / kept
    file.parent.mkdir(parents=True)
    file.write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError, match="former demo"):
        demo(tmp_path / "mine", 200)
    assert file.read_text(encoding="utf-8") == "precious"


def test_the_demo_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    """A file where the folder should go is refused, not replaced."""
    file = tmp_path / "demo"
    file.write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError):
        demo(file, 200)
    assert file.read_text(encoding="utf-8") == "precious"
