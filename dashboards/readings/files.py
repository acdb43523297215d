"""What lies behind the figures: lines set aside, lines at fault, the archive."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from itertools import islice
from typing import Any

import polars as pl

from dashboards.readings.keeping import kept_until_the_next_run
from dashboards.session import launch, reading
from pipelines.evidence import evidence
from rpps_sync.directory import quarantine as set_aside
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.quality.rows import write_csv

FIRST = 20  # lines shown on the page
ROWS = 20_000  # lines of one file of offending rows; the command line has no such bound


@kept_until_the_next_run
def quarantine() -> Sequence[Mapping[str, Any]]:
    """The lines set aside in the publication looked at last."""
    with reading() as connection:
        last = set_aside.last_looked_at(connection)
        return set_aside.of_publication(connection, last) if last else []


def archive() -> Sequence[tuple[str, datetime, int, int]]:
    """The publications in the archive, newest first: name, deposit, files, bytes once unpacked."""
    found = Archive(launch().settings.archive).all()
    told = [(one.id, one.published_at, len(one.files), sum(file.bytes for file in one.files)) for one in found]
    return sorted(told, key=lambda one: one[1], reverse=True)


def rows_behind(publication_id: str, name: str, extract: str) -> tuple[bytes, int, Sequence[Mapping[str, str]]]:
    """The lines at fault, as a CSV file, how many it holds (``ROWS`` at most), and the first of them.

    Read from the archive.

    Raises:
        NotFound: the result has no lines behind it, or the archive no longer holds that publication.
    """
    root = launch().settings.archive
    with (
        reading() as connection,
        evidence(connection, root, publication_id, name, ExtractKind(extract)) as found,
        StringIO(newline="") as text,
    ):
        count = write_csv(_at_most(found, ROWS), text)
        content = text.getvalue()
    first = list(islice(csv.DictReader(StringIO(content), delimiter=_delimiter(content)), FIRST))
    return content.encode("utf-8-sig"), count, first


def _delimiter(content: str) -> str:
    return ";" if ";" in content.partition("\n")[0] else ","


def _at_most(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    left = rows
    for frame in frames:
        yield frame.head(left)
        left -= frame.height
        if left <= 0:
            return
