"""One practitioner as other programs receive it: the document of the interface, labels beside codes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from rpps_sync.directory import documents
from rpps_sync.directory.labels import Wordings
from rpps_sync.directory.record import Record, Version, read
from rpps_sync.directory.served import Served, served
from rpps_sync.directory.tables import DEPARTURES, STRUCTURE_FIELDS
from rpps_sync.errors import NotFound
from rpps_sync.identifiers import rpps_of
from rpps_sync.practitioner import Activity, Exercise, Practitioner, Structure

_DEPARTURE = select(DEPARTURES).where(DEPARTURES.c.national_id == bindparam("who"))
_ADDRESS = ("recipient", "location", "street_number", "street_repetition", "street", "distribution")


def lookup(connection: Connection, national_id: str, as_of: datetime | None = None) -> dict[str, Any]:
    """What the directory says of somebody, now or at a past instant.

    Returns:
        The practitioner's document; for somebody who left, a tombstone: identifier, status, day, last professions.

    Raises:
        NotFound: no publication (of that time) contains this identifier.
    """
    return told(connection, read(connection, national_id), served(connection, as_of))


def told(connection: Connection, record: Record, at: Served) -> dict[str, Any]:
    """The same of a record that was read, as of a publication.

    Raises:
        NotFound: that publication and those before it do not contain this identifier.
    """
    version = record.at(at.seq)
    if version is None:
        return _departed(connection, record, at)
    return present(version.practitioner, at.labels) | _dates(version, at) | at.about


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


def _dates(version: Version, at: Served) -> dict[str, Any]:
    """Observation days: of the first and the last change up to the publication served, and of a held version."""
    held = version.held_since
    return {
        "known_since": at.publication(version.known_since).day.isoformat(),
        "last_changed": at.publication(version.last_changed).day.isoformat(),
        "held_since": None if held is None else at.publication(held).day.isoformat(),
    }


def _departed(connection: Connection, record: Record, at: Served) -> dict[str, Any]:
    seq, professions = _last_departure(connection, record, at.seq)
    if seq is None:
        raise NotFound(
            f"no practitioner bears this identifier in publication {at.id}",
            mend="check the identifier; somebody who registered today appears in the extract of tomorrow",
            reason="unknown",
        )
    return {
        "national_id": record.national_id,
        "rpps": rpps_of(record.national_id),
        "status": "departed",
        "departed_on": at.publication(seq).day.isoformat(),
        "last_professions": professions,
    } | at.about


def _last_departure(connection: Connection, record: Record, seq: int) -> tuple[int | None, list[str]]:
    """When somebody left before a publication, and their last professions, also when they came back since."""
    row = connection.execute(_DEPARTURE, {"who": record.national_id}).one_or_none()
    if row is not None and row.departed_seq <= seq:
        return row.departed_seq, [code for code in row.last_professions.split(",") if code]
    past = [item for item in record.versions if item[0] <= seq]
    if not past:
        return None, []
    (_, last), (left, _) = past[-2:]
    return left, last.professions if last else []
