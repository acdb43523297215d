"""What is asked of practitioners, and of their situations, as a selection of people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from rpps_sync.directory import conditions, organizations
from rpps_sync.directory.conditions import Condition
from rpps_sync.directory.search.terms import FAMILY, GIVEN, PROFESSION, SKILL
from rpps_sync.directory.selection import NameTest, Wanted
from rpps_sync.directory.texts import How, forms
from rpps_sync.fhir import places
from rpps_sync.fhir.codings import DIPLOMA_KINDS, SKILL_KINDS, system_of
from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.naming import (
    DATA_TRACE,
    IDENTIFIER_TYPES,
    IDNPS,
    ORGANIZATION,
    PRACTITIONER,
    ROLE,
    RPPS,
    SITUATION,
    read_id,
)
from rpps_sync.fhir.outcomes import bad_value
from rpps_sync.fhir.queries import Criterion, Query
from rpps_sync.fhir.roles import CODED
from rpps_sync.fhir.values import Token, reference, string, token
from rpps_sync.identifiers import RPPS as RPPS_TYPE
from rpps_sync.identifiers import RPPS_NUMBER

HOW = {"": How.BEGINS, "contains": How.CONTAINS, "exact": How.EXACT}
_NAMES = {"family": (FAMILY,), "given": (GIVEN,), "name": (FAMILY, GIVEN)}
Fits = Callable[[Json], bool]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads the criteria of a query one by one, each narrowing what the former ones left."""

    connection: Connection
    base: str  # our own address, that references may begin with

    def practitioner(self, wanted: Wanted, one: Criterion) -> Wanted:
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

    def role(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        reader = {
            "_id": self._role_id,
            "active": self._role_active,
            "data-information-system": self._role_system,
            "data-registration-authority": self._role_authority,
            "identifier": self._situation,
            "mailbox-mss": self._role_mailbox,
            "organization": self._organization,
            "practitioner": self._practitioner,
            "role": self._role,
        }[one.name]
        return reader(wanted, one)

    # of a practitioner

    def _id(self, wanted: Wanted, one: Criterion) -> Wanted:
        names = [found["who"] for told in _codes(one) if (found := read_id(PRACTITIONER, told))]
        return _only(wanted, one, names)

    def _active(self, wanted: Wanted, one: Criterion) -> Wanted:
        asked = active(one)
        return replace(
            wanted, present=wanted.present and True in asked, departed=wanted.departed and False in asked
        )

    def _system(self, wanted: Wanted, one: Criterion) -> Wanted:
        return wanted if ("RPPS" in _codes(one)) != one.negated else _nobody(wanted)

    def _authority(self, wanted: Wanted, one: Criterion) -> Wanted:
        return _where(wanted, one, [conditions.registered_by(_codes(one))])

    def _identifier(self, wanted: Wanted, one: Criterion) -> Wanted:
        tokens = [token(value) for value in one.values]
        if any(told == Token(IDNPS, "") for told in tokens):
            return _nobody(wanted) if one.negated else wanted
        names = [name for told in tokens for name in national_ids(told)]
        if any(told == Token(RPPS, "") for told in tokens):
            return _where(wanted, one, [conditions.identified_as(RPPS_TYPE), conditions.among(names)])
        return _only(wanted, one, names)

    def _identifier_type(self, wanted: Wanted, one: Criterion) -> Wanted:
        codes = {told.code for value in one.values if (told := token(value)).system in (None, IDENTIFIER_TYPES)}
        if "IDNPS" in codes:
            return _nobody(wanted) if one.negated else wanted
        with_rpps = [conditions.identified_as(RPPS_TYPE)] if "RPPS" in codes else []
        return _where(wanted, one, with_rpps)

    def _mailbox(self, wanted: Wanted, one: Criterion) -> Wanted:
        how = HOW[one.modifier]
        return _where(wanted, one, [conditions.with_mailbox(texts(one), how)])

    def _card(self, wanted: Wanted, one: Criterion) -> Wanted:
        how = HOW[one.modifier]
        return _where(wanted, one, [conditions.with_card(texts(one), how)])

    def _card_type(self, wanted: Wanted, one: Criterion) -> Wanted:
        told = [token(value) for value in one.values]
        codes = [item.code for item in told if item.system in (None, system_of("card_type", item.code))]
        return _where(wanted, one, [conditions.with_card_type(codes)])

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
        return _where(wanted, one, [*practised, *others])

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

    # of a situation

    def _role_id(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        return self._named(wanted, one, _codes(one))

    def _situation(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        told = [token(value) for value in one.values]
        if any(item == Token(SITUATION, "") for item in told):
            return (_nobody(wanted) if one.negated else wanted), _always
        return self._named(wanted, one, [f"005-{item.code}" for item in told if item.system in (None, SITUATION)])

    def _named(self, wanted: Wanted, one: Criterion, names: Iterable[str]) -> tuple[Wanted, Fits]:
        asked = {name: found["who"] for name in names if (found := read_id(ROLE, name))}
        if one.negated:
            return wanted, lambda role: role["id"] not in asked
        return _only(wanted, one, asked.values()), lambda role: role["id"] in asked

    def _role_active(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        return replace(wanted, present=wanted.present and True in active(one)), _always

    def _role_system(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        return self._system(wanted, one), _always

    def _role_authority(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        codes = set(_codes(one))
        fits: Fits = lambda role: (_authority_of(role) in codes) != one.negated  # noqa: E731 - read at once
        return (wanted if one.negated else self._authority(wanted, one)), fits

    def _role_mailbox(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        return self._mailbox(wanted, one), lambda role: any(
            _matches(told["value"], text, HOW[one.modifier])
            for told in role.get("telecom", ())
            for text in texts(one)
        )

    def _organization(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        keys = self._keys(one)
        ids = organizations.places_of(self.connection, keys)
        asked = {f"{ORGANIZATION}/001-{key}" for key in keys}
        narrowed = replace(wanted, where=(*wanted.where, conditions.at_places(ids)))
        return narrowed, lambda role: role.get("organization", {}).get("reference") in asked

    def _keys(self, one: Criterion) -> set[str]:
        if one.modifier == "identifier":
            return places.keys_of(self.connection, [token(value) for value in one.values])
        _check_type(one, ORGANIZATION)
        told = (reference(one.name, value, ORGANIZATION, self.base) for value in one.values)
        return {found["key"] for name in told if (found := read_id(ORGANIZATION, name))}

    def _practitioner(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        if one.modifier == "identifier":
            names = [name for value in one.values for name in national_ids(token(value))]
            return _only(wanted, one, names), _always
        _check_type(one, PRACTITIONER)
        told = (reference(one.name, value, PRACTITIONER, self.base) for value in one.values)
        names = [found["who"] for name in told if (found := read_id(PRACTITIONER, name))]
        return _only(wanted, one, names), _always

    def _role(self, wanted: Wanted, one: Criterion) -> tuple[Wanted, Fits]:
        asked = [token(value) for value in one.values]

        def fits(role: Json) -> bool:
            told = [coding for concept in role.get("code", ()) for coding in concept["coding"]]
            return any(_is(coding, item) for coding in told for item in asked) != one.negated

        if one.negated:
            return wanted, fits
        found = [
            (column, item.code)
            for item in asked
            for column in CODED
            if item.code and item.system in (None, system_of(column, item.code))
        ]
        return _where(wanted, one, [conditions.in_situation(found)]), fits


def practitioners(connection: Connection, query: Query, wanted: Wanted, base: str) -> Wanted:
    """Narrow a selection of people to those a query asks for."""
    reading = _Reading(connection, base)
    for one in query.criteria:
        if one.name != "_lastUpdated":
            wanted = reading.practitioner(wanted, one)
    return wanted


def situations(connection: Connection, query: Query, wanted: Wanted, base: str) -> tuple[Wanted, list[Fits]]:
    """Narrow a selection of people to those with situations a query asks for, and say which of these answer."""
    reading = _Reading(connection, base)
    tests: list[Fits] = []
    for one in query.criteria:
        if one.name != "_lastUpdated":
            wanted, fits = reading.role(wanted, one)
            tests.append(fits)
    return wanted, tests


def active(one: Criterion) -> set[bool]:
    """Which states a query asks for.

    Raises:
        FhirError: a value is neither true nor false.
    """
    codes = {told.casefold() for told in _codes(one)}
    if codes - {"true", "false"}:
        raise bad_value(one.name, "expected true or false")
    asked = {code == "true" for code in codes}
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


def _codes(one: Criterion) -> list[str]:
    return [token(value).code for value in one.values]


def _only(wanted: Wanted, one: Criterion, names: Iterable[str]) -> Wanted:
    chosen = frozenset(names)
    if one.negated:
        return replace(wanted, where=(*wanted.where, conditions.opposite(conditions.among(chosen))))
    return replace(wanted, only=chosen if wanted.only is None else wanted.only & chosen)


def _nobody(wanted: Wanted) -> Wanted:
    return replace(wanted, only=frozenset())


def _where(wanted: Wanted, one: Criterion, found: Iterable[Condition]) -> Wanted:
    condition = conditions.any_of(found)
    return replace(wanted, where=(*wanted.where, conditions.opposite(condition) if one.negated else condition))


def _check_type(one: Criterion, kind: str) -> None:
    if one.modifier not in ("", kind):
        raise bad_value(one.name, f"the reference must be one to {kind}")


def _always(_role: Json) -> bool:
    return True


def _authority_of(role: Json) -> str:
    traces = (told for told in role["meta"]["extension"] if told["url"] == DATA_TRACE)
    found = (part for trace in traces for part in trace["extension"] if "valueCodeableConcept" in part)
    return next((str(part["valueCodeableConcept"]["coding"][0]["code"]) for part in found), "")


def _is(coding: Json, asked: Token) -> bool:
    same_system = asked.system is None or coding.get("system", "") == asked.system
    return same_system and (not asked.code or coding["code"] == asked.code)


def _matches(published: str, text: str, how: How) -> bool:
    if how is How.EXACT:
        return published == text
    told, asked = published.lower(), text.lower()
    return asked in told if how is How.CONTAINS else told.startswith(asked)
