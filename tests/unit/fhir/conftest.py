from collections.abc import Iterator
from pathlib import Path

import pytest

from small_directory import SmallDirectory


@pytest.fixture
def directory(tmp_path: Path, database_url: str) -> Iterator[SmallDirectory]:
    """An empty directory at the newest revision, on each database in turn."""
    small = SmallDirectory(tmp_path, database_url)
    yield small
    small.engine.dispose()
