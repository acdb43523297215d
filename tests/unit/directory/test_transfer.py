from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, update

from extract_builder import hospital, mailbox, national_id, person
from postgres_server import Server
from rpps_sync.directory import changes, digest, history, migrations, transfer
from rpps_sync.directory.engine import open_engine, reading, writing
from rpps_sync.directory.tables import FRESHNESS, METADATA, OBSERVATIONS, PRACTITIONERS, QUARANTINE
from rpps_sync.errors import DirectoryError, UsageError
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA, MAIL = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.MSSANTE
OBSERVED = {
    "national_id": national_id(1),
    "source": "dpi",
    "scope": "open",
    "trust": "attested",
    "claims": "[]",
    "first_seen": date(2026, 11, 1),
    "last_seen": date(2026, 11, 2),
    "occurrences": 2,
}
ASSESSED = {
    "run_id": "run-2",
    "objective": "publication.age",
    "at": datetime(2026, 11, 2, 7, 30, tzinfo=UTC),
    "state": "ok",
    "observed": "",
    "limit": "36 h",
}
FIRST = {PA: [person(1, **hospital(1)), person(2), "8|cut"], MAIL: [mailbox(1)]}
SECOND = {PA: [person(1, **hospital(2)), person(3)], MAIL: [mailbox(1, paperless="N")]}
THIRD = {PA: [person(1, **hospital(2), family_name="É\"QUOTE', "), person(2)], MAIL: []}


@pytest.fixture
def lived(directory: SmallDirectory) -> SmallDirectory:
    """Two nights, an unreadable line, an observation and a state of freshness."""
    directory.publish(FIRST)
    directory.publish(SECOND)
    with writing(directory.engine) as connection:
        connection.execute(insert(OBSERVATIONS), [OBSERVED])
        connection.execute(insert(FRESHNESS), [ASSESSED])
    return directory


@pytest.fixture
def elsewhere(directory: SmallDirectory, tmp_path: Path, postgres: Server) -> Iterator[Engine]:
    """An empty database without tables, of the other kind than the directory's."""
    on_server = directory.url.startswith("sqlite")
    url = postgres.empty() if on_server else f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    engine = open_engine(url)
    yield engine
    engine.dispose()
    if on_server:
        postgres.drop(url)


def test_everything_moves_to_the_other_kind_of_database(lived: SmallDirectory, elsewhere: Engine) -> None:
    """Rows, history and feed are equal there, and nothing changes here."""
    copied = transfer.copy(lived.engine, elsewhere)
    assert copied.keys() == METADATA.tables.keys()
    assert [copied[name].rows for name in ("practitioners", "observations", "quarantine")] == [2, 1, 1]
    with reading(lived.engine) as here, reading(elsewhere) as there:
        for table in METADATA.sorted_tables:
            assert digest.of_table(here, table) == digest.of_table(there, table) == copied[table.name]
        assert list(changes.feed(here)) == list(changes.feed(there))
        people = [national_id(number) for number in range(4)]
        assert history.histories(here, people) == history.histories(there, people)
        assert there.execute(select(FRESHNESS.c.at)).scalar_one() == ASSESSED["at"]
        assert there.execute(select(QUARANTINE.c.raw)).scalar_one() == b"8|cut"


def test_life_goes_on_in_the_copy_as_it_would_have_here(lived: SmallDirectory, elsewhere: Engine) -> None:
    """The next publication brings the same feed with the same cursors, and new rows find their numbers."""
    transfer.copy(lived.engine, elsewhere)
    moved = SmallDirectory(lived.folder, str(elsewhere.url), indexes=lived.indexes, seq=lived.seq)
    for directory in (lived, moved):
        directory.publish(THIRD)
        with writing(directory.engine) as connection:
            connection.execute(insert(OBSERVATIONS), [OBSERVED | {"source": "portal"}])
    with reading(lived.engine) as here, reading(moved.engine) as there:
        assert list(changes.feed(here)) == list(changes.feed(there))
        assert there.execute(select(func.count()).select_from(OBSERVATIONS)).scalar_one() == 2
    moved.engine.dispose()


def test_copy_never_writes_over_anything(lived: SmallDirectory, elsewhere: Engine) -> None:
    """A target with one row in any table is left as it is; one whose schema was never used is taken."""
    migrations.upgrade(elsewhere)
    with writing(elsewhere) as connection:
        connection.execute(insert(OBSERVATIONS), [OBSERVED])
    with pytest.raises(UsageError, match="not empty"):
        transfer.copy(lived.engine, elsewhere)
    with reading(elsewhere) as connection:
        assert connection.execute(select(func.count()).select_from(PRACTITIONERS)).scalar_one() == 0


def test_copy_that_differs_is_not_kept(
    lived: SmallDirectory, elsewhere: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that changes on the way is noticed when the copy is read again, and the target stays empty."""
    upgrade = migrations.upgrade

    def upgrade_and_meddle(engine: Engine) -> None:
        upgrade(engine)
        body = "UPDATE practitioners SET family_name = 'AUTRE' WHERE national_id = NEW.national_id"
        with writing(engine) as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql(
                    f"CREATE TRIGGER meddle AFTER INSERT ON practitioners BEGIN {body}; END"
                )
                return
            connection.exec_driver_sql(
                f"CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql"
                f" AS $$ BEGIN {body}; RETURN NULL; END $$"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER meddle AFTER INSERT ON practitioners FOR EACH ROW EXECUTE FUNCTION meddle()"
            )

    monkeypatch.setattr(migrations, "upgrade", upgrade_and_meddle)
    with pytest.raises(DirectoryError, match="the copy of practitioners"):
        transfer.copy(lived.engine, elsewhere)
    with reading(elsewhere) as connection:
        assert connection.execute(select(func.count()).select_from(PRACTITIONERS)).scalar_one() == 0


def test_digest_does_not_depend_on_order_but_on_every_value(directory: SmallDirectory) -> None:
    """The same rows in another order are equal; one letter, or nothing instead of an empty text, is not."""
    directory.publish(FIRST)
    with reading(directory.engine) as connection:
        before = digest.of_table(connection, PRACTITIONERS)
    with writing(directory.engine) as connection:
        connection.execute(update(PRACTITIONERS).values(held_since=0))
        assert digest.of_table(connection, PRACTITIONERS) != before
        connection.execute(update(PRACTITIONERS).values(held_since=None))
        assert digest.of_table(connection, PRACTITIONERS) == before
