from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path

import pytest

from rpps_sync.errors import UsageError
from rpps_sync.freshness.objectives import objective_of, objectives, use

Write = Callable[[str], None]


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Write the installation's own file, and take it in."""

    def own(text: str) -> None:
        (tmp_path / "freshness.toml").write_text(text, encoding="utf-8")
        use(None)
        use(tmp_path)

    yield own
    use(None)


def test_a_hospital_that_opens_later_sets_its_own_deadline(write: Write) -> None:
    """What the file does not name stays as the package declares it."""
    write('[[objective]]\nid = "publication.ready"\ndeadline = 07:30:00\n')
    ready = objective_of("publication.ready")
    assert ready is not None
    assert (ready.deadline, ready.target) == (time(7, 30), 0.95)


def test_a_site_without_applications_watches_none(write: Write) -> None:
    """An objective that means nothing here is left out, and has no state."""
    write('[[objective]]\nid = "claims.intake"\nwatched = false\n')
    assert objective_of("claims.intake") is None
    assert objective_of("publication.age") in objectives()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[objective]]\nid = "publication.agee"\nwarn = 3\n', "no objective has the id 'publication.agee'"),
        ('[[objective]]\nid = "publication.age"\nwarn = 90\n', "the error comes after the warning"),
        ("[[objective]]\nid = publication", "line 2"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_by_name(write: Write, text: str, why: str) -> None:
    """A typo is not silently without effect: the file is named, with what is wrong and what to do."""
    write(text)
    with pytest.raises(UsageError, match=why) as refused:
        objectives()
    assert "freshness.toml" in refused.value.what
    assert "move it away" in refused.value.mend
