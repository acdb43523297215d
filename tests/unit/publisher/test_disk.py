"""Writing without surprises."""

from pathlib import Path

import pytest

from rpps_sync.publisher.disk import drafted


def test_a_night_told_to_stop_while_it_writes_leaves_no_draft(tmp_path: Path) -> None:
    """What bore the name stays whole, whatever stops the writing: a signal is no error of the disk."""
    kept, draft = tmp_path / "kept", tmp_path / "kept.part"
    kept.write_text("yesterday")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(kept, draft)
    assert kept.read_text() == "yesterday"
    assert not draft.exists()


def test_what_was_written_to_its_end_bears_the_name(tmp_path: Path) -> None:
    """The draft becomes the file, and is gone."""
    kept, draft = tmp_path / "kept", tmp_path / "kept.part"
    with drafted(kept, draft):
        draft.write_text("today")
    assert kept.read_text() == "today"
    assert not draft.exists()


def _interrupted(path: Path, draft: Path) -> None:
    with drafted(path, draft):
        draft.write_text("half of tod")
        raise KeyboardInterrupt
