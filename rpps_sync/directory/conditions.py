"""Conditions on practitioners, by what other tables say of them.

What few people meet begins with those people (``IN``); what many meet is looked up for each (``EXISTS``).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, false, not_, or_, select, true

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


def with_card_type(code: str) -> Condition:
    """Who holds a card of a type (CPS, CPF)."""
    return _has(CARDS, CARDS.c.type == code)


def with_card(number: str, how: How) -> Condition:
    """Whose card bears a number, or one that begins so."""
    return _listed(CARDS, _text(CARDS.c.number, number, how))


def with_mailbox(address: str, how: How) -> Condition:
    """Whose secure mailbox has an address, or one that begins so; addresses are published in small letters."""
    text = address if how is How.EXACT else address.lower()
    return _listed(MAILBOXES, _text(MAILBOXES.c.address, text, how))


def registered_by(authority: str) -> Condition:
    """Who has a situation under a registration authority (autorité d'enregistrement)."""
    return _has(ACTIVITIES, ACTIVITIES.c.registration_authority == authority)


def in_situation(column: str, code: str) -> Condition:
    """Who has a situation with a code: ``mode``, ``role``, ``kind`` or ``pharmacist_section``."""
    return _has(ACTIVITIES, ACTIVITIES.c[column] == code)


def at_places(structure_ids: Iterable[int]) -> Condition:
    """Who works at one of these structures."""
    return _listed(ACTIVITIES, ACTIVITIES.c.structure_id.in_(sorted(structure_ids)))


def _has(table: Table, condition: Condition) -> Condition:
    return exists().where(table.c.national_id == _who, condition)


def _listed(table: Table, condition: Condition) -> Condition:
    return _who.in_(select(table.c.national_id).where(condition))


def _text(column: ColumnElement[str], text: str, how: How) -> Condition:
    if how is How.EXACT:
        return column == text
    return like(column, text) if how is How.CONTAINS else begins(column, text)
