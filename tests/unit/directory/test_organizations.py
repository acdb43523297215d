from sqlalchemy import delete, func, select

from extract_builder import hospital, person
from rpps_sync.directory import organizations
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.tables import ORGANIZATIONS, STRUCTURES
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA = ExtractKind.PERSONNE_ACTIVITE


def _rows(directory: SmallDirectory) -> list[tuple[object, ...]]:
    with reading(directory.engine) as connection:
        found = connection.execute(select(ORGANIZATIONS).order_by(ORGANIZATIONS.c.structure_id))
        return [tuple(row) for row in found]


def test_each_description_of_a_place_belongs_to_an_organization(directory: SmallDirectory) -> None:
    """Descriptions come with a publication and go with the last activity that refers to them."""
    moved = hospital(2, street="DE LA GARE")
    directory.publish({PA: [person(1, **hospital(1)), person(2, **hospital(2)), person(3, name="CABINET")]})
    directory.publish({PA: [person(1, **hospital(1)), person(2, **moved), person(3, name="CABINET")]})
    with reading(directory.engine) as connection:
        told = connection.execute(select(ORGANIZATIONS.c.organization_id, ORGANIZATIONS.c.known_since)).all()
        places = connection.scalar(select(func.count()).select_from(STRUCTURES))
    assert sorted(tuple(row) for row in told if not row.organization_id.startswith("X-")) == [
        ("F990000001", 1),
        ("F990000002", 2),
    ]
    assert len(told) == places == 3


def test_an_older_directory_learns_its_organizations_at_the_upgrade(directory: SmallDirectory) -> None:
    """What an upgrade fills is what publications would have written, but for the day it is known since."""
    directory.publish({PA: [person(number, **hospital(number)) for number in range(1, 6)]})
    before = _rows(directory)
    with writing(directory.engine) as connection:
        connection.execute(delete(ORGANIZATIONS))
    with writing(directory.engine) as connection:
        organizations.ensure(connection)
        organizations.ensure(connection)
    assert _rows(directory) == before
