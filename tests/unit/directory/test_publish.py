from secrets import token_hex

from sqlalchemy import func, select

from extract_builder import hospital, national_id, person, text
from rpps_sync.directory import changes, documents
from rpps_sync.directory.engine import reading
from rpps_sync.directory.publish import held_before
from rpps_sync.directory.tables import FORMER_VERSIONS, PRACTITIONERS, STRUCTURES
from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA, SF, DIPL = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE, ExtractKind.DIPL_AUTEXERC


def told(directory: SmallDirectory, since: int = 0) -> list[tuple[str, str, str | None, str | None]]:
    """The change feed as (kind, field, before, after)."""
    with reading(directory.engine) as connection:
        return [
            (item["kind"], item["field"], item["before"], item["after"])
            for item in changes.feed(connection, since)
        ]


def test_the_same_publication_twice_changes_nothing(directory: SmallDirectory) -> None:
    """Publishing identical lines again writes no change and no version."""
    lines = {PA: [person(number, **hospital(1)) for number in range(20)]}
    assert directory.publish(lines).added == 20
    delta = directory.publish(lines)
    assert (delta.added, delta.changed, delta.departed, delta.total) == (0, 0, 0, 20)
    assert len(told(directory)) == 20


def test_a_corrected_phone_is_one_change_of_one_field(directory: SmallDirectory) -> None:
    """A corrected structure is told field by field, before and after."""
    directory.publish({PA: [person(1, **hospital(1, phone="0472000001"))]})
    delta = directory.publish({PA: [person(1, **hospital(1, phone="0472000002"))]})
    assert delta.changed == 1
    assert told(directory, since=1) == [("changed", "structure.phone", "0472000001", "0472000002")]


def test_a_structure_nobody_works_at_is_forgotten(directory: SmallDirectory) -> None:
    """The description of a place that no activity refers to any more is removed."""
    directory.publish({PA: [person(1, **hospital(1)), person(2, **hospital(2))]})
    directory.publish({PA: [person(1, **hospital(1)), person(2, **hospital(1))]})
    with reading(directory.engine) as connection:
        assert connection.execute(select(STRUCTURES.c.finess)).scalars().all() == ["990000001"]


def test_who_leaves_becomes_a_tombstone_and_may_return(directory: SmallDirectory) -> None:
    """A departure is told without personal details, a return is told as such."""
    everybody = {PA: [person(1), person(2)]}
    directory.publish(everybody)
    delta = directory.publish({PA: [person(1)]})
    assert (delta.departed, delta.total) == (1, 1)
    directory.publish(everybody)
    assert told(directory, since=2) == [("departed", "", None, None), ("returned", "", None, None)]


def test_a_skill_and_a_diploma_that_come_are_told(directory: SmallDirectory) -> None:
    """Changes of the other extracts reach the practitioner although the activity line did not move."""
    directory.publish({PA: [person(1)], SF: [], DIPL: []})
    directory.publish(
        {
            PA: [person(1)],
            SF: [person(1, skill_type="S", skill="SM26")],
            DIPL: [person(1, diploma_type="DE", diploma="DE09")],
        }
    )
    assert [(field, after) for _, field, _, after in told(directory, since=1)] == [
        ("skill", "60/C/S/SM26"),
        ("diploma", "DE/DE09"),
    ]


def test_who_has_an_unreadable_line_keeps_the_last_good_version(directory: SmallDirectory) -> None:
    """A held practitioner is not touched, is marked, and is released once readable."""
    directory.publish({PA: [person(1, phone="0102030405"), person(2)]})
    held = frozenset({national_id(1)})
    assert directory.publish({PA: [person(2)]}, held=held).departed == 0
    with reading(directory.engine) as connection:
        assert documents.load(connection, [national_id(1)])
        assert list(held_before(connection)) == [national_id(1)]
    directory.publish({PA: [person(1, phone="0102030406"), person(2)]})
    with reading(directory.engine) as connection:
        assert list(held_before(connection)) == []
    assert [(kind, field) for kind, field, _, _ in told(directory, since=2)] == [("changed", "activity")] * 2


def test_the_longest_line_that_is_read_can_be_stored(directory: SmallDirectory) -> None:
    """What the reader lets through fits in every index of every database, in one field if need be."""
    room = LIMITS.line_bytes - len(text(PA, [person(1)]).encode().splitlines()[1])
    directory.publish({PA: [person(1, registration_authority=token_hex(room)[:room])]})
    with reading(directory.engine) as connection:
        (exercise,) = documents.load(connection, [national_id(1)])[national_id(1)].exercises
    assert len(exercise.activities[0].registration_authority) == room


def test_a_night_costs_the_size_of_its_changes(directory: SmallDirectory) -> None:
    """Only documents that changed leave a former version."""
    lines = [person(number) for number in range(50)]
    directory.publish({PA: lines})
    directory.publish({PA: [*lines[:49], person(49, mode="L")]})
    with reading(directory.engine) as connection:
        assert connection.execute(select(func.count()).select_from(FORMER_VERSIONS)).scalar() == 1
        assert connection.execute(select(func.count()).select_from(PRACTITIONERS)).scalar() == 50
