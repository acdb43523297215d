import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from databases import DATABASES
from postgres_server import Server, serving
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine

NewDatabase = Callable[[], str]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL server, started when the first test asks for it."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the newest revision, to be copied."""
    file = tmp_path_factory.mktemp("template") / "directory.sqlite"
    engine = open_engine(f"sqlite:///{file}")
    migrations.upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(params=DATABASES)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """Makes databases at the newest revision, and gives out their addresses: each test runs on both kinds."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("embedded")
        number = count(1)
        yield lambda: f"sqlite:///{shutil.copy(template, tmp_path / f'directory-{next(number)}.sqlite')}"
        return
    server: Server = request.getfixturevalue("postgres")
    made: list[str] = []

    def make() -> str:
        made.append(server.migrated())
        return made[-1]

    yield make
    for url in made:
        server.drop(url)


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """The address of a new database at the newest revision: each test runs on both kinds."""
    return new_database()
