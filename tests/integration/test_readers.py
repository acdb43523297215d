"""Several programs read over their own connections while the directory publishes, as processes of an API would."""

from pathlib import Path

from reading_programs import read_while_it_publishes
from small_directory import SmallDirectory

PUBLICATIONS = 8
READERS = 3


def test_programs_that_read_while_it_publishes_see_whole_publications(tmp_path: Path, database_url: str) -> None:
    """Every state that any of them saw is that of one publication, and each read every change once, in order."""
    directory = SmallDirectory(tmp_path, database_url)
    seen = read_while_it_publishes(directory, database_url, READERS, PUBLICATIONS)
    directory.engine.dispose()
    assert seen > READERS  # otherwise nobody read while it published
