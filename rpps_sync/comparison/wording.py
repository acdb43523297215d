"""A difference told in one sentence, in French and in English: who said what, who left it, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rpps_sync.comparison.fields import (
    CATEGORY,
    FAMILY_NAME,
    GIVEN_NAME,
    IDENTITY,
    PRACTITIONER,
    PROFESSION,
    SKILL,
    STRUCTURE,
)
from rpps_sync.finding import Verdict
from rpps_sync.locales import LANGUAGES, day
from rpps_sync.nomenclature.lookup import label

_QUOTES = {"fr": ("« ", " »"), "en": ("'", "'")}
_NOTHING = {"fr": "rien", "en": "nothing"}

_FIELDS = {  # what each field is called: French, English
    PRACTITIONER: ("Professionnel", "Practitioner"),
    IDENTITY: ("Identité", "Identity"),
    FAMILY_NAME: ("Nom d'exercice", "Family name"),
    GIVEN_NAME: ("Prénom d'exercice", "First name"),
    PROFESSION: ("Profession", "Profession"),
    CATEGORY: ("Catégorie professionnelle", "Category"),
    SKILL: ("Savoir-faire", "Skill"),
    STRUCTURE: ("Structure", "Structure"),
    "activity.mode": ("Mode d'exercice", "Mode of practice"),
    "activity.sector": ("Secteur d'activité", "Sector"),
    "activity.role": ("Fonction", "Role"),
    "activity.kind": ("Genre d'activité", "Kind of activity"),
    "activity.pharmacist_section": (
        "Section du tableau des pharmaciens",
        "Section of the register of pharmacists",
    ),
    "contact.phone": ("Téléphone", "Telephone"),
    "contact.email": ("Adresse e-mail", "E-mail address"),
    "address.street": ("Adresse", "Street address"),
    "address.postal_code": ("Code postal", "Postal code"),
    "address.commune": ("Commune", "Commune"),
}

_SYSTEMS = {  # the code system of each coded field
    PROFESSION: "profession",
    CATEGORY: "category",
    SKILL: "skill",
    "activity.mode": "mode",
    "activity.sector": "sector",
    "activity.role": "role",
    "activity.kind": "kind",
    "activity.pharmacist_section": "pharmacist_section",
}

_VALUE = {  # one value on each side
    Verdict.TOKEN_STALE: (
        "l'annuaire a quitté {claim} le {since} et dit {directory} ; le jeton du {seen} dit encore {claim}",
        "the directory left {claim} on {since} and says {directory}; the token of {seen} still says {claim}",
    ),
    Verdict.DIRECTORY_STALE: (
        "le jeton a quitté {directory} le {since} et disait {claim} le {seen} ; l'annuaire dit encore {directory}",
        "the token left {directory} on {since} and said {claim} on {seen}; the directory still says {directory}",
    ),
    Verdict.PENDING: (
        "depuis le {since}, le jeton dit {claim} et l'annuaire {directory} ; trop récent pour conclure",
        "since {since} the token says {claim} and the directory {directory}; too recent to tell which is late",
    ),
    Verdict.CONFLICT: (
        "depuis le {since}, le jeton dit {claim} et l'annuaire {directory} ; ni l'un ni l'autre n'a changé d'avis",
        "since {since} the token says {claim} and the directory {directory}; neither ever said otherwise",
    ),
}
_ONLY_CLAIMED = {  # an element that the token alone names
    Verdict.TOKEN_STALE: (
        "l'annuaire a quitté {claim} le {since} ; le jeton du {seen} le dit encore",
        "the directory left {claim} on {since}; the token of {seen} still says it",
    ),
    Verdict.DIRECTORY_STALE: (
        "le jeton dit {claim} depuis le {since} ; l'annuaire ne le dit pas encore",
        "the token has said {claim} since {since}; the directory does not say it yet",
    ),
    Verdict.PENDING: (
        "le jeton dit {claim} depuis le {since}, ce que l'annuaire n'a jamais dit ; trop récent pour conclure",
        "the token has said {claim} since {since}, which the directory never said; too recent to tell",
    ),
    Verdict.CONFLICT: (
        "le jeton dit {claim} depuis le {since}, ce que l'annuaire n'a jamais dit",
        "the token has said {claim} since {since}, which the directory never said",
    ),
}
_ONLY_PUBLISHED = {  # an element that the directory alone names
    Verdict.TOKEN_STALE: (
        "l'annuaire dit {directory} depuis le {since} ; le jeton du {seen} ne le dit pas encore",
        "the directory has said {directory} since {since}; the token of {seen} does not say it yet",
    ),
    Verdict.DIRECTORY_STALE: (
        "le jeton a quitté {directory} le {since} ; l'annuaire le dit encore",
        "the token left {directory} on {since}; the directory still says it",
    ),
    Verdict.PENDING: (
        "l'annuaire dit {directory}, que le jeton ne dit pas, depuis le {since} ; trop récent pour conclure",
        "the directory says {directory}, which the token has lacked since {since}; too recent to tell",
    ),
    Verdict.CONFLICT: (
        "l'annuaire dit {directory}, que le jeton n'a jamais dit depuis le {since}",
        "the directory says {directory}, which the token has never said since {since}",
    ),
}
_PERSON = {  # whether the person is in the directory at all
    Verdict.DEPARTED_PRACTITIONER: (
        "a quitté l'annuaire le {since} ; vu se connecter pour la dernière fois le {seen}",
        "left the directory on {since}; last seen signing in on {seen}",
    ),
    Verdict.UNKNOWN_PRACTITIONER: (
        "se connecte depuis le {since} avec un numéro qu'aucune publication n'a contenu",
        "has signed in since {since} with a number that no publication has contained",
    ),
    Verdict.PENDING: (
        "se connecte depuis le {since} avec un numéro pas encore publié",
        "has signed in since {since} with a number not published yet",
    ),
    Verdict.OUT_OF_SCOPE: (
        "identité que l'annuaire public ne contient jamais",
        "an identity that the open directory never contains",
    ),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What there is to tell of one difference."""

    field: str
    element: str
    verdict: Verdict
    since: date
    claim: str
    directory: str
    seen: date  # the newest token


def sentences(difference: Difference) -> dict[str, str]:
    """The sentence in each language, by its code.

    >>> told = Difference("exercise.profession", "10", Verdict.TOKEN_STALE,
    ...     date(2026, 11, 12), "10", "", date(2026, 11, 20))
    >>> sentences(told)["en"]
    "Profession: the directory left 'Médecin' on 12 November 2026; the token of 20 November 2026 still says it."
    """
    named = IDENTITY if difference.element == IDENTITY else difference.field
    patterns = _patterns(difference)[difference.verdict]
    told = {}
    for number, language in enumerate(LANGUAGES):
        values = {
            "claim": _shown(difference.field, difference.claim, language),
            "directory": _shown(difference.field, difference.directory, language),
            "since": day(difference.since, language),
            "seen": day(difference.seen, language),
        }
        colon = " : " if language == "fr" else ": "
        told[language] = f"{_FIELDS[named][number]}{colon}{patterns[number].format(**values)}."
    return told


def _patterns(difference: Difference) -> dict[Verdict, tuple[str, str]]:
    if difference.field == PRACTITIONER and difference.element != IDENTITY:
        return _PERSON
    if difference.field not in (PROFESSION, STRUCTURE):
        return _VALUE
    return _ONLY_CLAIMED if difference.claim else _ONLY_PUBLISHED


def _shown(field: str, value: str, language: str) -> str:
    """A value between quotation marks, by its label where the nomenclature has one."""
    if not value:
        return _NOTHING[language]
    before, after = _QUOTES[language]
    return f"{before}{labelled(field, value)}{after}"


@lru_cache(4096)
def labelled(field: str, value: str) -> str:
    """A value by its label where the nomenclature has one, several between commas; else as it is.

    >>> labelled("exercise.profession", "10"), labelled("address.commune", "LYON")
    ('Médecin', 'LYON')
    """
    system = _SYSTEMS.get(field)
    if system is None:
        return value
    codes = value.split(", ")
    return ", ".join(label(system, code.rpartition("/")[2]) or code for code in codes)
