import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, inspect

from extract_builder import hospital, national_id, person
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.tables import FINDINGS, FRESHNESS, METADATA
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PAGE = Path(__file__).parents[3] / "docs" / "sql-views.md"
PA, SF, DIPL = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE, ExtractKind.DIPL_AUTEXERC
NURSE = national_id(1)


def documented() -> dict[str, list[str]]:
    """The columns of each view, as the page lists them."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        found[1]: re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        for section in sections
        if (found := re.match(r"`(v_\w+)`", section))
    }


def rows(directory: SmallDirectory, query: str) -> list[dict[str, Any]]:
    """What a query answers; days as text, which is all that SQLite has."""
    with reading(directory.engine) as connection:
        found = connection.exec_driver_sql(query).mappings().all()
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in found
    ]


@pytest.fixture
def two_days(directory: SmallDirectory) -> SmallDirectory:
    """A nurse who moves and whose profession is reworded on the second day, and one who leaves."""
    nurse = {"mode": "L", "mode_label": "Libéral"}
    skilled = {"skill_type": "S", "skill": "SM26", "skill_label": "Médecine générale"}
    titled = {"diploma_type": "DE", "diploma_type_label": "Diplôme d'État", "diploma": "DE09"}
    lines = {SF: [person(1, **skilled)], DIPL: [person(1, **titled)]}
    directory.publish({PA: [person(1, **nurse, **hospital(1)), person(2)], **lines})
    now = {"profession_label": "Infirmier D.E."}
    lines = {SF: [person(1, **skilled, **now)], DIPL: [person(1, **titled)]}
    directory.publish({PA: [person(1, **nurse, **now, **hospital(2))], **lines})
    return directory


def test_views_have_the_documented_columns(directory: SmallDirectory) -> None:
    """The page and both databases agree on every view and every column, in order."""
    with reading(directory.engine) as connection:
        inspector = inspect(connection)
        found = {
            name: [column["name"] for column in inspector.get_columns(name)] for name in inspector.get_view_names()
        }
    assert found == documented()
    assert not found.keys() & METADATA.tables.keys()


def test_practitioners_come_with_days_instead_of_sequence_numbers(two_days: SmallDirectory) -> None:
    """Known since, last changed, held since: days of publications."""
    (row,) = rows(two_days, "SELECT * FROM v_practitioner")
    assert (row["national_id"], row["rpps"]) == (NURSE, NURSE[1:])
    assert (row["known_since"], row["last_changed"], row["held_since"]) == ("2026-11-01", "2026-11-02", None)


def test_activities_come_with_labels_in_force_and_their_place(two_days: SmallDirectory) -> None:
    """The newest wording of a code, and the structure beside."""
    (row,) = rows(two_days, "SELECT * FROM v_activity")
    assert (row["profession"], row["profession_label"]) == ("60", "Infirmier D.E.")
    assert (row["mode_label"], row["structure_finess"]) == ("Libéral", "990000002")


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("v_exercise", {"profession": "60", "profession_label": "Infirmier D.E.", "category": "C"}),
        ("v_skill", {"skill_type": "S", "skill": "SM26", "skill_label": "Médecine générale"}),
        ("v_diploma", {"diploma_type_label": "Diplôme d'État", "diploma": "DE09", "diploma_label": ""}),
    ],
)
def test_what_somebody_has_comes_with_labels(
    two_days: SmallDirectory, view: str, expected: dict[str, str]
) -> None:
    """Codes, the labels in force, and empty text where none was published."""
    (row,) = rows(two_days, f"SELECT * FROM {view}")
    assert row["national_id"] == NURSE
    assert expected.items() <= row.items()


def test_changes_are_those_of_the_feed(two_days: SmallDirectory) -> None:
    """Departures included, each with the day and the name of its publication."""
    found = rows(two_days, "SELECT * FROM v_change WHERE published_on = '2026-11-02' ORDER BY cursor")
    assert {(row["national_id"], row["kind"]) for row in found} == {
        (NURSE, "changed"),
        (national_id(2), "departed"),
    }
    assert {row["publication"] for row in found} == {"publication-2"}


def test_findings_name_the_person_the_application_and_the_late_side(directory: SmallDirectory) -> None:
    """Every column but the evidence, which is for programs."""
    finding = {column.name: "" for column in FINDINGS.c} | {
        "id": "0123456789abcdef",
        "national_id": NURSE,
        "source": "dpi",
        "since": None,
        "first_seen": date(2026, 11, 1),
        "last_seen": date(2026, 11, 2),
        "occurrences": 2,
        "lag_days": None,
        "evidence": {},
    }
    with writing(directory.engine) as connection:
        connection.execute(insert(FINDINGS), [finding, finding | {"id": "f" * 16, "national_id": "3123456"}])
    first, second = rows(directory, "SELECT * FROM v_finding ORDER BY id")
    assert (first["rpps"], first["source"], first["last_seen"]) == (NURSE[1:], "dpi", "2026-11-02")
    assert second["rpps"] == ""


def test_freshness_is_what_the_last_run_found(directory: SmallDirectory) -> None:
    """One row an objective: the newest."""
    states = [
        {"run_id": f"run-{day}", "objective": "publication.age", "at": datetime(2026, 11, day, tzinfo=UTC)}
        | {"state": state, "observed": "", "limit": "36 h"}
        for day, state in ((1, "warn"), (3, "ok"), (2, "error"))
    ]
    with writing(directory.engine) as connection:
        connection.execute(insert(FRESHNESS), states)
    (row,) = rows(directory, "SELECT * FROM v_freshness")
    assert (row["run_id"], row["state"], row["limit_value"]) == ("run-3", "ok", "36 h")
