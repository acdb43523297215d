"""Reading a userinfo: the professional values worth comparing, and nothing else.

The shape drifted over the years and carries no version worth trusting, so unknown keys are ignored (and counted),
both spellings (``otherIds``, ``otherIDs``) and both places of the civility are read, and an absent key, a null and
an empty string all mean unknown. The same exercise or activity given twice counts once. Whatever has the wrong
type is refused: a claim half understood would be compared wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypeVar

from rpps_sync.errors import TokenRefused
from rpps_sync.limits import LIMITS
from rpps_sync.observation import ClaimedActivity, ClaimedExercise, Claims, Scope
from rpps_sync.practitioner import Structure
from rpps_sync.psc import claim_names as names
from rpps_sync.psc.identity import identify

_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")  # what no database stores and no person typed
_NAME = re.compile(r"(?!.*\d{5})[A-Za-z_][\w.-]{0,47}", re.ASCII)  # a name that may be told: no value hides in it
_UNKNOWN = (None, "")
_Claimed = TypeVar("_Claimed", ClaimedActivity, ClaimedExercise)
UNTOLD = "(other)"  # stands for names that may not be told


@dataclass(frozen=True, slots=True)
class Userinfo:
    """What one userinfo says, once read."""

    national_id: str
    scope: Scope
    claims: Claims
    unknown: tuple[str, ...] = ()  # names of claims that no document of the ANS knows, where they stand


def read_userinfo(userinfo: Mapping[str, Any]) -> Userinfo:
    """Read a decoded userinfo.

    Raises:
        TokenRefused: ``no-identifier`` when it names nobody, ``malformed`` or ``too-large`` when a
            value it needs has the wrong type or an absurd size.
    """
    identifier = _text(userinfo, "SubjectNameID") or _text(userinfo, "preferred_username")
    if not identifier:
        raise TokenRefused("the userinfo names nobody: SubjectNameID is missing", reason="no-identifier")
    national_id, scope = identify(identifier, _rpps_elsewhere(userinfo))
    professional = _object(userinfo, names.PROFESSIONAL)
    civility = _text(professional, "codeCivilite") or _text(userinfo, "codeCivilite")
    exercises = _sorted_once([_exercise(item) for item in _objects(professional, names.EXERCISES)])
    claims = Claims(civility=civility, exercises=exercises)
    return Userinfo(national_id, scope, claims, _unknown(userinfo, professional))


def _rpps_elsewhere(userinfo: Mapping[str, Any]) -> Iterator[str]:
    for key in names.OTHER_IDS:
        for other in _objects(userinfo, key):
            if _text(other, "origine").upper() == "RPPS":
                yield from filter(None, (_text(other, name) for name in names.OTHER_ID))


def _exercise(item: Mapping[str, Any]) -> ClaimedExercise:
    activities = _sorted_once([_activity(activity) for activity in _objects(item, names.ACTIVITIES)])
    return ClaimedExercise(**_texts(item, names.EXERCISE), activities=activities)


def _sorted_once(items: list[_Claimed]) -> tuple[_Claimed, ...]:
    return tuple(sorted(set(items))) if len(items) > 1 else tuple(items)


def _activity(item: Mapping[str, Any]) -> ClaimedActivity:
    return ClaimedActivity(**_texts(item, names.ACTIVITY), structure=Structure(**_texts(item, names.STRUCTURE)))


def _texts(item: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, str]:
    """The known ones of some columns; the others stay empty."""
    return {
        field: _checked(key, value)
        for field, key in columns.items()
        if (value := item.get(key)) not in _UNKNOWN  # most are, in most tokens
    }


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return "" if value is None else _checked(key, value)


def _checked(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _malformed(key, "a text")
    if len(value) > LIMITS.claim_characters:
        raise TokenRefused(f"{key} is longer than {LIMITS.claim_characters} characters", reason="too-large")
    if not value.isprintable() and _FORBIDDEN.search(value):
        raise TokenRefused(f"{key} holds a control character", reason="malformed")
    return value.strip()


def _object(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = item.get(key)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise _malformed(key, "an object")
    return value


def _objects(item: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = item.get(key)
    if value is None or value == "":
        return []
    if not isinstance(value, list) or not all(isinstance(element, dict) for element in value):
        raise _malformed(key, "a list of objects")
    return value


def _unknown(userinfo: Mapping[str, Any], professional: Mapping[str, Any]) -> tuple[str, ...]:
    found = set(_strangers(userinfo, names.KNOWN, ""))
    found.update(_strangers(professional, names.KNOWN_PROFESSIONAL, "SubjectRefPro."))
    for exercise in _objects(professional, names.EXERCISES):
        found.update(_strangers(exercise, names.KNOWN_EXERCISE, "exercices[]."))
        for activity in _objects(exercise, names.ACTIVITIES):
            found.update(_strangers(activity, names.KNOWN_ACTIVITY, "activities[]."))
    return tuple(sorted(found))


def _strangers(item: Mapping[str, Any], known: AbstractSet[str], place: str) -> Iterator[str]:
    if not item.keys() <= known:
        yield from (place + (key if _NAME.fullmatch(key) else UNTOLD) for key in item.keys() - known)


def _malformed(key: str, expected: str) -> TokenRefused:
    return TokenRefused(f"{key} is not {expected}", reason="malformed")
