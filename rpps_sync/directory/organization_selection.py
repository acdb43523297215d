"""Pages of the organisations that meet some conditions, in the order of their keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.visitors import iterate

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

    @property
    def source(self) -> FromClause:
        """What has to be read: the structures too when a condition is on them."""
        read = {part.table for one in self.where for part in iterate(one) if isinstance(part, Column)}
        if STRUCTURES not in read:
            return ORGANIZATIONS
        return ORGANIZATIONS.join(STRUCTURES, _org.structure_id == _place.structure_id)


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
    statement = select(key).select_from(wanted.source).where(*wanted.where, name > after)
    return list(connection.execute(statement.distinct().order_by(key).limit(limit)).scalars())


def count(connection: Connection, wanted: WantedOrganizations) -> int:
    """How many organisations a selection holds."""
    counted = select(func.count(_org.organization_id.distinct())).select_from(wanted.source)
    return connection.execute(counted.where(*wanted.where)).scalar_one()


def keyed(keys: Collection[str]) -> Condition:
    """One of these."""
    return _org.organization_id.in_(sorted(keys))


def numbered(column: str, value: str) -> Condition:
    """A number of one kind; kinds are called as the columns of structures are."""
    return _place[column] == value


def with_number(column: str) -> Condition:
    """Any number of one kind."""
    return _place[column] != ""


def without_number(column: str) -> Condition:
    """No number of one kind."""
    return _place[column] == ""


def known_since(seqs: Iterable[int]) -> Condition:
    """Whose newest description came with one of these publications."""
    table = ORGANIZATIONS.alias()
    newest = select(func.max(table.c.known_since)).where(table.c.organization_id == _org.organization_id)
    return _org.known_since.in_(sorted(seqs)) & (_org.known_since == newest.scalar_subquery())


def named(text: str, how: How) -> Condition:
    """A name (raison sociale) or a trade name (enseigne)."""
    if how is How.EXACT:
        spelt = or_(_org.name == normal(text), _org.trade_name == normal(text))
        return spelt & or_(_place.name == text, _place.trade_name == text)
    return or_(*(_text(column, text, how) for column in (_org.name, _org.trade_name)))


def in_town(text: str, how: How) -> Condition:
    """The commune by its name."""
    if how is How.EXACT:
        return (_org.town == normal(text)) & (_place.commune_label == text)
    return _text(_org.town, text, how)


def at_postal_code(text: str, how: How) -> Condition:
    """The postal code."""
    if how is How.EXACT:
        return _org.postal_code == text
    return like(_org.postal_code, text) if how is How.CONTAINS else begins(_org.postal_code, text)


def in_street(text: str, how: How) -> Condition:
    """The street, without number and type; no index serves it."""
    if how is How.EXACT:
        return _place.street == text
    street = func.upper(_place.street)
    return or_(*(_inside(street, form, how) for form in spaced(text)))


def in_sector(code: str) -> Condition:
    """Where somebody works in a sector (secteur d'activité)."""
    return exists().where(ACTIVITIES.c.structure_id == _org.structure_id, ACTIVITIES.c.sector == code)


def with_mailbox(addresses: Iterable[str], how: How) -> Condition:
    """Whose secure mailbox has one of these addresses, or one that begins so."""
    boxes = STRUCTURE_MAILBOXES.c
    asked = [address if how is How.EXACT else address.lower() for address in addresses]
    same = or_(
        *(boxes.address == text if how is How.EXACT else _inside(boxes.address, text, how) for text in asked)
    )
    owner = boxes.structure_identifier
    ways = (
        _place.finess == owner,
        _place.siret == owner,
        *(_place.former_id == literal(kind).concat(owner) for kind in _RANKS),
    )
    return _org.structure_id.in_(
        union_all(*(select(_place.structure_id).where(way, same, owner != "") for way in ways))
    )


def _text(column: ColumnElement[str], text: str, how: How) -> Condition:
    return or_(*(_inside(column, form, how) for form in spaced(text)))


def _inside(column: ColumnElement[str], text: str, how: How) -> Condition:
    return like(column, text) if how is How.CONTAINS else begins(column, text)
