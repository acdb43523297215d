"""Reading a userinfo: the professional values worth comparing, and nothing else.

The shape drifted over the years and carries no version worth trusting, so unknown keys are ignored, both spellings
(``otherIds``, ``otherIDs``) and both places of the civility are read, and an absent key, a null and an empty
string all mean unknown. The same exercise or activity given twice counts once. Whatever has the wrong type is
refused: a claim half understood would be compared wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rpps_sync.errors import TokenRefused
from rpps_sync.limits import LIMITS
from rpps_sync.observation import ClaimedActivity, ClaimedExercise, Claims, Scope
from rpps_sync.practitioner import Structure
from rpps_sync.psc.identity import identify

_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")  # what no database stores and no person typed

_STRUCTURE = {
    "technical_id": "identifiantTechniqueDeLaStructure",
    "former_id": "ancienIdentifiantDeLaStructure",
    "finess": "numeroFinessSite",
    "siret": "numeroSiretSite",
    "street_number": "numeroVoie",
    "street_repetition": "indiceRepetitionVoie",
    "street_type": "codeTypeDeVoie",
    "street": "libelleVoie",
    "cedex": "bureauCedex",
    "postal_code": "codePostal",
    "commune": "codeCommune",
    "phone": "telephone",
    "phone2": "telephone2",
    "email": "adresseEMail",
}
_ACTIVITY = {
    "mode": "codeModeExercice",
    "sector": "codeSecteurDactivite",
    "role": "codeRole",
    "kind": "codeGenreActivite",
    "pharmacist_section": "codeSectionPharmacien",
    "registration_authority": "autoriteDenregistrement",
}
_EXERCISE = {
    "profession": "codeProfession",
    "category": "codeCategorieProfessionnelle",
    "exercise_civility": "codeCiviliteDexercice",
    "family_name": "nomDexercice",
    "given_name": "prenomDexercice",
    "skill_type": "codeTypeSavoirFaire",
    "skill": "codeSavoirFaire",
}


@dataclass(frozen=True, slots=True)
class Userinfo:
    """What one userinfo says, once read."""

    national_id: str
    scope: Scope
    claims: Claims


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
    professional = _object(userinfo, "SubjectRefPro")
    civility = _text(professional, "codeCivilite") or _text(userinfo, "codeCivilite")
    exercises = {_exercise(item) for item in _objects(professional, "exercices")}
    return Userinfo(national_id, scope, Claims(civility=civility, exercises=tuple(sorted(exercises))))


def _rpps_elsewhere(userinfo: Mapping[str, Any]) -> Iterator[str]:
    for key in ("otherIds", "otherIDs"):
        for other in _objects(userinfo, key):
            if _text(other, "origine").upper() == "RPPS":
                yield _text(other, "identifiant")


def _exercise(item: Mapping[str, Any]) -> ClaimedExercise:
    activities = {_activity(activity) for activity in _objects(item, "activities")}
    return ClaimedExercise(**_texts(item, _EXERCISE), activities=tuple(sorted(activities)))


def _activity(item: Mapping[str, Any]) -> ClaimedActivity:
    return ClaimedActivity(**_texts(item, _ACTIVITY), structure=Structure(**_texts(item, _STRUCTURE)))


def _texts(item: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, str]:
    return {field: _text(item, key) for field, key in columns.items()}


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _malformed(key, "a text")
    if len(value) > LIMITS.claim_characters:
        raise TokenRefused(f"{key} is longer than {LIMITS.claim_characters} characters", reason="too-large")
    if _FORBIDDEN.search(value):
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


def _malformed(key: str, expected: str) -> TokenRefused:
    return TokenRefused(f"{key} is not {expected}", reason="malformed")
