from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from extract_builder import hospital, national_id, person
from history_sequences import SEQUENCES, Night, live_through
from rpps_sync.directory import history
from rpps_sync.directory.engine import reading
from rpps_sync.directory.lookup import lookup
from rpps_sync.publication import ExtractKind
from small_directory import FIRST_DAY, SmallDirectory

PA = ExtractKind.PERSONNE_ACTIVITE


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(nights=SEQUENCES)
def test_any_past_day_is_what_a_fresh_directory_of_that_day_would_be(
    two_directories: tuple[SmallDirectory, SmallDirectory], nights: list[Night]
) -> None:
    """As of any publication, look-ups answer as a database loaded from it alone, and the feed rebuilds it."""
    lived, fresh = two_directories
    live_through(nights, lived, fresh)


@pytest.fixture
def two_directories(
    tmp_path: Path, new_database: Callable[[], str]
) -> Iterator[tuple[SmallDirectory, SmallDirectory]]:
    """Two empty directories, to be emptied and filled again."""
    pair = []
    for name in ("lived", "fresh"):
        (tmp_path / name).mkdir()
        pair.append(SmallDirectory(tmp_path / name, new_database()))
    yield pair[0], pair[1]
    for small in pair:
        small.engine.dispose()


def test_history_tells_absences_between_presences(directory: SmallDirectory) -> None:
    """Who left and came back has a version, an absence, and a version, each with its day."""
    for present in (True, False, False, True):
        directory.publish({PA: [person(1)] if present else []})
    with reading(directory.engine) as connection:
        told = history.histories(connection, [national_id(1), national_id(2)])
    first = FIRST_DAY.date()
    versions = told[national_id(1)].versions
    assert [(item.practitioner is not None, item.since) for item in versions] == [
        (True, first),
        (False, first + timedelta(days=1)),
        (True, first + timedelta(days=3)),
    ]
    assert told[national_id(2)].versions == ()
    assert told[national_id(1)].publications == tuple(first + timedelta(days=n) for n in range(4))


def test_lookup_says_since_when_and_from_which_publication(directory: SmallDirectory) -> None:
    """The document carries its labels, its days and the publication it comes from."""
    directory.publish({PA: [person(1, **hospital(1))]})
    directory.publish({PA: [person(1, mode="L", mode_label="Libéral", **hospital(1))]})
    with reading(directory.engine) as connection:
        now = lookup(connection, national_id(1))
        before = lookup(connection, national_id(1), as_of=FIRST_DAY)
    assert now["known_since"] == date(2026, 11, 1).isoformat()
    assert now["last_changed"] == date(2026, 11, 2).isoformat()
    assert now["publication"] == "publication-2"
    (activity,) = now["exercises"][0]["activities"]
    assert activity["mode"] == {"code": "L", "label": "Libéral"}
    assert activity["structure"]["address"]["commune"]["label"] == "Lyon 3e  Arrondissement"
    assert before["exercises"][0]["activities"][0]["mode"] == {"code": "S", "label": "Salarié"}
    assert before["last_changed"] == before["known_since"] == "2026-11-01"


def test_a_label_that_drifts_changes_no_practitioner(directory: SmallDirectory) -> None:
    """A reworded label is recorded once, and past days keep the old wording."""
    directory.publish({PA: [person(number) for number in range(9)]})
    delta = directory.publish({PA: [person(number, profession_label="Infirmier D.E.") for number in range(9)]})
    assert delta.changed == 0
    with reading(directory.engine) as connection:
        now = lookup(connection, national_id(1))["exercises"][0]["profession"]["label"]
        before = lookup(connection, national_id(1), as_of=FIRST_DAY)["exercises"][0]["profession"]["label"]
    assert (before, now) == ("Infirmier", "Infirmier D.E.")


def test_somebody_who_left_is_a_tombstone(directory: SmallDirectory) -> None:
    """After a departure no personal detail is served, only the day and the last professions."""
    directory.publish({PA: [person(1)]})
    directory.publish({PA: []})
    with reading(directory.engine) as connection:
        told = lookup(connection, national_id(1))
    assert told["status"] == "departed"
    assert told["departed_on"] == "2026-11-02"
    assert told["last_professions"] == ["60"]
    assert "family_name" not in told
