"""Claims as they are stored: one JSON text, the compared values only, empty ones left out.

Two observations say the same thing when and only when their texts are equal, so what nothing compares (the
civilities, and a structure's name) is left out: its changes would open new versions for nothing, and it need
not be kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

from rpps_sync.observation import ClaimedActivity, ClaimedExercise, Claims
from rpps_sync.practitioner import Structure

_EXERCISE = ("profession", "category", "family_name", "given_name", "skill_type", "skill")
_ACTIVITY = ("mode", "sector", "role", "kind", "pharmacist_section", "registration_authority")
_STRUCTURE = (
    "technical_id",
    "former_id",
    "finess",
    "finess_legal",
    "siret",
    "siren",
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
    return _key(_sorted_once(list(map(_exercise, claims.exercises))))


def from_json(text: str) -> Claims:
    """The claims of a stored text."""
    return Claims(
        exercises=tuple(
            ClaimedExercise(**_texts(item, _EXERCISE), activities=tuple(map(_claimed, item.get("activities", ()))))
            for item in json.loads(text)
        )
    )


def _exercise(exercise: ClaimedExercise) -> dict[str, Any]:
    activities = list(map(_activity, exercise.activities))
    return _filled(exercise, _EXERCISE) | {"activities": _sorted_once(activities)}


def _activity(activity: ClaimedActivity) -> dict[str, Any]:
    return _filled(activity, _ACTIVITY) | {"structure": _filled(activity.structure, _STRUCTURE)}


def _claimed(item: Mapping[str, Any]) -> ClaimedActivity:
    return ClaimedActivity(**_texts(item, _ACTIVITY), structure=Structure(**item["structure"]))


def _sorted_once(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(items) < 2:  # as most are: nothing to write down only to compare it
        return items
    by_text = {_key(item): item for item in items}
    return [by_text[key] for key in sorted(by_text)]


_GETTERS: dict[tuple[str, ...], attrgetter[tuple[str, ...]]] = {
    names: attrgetter(*names) for names in (_EXERCISE, _ACTIVITY, _STRUCTURE)
}


def _filled(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: text for name, text in zip(names, _GETTERS[names](value), strict=True) if text}


def _texts(item: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    return {name: item[name] for name in names if name in item}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once: it costs as much as its work


def _key(value: Any) -> str:
    return _ENCODER.encode(value)
