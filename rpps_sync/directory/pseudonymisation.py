"""From identifiers in clear to pseudonyms: what tokens told before they were asked for is rewritten.

A database that was pseudonymous from its first observation and one that became so later hold the same rows, ids of
findings included. There is no way back: whoever is not in the directory could not be named again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Table, bindparam, delete, select, union, update

from rpps_sync import pseudonyms
from rpps_sync.directory import bulk, observations, pseudonymity
from rpps_sync.directory.erasure import ABOUT_PEOPLE
from rpps_sync.directory.findings import converted
from rpps_sync.directory.tables import FINDING_EVENTS, FINDINGS, INTAKE
from rpps_sync.errors import UsageError


def pseudonymise(connection: Connection, *, progress: Callable[[int], None] = lambda _: None) -> dict[str, int]:
    """Replace every identifier that tokens told by its pseudonym; done again, it changes nothing.

    Args:
        connection: inside a transaction, so that nobody sees half of it.
        progress: told how many practitioners were renamed, batch after batch.

    Returns:
        Rows rewritten, by table; nothing when the database holds pseudonyms of this key already.

    Raises:
        UsageError: no pseudonyms are asked for, or the database holds those of another key.
    """
    if not pseudonyms.in_use():
        raise UsageError(
            "the settings do not ask for pseudonyms",
            mend="set PSEUDONYMOUS to true and give PSEUDONYM_KEY_FILE, then again; nothing was changed",
            reason="pseudonyms-not-asked-for",
        )
    if pseudonymity.holds_clear(connection):
        rewritten = _rewritten(connection, progress)
        pseudonymity.mark(connection)
        return rewritten
    pseudonymity.settle(connection)
    return {}


def _rewritten(connection: Connection, progress: Callable[[int], None]) -> dict[str, int]:
    counted = dict.fromkeys((table.name for table in (*ABOUT_PEOPLE, INTAKE)), 0)
    everybody = union(*(select(table.c.national_id) for table in ABOUT_PEOPLE))
    people: list[str] = sorted(connection.execute(everybody).scalars())  # some 60 bytes each
    for names in bulk.batches(people):
        observations.veil(connection, names)
        counted[FINDINGS.name] += _rename_findings(connection, names)
        for table in (table for table in ABOUT_PEOPLE if table is not FINDINGS):
            counted[table.name] += _rename(connection, table, names)
        progress(len(names))
    counted[INTAKE.name] = _hide_digests(connection)
    return counted


def _rename(connection: Connection, table: Table, names: Sequence[str]) -> int:
    statement = update(table).where(table.c.national_id == bindparam("known"))
    pairs = [{"known": name, "hidden": pseudonyms.of_person(name)} for name in names]
    return connection.execute(statement.values(national_id=bindparam("hidden")), pairs).rowcount


def _rename_findings(connection: Connection, names: Sequence[str]) -> int:
    """Findings and, because an id is made of what the finding is about, their events."""
    rows = converted(connection, names)
    if rows:
        connection.execute(update(FINDINGS).where(FINDINGS.c.id == bindparam("key")), rows)
        named = update(FINDING_EVENTS).where(FINDING_EVENTS.c.finding_id == bindparam("key"))
        keys = [{"key": row["key"], "now": row["id"]} for row in rows]
        connection.execute(named.values(finding_id=bindparam("now")), keys)
    return len(rows)


def _hide_digests(connection: Connection) -> int:
    """Digests of observations, day by day: they are part of a key, so they are written anew."""
    hidden = 0
    for day in connection.execute(select(INTAKE.c.day).distinct()).scalars().all():
        digests = connection.execute(select(INTAKE.c.digest).where(INTAKE.c.day == day)).scalars().all()
        connection.execute(delete(INTAKE).where(INTAKE.c.day == day))
        observations.remember(connection, [(day, digest) for digest in digests])
        hidden += len(digests)
    return hidden
