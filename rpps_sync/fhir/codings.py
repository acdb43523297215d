"""Codes as FHIR writes them: system, code, and a label that the national API does not give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from rpps_sync import nomenclature
from rpps_sync.directory.labels import Wordings

_NOS = "https://mos.esante.gouv.fr/NOS/{table}/FHIR/{dashed}"
# Table of the NOS by coded column; where a column holds codes of several, see the functions below.
_TABLES = {
    "category": "TRE_R09-CategorieProfessionnelle",
    "mode": "TRE_R23-ModeExercice",
    "sector": "TRE_R02-SecteurActivite",
    "role": "TRE_R21-Fonction",
    "kind": "TRE_R22-GenreActivite",
    "skill_type": "TRE_R04-TypeSavoirFaire",
    "diploma_type": "TRE_R14-TypeDiplome",
    "card_type": "TRE_R87-TypeCarte",
    "commune": "TRE_R13-Commune",
    "mailbox_kind": "TRE_R257-TypeBAL",
    "mail_kind": "TRE_R256-TypeMessagerie",
}
_PROFESSIONS = {
    "G15": "TRE_G15-ProfessionSante",
    "R94": "TRE_R94-ProfessionSocial",
    "R95": "TRE_R95-UsagerTitre",
}
_SKILLS = {  # by type of savoir-faire
    "S": "TRE_R38-SpecialiteOrdinale",
    "C": "TRE_R39-Competence",
    "CEX": "TRE_R40-CompetenceExclusive",
    "DNQ": "TRE_R42-DESCnonQualifiant",
    "CAPA": "TRE_R43-CapaciteSavoirFaire",
    "PAC": "TRE_R44-QualificationPAC",
    "FQ": "TRE_R45-FonctionQualifiee",
    "DEC": "TRE_R97-DroitExerciceCompl",
    "OP": "TRE_G13-OrientationParticuliere",
}
_DIPLOMAS = {"DE": "TRE_R48-DiplomeEtatFrancais"}  # by type of diploma
_SECTIONS = ("TRE_R06-SectionTableauCNOP", "TRE_G05-SousSectionTableauCNOP")  # one letter, or more


def address(table: str) -> str:
    """The address of a table of the NOS.

    >>> address("TRE_R23-ModeExercice")
    'https://mos.esante.gouv.fr/NOS/TRE_R23-ModeExercice/FHIR/TRE-R23-ModeExercice'
    """
    return _NOS.format(table=table, dashed=table.replace("_", "-")) if table else ""


def system_of(column: str, code: str, kind: str = "") -> str:
    """The system of a code; empty where the extract does not say from which table it comes.

    Args:
        column: the coded column (``profession``, ``skill``, ``mode``…).
        code: the code.
        kind: the type of a skill or of a diploma.
    """
    if column == "profession":
        return address(next((_PROFESSIONS[name] for name in _PROFESSIONS if code in _labels(name)), ""))
    if column == "skill":
        return address(_SKILLS.get(kind, ""))
    if column == "diploma":
        return address(_DIPLOMAS.get(kind, ""))
    if column == "pharmacist_section":
        return address(_SECTIONS[len(code) > 1])
    return address(_TABLES[column])


SKILL_KINDS = {address(table): kind for kind, table in _SKILLS.items()}
DIPLOMA_KINDS = {address(table): kind for kind, table in _DIPLOMAS.items()}
"""The type of savoir-faire, of diploma, whose codes a system holds."""


@cache
def _labels(table: str) -> frozenset[str]:
    return frozenset(nomenclature.table(table).labels)


@dataclass(frozen=True, slots=True)
class Codings:
    """Writes codes, with the labels of one publication."""

    names: Wordings
    display: bool = True

    def coding(self, column: str, code: str, kind: str = "") -> dict[str, str]:
        """One coding."""
        told = {"system": system_of(column, code, kind), "code": code}
        if self.display:
            told["display"] = self.names.label(column, code)
        return {key: value for key, value in told.items() if value}

    def concept(self, *codings: tuple[str, ...]) -> dict[str, Any]:
        """A concept of several codings (column, code, kind); those without a code are left out."""
        return {"coding": [self.coding(*one) for one in codings if one[1]]}
