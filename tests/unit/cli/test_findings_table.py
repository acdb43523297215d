from datetime import date

import pytest

from extract_builder import national_id
from rpps_sync.cli import findings, output
from rpps_sync.directory.lags import Distribution
from rpps_sync.finding import Finding, FindingStatus, Judgement, Severity, StaleSide, Verdict

FOUND = Finding(
    Judgement(
        national_id(1),
        "dossier-patient",
        "activity.pharmacist_section",
        "F990000001",
        Verdict.DEPARTED_PRACTITIONER,
        "",
        "10",
        date(2026, 11, 3),
        Severity.MEDIUM,
        "CNOP/CNOP/ARS",
        {},
    ),
    date(2026, 11, 3),
    date(2026, 11, 9),
    2,
    FindingStatus.ACKNOWLEDGED,
)


@pytest.mark.parametrize("width", [80, 100, 120])
def test_findings_fit_a_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No line is longer than the terminal; what people copy (the id, the number) stays in one piece."""
    monkeypatch.setattr(output, "PIPE_WIDTH", width)
    output.table("", findings._STACKS, [findings._stacked(FOUND)])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    first = next(line for line in lines if FOUND.judgement.id in line)
    assert national_id(1) in first
    assert width == 80 or "departed_practitioner" in first


def test_figure_that_cannot_be_told_yet_says_how_long_was_watched() -> None:
    """An empty cell would read as no delay at all; JSON keeps its null."""
    none = Distribution("all", StaleSide.TOKEN, 1, 9, None, None, 12)
    assert [none.shown(column) for column in ("caught_up", "median_days", "longest_days")] == [1, "over 12", 12]
    assert none.to_json()["median_days"] is None
