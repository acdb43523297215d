"""Taking observations in: read, check, keep what is acceptable, count what is not, and why."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO

from sqlalchemy import Engine

from pipelines.comparison import compare
from pipelines.observed_people import ObservedPeople
from rpps_sync import clock, pseudonyms
from rpps_sync.directory import intake_counts, observations
from rpps_sync.directory.engine import writing
from rpps_sync.directory.intake_counts import Fate
from rpps_sync.limits import LIMITS, MEBIBYTE
from rpps_sync.psc import intake
from rpps_sync.psc.claims import UNTOLD
from rpps_sync.psc.keycloak import Export
from rpps_sync.psc.keys import Keys
from rpps_sync.psc.tokens import Verifier
from rpps_sync.settings import Settings

LINES_A_TRANSACTION = 2_000
BYTES_A_TRANSACTION = 16 * MEBIBYTE  # of lines as they came, so that few enormous ones take no more room
OBJECTS_A_COLLECTION = 200_000
_YOUNG = 1  # the generations that what a batch made can be in
REPORTED_LINES = 10_000  # refused lines told one by one; the counts by reason tell of all

Line = intake.Kept | intake.Refused


@dataclass(slots=True)
class IntakeSummary:
    """What became of the lines."""

    attested: int = 0  # kept, on the word of the application
    verified: int = 0  # kept, on that of the issuer
    duplicate: int = 0  # the same observation from the same application, kept before
    refused: Counter[str] = field(default_factory=Counter)  # by reason
    refused_lines: list[tuple[int, str]] = field(default_factory=list)  # line number (1 is the first), reason
    passed_over: int = 0  # users of an export who do not come from Pro Santé Connect
    unknown_claims: Counter[str] = field(default_factory=Counter)  # names no document knows, ignored
    practitioners: ObservedPeople = field(default_factory=ObservedPeople)  # seen in accepted lines

    @property
    def accepted(self) -> int:
        """How many observations were kept."""
        return self.attested + self.verified

    @property
    def failed(self) -> bool:
        """Whether lines were refused and none was kept, now or before."""
        return bool(self.refused) and not self.accepted and not self.duplicate

    def to_json(self) -> dict[str, Any]:
        """The document of ``claims ingest --json``."""
        return {
            "accepted": self.accepted,
            "attested": self.attested,
            "verified": self.verified,
            "duplicate": self.duplicate,
            "refused": self.refused.total(),
            "refused_by_reason": dict(sorted(self.refused.items())),
            "refused_lines": [{"line": line, "reason": reason} for line, reason in self.refused_lines],
            "passed_over": self.passed_over,
            "unknown_claims": dict(sorted(self.unknown_claims.items())),
            "practitioners": len(self.practitioners),
        }


def take_in(
    engine: Engine,
    stream: BinaryIO,
    verifier: Verifier,
    *,
    grace: int,
    source: str = "",
    live: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> IntakeSummary:
    """Take a stream of observations into the database, some thousand lines a transaction, and judge them.

    A file taken in halfway can be taken in again: what was kept before counts as duplicate.

    Args:
        engine: of a database with the current schema.
        stream: JSON lines.
        verifier: what tokens must satisfy.
        grace: N of the verdicts: who was seen is judged at once against the publication being served.
        source: the observing application; it wins over what the lines say.
        live: whether the lines come in as they are seen: tokens are judged by our clock.
        progress: told how many lines were read, batch after batch.

    Raises:
        UsageError: a token needs settings that are missing.
        PublisherUnreachable: the issuer's keys cannot be read.
        DirectoryError: the database cannot be written.
    """
    lines = intake.read(stream, verifier=verifier, source=source, live=live)
    return keep_all(engine, lines, grace=grace, progress=progress)


def take_in_export(
    engine: Engine,
    stream: BinaryIO,
    verifier: Verifier,
    *,
    at: datetime,
    source: str,
    grace: int,
    progress: Callable[[int], None] = lambda _: None,
) -> IntakeSummary:
    """Take the users of a Keycloak export in, as an application that saw all of them when the export was made.

    Args:
        engine: of a database with the current schema.
        stream: the realm, or the list of its users.
        verifier: not asked: nothing of an export is signed.
        at: when it was made.
        source: the application whose users they are.
        grace: N of the verdicts.
        progress: told how many users were read, batch after batch.

    Raises:
        UsageError: this is no export, or it ends in the middle.
        DirectoryError: the database cannot be written.
    """
    export = Export(stream, at=at, source=source)
    lines = intake.read_items(export, verifier=verifier, source=source)
    summary = keep_all(engine, lines, grace=grace, progress=progress)
    summary.passed_over = export.passed_over
    return summary


def keep_all(
    engine: Engine, lines: Iterable[Line], *, grace: int, progress: Callable[[int], None] = lambda _: None
) -> IntakeSummary:
    """Keep what is acceptable among lines that were read, count the others, and judge who was seen."""
    summary = IntakeSummary()
    with _few_collections():
        for batch in _batches(lines):
            _keep(engine, batch, summary)
            progress(len(batch))
            batch.clear()
            gc.collect(_YOUNG)
    if summary.practitioners:
        with writing(engine) as connection:
            for names in summary.practitioners.pages():
                compare(connection, grace=grace, national_ids=names)
    return summary


def verifier_of(settings: Settings) -> Verifier:
    """What tokens must satisfy under these settings; the keys are read when the first token asks for one.

    Raises:
        UsageError: the place of the keys is neither an https address nor a file.
    """
    keys = Keys(settings.psc_jwks_url, issuer=settings.psc_issuer)
    return Verifier(settings.psc_issuer, settings.psc_client_id, keys, settings.psc_clients)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Look for cycles seldom within a batch: observations have none, and looking took a quarter of the time.

    Statements have some, each holding the rows of its batch; left to the usual thresholds they would pile up.
    """
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS_A_COLLECTION, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _keep(engine: Engine, batch: list[Line], summary: IntakeSummary) -> None:
    refused = [line for line in batch if isinstance(line, intake.Refused)]
    acceptable = [line for line in batch if isinstance(line, intake.Kept)]
    first = {(line.observation.day, line.digest): line for line in reversed(acceptable)}
    with writing(engine) as connection:
        known = observations.known(connection, first)
        new = {told: line for told, line in first.items() if told not in known}
        kept = list(new.values())
        observations.record(connection, (line.observation for line in kept))
        observations.remember(connection, new)
        intake_counts.add(connection, clock.now().date(), _fates(kept, acceptable, refused), _last_days(kept))
    _tally(summary, kept, refused)
    summary.duplicate += len(acceptable) - len(kept)


def _fates(kept: list[intake.Kept], acceptable: list[intake.Kept], refused: list[intake.Refused]) -> Counter[Fate]:
    fates = Counter(Fate(line.observation.source, str(line.observation.trust)) for line in kept)
    again = Counter(line.observation.source for line in acceptable)
    again.subtract(line.observation.source for line in kept)
    fates.update({Fate(source, intake_counts.DUPLICATE): count for source, count in again.items() if count})
    fates.update(Fate(line.source, intake_counts.REFUSED, line.reason) for line in refused)
    return fates


def _last_days(kept: list[intake.Kept]) -> dict[str, date]:
    days: dict[str, date] = {}
    for line in kept:
        days[line.observation.source] = max(days.get(line.observation.source, date.min), line.observation.day)
    return days


def _tally(summary: IntakeSummary, kept: list[intake.Kept], refused: list[intake.Refused]) -> None:
    trusts = Counter(str(line.observation.trust) for line in kept)
    summary.attested += trusts[intake_counts.ATTESTED]
    summary.verified += trusts[intake_counts.VERIFIED]
    summary.refused.update(line.reason for line in refused)
    room = REPORTED_LINES - len(summary.refused_lines)
    summary.refused_lines += [(line.line_number, line.reason) for line in refused[:room]]
    summary.practitioners.update(pseudonyms.of_person(line.observation.national_id) for line in kept)
    for line in kept:
        for name in line.unknown:
            told = name in summary.unknown_claims or len(summary.unknown_claims) < LIMITS.unknown_claims
            summary.unknown_claims[name if told else UNTOLD] += 1


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += line.bytes
        if len(batch) >= LINES_A_TRANSACTION or size >= BYTES_A_TRANSACTION:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
