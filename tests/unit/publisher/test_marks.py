"""A text that came again unchanged is known by the marks under which it came last."""

from datetime import date
from pathlib import Path

import pytest

from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.publisher.marks import MARKS_FILE
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import AT_ONCE
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.server import PublisherServer

KINDS = (ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """One simulated day."""
    publish(tmp_path / "world", practitioners=100, first_day=date(2026, 11, 20), days=1, seed=7)
    return tmp_path / "world"


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"personne-activite": 1}'], ids=["none", "cut", "list", "number"]
)
def test_a_text_first_read_from_a_folder_crosses_the_network_once(
    tmp_path: Path, world: Path, damage: str
) -> None:
    """Asked for what a folder gave, the publisher sends it once, and no more if the marks are sound."""
    archive = Archive(tmp_path / "archive")
    first = archive.receive(FolderSource(world / "day-1"), KINDS)
    assert first is not None
    with PublisherServer(world) as server:
        source = OnlineSource(server.catalog_url, policy=AT_ONCE)
        assert archive.receive(source, KINDS) is None
        if damage:
            (first.folder / MARKS_FILE).write_text(damage)
        server.requests.clear()
        assert archive.receive(source, KINDS) is None
    sent = [path for _, path, status in server.requests if status == 200 and path.endswith(".txt")]
    assert len(sent) == (len(KINDS) if damage else 0), server.requests
    assert archive.all() == (first,)
