"""Which archived publications the directory still needs, however old or large they are."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from rpps_sync.directory import ledger
from rpps_sync.directory.tables import PRACTITIONERS, PUBLICATIONS


def needed_publications(connection: Connection) -> frozenset[str]:
    """The ids of publications that must stay in the archive.

    The one being served, which the next is compared with; those refused since, which somebody may still accept;
    and those which last said of somebody what is served of them, their lines being unreadable since: without
    these, nobody could rebuild what is served.
    """
    served = select(func.max(PUBLICATIONS.c.seq)).scalar_subquery()
    last_good = select(PRACTITIONERS.c.held_since - 1).where(PRACTITIONERS.c.held_since.is_not(None))
    by_seq = select(PUBLICATIONS.c.id).where((PUBLICATIONS.c.seq == served) | PUBLICATIONS.c.seq.in_(last_good))
    deposited = select(func.max(PUBLICATIONS.c.published_at)).where(PUBLICATIONS.c.seq.is_not(None))
    since = PUBLICATIONS.c.published_at > deposited.scalar_subquery()
    refused = select(PUBLICATIONS.c.id).where(PUBLICATIONS.c.status == ledger.REFUSED, since)
    return frozenset([*connection.scalars(by_seq), *connection.scalars(refused)])
