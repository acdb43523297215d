"""Pseudonyms against the directory: whether this database holds them, and whose they are.

A database keeps one mode for all that tokens told: identifiers in clear, or pseudonyms made with one key. Mixing
them would make one person two, so another mode or another key is refused for as long as anything is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl
from sqlalchemy import Connection, delete, insert, select, union

from rpps_sync import clock, pseudonyms
from rpps_sync.directory.tables import (
    COMPARISONS,
    DEPARTURES,
    FINDINGS,
    INTAKE,
    OBSERVATIONS,
    PRACTITIONERS,
    PRIVACY,
    PUBLICATIONS,
)
from rpps_sync.errors import UsageError

_PAGE = 100_000  # identifiers hashed at once
_REMEMBERED = "pseudonyms of the directory"
_HELD = (OBSERVATIONS, FINDINGS, COMPARISONS, INTAKE)
_SCHEMA = {"national_id": pl.String, "pseudonym": pl.String}


def check(connection: Connection) -> None:
    """Refuse to look for people in a database whose identifiers are written in another way.

    Raises:
        UsageError: it holds pseudonyms and there is no key, or another one; or identifiers in clear, and there
            is a key.
    """
    held = _held(connection)
    if held == pseudonyms.key_check() or not _holds_anything(connection):
        return
    if not held:
        raise UsageError(
            "this database holds identifiers in clear, and the settings ask for pseudonyms",
            mend="'rpps-sync pseudonymise' converts it, or set PSEUDONYMOUS to false; nothing was changed",
            reason="not-pseudonymous",
        )
    wrong = "made with another key" if pseudonyms.in_use() else "and the settings do not ask for them"
    raise UsageError(
        f"this database holds pseudonyms, {wrong}",
        mend="set PSEUDONYMOUS to true and give the key they were made with; nothing was changed",
        reason="pseudonymous",
    )


def settle(connection: Connection) -> None:
    """Before anything is written about people: the same check, and a database that holds nothing takes our mode.

    Raises:
        UsageError: see :func:`check`.
    """
    check(connection)
    if _held(connection) != pseudonyms.key_check():
        mark(connection)


def mark(connection: Connection) -> None:
    """Record our mode as that of the database."""
    connection.execute(delete(PRIVACY))
    if now := pseudonyms.key_check():
        connection.execute(insert(PRIVACY), [{"key_check": now, "since": clock.now()}])


def holds_clear(connection: Connection) -> bool:
    """Whether identifiers that tokens told are there in clear."""
    return not _held(connection) and _holds_anything(connection)


def resolved(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """The national identifiers behind names that the tables of observations hold.

    In clear each name is its own. A pseudonym is found by hashing the directory's identifiers, departed people
    included; one of somebody it never contained is left out.
    """
    wanted = list(names)
    if not pseudonyms.in_use():
        return {name: name for name in wanted}
    known = _directory(connection).filter(pl.col("pseudonym").is_in(pl.Series(wanted, dtype=pl.String).implode()))
    return dict(zip(known["pseudonym"], known["national_id"], strict=True))


def pseudonyms_among(connection: Connection, names: Sequence[str]) -> pl.DataFrame:
    """``national_id, pseudonym`` of those of some pseudonyms whom the directory knows."""
    pairs = resolved(connection, names).items()
    return pl.DataFrame([(real, name) for name, real in pairs], schema=_SCHEMA, orient="row")


def _held(connection: Connection) -> str:
    """What tells the key of the database's pseudonyms; empty in clear."""
    return connection.execute(select(PRIVACY.c.key_check)).scalar() or ""


def _holds_anything(connection: Connection) -> bool:
    return any(connection.execute(select(table).limit(1)).first() is not None for table in _HELD)


def _directory(connection: Connection) -> pl.DataFrame:
    """Everybody's identifier and pseudonym, as columns (some 45 bytes a person), until another publication."""
    accepted = select(PUBLICATIONS.c.run_id).where(PUBLICATIONS.c.seq.is_not(None))
    newest = connection.execute(accepted.order_by(PUBLICATIONS.c.seq.desc()).limit(1)).scalar()
    mark = (pseudonyms.key_check(), newest)
    kept = connection.info.get(_REMEMBERED)
    if kept is None or kept[0] != mark:
        parts = [_hashed(page) for page in _everybody(connection)]
        kept = connection.info[_REMEMBERED] = (mark, pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA))
    frame: pl.DataFrame = kept[1]
    return frame


def _hashed(national_ids: Sequence[str]) -> pl.DataFrame:
    hidden = [pseudonyms.of_person(name) for name in national_ids]
    return pl.DataFrame({"national_id": national_ids, "pseudonym": hidden}, schema=_SCHEMA)


def _everybody(connection: Connection) -> Iterator[Sequence[str]]:
    people = union(select(PRACTITIONERS.c.national_id), select(DEPARTURES.c.national_id)).subquery()
    last = ""
    while True:
        page = select(people.c.national_id).where(people.c.national_id > last)
        names = list(connection.execute(page.order_by(people.c.national_id).limit(_PAGE)).scalars())
        if not names:
            return
        yield names
        last = names[-1]
