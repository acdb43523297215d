"""Conditions on practitioners, by what other tables say of them.

What few people meet begins with those people (``IN``); what many meet is looked up for each of them in turn.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Table, and_, false, literal, not_, or_, select, true

from rpps_sync import nomenclature
from rpps_sync.directory.tables import (
    ACTIVITIES,
    CARDS,
    DIPLOMAS,
    EXERCISES,
    LABELS,
    MAILBOXES,
    PRACTITIONERS,
    SKILLS,
)
from rpps_sync.directory.texts import How, begins, like

Condition = ColumnElement[bool]
_who = PRACTITIONERS.c.national_id


def any_of(conditions: Iterable[Condition]) -> Condition:
    """One at least; nobody meets none."""
    return or_(false(), *conditions)


def opposite(condition: Condition) -> Condition:
    """Who does not meet it."""
    return not_(condition)


def is_published(connection: Connection, column: str, code: str) -> bool:
    """Whether a code of a coded column can be somebody's: the nomenclature or an extract gives it a label."""
    if code in nomenclature.known_codes(column):
        return True
    known = select(LABELS.c.code).where(LABELS.c.system == column, LABELS.c.code == code).limit(1)
    return connection.execute(known).first() is not None


def every(conditions: Iterable[Condition]) -> Condition:
    """All of them."""
    return and_(true(), *conditions)


def among(national_ids: Iterable[str]) -> Condition:
    """Who bears one of these identifiers."""
    return _who.in_(sorted(set(national_ids)))


def identified_as(id_type: str) -> Condition:
    """Whose national identifier is of a type (TRE_G08): 8 is RPPS."""
    return PRACTITIONERS.c.id_type == id_type


def in_category(code: str) -> Condition:
    """Who exercises in a category (catégorie professionnelle)."""
    return _has(EXERCISES, EXERCISES.c.category == code)


def exercising(profession: str) -> Condition:
    """Who exercises a profession."""
    return _has(EXERCISES, EXERCISES.c.profession == profession)


def with_skill(code: str, kind: str = "") -> Condition:
    """Who has a savoir-faire, of a type when one is given."""
    return _has(SKILLS, SKILLS.c.code == code if not kind else and_(SKILLS.c.code == code, SKILLS.c.type == kind))


def with_skill_type(kind: str) -> Condition:
    """Who has a savoir-faire of a type."""
    return _has(SKILLS, SKILLS.c.type == kind)


def with_diploma(code: str, kind: str = "") -> Condition:
    """Who has a diploma, of a type when one is given."""
    same = DIPLOMAS.c.code == code
    return _has(DIPLOMAS, same if not kind else and_(same, DIPLOMAS.c.type == kind))


def with_diploma_type(kind: str) -> Condition:
    """Who has a diploma of a type."""
    return _has(DIPLOMAS, DIPLOMAS.c.type == kind)


def with_card_type(codes: Iterable[str]) -> Condition:
    """Who holds a card of one of these types (CPS, CPF)."""
    return _has(CARDS, CARDS.c.type.in_(sorted(codes)))


def with_card(numbers: Iterable[str], how: How) -> Condition:
    """Whose card bears one of these numbers, or one that begins so."""
    return _listed(CARDS, any_of(_text(CARDS.c.number, number, how) for number in numbers))


def with_mailbox(addresses: Iterable[str], how: How) -> Condition:
    """Whose secure mailbox has one of these addresses, or one that begins so; small letters are meant."""
    column = MAILBOXES.c.address
    asked = (address if how is How.EXACT else address.lower() for address in addresses)
    return _listed(MAILBOXES, any_of(_text(column, address, how) for address in asked))


def registered_by(authorities: Iterable[str]) -> Condition:
    """Who has a situation under one of these registration authorities (autorités d'enregistrement)."""
    return _has(ACTIVITIES, ACTIVITIES.c.registration_authority.in_(sorted(authorities)))


def in_situation(codes: Iterable[tuple[str, str]]) -> Condition:
    """Who has a situation with one of these codes, each given with its column."""
    return _has(ACTIVITIES, any_of(ACTIVITIES.c[column] == code for column, code in codes))


def at_places(structure_ids: Iterable[int]) -> Condition:
    """Who works at one of these structures."""
    return _listed(ACTIVITIES, ACTIVITIES.c.structure_id.in_(sorted(structure_ids)))


def _has(table: Table, condition: Condition) -> Condition:
    """Looked up for each, by its key: of EXISTS beside OR, a server would make a list of the whole table first."""
    rows = select(literal(1)).where(table.c.national_id == _who, condition).limit(1)
    return rows.scalar_subquery().is_not(None)


def _listed(table: Table, condition: Condition) -> Condition:
    return _who.in_(select(table.c.national_id).where(condition))


def _text(column: ColumnElement[str], text: str, how: How) -> Condition:
    if how is How.EXACT:
        return column == text
    return like(column, text) if how is How.CONTAINS else begins(column, text)
