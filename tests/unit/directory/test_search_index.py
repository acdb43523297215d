import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA
from sqlalchemy import Connection, delete, select

from extract_builder import hospital, person
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.search import postings
from rpps_sync.directory.search.typos import SHORTEST, misspelt
from rpps_sync.directory.tables import SEARCH_POSTINGS, SEARCH_WORDS
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA, SF = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]

# A person of a small world: absent, or with a family name, a place and a skill or none.
_PERSON = st.none() | st.tuples(
    st.sampled_from(["LE GOFF", "GOFF-ROUX", "ROUX", "D'ÉTÉ", ""]), st.sampled_from([0, 1, 2]), st.booleans()
)
_DAYS = st.lists(st.lists(_PERSON, min_size=4, max_size=4), min_size=1, max_size=6)

Index = tuple[list[tuple[str, str, bytes]], list[tuple[str, str]]]


def _lines(day: list[tuple[str, int, bool] | None]) -> dict[ExtractKind, list[dict[str, str]]]:
    present = [(number, values) for number, values in enumerate(day) if values is not None]
    return {
        PA: [
            person(number, family_name=name, **(hospital(place, postal_code=f"6900{place}") if place else {}))
            for number, (name, place, _) in present
        ],
        SF: [person(number, skill_type="S", skill="SM26") for number, (_, _, skilled) in present if skilled],
    }


def _index(connection: Connection) -> Index:
    rows = connection.execute(select(SEARCH_POSTINGS).order_by(SEARCH_POSTINGS.c.term, SEARCH_POSTINGS.c.block))
    words = connection.execute(select(SEARCH_WORDS).order_by(SEARCH_WORDS.c.word))
    return [(row.term, row.block, bytes(row.people)) for row in rows], [(row.word, row.reversed) for row in words]


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(days=_DAYS)
def test_the_index_is_what_a_rebuild_from_the_tables_would_be(
    new_database: Callable[[], str], days: list[list[tuple[str, int, bool] | None]]
) -> None:
    """After any arrivals, departures, renames, moves and returns, nothing is missing and nothing is left over."""
    folder = Path(mkdtemp())
    try:
        directory = SmallDirectory(folder, new_database())
        for day in days:
            directory.publish(_lines(day))
            with writing(directory.engine) as connection:
                kept = _index(connection)
                postings.rebuild(connection)
                assert kept == _index(connection)
        directory.engine.dispose()
    finally:
        shutil.rmtree(folder)


def test_a_directory_filled_before_there_was_an_index_gets_one(directory: SmallDirectory) -> None:
    """An upgrade of an installation that has people indexes them, whatever the size of the batches."""
    directory.publish(_lines([("LE GOFF", 1, True), ("ROUX", 2, False), ("ROUX", 0, False), None]))
    with writing(directory.engine) as connection:
        whole = _index(connection)
        connection.execute(delete(SEARCH_POSTINGS))
        connection.execute(delete(SEARCH_WORDS))
    migrations.upgrade(directory.engine)
    with reading(directory.engine) as connection:
        assert _index(connection) == whole


def test_buckets_and_batches_leave_no_trace_in_the_index(directory: SmallDirectory) -> None:
    """Read two people at a time, across blocks of identifiers of both shapes, the index is the same."""
    corsican = person(1, family_name="ROUX") | {"id_type": "0", "national_id": "02A0000011"}
    far = person(2, family_name="ROUX") | {"identifier": "99910000001", "national_id": "899910000001"}
    directory.publish({PA: [corsican, far, *(person(number, family_name="ROUX") for number in range(5, 10))]})
    with writing(directory.engine) as connection:
        whole = _index(connection)
        former, postings.PEOPLE_AT_A_TIME = postings.PEOPLE_AT_A_TIME, 2
        try:
            postings.rebuild(connection)
        finally:
            postings.PEOPLE_AT_A_TIME = former
        assert _index(connection) == whole


def test_a_night_that_renames_nobody_leaves_the_index_alone(directory: SmallDirectory) -> None:
    """A corrected phone number writes no posting."""
    directory.publish({PA: [person(1, **hospital(1, phone="0472000001"))]})
    with reading(directory.engine) as connection:
        before = _index(connection)
    directory.publish({PA: [person(1, **hospital(1, phone="0472000002"))]})
    with reading(directory.engine) as connection:
        assert _index(connection) == before


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(
    words=st.lists(st.text("ABC", min_size=3, max_size=7), unique=True, max_size=40),
    typed=st.text("ABC", max_size=7),
)
def test_every_word_one_keystroke_away_is_found_without_reading_them_all(
    database_url: str, words: list[str], typed: str
) -> None:
    """Looking at the words that share a half misses none that a look at every word would find."""
    directory = SmallDirectory(Path(), database_url)
    with writing(directory.engine) as connection:
        connection.execute(delete(SEARCH_WORDS))
        if words:
            connection.execute(SEARCH_WORDS.insert(), [{"word": word, "reversed": word[::-1]} for word in words])
        near = {word for word in words if OSA.distance(word, typed) == 1} if len(typed) >= SHORTEST else set()
        assert set(misspelt(connection, typed)) & set(words) == near
    directory.engine.dispose()
