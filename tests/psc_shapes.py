"""The shapes of userinfo that Pro Santé Connect has handed out over the years, on invented people.

Each imitates the keys, the places and the empty values of one vintage; nothing in them is anybody's.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from extract_builder import national_id

SUBJECT = "f:00000000-0000-4000-8000-000000000000:"
PROFESSIONS = "1.2.250.1.213.1.1.5.5"
TEST_IDENTITY = "ANS20990101000000"

_ACTIVITY = [
    "codeModeExercice",
    "codeSecteurDactivite",
    "codeSectionPharmacien",
    "codeRole",
    "numeroSiretSite",
    "numeroSirenSite",
    "numeroFinessSite",
    "numeroFinessetablissementJuridique",
    "identifiantTechniqueDeLaStructure",
    "raisonSocialeSite",
    "enseigneCommercialeSite",
    "complementDestinataire",
    "complementPointGeographique",
    "numeroVoie",
    "indiceRepetitionVoie",
    "codeTypeDeVoie",
    "libelleVoie",
    "mentionDistribution",
    "bureauCedex",
    "codePostal",
    "codeCommune",
    "codePays",
    "telephone",
    "telephone2",
    "telecopie",
    "adresseEMail",
    "codeDepartement",
    "ancienIdentifiantDeLaStructure",
    "autoriteDenregistrement",
]


def activity(**filled: str) -> dict[str, str]:
    """The twenty-nine attributes of an activity, empty but for these."""
    return dict.fromkeys(_ACTIVITY, "") | filled


def exercise(*activities: dict[str, str], **changes: str) -> dict[str, Any]:
    """A doctor's exercise."""
    return {
        "codeProfession": "10",
        "codeCategorieProfessionnelle": "C",
        "codeCiviliteDexercice": "DR",
        "nomDexercice": "Docteur EXEMPLE",
        "prenomDexercice": "Paule",
        "codeTypeSavoirFaire": "S",
        "codeSavoirFaire": "SM26",
        "activities": [*activities],
        **changes,
    }


def _base(identifier: str) -> dict[str, Any]:
    return {
        "Secteur_Activite": "SA07^1.2.250.1.71.4.2.4",
        "sub": SUBJECT + identifier,
        "SubjectOrganization": "CABINET EXEMPLE",
        "Mode_Acces_Raison": "",
        "preferred_username": identifier,
        "given_name": "PAULE",
        "Acces_Regulation_Medicale": "FAUX",
        "UITVersion": "1.0",
        "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
        "SubjectOrganizationID": "",
        "SubjectRole": [f"10^{PROFESSIONS}"],
        "PSI_Locale": "1.2.250.1.213.1.3.1.1",
        "SubjectNameID": identifier,
        "family_name": "CIVIL",
    }


PRIVATE = activity(
    codeModeExercice="L",
    codeSecteurDactivite="SA07",
    raisonSocialeSite="CABINET EXEMPLE",
    numeroVoie="1",
    codeTypeDeVoie="R",
    libelleVoie="DE L EXEMPLE",
    codePostal="75009",
    codeCommune="75109",
    codeDepartement="75",
)
RECENT = activity(
    codeModeExercice="L",
    codeSecteurDactivite="SA07",
    codeGenreActivite="GENR01",
    identifiantTechniqueDeLaStructure="R99999",
    raisonSocialeSite="CABINET EXEMPLE",
    complementDestinataire="CABINET EX",
    codeTypeDeVoie="R",
    libelleVoie="DE L EXEMPLE",
    bureauCedex="75009 PARIS",
    codePostal="75009",
    codePays="99000",
    ancienIdentifiantDeLaStructure="499900000001007",
    autoriteDenregistrement="CNOM/CNOM/CNOM",
)
HOSPITAL = activity(
    codeModeExercice="S",
    codeSecteurDactivite="SA01",
    codeGenreActivite="",
    numeroFinessSite="0B9999999",
    numeroFinessetablissementJuridique="1B9999999",
    identifiantTechniqueDeLaStructure="F0B9999999",
    raisonSocialeSite="HOPITAL  D EXEMPLE",
    codePostal="75020",
    ancienIdentifiantDeLaStructure="10B9999999",
    autoriteDenregistrement="CNOM/CNOM/ARS",
)
COMPANY = activity(
    codeModeExercice="S",
    codeSecteurDactivite="SA43",
    numeroSiretSite="00000000099999",
    numeroSirenSite="000000000",
)

ID = national_id(1)
_MERGED = [{"identifiant": ID, "origine": "RPPS", "qualite": 1}]
_EDIT = [{"identifiant": TEST_IDENTITY, "origine": "EDIT", "qualite": 1}]

# Of each: the userinfo, how many exercises it tells, and how many activities.
SHAPES: dict[str, tuple[dict[str, Any], int, int]] = {
    "2021, a first sketch without activities": (
        {
            "Secteur_Activite": "SA07^1.2.250.1.71.4.2.4",
            "email_verified": False,
            "SubjectOrganization": "CABINET EXEMPLE",
            "preferred_username": ID,
            "given_name": "PAULE",
            "SubjectRefPro": {
                "codeCivilite": "MME",
                "exercices": [
                    {
                        "codeProfession": "10",
                        "nomDexercice": "EXEMPLE",
                        "prenomDexercice": "PAULE",
                        "codeTypeSavoirFaire": "S",
                    }
                ],
            },
            "SubjectRole": [f"10^{PROFESSIONS}"],
            "SubjectNameID": ID,
            "family_name": "EXEMPLE",
        },
        1,
        0,
    ),
    "2021, communes and no structure identifier": (
        _base(ID)
        | {"email_verified": False, "SubjectRefPro": {"codeCivilite": "MME", "exercices": [exercise(PRIVATE)]}},
        1,
        1,
    ),
    "2022, otherIDs in capitals": (
        _base(ID)
        | {
            "authMode": "CARD",
            "codeGenreActivite": "",
            "otherIDs": _MERGED,
            "SubjectRefPro": {"codeCivilite": "MME", "exercices": [exercise(PRIVATE, HOSPITAL)]},
        },
        1,
        2,
    ),
    "2022, the same exercise twice": (
        _base(ID)
        | {
            "otherIds": _MERGED,
            "SubjectRefPro": {"codeCivilite": "M", "exercices": [exercise(RECENT, HOSPITAL)] * 2},
        },
        1,
        2,
    ),
    "2022, the same activity for each skill of the source": (
        _base(ID) | {"SubjectRefPro": {"exercices": [exercise(RECENT, deepcopy(RECENT), HOSPITAL)]}},
        1,
        2,
    ),
    "2023, kinds of activity and structure identifiers": (
        _base(ID)
        | {
            "codeGenreActivite": "GENR01",
            "otherIds": _MERGED,
            "SubjectRefPro": {"codeCivilite": "M", "exercices": [exercise(RECENT, HOSPITAL)]},
            "SubjectOrganizationID": "R99999",
        },
        1,
        2,
    ),
    "2023, civility at the top and no exercise civility": (
        _base(TEST_IDENTITY)
        | {
            "codeCivilite": "M",
            "codeGenreActivite": "GENR01",
            "otherIds": _EDIT,
            "SubjectRefPro": {"exercices": [exercise(RECENT, codeCiviliteDexercice="", codeProfession="80")]},
        },
        1,
        1,
    ),
    "test identity with five activities": (
        _base(TEST_IDENTITY)
        | {
            "otherIds": _EDIT,
            "SubjectRefPro": {
                "codeCivilite": "M",
                "exercices": [
                    exercise(
                        PRIVATE,
                        PRIVATE | {"numeroVoie": "2"},
                        HOSPITAL,
                        COMPANY,
                        COMPANY | {"numeroSiretSite": "00000000099998"},
                        codeTypeSavoirFaire="",
                        codeSavoirFaire="",
                    )
                ],
            },
        },
        1,
        5,
    ),
    "person without professional data": (
        {
            "sub": SUBJECT + TEST_IDENTITY,
            "preferred_username": TEST_IDENTITY,
            "codeCivilite": "M",
            "given_name": "Paule",
            "SubjectNameID": TEST_IDENTITY,
            "family_name": "Exemple",
        },
        0,
        0,
    ),
    "two professions, as the loader makes one exercise of each": (
        _base(ID) | {"SubjectRefPro": {"exercices": [exercise(RECENT), exercise(HOSPITAL, codeProfession="60")]}},
        2,
        2,
    ),
    "2026, merged account of the identity provider of social care": (
        _base("0b0e4f8a-1111-4222-8333-444455556666")
        | {
            "sub": "0b0e4f8a-9999-4222-8333-444455556666",
            "alternativeIds": [{"identifier": ID, "origine": "RPPS", "quality": 1}],
            "SubjectRefPro": {"exercices": [exercise(RECENT) | {"sourceId": ID}]},
        },
        1,
        1,
    ),
}
