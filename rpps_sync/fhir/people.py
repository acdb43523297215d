"""What is asked of practitioners, as a selection of people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from rpps_sync.directory import conditions
from rpps_sync.directory.conditions import Condition
from rpps_sync.directory.search.terms import FAMILY, GIVEN, PROFESSION, SKILL
from rpps_sync.directory.selection import NameTest, Wanted
from rpps_sync.directory.texts import How, forms
from rpps_sync.fhir.codings import DIPLOMA_KINDS, SKILL_KINDS, system_of
from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.naming import (
    IDENTIFIER_TYPES,
    IDNPS,
    PRACTITIONER,
    RPPS,
    read_id,
)
from rpps_sync.fhir.outcomes import bad_value
from rpps_sync.fhir.queries import Criterion, Query
from rpps_sync.fhir.values import Token, string, token
from rpps_sync.identifiers import RPPS as RPPS_TYPE
from rpps_sync.identifiers import RPPS_NUMBER

HOW = {"": How.BEGINS, "contains": How.CONTAINS, "exact": How.EXACT}
_NAMES = {"family": (FAMILY,), "given": (GIVEN,), "name": (FAMILY, GIVEN)}
Fits = Callable[[Json], bool]


@dataclass(frozen=True, slots=True)
class People:
    """Reads what is asked of practitioners, one criterion after another."""

    connection: Connection

    def narrowed(self, wanted: Wanted, one: Criterion) -> Wanted:
        """What one more criterion leaves of a selection."""
        reader = {
            "_id": self._id,
            "active": self._active,
            "data-information-system": self._system,
            "data-registration-authority": self._authority,
            "identifier": self._identifier,
            "identifier-type": self._identifier_type,
            "mailbox-mss": self._mailbox,
            "number-smartcard": self._card,
            "qualification-code": self._qualification,
            "type-smartcard": self._card_type,
        }.get(one.name, self._name)
        return reader(wanted, one)

    def _id(self, wanted: Wanted, one: Criterion) -> Wanted:
        names = [found["who"] for told in codes(one) if (found := read_id(PRACTITIONER, told))]
        return only(wanted, one, names)

    def _active(self, wanted: Wanted, one: Criterion) -> Wanted:
        asked = active(one)
        return replace(
            wanted, present=wanted.present and True in asked, departed=wanted.departed and False in asked
        )

    def _system(self, wanted: Wanted, one: Criterion) -> Wanted:
        return wanted if ("RPPS" in codes(one)) != one.negated else nobody(wanted)

    def _authority(self, wanted: Wanted, one: Criterion) -> Wanted:
        return where(wanted, one, [conditions.registered_by(codes(one))])

    def _identifier(self, wanted: Wanted, one: Criterion) -> Wanted:
        tokens = [token(value) for value in one.values]
        if any(told == Token(IDNPS, "") for told in tokens):
            return nobody(wanted) if one.negated else wanted
        names = [name for told in tokens for name in national_ids(told)]
        if any(told == Token(RPPS, "") for told in tokens):
            return where(wanted, one, [conditions.identified_as(RPPS_TYPE), conditions.among(names)])
        return only(wanted, one, names)

    def _identifier_type(self, wanted: Wanted, one: Criterion) -> Wanted:
        kinds = {told.code for value in one.values if (told := token(value)).system in (None, IDENTIFIER_TYPES)}
        if "IDNPS" in kinds:
            return nobody(wanted) if one.negated else wanted
        with_rpps = [conditions.identified_as(RPPS_TYPE)] if "RPPS" in kinds else []
        return where(wanted, one, with_rpps)

    def _mailbox(self, wanted: Wanted, one: Criterion) -> Wanted:
        how = HOW[one.modifier]
        return where(wanted, one, [conditions.with_mailbox(texts(one), how)])

    def _card(self, wanted: Wanted, one: Criterion) -> Wanted:
        how = HOW[one.modifier]
        return where(wanted, one, [conditions.with_card(texts(one), how)])

    def _card_type(self, wanted: Wanted, one: Criterion) -> Wanted:
        told = [token(value) for value in one.values]
        kinds = [item.code for item in told if item.system in (None, system_of("card_type", item.code))]
        return where(wanted, one, [conditions.with_card_type(kinds)])

    def _name(self, wanted: Wanted, one: Criterion) -> Wanted:
        words = texts(one)
        if not all(form for text in words for form in forms(text)):
            raise bad_value(one.name, "the value holds neither letter nor digit")
        test = NameTest(_NAMES[one.name], tuple(words), HOW[one.modifier])
        return replace(wanted, names=(*wanted.names, test))

    def _qualification(self, wanted: Wanted, one: Criterion) -> Wanted:
        """Lists of people serve professions and savoir-faire; the rest, and what is denied, is looked up."""
        tokens = [token(value) for value in one.values]
        others = [found for told in tokens for found in self._other_qualifications(told)]
        plain = all(told.system is None for told in tokens)
        if plain and not others and not one.negated:
            terms = tuple(f"{kind}:{told.code}" for told in tokens for kind in (PROFESSION, SKILL))
            return replace(wanted, terms=(*wanted.terms, terms))
        practised = [found for told in tokens for found in _practised(told)]
        return where(wanted, one, [*practised, *others])

    def _other_qualifications(self, told: Token) -> list[Condition]:
        makers = {
            "category": conditions.in_category,
            "skill_type": conditions.with_skill_type,
            "diploma_type": conditions.with_diploma_type,
        }
        found = [
            make(told.code)
            for column, make in makers.items()
            if told.system in (None, system_of(column, told.code)) and self._published(column, told.code)
        ]
        if told.system is None and self._published("diploma", told.code):
            found.append(conditions.with_diploma(told.code))
        elif kind := DIPLOMA_KINDS.get(told.system or ""):
            found.append(conditions.with_diploma(told.code, kind))
        return found

    def _published(self, column: str, code: str) -> bool:
        return conditions.is_published(self.connection, column, code)


def practitioners(connection: Connection, query: Query, wanted: Wanted) -> Wanted:
    """Narrow a selection of people to those a query asks for.

    Raises:
        FhirError: a value means nothing.
    """
    reading = People(connection)
    for one in query.criteria:
        if one.name != "_lastUpdated":
            wanted = reading.narrowed(wanted, one)
    return wanted


def active(one: Criterion) -> set[bool]:
    """Which states a query asks for.

    Raises:
        FhirError: a value is neither true nor false.
    """
    states = {told.casefold() for told in codes(one)}
    if states - {"true", "false"}:
        raise bad_value(one.name, "expected true or false")
    asked = {state == "true" for state in states}
    return {True, False} - asked if one.negated else asked


def texts(one: Criterion) -> list[str]:
    """The values of a text parameter."""
    return [string(value) for value in one.values]


def national_ids(told: Token) -> list[str]:
    """The national identifiers that a token may mean."""
    numbers = [f"{RPPS_TYPE}{told.code}"] if RPPS_NUMBER.fullmatch(told.code) else []
    if told.system is None:
        return [told.code, *numbers]
    return {IDNPS: [told.code], RPPS: numbers}.get(told.system, [])


def _practised(told: Token) -> list[Condition]:
    """Having a profession or a savoir-faire, by its code and maybe its system."""
    found = []
    if told.system in (None, system_of("profession", told.code)):
        found.append(conditions.exercising(told.code))
    if told.system is None:
        found.append(conditions.with_skill(told.code))
    elif kind := SKILL_KINDS.get(told.system):
        found.append(conditions.with_skill(told.code, kind))
    return found


def codes(one: Criterion) -> list[str]:
    """The codes of a token parameter, whatever their systems."""
    return [token(value).code for value in one.values]


def only(wanted: Wanted, one: Criterion, names: Iterable[str]) -> Wanted:
    """Keep those who bear one of these identifiers, or those who bear none of them."""
    chosen = frozenset(names)
    if one.negated:
        return replace(wanted, where=(*wanted.where, conditions.opposite(conditions.among(chosen))))
    return replace(wanted, only=chosen if wanted.only is None else wanted.only & chosen)


def nobody(wanted: Wanted) -> Wanted:
    """Keep nobody."""
    return replace(wanted, only=frozenset())


def where(wanted: Wanted, one: Criterion, found: Iterable[Condition]) -> Wanted:
    """Keep those who meet one of these conditions, or those who meet none of them."""
    condition = conditions.any_of(found)
    return replace(wanted, where=(*wanted.where, conditions.opposite(condition) if one.negated else condition))
