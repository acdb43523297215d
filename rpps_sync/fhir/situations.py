"""What is asked of situations, as a selection of people and as tests of their situations.

The selection brings whoever may have such a situation; the tests then tell which of theirs answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from rpps_sync.directory import conditions, organizations
from rpps_sync.directory.selection import Wanted
from rpps_sync.directory.texts import How
from rpps_sync.fhir import places
from rpps_sync.fhir.codings import system_of
from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.naming import DATA_TRACE, ORGANIZATION, PRACTITIONER, ROLE, SITUATION, read_id
from rpps_sync.fhir.outcomes import bad_value
from rpps_sync.fhir.people import HOW, People, active, codes, national_ids, nobody, only, texts, where
from rpps_sync.fhir.queries import Criterion, Query
from rpps_sync.fhir.roles import CODED
from rpps_sync.fhir.values import Token, reference, token

Fits = Callable[[Json], bool]
Narrowed = tuple[Wanted, Fits]


@dataclass(frozen=True, slots=True)
class _Situations:
    """Reads what is asked, one criterion after another."""

    connection: Connection
    base: str  # our own address, that references may begin with

    def narrowed(self, wanted: Wanted, one: Criterion) -> Narrowed:
        reader = {
            "_id": self._id,
            "active": self._active,
            "data-information-system": self._system,
            "data-registration-authority": self._authority,
            "identifier": self._situation,
            "mailbox-mss": self._mailbox,
            "organization": self._organization,
            "practitioner": self._practitioner,
            "role": self._role,
        }[one.name]
        return reader(wanted, one)

    def _id(self, wanted: Wanted, one: Criterion) -> Narrowed:
        return self._named(wanted, one, codes(one))

    def _situation(self, wanted: Wanted, one: Criterion) -> Narrowed:
        told = [token(value) for value in one.values]
        if any(item == Token(SITUATION, "") for item in told):
            return (nobody(wanted) if one.negated else wanted), _always
        return self._named(wanted, one, [f"005-{item.code}" for item in told if item.system in (None, SITUATION)])

    def _named(self, wanted: Wanted, one: Criterion, names: Iterable[str]) -> Narrowed:
        asked = {name: found["who"] for name in names if (found := read_id(ROLE, name))}
        if one.negated:
            return wanted, lambda role: role["id"] not in asked
        return only(wanted, one, asked.values()), lambda role: role["id"] in asked

    def _active(self, wanted: Wanted, one: Criterion) -> Narrowed:
        return replace(wanted, present=wanted.present and True in active(one)), _always

    def _system(self, wanted: Wanted, one: Criterion) -> Narrowed:
        return self._people.narrowed(wanted, one), _always

    def _authority(self, wanted: Wanted, one: Criterion) -> Narrowed:
        asked = set(codes(one))
        fits: Fits = lambda role: (_authority_of(role) in asked) != one.negated  # noqa: E731 - read at once
        return (wanted if one.negated else self._people.narrowed(wanted, one)), fits

    def _mailbox(self, wanted: Wanted, one: Criterion) -> Narrowed:
        return self._people.narrowed(wanted, one), lambda role: any(
            _matches(told["value"], text, HOW[one.modifier])
            for told in role.get("telecom", ())
            for text in texts(one)
        )

    def _organization(self, wanted: Wanted, one: Criterion) -> Narrowed:
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

    def _practitioner(self, wanted: Wanted, one: Criterion) -> Narrowed:
        if one.modifier == "identifier":
            names = [name for value in one.values for name in national_ids(token(value))]
            return only(wanted, one, names), _always
        _check_type(one, PRACTITIONER)
        told = (reference(one.name, value, PRACTITIONER, self.base) for value in one.values)
        names = [found["who"] for name in told if (found := read_id(PRACTITIONER, name))]
        return only(wanted, one, names), _always

    def _role(self, wanted: Wanted, one: Criterion) -> Narrowed:
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
        return where(wanted, one, [conditions.in_situation(found)]), fits

    @property
    def _people(self) -> People:
        return People(self.connection)


def situations(connection: Connection, query: Query, wanted: Wanted, base: str) -> tuple[Wanted, list[Fits]]:
    """Narrow a selection of people to those with situations a query asks for, and say which of these answer.

    Raises:
        FhirError: a value means nothing.
    """
    reading = _Situations(connection, base)
    tests: list[Fits] = []
    for one in query.criteria:
        if one.name != "_lastUpdated":
            wanted, fits = reading.narrowed(wanted, one)
            tests.append(fits)
    return wanted, tests


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
