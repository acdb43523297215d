from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.stories import read_script
from simulated_days import FIRST_DAY, read


def _lines(folder: Path, kind: ExtractKind = ExtractKind.PERSONNE_ACTIVITE) -> list[str]:
    return (folder / layout(kind).file_name).read_text(encoding="utf-8").split("\n")[1:-1]


def _people(folder: Path) -> set[str]:
    return set(read(folder)["national_id"])


def test_about_a_third_of_a_percent_of_the_lines_changes_in_a_day(simulation: Path) -> None:
    """Lines that appear and lines that vanish are each near 0.3 %, stories aside; the rest stays as it is."""
    cast = {story.national_id for story in read_script(simulation).stories}
    for day in range(1, 6):
        before, after = (
            Counter(line for line in _lines(simulation / f"day-{number}") if line.split("|")[2] not in cast)
            for number in (day, day + 1)
        )
        total = before.total()
        assert 0.0005 * total < (before - after).total() < 0.009 * total
        assert 0.0005 * total < (after - before).total() < 0.009 * total


def test_people_arrive_leave_and_come_back(busy: Path) -> None:
    """Everyday traffic of a directory."""
    days = [_people(busy / f"day-{day}") for day in range(1, 5)]
    assert days[1] - days[0]
    assert days[0] - days[1]
    assert (days[0] - days[1]) & days[2] or (days[1] - days[2]) & days[3]


def test_who_leaves_takes_diplomas_and_skills_along(busy: Path) -> None:
    """Diplomas and skills go with the activities."""
    gone = _people(busy / "day-1") - _people(busy / "day-2")
    for kind in (ExtractKind.DIPL_AUTEXERC, ExtractKind.SAVOIRFAIRE):
        assert not gone & set(read(busy / "day-2", kind)["national_id"])


@pytest.mark.parametrize(
    "column", ["technical_id", "role", "mode", "category", "profession", "family_name", "skill", "phone", "cedex"]
)
def test_every_kind_of_change_happens(busy: Path, column: str) -> None:
    """Some people present on both days have other values in that column."""
    first, last = (
        read(busy / day).group_by("national_id").agg(pl.col(column).unique().sort()) for day in ("day-1", "day-4")
    )
    both = first.join(last, on="national_id", suffix="_after")
    assert (both[column] != both[f"{column}_after"]).any()


def test_codes_and_labels_drift(busy: Path) -> None:
    """A code that no nomenclature has appears, and a code changes its label."""
    first, last = read(busy / "day-1"), read(busy / "day-4")
    coded = [("sector", "sector_label"), ("kind", "kind_label"), ("role", "role_label"), ("skill", "skill_label")]
    before, after = (
        {pair for names in coded for pair in frame.select(names).iter_rows()} for frame in (first, last)
    )
    assert {code for code, _ in after} & {"SA66", "GENR14", "FON-61", "SA67"}
    assert any(label != shown for code, label in before for other, shown in after if code == other)


def test_lines_come_in_another_order(simulation: Path) -> None:
    """Unchanged lines are not where they were."""
    before, after = (_lines(simulation / f"day-{day}") for day in (1, 2))
    kept = set(before) & set(after)
    assert [line for line in before if line in kept] != [line for line in after if line in kept]


def test_nothing_changes_but_the_order_when_the_rate_is_zero(tmp_path: Path) -> None:
    """Without stories' turns, a rate of zero leaves the same lines."""
    publish(tmp_path / "days", practitioners=300, first_day=FIRST_DAY, days=2, seed=4, change_rate=0.0)
    storied = {story.national_id for story in read_script(tmp_path / "days").stories}
    before, after = (
        read(tmp_path / "days" / day).filter(~pl.col("national_id").is_in(sorted(storied)))
        for day in ("day-1", "day-2")
    )
    assert sorted(before.iter_rows()) == sorted(after.iter_rows())
    for kind in (ExtractKind.MSSANTE, ExtractKind.CARTES):
        before, after = (read(tmp_path / "days" / day, kind) for day in ("day-1", "day-2"))
        names = ["family_name", "given_name"]  # the only ones that a story changes
        assert sorted(before.drop(names).iter_rows()) == sorted(after.drop(names).iter_rows())
