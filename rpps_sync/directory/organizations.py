"""Places of activity as organisations: what the lines of one place have in common, and what it is found by.

The directory keeps each description of a place apart (ADR 0004). Other programs want one organisation, whose
identifier survives a corrected street: ``organizations`` tells for each description to which organisation it
belongs, the publication that brought it, and its name and town in normal form. It follows from the structures.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from hashlib import blake2b

import polars as pl
from sqlalchemy import Connection, bindparam, delete, exists, func, select

from rpps_sync.directory import bulk
from rpps_sync.directory.search.spelling import normalised
from rpps_sync.directory.tables import (
    ACTIVITIES,
    ORGANIZATIONS,
    PUBLICATIONS,
    STRUCTURE_FIELDS,
    STRUCTURE_MAILBOXES,
    STRUCTURES,
)
from rpps_sync.identifiers import structure_identifiers
from rpps_sync.practitioner import Mailbox, Structure

_PLAIN = re.compile(r"[0-9A-Z]{2,40}")
_KEYED_BY = ("technical_id", "former_id", "finess", "siret")
STRUCTURES_AT_A_TIME = 50_000  # read together by a rebuild
_SECTORS = (
    select(ACTIVITIES.c.structure_id, ACTIVITIES.c.sector)
    .where(ACTIVITIES.c.structure_id.in_(bindparam("places", expanding=True)), ACTIVITIES.c.sector != "")
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Organization:
    """A place of activity with all that is known of it."""

    key: str
    structure: Structure  # of several descriptions, the one that says most
    changed: int  # seq of the publication that brought the newest of its descriptions
    sectors: tuple[str, ...]  # secteurs d'activité of those who work there
    mailboxes: tuple[Mailbox, ...]


def key_of(structure: Structure) -> str:
    """What names the organisation that a structure describes: letters, digits and hyphens, 42 of them at most.

    The identifiant technique, else the ancien identifiant, else FINESS or SIRET; a place without any is named by
    its description, and is another one once that is corrected.

    >>> key_of(Structure(technical_id="F990000001", name="HOPITAL")), key_of(Structure(siret="99000000000001"))
    ('F990000001', 'SIRET-99000000000001')
    """
    return _key(*(getattr(structure, name) for name in _KEYED_BY)) or _content(astuple(structure))


def _key(technical_id: str, former_id: str, finess: str, siret: str) -> str:
    for prefix, value in (("", technical_id), ("", former_id), ("FINESS-", finess), ("SIRET-", siret)):
        if _PLAIN.fullmatch(value):
            return prefix + value
    return ""


def _content(fields: Iterable[str]) -> str:
    return "X-" + blake2b("\x1f".join(fields).encode(), digest_size=8).hexdigest()


def store(connection: Connection, structures: pl.DataFrame, seq: int, *, ignore_known: bool) -> None:
    """Enter structures that publication ``seq`` brought.

    Args:
        connection: inside a transaction that may write.
        structures: ``structure_id`` and the fields of a structure, in the order of the key.
        seq: of the publication.
        ignore_known: leave those that are already there as they came.
    """
    names = pl.Series([_key(*row) for row in structures.select(_KEYED_BY).iter_rows()], dtype=pl.String)
    if (nameless := structures.filter(names == "")).height:
        told = [_content(row) for row in nameless.select(STRUCTURE_FIELDS).iter_rows()]
        names = names.scatter((names == "").arg_true(), told)
    rows = structures.select(
        "structure_id",
        "postal_code",
        organization_id=names,
        known_since=pl.lit(seq, dtype=pl.Int64),
        name=normalised(structures["name"]),
        trade_name=normalised(structures["trade_name"]),
        town=normalised(structures["commune_label"]),
    )
    bulk.insert(connection, ORGANIZATIONS, rows, ignore_known=ignore_known)


def sweep(connection: Connection) -> None:
    """Forget the structures that were removed."""
    described = exists().where(STRUCTURES.c.structure_id == ORGANIZATIONS.c.structure_id)
    connection.execute(delete(ORGANIZATIONS).where(~described))


def ensure(connection: Connection) -> None:
    """Fill the table of a directory that is older than it; its places are known since the newest publication."""
    known = exists().where(STRUCTURES.c.structure_id == ORGANIZATIONS.c.structure_id)
    seq = connection.scalar(select(func.max(PUBLICATIONS.c.seq))) or 0
    missing = select(STRUCTURES).where(~known).order_by(STRUCTURES.c.structure_id).limit(STRUCTURES_AT_A_TIME)
    schema = {"structure_id": pl.Int64} | dict.fromkeys(STRUCTURE_FIELDS, pl.String)
    while rows := [tuple(row) for row in connection.execute(missing)]:
        store(connection, pl.DataFrame(rows, schema=schema, orient="row"), seq, ignore_known=True)


def load(connection: Connection, keys: Iterable[str]) -> dict[str, Organization]:
    """Some organisations by their key; those that the directory does not know are left out."""
    described: defaultdict[str, list[tuple[int, int, Structure]]] = defaultdict(list)
    joined = ORGANIZATIONS.join(STRUCTURES, ORGANIZATIONS.c.structure_id == STRUCTURES.c.structure_id)
    columns = (STRUCTURES.c[name] for name in STRUCTURE_FIELDS)
    table = ORGANIZATIONS.c
    statement = select(table.organization_id, table.structure_id, table.known_since, *columns).select_from(joined)
    for part in bulk.batches(sorted(set(keys))):
        for key, place, since, *fields in connection.execute(statement.where(table.organization_id.in_(part))):
            described[key].append((place, since, Structure(*fields)))
    sectors = _sectors(connection, [place for told in described.values() for place, _, _ in told])
    mailboxes = _mailboxes(connection, [one for told in described.values() for _, _, one in told])
    return {
        key: Organization(
            key,
            max((structure for _, _, structure in told), key=_says),
            max(since for _, since, _ in told),
            tuple(sorted({code for place, _, _ in told for code in sectors[place]})),
            tuple(sorted({box for _, _, one in told for name in numbers(one) for box in mailboxes[name]})),
        )
        for key, told in described.items()
    }


def places_of(connection: Connection, keys: Iterable[str]) -> list[int]:
    """The structures that describe some organisations."""
    table = ORGANIZATIONS.c
    return [
        place
        for part in bulk.batches(sorted(set(keys)))
        for place in connection.execute(
            select(table.structure_id).where(table.organization_id.in_(part))
        ).scalars()
    ]


def numbers(structure: Structure) -> frozenset[str]:
    """The numbers that mailboxes name this structure by: FINESS, SIRET, or the former one without its prefix."""
    found = structure_identifiers(
        technical_id=structure.technical_id,
        former_id=structure.former_id,
        finess=structure.finess,
        siret=structure.siret,
    )
    own = found.get("finess", frozenset()) | found.get("siret", frozenset())
    former = structure.former_id[1:]
    return own | {former} if former else own


def _says(structure: Structure) -> tuple[int, Structure]:
    return sum(bool(value) for value in astuple(structure)), structure


def _sectors(connection: Connection, places: Sequence[int]) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for start in range(0, len(places), bulk.NAMES_A_QUERY):
        part = places[start : start + bulk.NAMES_A_QUERY]
        for place, sector in connection.execute(_SECTORS, {"places": part}):
            found[place].add(sector)
    return found


def _mailboxes(connection: Connection, structures: Iterable[Structure]) -> defaultdict[str, list[Mailbox]]:
    names = sorted({name for structure in structures for name in numbers(structure)})
    found: defaultdict[str, list[Mailbox]] = defaultdict(list)
    table = STRUCTURE_MAILBOXES.c
    columns = (table.address, table.service, table.paperless, table.structure_id_type)
    for part in bulk.batches(names):
        owner = table.structure_identifier
        statement = select(*columns, owner, table.name).where(owner.in_(part))
        for row in connection.execute(statement):
            found[row.structure_identifier].append(Mailbox(*row))
    return found
