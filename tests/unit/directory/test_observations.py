from dataclasses import replace
from datetime import date

from sqlalchemy import func, select

from extract_builder import national_id
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.observations import (
    claim_histories,
    known,
    observed_ids,
    record,
    remember,
)
from rpps_sync.directory.tables import OBSERVATIONS
from rpps_sync.observation import ClaimedActivity, ClaimedExercise, Claims, Observation, Scope, Trust
from rpps_sync.practitioner import Structure
from small_directory import SmallDirectory

CLINIC = Structure(technical_id="F990000001", phone="0199000001", name="CLINIQUE", fax="0199000009")
CLAIMS = Claims(
    civility="MME",
    exercises=(
        ClaimedExercise(
            "10", "C", "DR", "EXEMPLE", "ÉVA", "S", "SM26", (ClaimedActivity(mode="L", structure=CLINIC),)
        ),
    ),
)
OTHER = Claims(exercises=(ClaimedExercise("10", "C"),))


def seen(day: int, claims: Claims = CLAIMS, *, number: int = 1, source: str = "dpi") -> Observation:
    """One observation on a day of November."""
    return Observation(national_id(number), source, date(2026, 11, day), Trust.ATTESTED, Scope.IN_SCOPE, claims)


def test_claims_come_back_without_what_nothing_compares(directory: SmallDirectory) -> None:
    """Compared values survive the database; civilities, the structure's name and fax are not kept."""
    with writing(directory.engine) as connection:
        assert record(connection, [seen(1)]) == 1
    with reading(directory.engine) as connection:
        (history,) = claim_histories(connection)
        stored = connection.execute(select(OBSERVATIONS.c.claims)).scalar_one()
    activity = ClaimedActivity(mode="L", structure=replace(CLINIC, name="", fax=""))
    exercise = replace(CLAIMS.exercises[0], exercise_civility="", activities=(activity,))
    assert history.versions[0].claims == Claims(exercises=(exercise,))
    assert not [word for word in ("MME", "CLINIQUE", "0199000009") if word in stored]


def test_history_is_the_same_in_one_night_or_in_three(directory: SmallDirectory) -> None:
    """Days taken in together, or one by one and in disorder, read alike."""
    days = [seen(3, OTHER), seen(1), seen(2), seen(4, OTHER), seen(5)]
    with writing(directory.engine) as connection:
        record(connection, days)
    for day in days:
        with writing(directory.engine) as connection:
            record(connection, [replace(day, source="pui")])
    with reading(directory.engine) as connection:
        together, apart = claim_histories(connection, [national_id(1)])
        rows = connection.execute(select(func.count()).select_from(OBSERVATIONS)).scalar_one()
    assert together.versions == apart.versions
    assert [(version.first_seen.day, version.last_seen.day) for version in apart.versions] == [
        (1, 2),
        (3, 4),
        (5, 5),
    ]
    assert rows == 4  # two states at each application


def test_room_follows_people_and_their_changes_and_not_their_logins(directory: SmallDirectory) -> None:
    """Five people at two applications sign in six times a day for a month and change once: two rows each."""
    for day in range(1, 31):
        said = CLAIMS if day < 15 else OTHER
        with writing(directory.engine) as connection:
            record(
                connection,
                [seen(day, said, number=who, source=where) for who in range(5) for where in ("dpi", "pui")] * 6,
            )
    with reading(directory.engine) as connection:
        rows = connection.execute(select(OBSERVATIONS.c.occurrences, OBSERVATIONS.c.first_seen)).all()
        histories = list(claim_histories(connection))
    assert len(rows) == 5 * 2 * 2
    assert sum(row.occurrences for row in rows) == 5 * 2 * 6 * 30
    assert {tuple(version.first_seen.day for version in one.versions) for one in histories} == {(1, 15)}


def test_late_day_that_joins_two_versions_is_written_as_read(directory: SmallDirectory) -> None:
    """New states insert rows, further days update them; what comes back does so the day after."""
    with writing(directory.engine) as connection:
        record(connection, [seen(1), seen(5)])
        record(connection, [seen(3, OTHER)])
    with reading(directory.engine) as connection:
        (history,) = claim_histories(connection)
    assert [(version.first_seen.day, version.occurrences) for version in history.versions] == [
        (1, 2),
        (3, 1),
        (4, 2),
    ]


def test_every_observed_practitioner_is_met_once_in_pages(directory: SmallDirectory) -> None:
    """Pages follow the identifiers, applications apart."""
    with writing(directory.engine) as connection:
        record(
            connection, [seen(1, number=number, source=source) for number in range(7) for source in ("dpi", "pui")]
        )
    with reading(directory.engine) as connection:
        pages = list(observed_ids(connection, page=3))
        histories = list(claim_histories(connection))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [name for page in pages for name in page] == sorted(national_id(number) for number in range(7))
    assert len(histories) == 14


def test_observation_taken_in_before_is_known_by_its_day_and_its_digest(directory: SmallDirectory) -> None:
    """Digests are told apart within a day only, and the largest of both signs survive the database."""
    first, second = date(2026, 11, 1), date(2026, 11, 2)
    kept = [(first, 2**63 - 1), (first, -(2**63)), (second, 7)]
    with writing(directory.engine) as connection:
        remember(connection, kept)
        remember(connection, [])
        assert known(connection, [*kept, (first, 7), (second, 2**63 - 1)]) == set(kept)
        assert known(connection, []) == set()
