"""Extracts of invented practitioners, small enough to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout

Extract = Callable[..., bytes]


def _extract(kind: ExtractKind, lines: int = 3, mark: str = "A") -> bytes:
    width = len(layout(kind).columns)
    rows = ("|".join([f"{mark}{number}", *[""] * (width - 1)]) for number in range(lines))
    return ("\n".join([layout(kind).header, *rows]) + "\n").encode()


@pytest.fixture
def extract() -> Extract:
    """Writes the text of an extract: a kind, a number of lines, and a mark that makes its content differ."""
    return _extract


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds the three extracts under their data.gouv.fr names."""
    place = tmp_path / "deposit"
    place.mkdir()
    for kind in ExtractKind:
        (place / layout(kind).file_name).write_bytes(_extract(kind))
    return place
