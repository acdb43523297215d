from pathlib import Path

import pytest

from gate_visits import nurses, profile, visit
from rpps_sync.errors import UsageError
from rpps_sync.nomenclature import known_codes
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.declarations import Band, LooksAt, load_checks
from rpps_sync.run_summary import CheckSeverity

SOUND = """
window = 7
[[checks]]
id = "codes.unknown"
family = "codes"
files = ["personne-activite"]
looks_at = "codes"
columns = ["mode"]
bands = [{ severity = "blocking", above = 0.5 }, { severity = "warning", above = 0.0, floor = 3 }]
title = { fr = "Modes", en = "Modes" }
reason = { fr = "Parce que", en = "Because" }
mend = { fr = "Regarder", en = "Look" }
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "checks.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_declarations_can_be_read_and_use_every_look() -> None:
    """No kind of check exists that nothing declares."""
    checks = load_checks().checks
    assert {check.looks_at for check in checks} == set(LooksAt)


def test_every_shipped_code_check_has_its_list() -> None:
    """A coded column is checked only where a list of the nomenclature can judge it."""
    columns = {
        column for check in load_checks().checks if check.looks_at is LooksAt.CODES for column in check.columns
    }
    assert all(known_codes(column) for column in columns)


def test_only_losses_and_damage_block() -> None:
    """Codes and labels are the publisher's business: they are told, and the directory goes on."""
    blocking = {
        check.id.split(".")[0] for check in load_checks().checks if check.gravest is CheckSeverity.BLOCKING
    }
    assert blocking.isdisjoint({"codes", "labels", "duplicates"})
    assert {"rows", "volume", "practitioners", "quarantine", "columns", "keys"} <= blocking


def test_every_extract_is_counted_and_compared() -> None:
    """A file nobody counts could be emptied without a word."""
    by_look = {
        look: {kind for c in load_checks().checks if c.looks_at is look for kind in c.files} for look in LooksAt
    }
    assert by_look[LooksAt.ROWS] == by_look[LooksAt.VOLUME] == by_look[LooksAt.QUARANTINE] == set(ExtractKind)


def test_installation_can_bring_its_own_thresholds(tmp_path: Path) -> None:
    """Two new modes are under the floor, four are told, more than half refuses."""
    declared = load_checks(_write(tmp_path, SOUND))
    verdicts = {}
    for count in (2, 4, 90):
        lines = [*nurses(80), *nurses(count, mode="Z")]
        (result,) = visit(profile(lines), declarations=declared).values()
        verdicts[count] = "passed" if result.success else str(result.severity)
    assert verdicts == {2: "passed", 4: "warning", 90: "blocking"}


@pytest.mark.parametrize(
    ("sound", "broken", "told"),
    [
        ('looks_at = "codes"', 'looks_at = "stars"', "looks_at"),
        ('"warning"', '"severe"', "severity"),
        ("above = 0.5", "above = 5", "less than or equal to 1"),
        ("above = 0.5", "above = 0.5, drop = 0.1", "exactly one of above, drop and growth"),
        ('severity = "blocking"', 'severity = "info"', "worst first"),
        ('columns = ["mode"]', 'columns = ["mood"]', "mood"),
        ('files = ["personne-activite"]', "files = []", "names its files"),
        ('fr = "Modes", ', "", "title.fr"),
        ("window = 7", "window = 7\nthreshold = 3", "threshold"),
        ("window = 7", "window =", "line 2"),
    ],
)
def test_declaration_that_cannot_be_understood_is_refused(
    tmp_path: Path, sound: str, broken: str, told: str
) -> None:
    """A check that silently does not run is worse than none: the file and the key are named."""
    path = _write(tmp_path, SOUND.replace(sound, broken, 1))
    with pytest.raises(UsageError, match=r"checks\.toml") as refused:
        load_checks(path)
    assert told in refused.value.what
    assert refused.value.reason == "bad-declaration"


def test_check_declared_twice_is_refused(tmp_path: Path) -> None:
    """Two thresholds under one name would hide each other."""
    with pytest.raises(UsageError, match=r"declared twice: codes\.unknown"):
        load_checks(_write(tmp_path, SOUND + SOUND.split("window = 7")[1]))


def test_declarations_that_are_not_there_are_named(tmp_path: Path) -> None:
    """A wrong path is a wrong setting, not a crash."""
    with pytest.raises(UsageError, match=r"nowhere\.toml"):
        load_checks(tmp_path / "nowhere.toml")


def test_band_allows_a_share_but_never_less_than_its_floor() -> None:
    """One in a hundred of 3,000 is 30; of 100, the floor of 20 lets 19 pass."""
    band = Band(severity=CheckSeverity.ERROR, above=0.01, floor=20)
    assert (band.allowed(3000), band.allowed(100)) == (30, 19)
