"""Claims as they are stored: one JSON text, the compared values only, empty ones left out.

Two observations say the same thing when and only when their texts are equal, so what nothing compares (the
civilities, and a structure's name) is left out: its changes would open new versions for nothing, and it need
not be kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rpps_sync.observation import ClaimedActivity, ClaimedExercise, Claims
from rpps_sync.practitioner import Structure

_EXERCISE = ("profession", "category", "family_name", "given_name", "skill_type", "skill")
_ACTIVITY = ("mode", "sector", "role", "kind", "pharmacist_section", "registration_authority")
_STRUCTURE = (
    "technical_id",
    "former_id",
    "finess",
    "siret",
    "street_number",
    "street_repetition",
    "street_type",
    "street",
    "cedex",
    "postal_code",
    "commune",
    "phone",
    "phone2",
    "email",
)


def to_json(claims: Claims) -> str:
    """The text to store; equal for claims that compare alike."""
    plain = {_key(item): item for item in map(_exercise, claims.exercises)}
    return _key([plain[key] for key in sorted(plain)])


def from_json(text: str) -> Claims:
    """The claims of a stored text."""
    return Claims(
        exercises=tuple(
            ClaimedExercise(**_texts(item, _EXERCISE), activities=tuple(map(_claimed, item.get("activities", ()))))
            for item in json.loads(text)
        )
    )


def _exercise(exercise: ClaimedExercise) -> dict[str, Any]:
    activities = {_key(item): item for item in map(_activity, exercise.activities)}
    return _filled(exercise, _EXERCISE) | {"activities": [activities[key] for key in sorted(activities)]}


def _activity(activity: ClaimedActivity) -> dict[str, Any]:
    return _filled(activity, _ACTIVITY) | {"structure": _filled(activity.structure, _STRUCTURE)}


def _claimed(item: Mapping[str, Any]) -> ClaimedActivity:
    return ClaimedActivity(**_texts(item, _ACTIVITY), structure=Structure(**item["structure"]))


def _filled(value: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: text for name in names if (text := getattr(value, name))}


def _texts(item: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    return {name: item[name] for name in names if name in item}


def _key(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
