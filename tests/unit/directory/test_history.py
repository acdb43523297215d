import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract_builder import hospital, national_id, person
from rpps_sync.directory import history
from rpps_sync.directory.engine import reading
from rpps_sync.directory.lookup import lookup
from rpps_sync.publication import ExtractKind
from small_directory import FIRST_DAY, SmallDirectory

PA, SF = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE

# A person of a small world: absent, or with some modes, a structure and a skill or none.
_PERSON = st.none() | st.tuples(st.sampled_from(["S", "L"]), st.sampled_from([0, 1, 2]), st.booleans())
_DAY = st.lists(_PERSON, min_size=4, max_size=4)


def _lines(day: list[tuple[str, int, bool] | None]) -> dict[ExtractKind, list[dict[str, str]]]:
    present = [(number, values) for number, values in enumerate(day) if values is not None]
    return {
        PA: [
            person(number, mode=mode, **(hospital(structure) if structure else {}))
            for number, (mode, structure, _) in present
        ],
        SF: [person(number, skill_type="S", skill="SM26") for number, (_, _, skilled) in present if skilled],
    }


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(days=st.lists(_DAY, min_size=1, max_size=6))
def test_any_past_day_is_what_a_fresh_directory_of_that_day_would_be(
    new_database: Callable[[], str], days: list[list[tuple[str, int, bool] | None]]
) -> None:
    """As of any publication, history answers what a database loaded from it alone would answer."""
    folder = Path(mkdtemp())
    try:
        lived = SmallDirectory(folder, new_database())
        for day in days:
            lived.publish(_lines(day))
        for seq, day in enumerate(days, start=1):
            (folder / str(seq)).mkdir()
            fresh = SmallDirectory(folder / str(seq), new_database())
            fresh.publish(_lines(day))
            with reading(lived.engine) as past, reading(fresh.engine) as present:
                for name in map(national_id, range(4)):
                    assert history.document_at(past, name, seq) == history.document_at(present, name, 1)
            fresh.engine.dispose()
        lived.engine.dispose()
    finally:
        shutil.rmtree(folder)


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
