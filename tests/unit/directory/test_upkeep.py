from sqlalchemy import delete

from extract_builder import hospital, national_id, person
from rpps_sync.directory import upkeep
from rpps_sync.directory.engine import writing
from rpps_sync.directory.tables import PRACTITIONERS, STRUCTURES
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory


def test_sound_directory_has_no_damage(directory: SmallDirectory) -> None:
    """Neither an empty one nor one that has published."""
    assert upkeep.damages(directory.engine) == []
    directory.publish({ExtractKind.PERSONNE_ACTIVITE: [person(1, **hospital(1)), person(2)]})
    assert upkeep.damages(directory.engine) == []


def test_rows_that_contradict_one_another_are_counted(directory: SmallDirectory) -> None:
    """Somebody taken out by hand, and a place: each leaves traces."""
    directory.publish({ExtractKind.PERSONNE_ACTIVITE: [person(1, **hospital(1)), person(2)]})
    with writing(directory.engine) as connection:
        connection.execute(delete(PRACTITIONERS).where(PRACTITIONERS.c.national_id == national_id(2)))
        connection.execute(delete(STRUCTURES))
    assert upkeep.damages(directory.engine) == [
        "exercises: 1 rows of nobody in the directory",
        "activities: 1 rows of nobody in the directory",
        "activities: 1 rows at a structure that is not described",
        "practitioners: 1 rows, where 2 were published",
    ]
