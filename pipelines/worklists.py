"""Worklists from the findings that stand, and the files that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, select

from rpps_sync.directory import bulk
from rpps_sync.directory.findings import find
from rpps_sync.directory.lags import By, distributions, lags
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.finding import FindingStatus, StaleSide
from rpps_sync.reporting.worklists import Worklist, by_application, by_authority, to_csv


class Recipient(StrEnum):
    """Whom the lists are for."""

    AUTHORITY = "authority"
    APPLICATION = "application"


def worklists(connection: Connection, recipient: Recipient, language: str, *, claims: bool) -> list[Worklist]:
    """The lists of every recipient of one kind, longest first; what a person acknowledged is on none."""
    findings = [item for item in find(connection) if item.status is FindingStatus.OPEN]
    names = names_of(connection, sorted({item.judgement.national_id for item in findings}))
    if recipient is Recipient.AUTHORITY:
        return by_authority(findings, names, language, claims=claims)
    late = (item for item in distributions(lags(connection), By.SOURCE) if item.side is StaleSide.TOKEN)
    medians = {item.group: item.median_days for item in late}
    return by_application(findings, names, medians, language, claims=claims)


def write(lists: Sequence[Worklist], folder: Path) -> list[Path]:
    """One file a list; those of the same name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for item in lists:
        path = folder / f"{item.file_name}.csv"
        path.write_bytes(to_csv(item.rows))
        paths.append(path)
    return paths


def names_of(connection: Connection, national_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Family and given names in the directory by national identifier; those who left are not there."""
    table = PRACTITIONERS.c
    columns = (table.national_id, table.family_name, table.given_name)
    return {
        row.national_id: (row.family_name, row.given_name)
        for some in bulk.batches(national_ids)
        for row in connection.execute(select(*columns).where(table.national_id.in_(some)))
    }
