from collections.abc import Iterator
from pathlib import Path

import pytest

from api_site import Site
from api_site import site as site_of


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    """The API on both kinds of database."""
    with site_of(tmp_path, database_url) as built:
        yield built


@pytest.fixture(scope="module")
def embedded_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The API on SQLite, one for a whole module: for what does not depend on the database."""
    folder = tmp_path_factory.mktemp("site")
    with site_of(folder, f"sqlite:///{folder / 'directory.sqlite'}") as built:
        yield built
