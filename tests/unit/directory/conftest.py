from pathlib import Path

import pytest

from small_directory import SmallDirectory


@pytest.fixture
def directory(tmp_path: Path) -> SmallDirectory:
    """An empty directory at the newest revision."""
    return SmallDirectory(tmp_path)
