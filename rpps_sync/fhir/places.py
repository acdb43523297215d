"""What is asked of organisations, as a selection of places."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from rpps_sync.directory import organization_selection as selection
from rpps_sync.directory.conditions import Condition, any_of, every, opposite
from rpps_sync.directory.organization_selection import WantedOrganizations
from rpps_sync.directory.texts import How, spaced
from rpps_sync.fhir.codings import system_of
from rpps_sync.fhir.naming import (
    FINESS,
    IDENTIFIER_TYPES,
    IDNST,
    ORGANIZATION,
    ORGANIZATION_TYPES,
    RPPS_RANK,
    SIRENE,
    read_id,
)
from rpps_sync.fhir.organizations import GEOGRAPHICAL, LEGAL
from rpps_sync.fhir.outcomes import bad_value
from rpps_sync.fhir.queries import Criterion, Query
from rpps_sync.fhir.values import Token, reference, string, token

MOST_KEYS = 1_000  # organisations that one identifier may mean
_HOW = {"": How.BEGINS, "contains": How.CONTAINS, "exact": How.EXACT}
_SITE = ("finess", "siret")  # what makes a place a site, and not a legal entity
_OWN = {  # numbers of the place itself, by type: their system and their column
    "IDNST": (IDNST, "former_id"),
    "RPPSRG": (RPPS_RANK, "technical_id"),
    "FINEG": (FINESS, "finess"),
    "SIRET": (SIRENE, "siret"),
}
_LEGAL = {"FINEJ": (FINESS, "finess_legal"), "SIREN": (SIRENE, "siren")}  # of its legal entity
_TEXTS = {
    "address-city": (selection.in_town,),
    "address-line": (selection.in_street,),
    "address-postalcode": (selection.at_postal_code,),
    "address": (selection.in_town, selection.at_postal_code, selection.in_street),
    "name": (selection.named,),
}
_UNINDEXED = frozenset({"address-line", "address", "type", "active", "data-information-system", "identifier-type"})


def wanted(query: Query, seqs: frozenset[int] | None, base: str) -> WantedOrganizations:
    """The selection that a query asks for.

    Args:
        query: of organisations.
        seqs: the publications in which they changed; None: it does not matter.
        base: our own address, that references may begin with.

    Raises:
        FhirError: a value means nothing.
    """
    found = [_criterion(one, base) for one in query.criteria if one.name != "_lastUpdated"]
    if seqs is not None:
        found.append(selection.known_since(seqs))
    few = any(one.name not in _UNINDEXED and not one.negated for one in query.criteria)
    return WantedOrganizations(tuple(found), few)


def keys_of(connection: Connection, tokens: Iterable[Token]) -> set[str]:
    """The organisations that some identifiers mean."""
    condition = any_of(_identified(told) for told in tokens)
    return set(selection.page(connection, WantedOrganizations((condition,), few=True), "", MOST_KEYS))


def _criterion(one: Criterion, base: str) -> Condition:
    if one.name in _TEXTS:
        return any_of(_text(one, string(value)) for value in one.values)
    if one.name == "mailbox-mss":
        return selection.with_mailbox([string(value) for value in one.values], _HOW[one.modifier])
    if one.name == "partof":
        return _part_of(one, base)
    reader = {
        "_id": _named,
        "active": lambda told: _known(told, "true", "true", "false"),
        "data-information-system": _system,
        "identifier": _identified,
        "identifier-type": _typed,
        "type": _of_type,
    }[one.name]
    condition = any_of(reader(token(value)) for value in one.values)
    return opposite(condition) if one.negated else condition


def _text(one: Criterion, text: str) -> Condition:
    if not all(spaced(text)):
        raise bad_value(one.name, "the value holds neither letter nor digit")
    return any_of(make(text, _HOW[one.modifier]) for make in _TEXTS[one.name])


def _named(told: Token) -> Condition:
    found = read_id(ORGANIZATION, told.code)
    return selection.keyed([found["key"]] if found else [])


def _known(told: Token, all_of_them: str, *words: str) -> Condition:
    """What is the same for every organisation here: all answer, or none."""
    if told.code.casefold() not in words:
        raise bad_value("active", "expected true or false")
    return every([]) if told.code.casefold() == all_of_them else any_of([])


def _system(told: Token) -> Condition:
    finess = any_of(selection.with_number(column) for column in ("finess", "finess_legal"))
    return {"FINESS": finess, "RPPS": opposite(finess)}.get(told.code, any_of([]))


def _identified(told: Token) -> Condition:
    own = [
        selection.numbered(column, told.code) if told.code else selection.with_number(column)
        for system, column in _OWN.values()
        if told.system in (None, system)
    ]
    legal = [
        every([selection.numbered(column, told.code), _legal()])
        if told.code
        else every([selection.with_number(column), _legal()])
        for system, column in _LEGAL.values()
        if told.system in (None, system)
    ]
    return any_of([*own, *legal])


def _legal() -> Condition:
    return every(selection.without_number(column) for column in _SITE)


def _typed(told: Token) -> Condition:
    if told.system not in (None, IDENTIFIER_TYPES):
        return any_of([])
    if told.code in _OWN:
        return selection.with_number(_OWN[told.code][1])
    if told.code in _LEGAL:
        return every([selection.with_number(_LEGAL[told.code][1]), _legal()])
    return any_of([])


def _of_type(told: Token) -> Condition:
    if told.system in (None, system_of("sector", told.code)) and told.code not in (GEOGRAPHICAL, LEGAL):
        return selection.in_sector(told.code)
    if told.system not in (None, ORGANIZATION_TYPES):
        return any_of([])
    site = any_of(selection.with_number(column) for column in _SITE)
    legal = every([_legal(), any_of(selection.with_number(column) for _, column in _LEGAL.values())])
    return {GEOGRAPHICAL: site, LEGAL: legal}.get(told.code, any_of([]))


def _part_of(one: Criterion, base: str) -> Condition:
    """By the number of the legal entity; a reference by technical identifier means none that is served here."""
    if one.modifier != "identifier":
        for value in one.values:
            reference(one.name, value, ORGANIZATION, base)
        return any_of([])
    tokens = [token(value) for value in one.values]
    site = any_of(selection.with_number(column) for column in _SITE)
    found = [
        selection.numbered(column, told.code)
        for told in tokens
        for system, column in _LEGAL.values()
        if told.code and told.system in (None, system)
    ]
    return every([any_of(found), site])
