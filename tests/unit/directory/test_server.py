import re
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from postgres_server import Server
from rpps_sync.directory import migrations, server, upkeep
from rpps_sync.directory.engine import open_engine
from rpps_sync.errors import DirectoryError, UsageError


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


def test_copies_of_a_server_are_left_to_its_own_tool(postgres: Server, tmp_path: Path) -> None:
    """The mend is a command to paste, without password; nothing is written."""
    url = postgres.migrated()
    engine = open_engine(url)
    with pytest.raises(UsageError) as told:
        upkeep.backup(engine, tmp_path / "copy")
    engine.dispose()
    postgres.drop(url)
    assert "pg_dump" in told.value.mend
    assert f"dbname={make_url(url).database}" in told.value.mend
    assert list(tmp_path.iterdir()) == []
