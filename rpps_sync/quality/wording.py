"""Figures and short phrases of check results, in the languages of the reports."""

from __future__ import annotations

from rpps_sync import locales

_PHRASES = {
    "fr": {
        "empty-file": "le fichier n'a aucune ligne lisible",
        "no-past": "aucune publication antérieure à comparer",
        "no-column": "colonne absente de ce millésime",
        "no-value": "aucune valeur à examiner",
        "no-list": "aucune liste complète pour juger ces codes",
        "no-wording": "aucun libellé de référence pour ces codes",
        "nobody": "aucun praticien auparavant",
        "alone": "aucun fichier de personnes avec lequel comparer",
        "no-date": "les dates de dépôt ne sont pas connues",
        "weekend": "le week-end, rien ne bouge forcément",
        "quiet-file": "ce fichier bouge trop peu pour le dire",
        "nobody-moved": "personne n'a bougé, ou rien à comparer",
        "files-fine": "fichiers reçus, lisibles et entiers",
        "nights": "nuits de suite",
        "columns-fine": "valeurs examinées, toutes conformes",
    },
    "en": {
        "empty-file": "the file has no readable line",
        "no-past": "no former publication to compare with",
        "no-column": "column absent from this vintage",
        "no-value": "no value to look at",
        "no-list": "no complete list to judge these codes by",
        "no-wording": "no reference label for these codes",
        "nobody": "no practitioner before",
        "alone": "no file of persons to compare with",
        "no-date": "the dates of deposit are not known",
        "weekend": "at the weekend, nothing has to move",
        "quiet-file": "this file moves too little to tell",
        "nobody-moved": "nobody moved, or there is nothing to compare with",
        "files-fine": "files received, readable and whole",
        "nights": "nights in a row",
        "columns-fine": "figures examined, all fine",
    },
}


def phrase(name: str, language: str) -> str:
    """A short phrase, by name."""
    return _PHRASES["en" if language == "en" else "fr"][name]


def percent(share: float, language: str, *, signed: bool = False) -> str:
    """A share as a percentage: one decimal, three below 1 %.

    >>> percent(0.0004, "en"), percent(-0.333, "fr", signed=True)
    ('0.040%', '-33,3 %')
    """
    decimals = 1 if share == 0 or abs(share) >= 0.01 else 3
    sign = "+" if signed and share >= 0 else ""
    text = f"{sign}{locales.number(share * 100, language, decimals)}"
    return f"{text}%" if language == "en" else f"{text} %"
