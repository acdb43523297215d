"""One practitioner as other programs receive it: the document of the interface, labels beside codes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from rpps_sync.clock import iso, now
from rpps_sync.directory import documents, history, labels
from rpps_sync.directory.labels import Labels
from rpps_sync.directory.tables import DEPARTURES, PRACTITIONERS, PUBLICATIONS
from rpps_sync.errors import NotFound
from rpps_sync.identifiers import rpps_of
from rpps_sync.practitioner import Activity, Exercise, Practitioner, Structure

_ADDRESS = ("recipient", "location", "street_number", "street_repetition", "street", "distribution")


def lookup(connection: Connection, national_id: str, as_of: datetime | None = None) -> dict[str, Any]:
    """What the directory says of somebody, now or at a past instant.

    Returns:
        The practitioner's document; for somebody who left, a tombstone: identifier, status, day, last professions.

    Raises:
        NotFound: no publication (of that time) contains this identifier.
    """
    served = history.served_at(connection, as_of or now())
    if served is None:
        raise NotFound(
            "no publication was served at that time" if as_of else "the directory holds no publication yet",
            mend="see 'rpps-sync publications'" if as_of else "run 'rpps-sync run' first",
        )
    if as_of is None:
        served = _latest(connection)
    document = history.document_at(connection, national_id, served)
    about = _publication(connection, served)
    if document is None:
        return _departed(connection, national_id, served, about)
    told = present(document, labels.load(connection, served))
    return told | _dates(connection, national_id, served) | about


def present(practitioner: Practitioner, names: Labels) -> dict[str, Any]:
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


def _exercise(exercise: Exercise, names: Labels) -> dict[str, Any]:
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


def _activity(activity: Activity, names: Labels) -> dict[str, Any]:
    coded = {
        system: {"code": code, "label": names.label(system, code)}
        for system in ("mode", "sector", "role", "kind", "pharmacist_section")
        for code in (getattr(activity, system),)
    }
    place = None if activity.structure == documents.NO_PLACE else _structure(activity.structure)
    return coded | {"registration_authority": activity.registration_authority, "structure": place}


def _structure(structure: Structure) -> dict[str, Any]:
    plain = asdict(structure)
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


def _latest(connection: Connection) -> int:
    statement = (
        select(PUBLICATIONS.c.seq).where(PUBLICATIONS.c.seq.is_not(None)).order_by(PUBLICATIONS.c.seq.desc())
    )
    return int(connection.execute(statement.limit(1)).scalar_one())


def _publication(connection: Connection, seq: int) -> dict[str, Any]:
    row = connection.execute(select(PUBLICATIONS).where(PUBLICATIONS.c.seq == seq)).one()
    return {
        "publication": row.id,
        "published_at": iso(row.published_at),
        "age_seconds": int((now() - row.published_at).total_seconds()),
    }


def _dates(connection: Connection, national_id: str, served: int) -> dict[str, Any]:
    """Observation days: of the first and the last change up to the publication served, and of a held version."""
    days = history.publication_days(connection)
    versions = [item for item in history.versions_of(connection, national_id) if item[0] <= served]
    since = versions[-1][0]
    start = since
    for seq, document in reversed(versions):
        if document is None:
            break
        start = seq
    held = connection.execute(
        select(PRACTITIONERS.c.held_since).where(PRACTITIONERS.c.national_id == national_id)
    ).scalar()
    return {
        "known_since": days[start].isoformat(),
        "last_changed": days[since].isoformat(),
        "held_since": days[held].isoformat() if held is not None and held <= served else None,
    }


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
