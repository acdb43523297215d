"""Compare what tokens claimed with what the directory says: after each publication, or when somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from sqlalchemy import Connection, func, select

from pipelines.sifting import sifted
from rpps_sync import pseudonyms
from rpps_sync.comparison.verdicts import judge
from rpps_sync.directory import bulk, findings, pseudonymity
from rpps_sync.directory.finding_life import Judged, stands
from rpps_sync.directory.findings import Filters
from rpps_sync.directory.history import histories
from rpps_sync.directory.observations import claim_histories, observed_ids
from rpps_sync.directory.tables import PUBLICATIONS
from rpps_sync.finding import Finding, FindingStatus, Judgement
from rpps_sync.observation import ClaimHistory, ClaimVersion, Observation
from rpps_sync.run_summary import ComparisonSummary

_PAGE = 25_000  # practitioners looked at together, in columns


def compare(
    connection: Connection,
    *,
    grace: int,
    today: date | None = None,
    national_ids: Sequence[str] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> ComparisonSummary:
    """Judge every practitioner seen in a token against the publication being served, and record what differs.

    Args:
        connection: inside a transaction.
        grace: publications a difference must be visible in before it counts (N of the verdicts).
        today: the day on which the directory says what it says; by default that of the newest publication.
        national_ids: judge only these.
        progress: told how many practitioners were judged, batch after batch.
    """
    pseudonymity.settle(connection)
    seq, published = _newest(connection)
    day = today or published
    if day is None:
        return ComparisonSummary()
    wanted = None if national_ids is None else sorted(set(national_ids))
    observed, verdicts = 0, Counter[str]()
    pages = observed_ids(connection, _PAGE) if wanted is None else bulk.batches(wanted, _PAGE)
    for page in sifted(connection, pages):
        page.record(connection, seq)
        verdicts.update(page.verdicts())
        agreed = set(page.agreed["national_id"])
        observed += len(agreed)
        progress(len(agreed))
        for names in bulk.batches([name for name in page.national_ids if name not in agreed]):
            people = list(judge_all(connection, names, grace=grace))
            findings.record(connection, people, today=day, publication_seq=seq)
            verdicts.update(str(item.verdict) for one in people for item in one.judgements)
            observed += len({one.claims.national_id for one in people})
            progress(len(names))
    return ComparisonSummary(observed, dict(sorted((+verdicts).items())))


def compare_moved(
    connection: Connection, *, grace: int, progress: Callable[[int], None] = lambda _: None
) -> ComparisonSummary:
    """Judge again only where a verdict can have changed since everybody was judged.

    That is: practitioners who changed, arrived or left since then, those with a standing finding (its age counts
    in publications), and those never judged. All others stand as they were judged before. A night that was
    stopped between publication and comparison is made good by the next.
    """
    pseudonymity.settle(connection)
    seq, _ = _newest(connection)
    names = findings.to_judge_again(connection, seq)
    summary = compare(connection, grace=grace, national_ids=names, progress=progress)
    findings.mark_judged(connection, seq)
    return summary


def standing(connection: Connection) -> ComparisonSummary:
    """How the fields of everybody observed were judged, last time each was."""
    return ComparisonSummary(*findings.totals(connection))


def judge_all(connection: Connection, national_ids: Sequence[str], *, grace: int) -> Iterator[Judged]:
    """The judgements on some practitioners, agreements included; nothing is recorded."""
    said = histories(connection, national_ids)
    for claims in claim_histories(connection, national_ids):
        yield Judged(claims, judge(claims, said[claims.national_id], grace=grace))


def judge_now(connection: Connection, seen: Observation, *, grace: int) -> tuple[Judgement, ...]:
    """The judgements on one observation as if it were all that its application ever saw; nothing is recorded."""
    name = pseudonyms.of_person(seen.national_id)
    version = ClaimVersion(pseudonyms.veiled_claims(seen.claims), seen.day, seen.day, 1, seen.trust)
    said = histories(connection, [name], {name: seen.national_id})[name]
    return tuple(judge(ClaimHistory(name, seen.source, seen.scope, (version,)), said, grace=grace))


def agreements(connection: Connection, filters: Filters, *, grace: int) -> list[Finding]:
    """What both sides agree on, or cannot tell, judged anew: the database keeps only its count."""
    pages = [[filters.person]] if filters.person else observed_ids(connection)
    return [
        _agreement(judgement, one.claims)
        for names in pages
        for one in judge_all(connection, names, grace=grace)
        for judgement in one.judgements
        if not stands(judgement) and filters.accepts(judgement)
    ]


def _agreement(judgement: Judgement, claims: ClaimHistory) -> Finding:
    now = claims.versions[-1]
    status, trust = FindingStatus.RESOLVED, str(now.trust)
    return Finding(judgement, now.first_seen, now.last_seen, now.occurrences, status, confidence=trust)


def _newest(connection: Connection) -> tuple[int, date | None]:
    """Sequence number and day of the newest accepted publication; 0 and None before the first."""
    newest = select(func.max(PUBLICATIONS.c.seq)).scalar_subquery()
    row = connection.execute(
        select(PUBLICATIONS.c.seq, PUBLICATIONS.c.published_at).where(PUBLICATIONS.c.seq == newest)
    ).one_or_none()
    return (row.seq, row.published_at.date()) if row else (0, None)
