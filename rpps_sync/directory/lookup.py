"""One practitioner as other programs receive it: the document of the interface, labels beside codes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from rpps_sync.clock import iso, now
from rpps_sync.directory import documents, history, labels
from rpps_sync.directory.labels import Wordings
from rpps_sync.directory.tables import DEPARTURES, PUBLICATIONS, STRUCTURE_FIELDS
from rpps_sync.directory.versions import Version, version_at
from rpps_sync.errors import NotFound
from rpps_sync.identifiers import rpps_of
from rpps_sync.practitioner import Activity, Exercise, Practitioner, Structure

_published = PUBLICATIONS.c
_NEWEST = (
    select(_published.seq, _published.id, _published.published_at)
    .where(_published.seq.is_not(None))
    .order_by(_published.seq.desc())
    .limit(1)
)
_SERVED_AT = _NEWEST.where(_published.published_at <= bindparam("instant", type_=_published.published_at.type))
_DAYS = select(_published.seq, _published.published_at).where(
    or_(*(_published.seq == bindparam(name) for name in ("known_since", "last_changed", "held_since")))
)

_ADDRESS = ("recipient", "location", "street_number", "street_repetition", "street", "distribution")


def lookup(connection: Connection, national_id: str, as_of: datetime | None = None) -> dict[str, Any]:
    """What the directory says of somebody, now or at a past instant.

    Returns:
        The practitioner's document; for somebody who left, a tombstone: identifier, status, day, last professions.

    Raises:
        NotFound: no publication (of that time) contains this identifier.
    """
    seq, about = publication_served(connection, as_of)
    version = version_at(connection, national_id, seq)
    if version is None:
        return _departed(connection, national_id, seq, about)
    names = labels.remembered(connection, seq)
    return present(version.practitioner, names) | _dates(connection, version) | about


def publication_served(connection: Connection, as_of: datetime | None = None) -> tuple[int, dict[str, Any]]:
    """The publication served at an instant, or the newest one: its sequence number, and what answers say of it.

    Raises:
        NotFound: there was none.
    """
    statement = _NEWEST if as_of is None else _SERVED_AT
    found = connection.execute(statement, {} if as_of is None else {"instant": as_of}).one_or_none()
    if found is None:
        raise NotFound(
            "no publication was served at that time" if as_of else "the directory holds no publication yet",
            mend="see 'rpps-sync publications'" if as_of else "run 'rpps-sync run' first",
        )
    return found.seq, {
        "publication": found.id,
        "published_at": iso(found.published_at),
        "age_seconds": int((now() - found.published_at).total_seconds()),
    }


def present(practitioner: Practitioner, names: Wordings) -> dict[str, Any]:
    """A document with the labels of its codes; empty values are kept, so that its shape never varies."""

    def coded(system: str, code: str) -> dict[str, str]:
        return {"code": code, "label": names.label(system, code)}

    return {
        "national_id": practitioner.national_id,
        "id_type": practitioner.id_type,
        "rpps": rpps_of(practitioner.national_id),
        "status": "active",
        "family_name": practitioner.family_name,
        "given_name": practitioner.given_name,
        "civility": coded("civility", practitioner.civility),
        "exercises": [_exercise(item, names) for item in practitioner.exercises],
        "diplomas": [
            {"type": coded("diploma_type", item.type), **coded("diploma", item.code)}
            for item in practitioner.diplomas
        ],
        "authorisations": [
            {
                "type": coded("authorisation_type", item.type),
                "discipline": coded("authorisation_discipline", item.discipline),
            }
            for item in practitioner.authorisations
        ],
        "mailboxes": [asdict(item) for item in practitioner.mailboxes],
        "cards": [asdict(item) | {"type": coded("card_type", item.type)} for item in practitioner.cards],
    }


def _exercise(exercise: Exercise, names: Wordings) -> dict[str, Any]:
    def coded(system: str, code: str) -> dict[str, str]:
        return {"code": code, "label": names.label(system, code)}

    return {
        "profession": coded("profession", exercise.profession),
        "category": coded("category", exercise.category),
        "exercise_civility": coded("exercise_civility", exercise.exercise_civility),
        "skills": [
            {"type": coded("skill_type", skill.type), **coded("skill", skill.code)} for skill in exercise.skills
        ],
        "activities": [_activity(item, names) for item in exercise.activities],
    }


def _activity(activity: Activity, names: Wordings) -> dict[str, Any]:
    coded = {
        system: {"code": code, "label": names.label(system, code)}
        for system in ("mode", "sector", "role", "kind", "pharmacist_section")
        for code in (getattr(activity, system),)
    }
    place = None if activity.structure == documents.NO_PLACE else _structure(activity.structure)
    return coded | {"registration_authority": activity.registration_authority, "structure": place}


def _structure(structure: Structure) -> dict[str, Any]:
    plain = {name: getattr(structure, name) for name in STRUCTURE_FIELDS}
    address = {name: plain[name] for name in _ADDRESS}
    address["street_type"] = {"code": structure.street_type, "label": structure.street_type_label}
    address["postal_code"] = structure.postal_code
    address["cedex"] = structure.cedex
    address["commune"] = {"code": structure.commune, "label": structure.commune_label}
    address["department"] = {"code": structure.department, "label": structure.department_label}
    address["country"] = {"code": structure.country, "label": structure.country_label}
    kept = ("technical_id", "former_id", "finess", "finess_legal", "siret", "siren", "name", "trade_name")
    return {name: plain[name] for name in kept} | {
        "address": address,
        "phones": [phone for phone in (structure.phone, structure.phone2) if phone],
        "fax": structure.fax,
        "email": structure.email,
    }


def _dates(connection: Connection, version: Version) -> dict[str, Any]:
    """Observation days: of the first and the last change up to the publication served, and of a held version."""
    told = {
        "known_since": version.known_since,
        "last_changed": version.last_changed,
        "held_since": version.held_since,
    }
    days = {row.seq: row.published_at.date().isoformat() for row in connection.execute(_DAYS, told)}
    return {name: None if seq is None else days[seq] for name, seq in told.items()}


def _departed(connection: Connection, national_id: str, served: int, about: dict[str, Any]) -> dict[str, Any]:
    seq, professions = _last_departure(connection, national_id, served)
    if seq is None:
        raise NotFound(
            f"no practitioner bears this identifier in publication {about['publication']}",
            mend="check the identifier; somebody who registered today appears in the extract of tomorrow",
            reason="unknown",
        )
    return {
        "national_id": national_id,
        "rpps": rpps_of(national_id),
        "status": "departed",
        "departed_on": history.publication_days(connection)[seq].isoformat(),
        "last_professions": professions,
    } | about


def _last_departure(connection: Connection, national_id: str, served: int) -> tuple[int | None, list[str]]:
    """When somebody left before a publication, and their last professions, also when they came back since."""
    row = connection.execute(select(DEPARTURES).where(DEPARTURES.c.national_id == national_id)).one_or_none()
    if row is not None and row.departed_seq <= served:
        return row.departed_seq, [code for code in row.last_professions.split(",") if code]
    told = [item for item in history.versions_of(connection, national_id) if item[0] <= served]
    if not told:
        return None, []
    (_, last), (left, _) = told[-2:]
    return left, last.professions if last else []
