"""PractitionerRole: a work situation (situation d'exercice), that is how and where somebody exercises."""

from __future__ import annotations

from rpps_sync.directory.organizations import numbers
from rpps_sync.fhir.codings import Codings
from rpps_sync.fhir.elements import Json, Stamp, filled, head, mailboxes
from rpps_sync.fhir.naming import (
    ORGANIZATION,
    PRACTITIONER,
    ROLE,
    SITUATION,
    organization_id,
    practitioner_id,
    role_id,
)
from rpps_sync.practitioner import Activity, Mailbox, Practitioner, Structure

CODED = ("kind", "mode", "role", "pharmacist_section")
"""What ``code`` tells, and the search parameter ``role`` looks into."""


def roles(document: Practitioner, stamp: Stamp, codings: Codings) -> list[Json]:
    """The situations of somebody, in the order of their identifiers.

    Two descriptions of one place on one day are one situation there.
    """
    found: dict[str, Json] = {}
    for exercise in document.exercises:
        for activity in exercise.activities:
            name = role_id(document.national_id, exercise, activity)
            if name not in found:
                authority = activity.registration_authority
                beginning = head(ROLE, name, stamp, system="RPPS", authority=authority)
                beginning["identifier"] = [{"system": SITUATION, "value": name.removeprefix("005-")}]
                found[name] = filled(beginning | _situation(document, activity, codings))
    return [found[name] for name in sorted(found)]


def _situation(document: Practitioner, activity: Activity, codings: Codings) -> Json:
    place = activity.structure
    codes = [codings.concept((column, getattr(activity, column))) for column in CODED]
    return {
        "active": True,
        "practitioner": {"reference": f"{PRACTITIONER}/{practitioner_id(document.national_id)}"},
        "organization": {} if place == Structure() else {"reference": f"{ORGANIZATION}/{organization_id(place)}"},
        "code": [told for told in codes if told["coding"]],
        "telecom": mailboxes(_boxes(document, activity), "PER", codings),
    }


def _boxes(document: Practitioner, activity: Activity) -> list[Mailbox]:
    """The mailboxes that somebody has at this place."""
    here = numbers(activity.structure)
    return [box for box in document.mailboxes if box.structure_identifier in here]
