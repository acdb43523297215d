"""Worklists from the findings that stand, and the files that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, func, select

from rpps_sync import pseudonyms
from rpps_sync.directory import bulk, ledger, pseudonymity
from rpps_sync.directory.findings import find
from rpps_sync.directory.lags import By, distributions, lags
from rpps_sync.directory.tables import PRACTITIONERS, STRUCTURES
from rpps_sync.finding import Finding, FindingStatus, StaleSide
from rpps_sync.reporting.worklists import Published, Worklist, by_application, by_authority, to_csv


class Recipient(StrEnum):
    """Whom the lists are for."""

    AUTHORITY = "authority"
    APPLICATION = "application"


def worklists(
    connection: Connection, recipient: Recipient, language: str, *, claims: bool, identifiers: bool = False
) -> list[Worklist]:
    """The lists of every recipient of one kind, longest first; what a person acknowledged is on none.

    Args:
        connection: reading.
        recipient: whom they are for.
        language: ``fr`` or ``en``.
        claims: whether to tell what comes from the token alone.
        identifiers: where pseudonyms are used, whether to name the people the directory knows all the same.

    Raises:
        UsageError: people are to be named, and the pseudonyms of the database are of another key.
    """
    findings = [item for item in find(connection) if item.status is FindingStatus.OPEN]
    if identifiers:
        findings = _named(connection, findings)
    served = ledger.served(connection)
    published = Published(
        names_of(connection, sorted({item.judgement.national_id for item in findings})),
        # Places name people too.
        _places(connection, findings) if identifiers or not pseudonyms.in_use() else {},
        served.published_at.date() if served else None,
    )
    if recipient is Recipient.AUTHORITY:
        return by_authority(findings, published, language, claims=claims)
    late = (item for item in distributions(lags(connection), By.SOURCE) if item.side is StaleSide.TOKEN)
    medians = {item.group: item.median_days for item in late}
    return by_application(findings, published, medians, language, claims=claims)


def write(lists: Sequence[Worklist], folder: Path) -> list[Path]:
    """One file a list; those of the same name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for item in lists:
        path = folder / f"{item.file_name}.csv"
        path.write_bytes(to_csv(item.rows))
        paths.append(path)
    return paths


def _named(connection: Connection, findings: Sequence[Finding]) -> list[Finding]:
    pseudonymity.check(connection)
    real = pseudonymity.resolved(connection, {item.judgement.national_id for item in findings})
    return [
        replace(item, judgement=replace(item.judgement, national_id=real[item.judgement.national_id]))
        if item.judgement.national_id in real
        else item
        for item in findings
    ]


def _places(connection: Connection, findings: Sequence[Finding]) -> dict[str, str]:
    """The names of the structures that findings speak of, by technical identifier."""
    told = (item.judgement for item in findings)
    wanted = {name for one in told for name in (one.element, one.claim_value, one.directory_value) if name}
    table = STRUCTURES.c
    name = func.coalesce(func.nullif(table.name, ""), table.trade_name).label("name")
    return {
        row.technical_id: row.name
        for some in bulk.batches(sorted(wanted))
        for row in connection.execute(
            select(table.technical_id, name).where(table.technical_id.in_(some)).order_by(table.structure_id)
        )
    }


def names_of(connection: Connection, national_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Family and given names in the directory by national identifier; those who left are not there."""
    table = PRACTITIONERS.c
    columns = (table.national_id, table.family_name, table.given_name)
    return {
        row.national_id: (row.family_name, row.given_name)
        for some in bulk.batches(national_ids)
        for row in connection.execute(select(*columns).where(table.national_id.in_(some)))
    }
