"""The words of French streets: types (types de voie) and their abbreviations, and those inside names.

Types: NOS table R35 for the codes of the extracts, La Poste and the postal address standard (NF Z10-011, annex of
abbreviations) for what people write. An entry that is no abbreviation of anything else only.
"""

from __future__ import annotations

_TYPES = {
    "ALLEE": "ALL ALLEES AL",
    "AVENUE": "AV AVE AVN",
    "BOULEVARD": "BD BLD BLVD BVD BOUL BOULEV",
    "CARREFOUR": "CAR CARR",
    "CENTRE": "CTRE CTR",
    "CENTRE COMMERCIAL": "CCAL",
    "CHAUSSEE": "CHS",
    "CHEMIN": "CHE CHEM CH CHM",
    "CITE": "CITE",
    "CLOS": "CLOS",
    "COURS": "CRS COUR",
    "ESPLANADE": "ESP",
    "FAUBOURG": "FG FBG FBOURG",
    "HAMEAU": "HAM",
    "IMPASSE": "IMP",
    "LIEU DIT": "LD LIEUDIT",
    "LOTISSEMENT": "LOT",
    "MAIL": "MAIL",
    "MONTEE": "MTE",
    "PARC": "PARC",
    "PASSAGE": "PAS PASS PSG",
    "PLACE": "PL PLCE",
    "PLAINE": "PLN",
    "PROMENADE": "PROM",
    "QUAI": "QU QUAI",
    "QUARTIER": "QUA QRT QT",
    "RESIDENCE": "RES RESID",
    "ROND POINT": "RPT RDPT RP",
    "ROUTE": "RTE RT",
    "ROUTE DEPARTEMENTALE": "RD",
    "ROUTE NATIONALE": "RN",
    "RUE": "R RUE",
    "RUELLE": "RLE",
    "SENTIER": "SEN SENT",
    "SQUARE": "SQ",
    "TRAVERSE": "TRA",
    "VILLA": "VLA",
    "VOIE": "VOI",
    "ZONE ARTISANALE": "ZA",
    "ZONE D AMENAGEMENT CONCERTE": "ZAC",
    "ZONE INDUSTRIELLE": "ZI",
}
_WORDS = {
    "ADJUDANT": "ADJ",
    "AMIRAL": "AML",
    "BATAILLON": "BTN",
    "CAPITAINE": "CNE CAPT",
    "COMMERCIAL": "CIAL",
    "COLONEL": "COL CNEL",
    "COMMANDANT": "CDT CMDT",
    "DOCTEUR": "DR DOCT",
    "GENERAL": "GAL GEN",
    "GRAND": "GD",
    "GRANDE": "GDE",
    "LIEUTENANT": "LT LTN",
    "MAITRE": "ME",
    "MARECHAL": "MAL MCHAL",
    "MONSEIGNEUR": "MGR",
    "NOTRE": "N",
    "PETIT": "PT",
    "PREMIER": "1ER",
    "PREMIERE": "1ERE 1RE",
    "PETITE": "PTE",
    "PRESIDENT": "PDT PRES",
    "PROFESSEUR": "PROF PR",
    "SERGENT": "SGT",
    "VIEUX": "VX",
    "VIEILLE": "VLLE",
}

TYPES = {form: full for full, forms in _TYPES.items() for form in (full, *forms.split())}
"""The type of a street in full, by every form of it."""

WORDS = {form: full for full, forms in _WORDS.items() for form in forms.split()}
"""The word of a street's name in full, by its abbreviations (SAINT is a rule of names)."""

ARTICLES = frozenset({"D", "DE", "DES", "DU", "L", "LA", "LE", "LES", "A", "AU", "AUX", "ET"})
"""Words that one writer leaves out and the other does not."""

REPETITIONS = {"B": "BIS", "T": "TER", "Q": "QUATER", "C": "QUINQUIES"}
"""Indice de répétition: what the letters of the extracts stand for."""
