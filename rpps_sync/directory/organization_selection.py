"""Pages of the organisations that meet some conditions, in the order of their keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, func, literal, literal_column, or_, select

from rpps_sync.directory.conditions import Condition
from rpps_sync.directory.search.spelling import normal
from rpps_sync.directory.tables import ACTIVITIES, ORGANIZATIONS, STRUCTURE_MAILBOXES, STRUCTURES
from rpps_sync.directory.texts import How, begins, like, spaced

_RANKS = ("0", "4")  # what the former identifier of a place without FINESS and SIRET begins with: ADELI, RPPS rank
_org, _place = ORGANIZATIONS.c, STRUCTURES.c


@dataclass(frozen=True, slots=True)
class WantedOrganizations:
    """What a selection holds: organisations of which one description meets every condition."""

    where: tuple[Condition, ...] = ()
    few: bool = False  # a condition that an index serves: start there, and not with the order


def page(connection: Connection, wanted: WantedOrganizations, after: str, limit: int) -> list[str]:
    """The next keys of a selection, ascending.

    Args:
        connection: on the directory.
        wanted: which.
        after: the last key of the former page; empty for the first.
        limit: how many at most.
    """
    # Sorting by an expression keeps SQLite, which has no statistics, from walking through all keys in their order.
    name = _org.organization_id
    key: ColumnElement[str] = (name.concat(literal_column("''")) if wanted.few else name).label("key")
    statement = select(key).where(*wanted.where, name > after).distinct().order_by(key).limit(limit)
    return list(connection.execute(statement).scalars())


def count(connection: Connection, wanted: WantedOrganizations) -> int:
    """How many organisations a selection holds."""
    return connection.execute(
        select(func.count(_org.organization_id.distinct())).where(*wanted.where)
    ).scalar_one()


def keyed(keys: Collection[str]) -> Condition:
    """One of these."""
    return _org.organization_id.in_(sorted(keys))


def numbered(column: str, value: str) -> Condition:
    """A number of one kind; kinds are called as the columns of structures are."""
    return _described(_place[column] == value)


def with_number(column: str) -> Condition:
    """Any number of one kind."""
    return _described(_place[column] != "")


def without_number(column: str) -> Condition:
    """No number of one kind."""
    return _described(_place[column] == "")


def known_since(seqs: Iterable[int]) -> Condition:
    """Whose newest description came with one of these publications."""
    table = ORGANIZATIONS.alias()
    newest = select(func.max(table.c.known_since)).where(table.c.organization_id == _org.organization_id)
    return _org.known_since.in_(sorted(seqs)) & (_org.known_since == newest.scalar_subquery())


def named(text: str, how: How) -> Condition:
    """A name (raison sociale) or a trade name (enseigne)."""
    if how is How.EXACT:
        spelt = or_(_org.name == normal(text), _org.trade_name == normal(text))
        return spelt & _described(or_(_place.name == text, _place.trade_name == text))
    return or_(*(_text(column, text, how) for column in (_org.name, _org.trade_name)))


def in_town(text: str, how: How) -> Condition:
    """The commune by its name."""
    if how is How.EXACT:
        return (_org.town == normal(text)) & _described(_place.commune_label == text)
    return _text(_org.town, text, how)


def at_postal_code(text: str, how: How) -> Condition:
    """The postal code."""
    if how is How.EXACT:
        return _org.postal_code == text
    return like(_org.postal_code, text) if how is How.CONTAINS else begins(_org.postal_code, text)


def in_street(text: str, how: How) -> Condition:
    """The street, without number and type; no index serves it."""
    if how is How.EXACT:
        return _described(_place.street == text)
    street = func.upper(_place.street)
    return _described(or_(*(_inside(street, form, how) for form in spaced(text))))


def in_sector(code: str) -> Condition:
    """Where somebody works in a sector (secteur d'activité)."""
    return exists().where(ACTIVITIES.c.structure_id == _org.structure_id, ACTIVITIES.c.sector == code)


def with_mailbox(address: str, how: How) -> Condition:
    """Whose secure mailbox has an address, or one that begins so."""
    column, text = STRUCTURE_MAILBOXES.c.address, address if how is How.EXACT else address.lower()
    same = column == text if how is How.EXACT else _inside(column, text, how)
    owner = STRUCTURE_MAILBOXES.c.structure_identifier
    return _described(
        or_(
            _place.finess.in_(select(owner).where(same)),
            _place.siret.in_(select(owner).where(same)),
            *(_place.former_id.in_(select(literal(kind).concat(owner)).where(same)) for kind in _RANKS),
        )
    )


def _described(condition: Condition) -> Condition:
    return _org.structure_id.in_(select(_place.structure_id).where(condition))


def _text(column: ColumnElement[str], text: str, how: How) -> Condition:
    return or_(*(_inside(column, form, how) for form in spaced(text)))


def _inside(column: ColumnElement[str], text: str, how: How) -> Condition:
    return like(column, text) if how is How.CONTAINS else begins(column, text)
