"""Userinfo of the simulated issuer, with the twists of the real ones.

A ``Style`` stays with a person, as a token keeps its shape from login to login. All values are texts, and an empty
text where nothing is known.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rpps_sync.simulator.dossiers import Cells, Dossier, Exercise, structure_key
from rpps_sync.simulator.spellings import Spellings, draw_spellings, respelt_activity, respelt_names

SUBJECT_PROVIDER = "f:5a1c2b3d-0000-4000-8000-51d000000000:"
_ACTIVITY = {
    "codeModeExercice": "mode",
    "codeSecteurDactivite": "sector",
    "codeSectionPharmacien": "pharmacist_section",
    "codeRole": "role",
    "codeGenreActivite": "kind",
    "numeroSiretSite": "siret",
    "numeroSirenSite": "siren",
    "numeroFinessSite": "finess",
    "numeroFinessetablissementJuridique": "finess_legal",
    "identifiantTechniqueDeLaStructure": "technical_id",
    "raisonSocialeSite": "name",
    "enseigneCommercialeSite": "trade_name",
    "complementDestinataire": "recipient",
    "complementPointGeographique": "location",
    "numeroVoie": "street_number",
    "indiceRepetitionVoie": "street_repetition",
    "codeTypeDeVoie": "street_type",
    "libelleVoie": "street",
    "mentionDistribution": "distribution",
    "bureauCedex": "cedex",
    "codePostal": "postal_code",
    "codeCommune": "commune",
    "codePays": "country",
    "telephone": "phone",
    "telephone2": "phone2",
    "telecopie": "fax",
    "adresseEMail": "email",
    "codeDepartement": "department",
    "ancienIdentifiantDeLaStructure": "former_id",
    "autoriteDenregistrement": "registration_authority",
}
_OLD_WITHOUT = ("identifiantTechniqueDeLaStructure", "ancienIdentifiantDeLaStructure", "bureauCedex")
_SECTOR_OID = "1.2.250.1.71.4.2.4"
_PROFESSION_OID = "1.2.250.1.213.1.1.5.5"


@dataclass(frozen=True, slots=True)
class Style:
    """Which twists a person's userinfo has."""

    old: bool = False  # of 2021: commune and department, neither technical identifier nor genre d'activité
    other_ids: str = "otherIds"  # or 'otherIDs', or '' for none
    civility_on_top: bool = False  # codeCivilite beside SubjectRefPro rather than in it
    bare: bool = False  # no SubjectRefPro: somebody without professional data
    repeated_exercise: bool = False
    repeated_activity: bool = False
    extra_keys: bool = False  # keys that nobody documented
    merged_from: int | None = None  # the day from which SubjectNameID is a UUID, RPPS among the other identifiers
    spellings: Spellings = field(default_factory=dict)  # how values are written, where not as in the directory


PLAIN = Style()


def draw_style(dossier: Dossier, rng: np.random.Generator, days: int) -> Style:
    """The style of somebody whose token agrees with the directory."""
    activities = [activity for exercise in dossier.exercises for activity in exercise.activities]
    recognisable = all(item["finess"] or item["siret"] for item in activities if structure_key(item))
    old = bool(recognisable and rng.random() < 0.3)
    return Style(
        old=old,
        other_ids=("otherIds", "otherIDs", "")[int(rng.choice(3, p=(0.7, 0.2, 0.1)))],
        civility_on_top=bool(rng.random() < 0.3),
        bare=bool(rng.random() < 0.015),
        repeated_exercise=bool(rng.random() < 0.04),
        repeated_activity=bool(rng.random() < 0.06),
        extra_keys=bool(rng.random() < 0.1),
        merged_from=int(rng.integers(1, days + 1)) if rng.random() < 0.02 else None,
        spellings=draw_spellings(rng, old=old),
    )


def story_style(rng: np.random.Generator, days: int, *, old: bool = False) -> Style:
    """The style of somebody who plays a story: twists that hide nothing; an old one tells the commune."""
    return Style(
        old=old,
        repeated_exercise=bool(rng.random() < 0.04),
        other_ids=("otherIds", "otherIDs")[int(rng.integers(0, 2))],
        civility_on_top=bool(rng.random() < 0.3),
        repeated_activity=bool(rng.random() < 0.1),
        extra_keys=bool(rng.random() < 0.1),
        merged_from=int(rng.integers(1, days + 1)) if rng.random() < 0.1 else None,
        spellings=draw_spellings(rng, old=old),
    )


def userinfo(dossier: Dossier, style: Style, day: int = 1) -> dict[str, Any]:
    """What the issuer answers about somebody.

    Args:
        dossier: what it knows of them; its identifier may be of any form.
        style: which twists the answer has.
        day: 1 is the first; accounts are merged on one of them.
    """
    identity = dossier.national_id
    merged = style.merged_from is not None and day >= style.merged_from
    name_id = str(uuid.uuid5(uuid.NAMESPACE_URL, identity)) if merged else identity
    exercises = [_exercise(item, style) for item in dossier.exercises]
    first = exercises[0] if exercises else {}
    answer: dict[str, Any] = {
        "sub": name_id if merged else SUBJECT_PROVIDER + identity,
        "SubjectNameID": name_id,
        "preferred_username": name_id,
        "given_name": first.get("prenomDexercice", "CAMILLE"),
        "family_name": _civil_name(first.get("nomDexercice", "EXEMPLE"), identity),
        "authMode": "CARD",
    }
    if style.civility_on_top:
        answer["codeCivilite"] = dossier.civility
    if style.other_ids or merged:
        answer[style.other_ids or "otherIds"] = _other_ids(identity, name_id)
    if style.extra_keys:
        answer |= {"schema_hint": "2026-11", "sourceIds": [{"value": "x", "rank": 1}]}
    if not style.bare and exercises:
        answer |= _professional(dossier, exercises, style)
    return answer


def _professional(dossier: Dossier, exercises: list[dict[str, Any]], style: Style) -> dict[str, Any]:
    """SubjectRefPro, and the claims that repeat its first exercise and activity."""
    activity = exercises[0]["activities"][0] if exercises[0]["activities"] else {}
    reference: dict[str, Any] = {"exercices": exercises}
    if style.repeated_exercise:
        reference["exercices"] = [*exercises, exercises[0]]
    if not style.civility_on_top:
        reference["codeCivilite"] = dossier.civility
    sector = activity.get("codeSecteurDactivite", "")
    return {
        "SubjectRefPro": reference,
        "SubjectRole": [f"{exercises[0]['codeProfession']}^{_PROFESSION_OID}"],
        "SubjectOrganization": activity.get("raisonSocialeSite", ""),
        "SubjectOrganizationID": activity.get("identifiantTechniqueDeLaStructure", ""),
        "Secteur_Activite": f"{sector}^{_SECTOR_OID}" if sector else "",
        "codeGenreActivite": activity.get("codeGenreActivite", ""),
        "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
        "PSI_Locale": "1.2.250.1.213.1.3.1.1",
        "UITVersion": "1.0",
        "Mode_Acces_Raison": "",
        "Acces_Regulation_Medicale": "FAUX",
    }


def _exercise(exercise: Exercise, style: Style) -> dict[str, Any]:
    cells = exercise.cells
    activities = [_activity(cells_of, style) for cells_of in exercise.activities]
    family, given = respelt_names(cells, style.spellings)
    return {
        "codeProfession": cells["profession"],
        "codeCategorieProfessionnelle": cells["category"],
        "codeCiviliteDexercice": cells["exercise_civility"],
        "nomDexercice": family,
        "prenomDexercice": given,
        "codeTypeSavoirFaire": cells["skill_type"],
        "codeSavoirFaire": cells["skill"],
        "activities": [*activities, activities[0]] if style.repeated_activity and activities else activities,
    }


def _activity(cells: Cells, style: Style) -> dict[str, str]:
    written = respelt_activity(cells, style.spellings)
    activity = {claim: written[key] for claim, key in _ACTIVITY.items()}
    activity["complementDestinataire"] = activity["complementDestinataire"][:28]  # cut short in real tokens too
    if not style.old:
        return activity | {"codeCommune": ""}
    del activity["codeGenreActivite"]
    activity |= dict.fromkeys(_OLD_WITHOUT, "")
    return activity | {"codeDepartement": activity["codeCommune"][:2], "autoriteDenregistrement": ""}


def _civil_name(family: str, identity: str) -> str:
    """The family name of civil status: for one person in seven it is not the name they exercise under."""
    return "NOM CIVIL" if sum(identity.encode()) % 7 == 0 else family


def _other_ids(identity: str, name_id: str) -> list[dict[str, Any]]:
    origins = {"8": "RPPS", "0": "ADELI", "3": "FINESS", "5": "SIRET", "A": "EDIT"}
    others: list[dict[str, Any]] = [
        {"identifiant": identity, "origine": origins.get(identity[:1], "PSI"), "qualite": 1}
    ]
    if name_id != identity:
        others.append({"identifiant": name_id, "origine": "PSI", "qualite": 2})
    return others
