"""How states are told, in French and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rpps_sync import locales

_PHRASES: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "none": "aucune donnée",
        "future": "daté de {age} dans le futur : une horloge est fausse",
        "warn": "alerte au-delà de {warn}",
        "both": "alerte au-delà de {warn}, erreur au-delà de {error}",
        "working": "{limit} ouvrées",
        "nights-limit": "alerte à {warn} nuits",
        "nights-both": "alerte à {warn} nuits, erreur à {error}",
        "worked-nights": "après un jour ouvré",
        "ready": "prêt le {day} à {hour}",
        "ready-late": "prêt le {day} à {hour} seulement",
        "not-ready": "pas encore prêt : dernier passage terminé le {day} à {hour}",
        "deadline": "terminé avant {hour}, heure de Paris",
        "nights": "{n} nuits sans rien de nouveau, depuis le {day}",
        "night": "1 nuit sans rien de nouveau, depuis le {day}",
        "changed": "changé le {day}",
        "moves-alone": "la date avance (dernière : {day}), le contenu non",
        "quiet": "change trop peu pour le dire",
        "unreachable": "injoignable",
        "refused": "donne un fichier refusé",
        "mixed-days": "mêle deux jours",
        "offered": "le plus récent vu a {age}",
        "pause": "{age}, plus longue pause {pause} j ouvrés",
        "learning": "pas assez de publications pour connaître son rythme",
        "tiny": "trop peu de changements pour distinguer un arrêt en quinze jours",
        "lively": "{daily} changements par jour ouvré, {professions} professions suivies sur {all}",
        "silence": "{who} : {seen} changement(s) depuis le {day} où {expected} étaient attendus en"
        " {n} publications ; une chance sur {odds} que ce soit normal",
        "whole": "toutes professions",
        "odds": "silence de moins d’une chance sur {odds}",
        "producer": "chez l’autorité d’enregistrement",
        "publisher": "à l’ANS, qui produit les extractions",
        "diffusion": "chez data.gouv.fr, qui les diffuse",
        "us": "ici : passage, machine ou réseau",
    },
    "en": {
        "none": "no data",
        "future": "dated {age} in the future: a clock is wrong",
        "warn": "warns past {warn}",
        "both": "warns past {warn}, error past {error}",
        "working": "{limit} of working days",
        "nights-limit": "warns at {warn} nights",
        "nights-both": "warns at {warn} nights, error at {error}",
        "worked-nights": "after a working day",
        "ready": "ready on {day} at {hour}",
        "ready-late": "only ready on {day} at {hour}",
        "not-ready": "not ready yet: the last run ended on {day} at {hour}",
        "deadline": "over by {hour}, Paris time",
        "nights": "{n} nights with nothing new, since {day}",
        "night": "1 night with nothing new, since {day}",
        "changed": "changed on {day}",
        "moves-alone": "the date moves (last: {day}), the content does not",
        "quiet": "changes too little to tell",
        "unreachable": "unreachable",
        "refused": "gives a file that is refused",
        "mixed-days": "mixes two days",
        "offered": "the newest seen is {age} old",
        "pause": "{age}, longest pause {pause} working days",
        "learning": "not enough publications to know its rhythm",
        "tiny": "too few changes to tell within a fortnight that it stopped",
        "lively": "{daily} changes a working day, {professions} professions watched of {all}",
        "silence": "{who}: {seen} change(s) since {day} where {expected} were expected in {n} publications;"
        " one chance in {odds} that this is normal",
        "whole": "all professions",
        "odds": "a silence of less than one chance in {odds}",
        "producer": "at the registration authority",
        "publisher": "at the ANS, which makes the extracts",
        "diffusion": "at data.gouv.fr, which hands them out",
        "us": "here: run, machine or network",
    },
}


def phrase(key: str, language: str, **values: Any) -> str:
    """A sentence with its values in place.

    Raises:
        KeyError: there is none of that name.
    """
    return _PHRASES[language][key].format(**values)


def joined(parts: Iterable[str], language: str) -> str:
    """Several things said one after the other, with the spaces of the language."""
    return (" ; " if language == "fr" else "; ").join(parts)


def odds_in_words(odds: float, language: str) -> str:
    """The N of "one chance in N", to one significant digit: ``20 000``; a billion says it all."""
    inverse = min(1 / max(odds, 1e-12), 1e9)
    scale = 10 ** (len(str(int(inverse))) - 1)
    rounded = int(inverse // scale * scale)
    return locales.number(rounded, language)
