import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from extract_builder import hospital, person
from postgres_server import Server, libpq
from rpps_sync.directory import migrations, server
from rpps_sync.directory.engine import open_engine
from rpps_sync.errors import DirectoryError
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PAGE = Path(__file__).parents[3] / "docs" / "postgresql.md"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_address_as_hosting_services_write_it_is_understood(scheme: str) -> None:
    """Whatever the scheme, the driver is the one this program is made for; what the address says stands."""
    url = server.address(make_url(f"{scheme}://nurse:secret@db.example/directory?connect_timeout=3"))
    assert url.render_as_string() == str(url)
    assert (url.drivername, url.host, url.database) == ("postgresql+psycopg", "db.example", "directory")
    assert (url.query["connect_timeout"], url.query["application_name"]) == ("3", "rpps-sync")


def test_server_that_is_away_is_told_without_the_password() -> None:
    """Nobody listens: the sentence has the address, the mend, and no secret."""
    engine = open_engine("postgresql://nurse:s3cr3t@127.0.0.1:1/directory")
    with pytest.raises(DirectoryError, match=re.escape("127.0.0.1:1/directory")) as told:
        migrations.current(engine)
    assert "s3cr3t" not in told.value.what + told.value.mend
    assert "check the server" in told.value.mend


def recipe(database: str, role: str) -> list[str]:
    """The statements of the page that make a role that only reads, for this database and a role of its own."""
    section = PAGE.read_text(encoding="utf-8").partition("## A role that only reads")[2]
    block = section.partition("```sql")[2].partition("```")[0]
    named = block.replace("rpps_reader", role).replace("DATABASE directory", f"DATABASE {database}")
    return [statement.strip() for statement in named.split(";") if statement.strip()]


@pytest.fixture
def reader(postgres: Server, tmp_path: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Somebody with the role of the page, connected to a directory of two people."""
    url = postgres.migrated()
    small = SmallDirectory(tmp_path, url)
    small.publish({ExtractKind.PERSONNE_ACTIVITE: [person(1, **hospital(1)), person(2)]})
    small.engine.dispose()
    database = str(make_url(url).database)
    role = database.replace("rpps_sync_test", "reader")
    for statement in recipe(database, role):
        postgres.run(statement, at=url)
    with psycopg.connect(libpq(url), user=role, password="another", autocommit=True) as connection:
        yield connection
    postgres.drop(url)
    postgres.run(f"DROP ROLE {role}")


def test_role_of_the_page_reads_the_views_and_nothing_else(
    reader: psycopg.Connection[tuple[object, ...]],
) -> None:
    """Every view of the recipe answers; the tables, the findings and all writing are closed."""
    for view in re.findall(r"v_\w+", " ".join(recipe("d", "r"))):
        reader.execute(f"SELECT * FROM {view}".encode()).fetchall()
    assert reader.execute("SELECT count(*) FROM v_activity WHERE structure_finess <> ''").fetchone() == (1,)
    assert reader.execute("SELECT count(*) FROM v_change").fetchone() == (2,)
    for closed in ("SELECT * FROM practitioners", "SELECT * FROM v_finding", "SELECT * FROM observations"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(closed.encode())
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.execute("CREATE TABLE mine ()")
    reader.execute("SET default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("DELETE FROM practitioners")


def test_rows_of_a_server_are_found_by_their_owner_and_stored_once(postgres: Server) -> None:
    """No index spans a table of a practitioner's rows: it would double its size."""
    url = postgres.migrated()
    spanning = postgres.run(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indnatts > 2 AND indrelid IN"
        " (SELECT oid FROM pg_class WHERE relname IN ('exercises', 'skills', 'activities', 'diplomas',"
        " 'authorisations', 'mailboxes', 'structure_mailboxes', 'cards'))",
        at=url,
    )
    postgres.drop(url)
    assert spanning == []
