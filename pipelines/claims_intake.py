"""Taking observations in: read, check, keep what is acceptable, count what is not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import Engine

from pipelines.comparison import compare
from rpps_sync import clock
from rpps_sync.directory import observations
from rpps_sync.directory.engine import writing
from rpps_sync.psc import intake
from rpps_sync.psc.keys import Keys
from rpps_sync.psc.tokens import Verifier
from rpps_sync.settings import Settings

LINES_A_TRANSACTION = 2_000
REPORTED_LINES = 10_000  # refused lines told one by one; the counts by reason tell of all


@dataclass(slots=True)
class IntakeSummary:
    """What became of the lines."""

    accepted: int = 0
    duplicate: int = 0  # the same line from the same application, kept before
    refused: Counter[str] = field(default_factory=Counter)  # by reason
    refused_lines: list[tuple[int, str]] = field(default_factory=list)  # line number (1 is the first), reason
    practitioners: set[str] = field(default_factory=set)  # national identifiers seen in accepted lines

    @property
    def failed(self) -> bool:
        """Whether lines were refused and none was kept, now or before."""
        return bool(self.refused) and not self.accepted and not self.duplicate

    def to_json(self) -> dict[str, Any]:
        """The document of ``claims ingest --json``."""
        return {
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "refused": self.refused.total(),
            "refused_by_reason": dict(sorted(self.refused.items())),
            "refused_lines": [{"line": line, "reason": reason} for line, reason in self.refused_lines],
            "practitioners": len(self.practitioners),
        }


def take_in(
    engine: Engine,
    stream: BinaryIO,
    verifier: Verifier,
    *,
    grace: int,
    source: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> IntakeSummary:
    """Take a stream of observations into the database, some thousand lines a transaction, and judge them.

    A file taken in halfway can be taken in again: lines kept before count as duplicates.

    Args:
        engine: of a database with the current schema.
        stream: JSON lines.
        verifier: what tokens must satisfy.
        grace: N of the verdicts: who was seen is judged at once against the publication being served.
        source: the observing application; it wins over what the lines say.
        progress: told how many lines were read, batch after batch.

    Raises:
        UsageError: a token needs settings that are missing.
        PublisherUnreachable: the issuer's keys cannot be read.
        DirectoryError: the database cannot be written.
    """
    summary = IntakeSummary()
    for batch in _batches(intake.read(stream, verifier=verifier, source=source)):
        _keep(engine, batch, summary)
        progress(len(batch))
    with writing(engine) as connection:
        compare(connection, grace=grace, national_ids=sorted(summary.practitioners))
    return summary


def verifier_of(settings: Settings) -> Verifier:
    """What tokens must satisfy under these settings; the keys are read when the first token asks for one.

    Raises:
        UsageError: the place of the keys is neither an https address nor a file.
    """
    return Verifier(settings.psc_issuer, settings.psc_client_id, Keys(settings.jwks_url))


def _keep(engine: Engine, batch: list[intake.Kept | intake.Refused], summary: IntakeSummary) -> None:
    refused = [line for line in batch if isinstance(line, intake.Refused)]
    acceptable = {line.digest: line for line in batch if isinstance(line, intake.Kept)}
    with writing(engine) as connection:
        known = observations.known_lines(connection, list(acceptable))
        kept = [line for digest, line in acceptable.items() if digest not in known]
        observations.record(connection, (line.observation for line in kept))
        today = clock.now().date()
        observations.remember_lines(
            connection,
            [{"digest": line.digest, "day": today, "refused": True} for line in refused]
            + [{"digest": line.digest, "day": line.observation.day, "refused": False} for line in kept],
        )
    summary.accepted += len(kept)
    summary.duplicate += len(batch) - len(refused) - len(kept)
    summary.refused.update(line.reason for line in refused)
    summary.refused_lines += [(line.line_number, line.reason) for line in refused][
        : REPORTED_LINES - len(summary.refused_lines)
    ]
    summary.practitioners.update(line.observation.national_id for line in kept)


def _batches(
    lines: Iterator[intake.Kept | intake.Refused],
) -> Iterator[list[intake.Kept | intake.Refused]]:
    while batch := list(islice(lines, LINES_A_TRANSACTION)):
        yield batch
