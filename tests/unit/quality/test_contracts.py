import os
import subprocess
import sys
from pathlib import Path

import polars as pl

from rpps_sync.quality import contracts
from rpps_sync.quality.contracts import Question, ask
from rpps_sync.quality.declarations import load_checks
from rpps_sync.quality.judging import judge
from rpps_sync.quality.trials import Figure, Members, Trial
from rpps_sync.run_summary import CheckStatus

IN_SET, UNIQUE = "expect_column_values_to_be_in_set", "expect_column_values_to_be_unique"

NIGHT_WITHOUT_NETWORK = """
import sys
calls = []
sys.addaudithook(lambda event, _: calls.append(event) if event.split(".")[0] == "socket" else None)
from gate_visits import nurses, profile, visit
assert "great_expectations" not in sys.modules, "imported before anything was asked"
results = visit(profile(nurses(50)))
assert "great_expectations" in sys.modules
assert results["codes.unknown.profession"].success
used = {call for call in calls if call in ("socket.connect", "socket.getaddrinfo", "socket.sendto")}
print(used or "no network")
"""


def test_assessment_opens_no_connection_and_says_nothing() -> None:
    """In a fresh process that allows telemetry: no name is looked up, nothing is contacted, no bar is drawn."""
    tests = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": tests, "GX_ANALYTICS_ENABLED": "true"}
    run = subprocess.run(
        [sys.executable, "-c", NIGHT_WITHOUT_NETWORK], capture_output=True, text=True, env=environment, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "no network\n", "")


def test_answers_come_in_the_order_of_the_questions() -> None:
    """The library shuffles its results; each answer goes back to its question."""
    frames = {"a": pl.DataFrame({"value": ["x", "y", "x"]}), "b": pl.DataFrame({"value": [True, False]})}
    answers = ask(
        frames,
        [
            Question("b", IN_SET, {"column": "value", "value_set": [True]}),
            Question("a", UNIQUE, {"column": "value"}),
            Question("a", IN_SET, {"column": "value", "value_set": ["x", "y"]}),
            Question("a", IN_SET, {"column": "value", "value_set": []}),
        ],
    )
    assert [answer.positions for answer in answers] == [(1,), (0, 2), (), (0, 1, 2)]
    assert [answer.success for answer in answers] == [False, False, True, False]


def test_frame_without_rows_proves_nothing() -> None:
    """The library calls an empty frame a success; here it is an error."""
    (answer,) = ask({"a": pl.DataFrame({"value": []})}, [Question("a", UNIQUE, {"column": "value"})])
    assert (answer.success, answer.error) == (False, "there is no row to look at")


def test_expectation_that_cannot_be_computed_is_an_error_not_a_failure() -> None:
    """A column that is not there says nothing about the data; the other answers stand."""
    frame = pl.DataFrame({"value": ["x"]})
    missing, sound = ask({"a": frame}, [Question("a", UNIQUE, {"column": c}) for c in ("nowhere", "value")])
    assert "nowhere" in missing.error
    assert (sound.success, sound.error) == (True, "")


def test_expectation_that_does_not_exist_is_an_error() -> None:
    """A misspelt or misused expectation takes nothing else with it."""
    frame = pl.DataFrame({"value": ["x"]})
    misspelt, misused, sound = ask(
        {"a": frame},
        [
            Question("a", "expect_miracles", {"column": "value"}),
            Question("a", UNIQUE, {"column": "value", "surprise": 1}),
            Question("a", UNIQUE, {"column": "value"}),
        ],
    )
    assert "expect_miracles" in misspelt.error
    assert "surprise" in misused.error
    assert sound.success


def test_flood_of_failing_values_is_listed_up_to_a_bound_and_counted_beyond() -> None:
    """A column of garbage costs neither the memory nor the report."""
    flood = pl.DataFrame({"value": [f"x{n}" for n in range(contracts.POSITIONS + 500)]})
    (answer,) = ask({"a": flood}, [Question("a", IN_SET, {"column": "value", "value_set": ["y"]})])
    assert (len(answer.positions), answer.unlisted) == (contracts.POSITIONS, 500)


def test_check_that_raises_is_an_error_and_a_blocking_one_refuses() -> None:
    """What could not be checked is not published as if it had been."""
    check = next(check for check in load_checks().checks if check.id == "keys.prefix")
    broken = Members(pl.DataFrame({"rows": [5], "sample": ["x"]}), ("8",), examined=5)
    figure = Figure(0, 0, 5, examined=5)
    result, sound = judge([Trial(check, None, (broken,)), Trial(check, None, (figure,))], "en")
    assert result.status is CheckStatus.ERROR
    assert result.blocks
    assert "value" in result.observed
    assert sound.success


def test_data_docs_are_written_when_asked_for_and_only_then(tmp_path: Path) -> None:
    """An index and a page per suite; the project of the library leaves nothing else."""
    frames = {"codes": pl.DataFrame({"value": ["x", "y"]})}
    ask(frames, [Question("codes", IN_SET, {"column": "value", "value_set": ["x"]})], docs=tmp_path / "docs")
    assert (tmp_path / "docs" / "index.html").is_file()
    assert list((tmp_path / "docs" / "expectations").glob("codes*"))
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]
