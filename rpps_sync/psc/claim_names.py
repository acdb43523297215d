"""The names that Pro Santé Connect gives to claims: which are read, into what, and which are known and left alone.

Source: userinfo samples of 2021 to 2023 and the code of the ANS up to 2026. Names are spelled as published, the
small "e" of ``numeroFinessetablissementJuridique`` included. A name in none of these tables is counted as unknown.
"""

from __future__ import annotations

EXERCISES, ACTIVITIES = "exercices", "activities"
PROFESSIONAL = "SubjectRefPro"
OTHER_IDS = ("otherIds", "otherIDs", "alternativeIds")  # of 2023, of 2022, of 2025
OTHER_ID = ("identifiant", "identifier")

STRUCTURE = {
    "technical_id": "identifiantTechniqueDeLaStructure",
    "former_id": "ancienIdentifiantDeLaStructure",
    "finess": "numeroFinessSite",
    "finess_legal": "numeroFinessetablissementJuridique",
    "siret": "numeroSiretSite",
    "siren": "numeroSirenSite",
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
ACTIVITY = {
    "mode": "codeModeExercice",
    "sector": "codeSecteurDactivite",
    "role": "codeRole",
    "kind": "codeGenreActivite",
    "pharmacist_section": "codeSectionPharmacien",
    "registration_authority": "autoriteDenregistrement",
}
EXERCISE = {
    "profession": "codeProfession",
    "category": "codeCategorieProfessionnelle",
    "exercise_civility": "codeCiviliteDexercice",
    "family_name": "nomDexercice",
    "given_name": "prenomDexercice",
    "skill_type": "codeTypeSavoirFaire",
    "skill": "codeSavoirFaire",
}

# What an application need not send on: nothing else is read of a userinfo.
READ = frozenset({"sub", "SubjectNameID", "preferred_username", "codeCivilite", PROFESSIONAL, *OTHER_IDS})

KNOWN = READ | {
    "Acces_Regulation_Medicale",
    "Mode_Acces_Raison",
    "PSI_Locale",
    "Palier_Authentification",
    "Secteur_Activite",
    "SubjectOrganization",
    "SubjectOrganizationID",
    "SubjectRole",
    "UITVersion",
    "acr",
    "aud",
    "authMode",
    "codeGenreActivite",
    "email",
    "email_verified",
    "exp",
    "family_name",
    "given_name",
    "iat",
    "iss",
    "name",
    "nbf",
}
KNOWN_PROFESSIONAL = frozenset({"codeCivilite", EXERCISES})
KNOWN_EXERCISE = frozenset({*EXERCISE.values(), ACTIVITIES, "sourceId"})
KNOWN_ACTIVITY = frozenset(
    {
        *ACTIVITY.values(),
        *STRUCTURE.values(),
        "codeDepartement",
        "codePays",
        "complementDestinataire",
        "complementPointGeographique",
        "enseigneCommercialeSite",
        "mentionDistribution",
        "raisonSocialeSite",
        "telecopie",
    }
)
