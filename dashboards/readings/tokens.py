"""What tokens said, against the directory: findings by the page and by the group, delays, lists to hand over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.readings.keeping import kept, kept_until_a_finding_moves
from dashboards.session import reading
from pipelines.worklists import Recipient, names_of, worklists
from rpps_sync.directory import finding_history, finding_pages, findings
from rpps_sync.directory.finding_pages import Grouping, Tally
from rpps_sync.directory.findings import Filters
from rpps_sync.directory.lags import By, Distribution, distributions, lags
from rpps_sync.finding import Finding, FindingStatus
from rpps_sync.reporting.worklists import to_csv


@kept_until_a_finding_moves
def standing_by_verdict() -> Mapping[str, int]:
    """How many findings stand, by verdict."""
    with reading() as connection:
        return findings.counts(connection)


@kept
def judged() -> tuple[int, Mapping[str, int]]:
    """How many practitioners were judged, and the verdicts on their fields."""
    with reading() as connection:
        return findings.totals(connection)


@kept_until_a_finding_moves
def tallies(by: str) -> Sequence[Tally]:
    """Standing findings by group and verdict."""
    with reading() as connection:
        return finding_pages.tallies(connection, Grouping(by))


@kept_until_a_finding_moves
def delays(by: str) -> Sequence[Distribution]:
    """How long the late side takes to catch up, by field or by source."""
    with reading() as connection:
        return distributions(lags(connection), By(by))


@kept_until_a_finding_moves
def findings_of(national_id: str) -> Sequence[Finding]:
    """All findings of one practitioner, resolved ones last."""
    with reading() as connection:
        found = findings.find(connection, Filters(everything=True, national_id=national_id))
    return sorted(found, key=lambda one: one.status is FindingStatus.RESOLVED)


@kept
def was_judged(national_id: str) -> bool:
    """Whether a token of this practitioner was ever compared with the directory."""
    with reading() as connection:
        return finding_pages.was_judged(connection, national_id)


@kept_until_a_finding_moves
def findings_page(filters: Filters, limit: int, skip: int) -> tuple[int, Sequence[Finding]]:
    """How many findings answer, and some of them."""
    with reading() as connection:
        found = finding_pages.page(connection, filters, limit=limit, skip=skip)
        return finding_pages.how_many(connection, filters), found


@kept_until_a_finding_moves
def finding(finding_id: str) -> tuple[Finding, str, Sequence[Mapping[str, Any]]]:
    """One finding, the name of whom it is about (empty when they left), and its events.

    Raises:
        NotFound: no finding has that id.
    """
    with reading() as connection:
        found = findings.get(connection, finding_id)
        person = found.judgement.national_id
        name = " ".join(names_of(connection, [person]).get(person, ()))
        return found, name, finding_history.history(connection, finding_id)


@kept_until_a_finding_moves
def worklist_files(recipient: str, language: str) -> Sequence[tuple[str, int, str, str, bytes]]:
    """What to hand over: name, lines, advice, name of the file, its content; nothing of the token alone."""
    with reading() as connection:
        lists = worklists(connection, Recipient(recipient), language, claims=False)
    return [
        (one.name, len(one.rows), " ".join(one.advice), f"{one.file_name}.csv", to_csv(one.rows)) for one in lists
    ]
