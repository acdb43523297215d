"""Spellings: other ways to write the same value, as tokens and files are known to.

A token that writes a name, a number or an address in another way says the same thing, which is the noise that
verdicts have to see through. Each spelling is what people and software do (samples of the ANS, files of the RASS,
the postal address standard), written here without the rules that undo it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping

import numpy as np

from rpps_sync.simulator.dossiers import Cells

Respell = Callable[[str], str]
Rewrite = Callable[[Cells], Cells]  # the cells of an activity that change

SORTING_OFFICE = "code of a sorting office"
_AS_IS = ""
_SHORT = {"GENERAL": "GAL", "MARECHAL": "MAL", "SAINT": "ST", "SAINTE": "STE", "NOTRE": "N", "GRANDE": "GDE"}
_REPETITIONS = {"B": "BIS", "T": "TER", "Q": "QUATER"}
_CITIES = {"751": "75056", "132": "13055", "6938": "69123"}  # Paris, Marseille, Lyon, by prefix of arrondissement


def plain(text: str) -> str:
    """Capitals without accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.upper()) if not unicodedata.combining(char))


def _first(given: str) -> str:
    return given.replace("-", " ").split()[0] if given.split() else given


FAMILY_NAMES: Mapping[str, Respell] = {
    "title case": str.title,
    "without accents": plain,
    "hyphens as spaces": lambda name: name.replace("-", " "),
    "spaces as hyphens": lambda name: "-".join(name.split()),
    "curly apostrophes": lambda name: name.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"),
    "married": lambda name: f"{name} EP EXEMPLE",
    "née": lambda name: f"Exemple née {name.title()}",
}
"""A family name as somebody else writes it; a second one is the married name."""

GIVEN_NAMES: Mapping[str, Respell] = {
    "title case": str.title,
    "without accents": plain,
    "one more": lambda given: f"{given} MARIE",
    "the first alone": _first,
    "as in the source files": lambda given: "'".join(f"{given} MARIE".replace("-", " ").split()) + "'",
}
"""A first name as somebody else writes it."""

PHONES: Mapping[str, Respell] = {
    "spaced": lambda number: " ".join(number[start : start + 2] for start in range(0, len(number), 2)),
    "dotted": lambda number: ".".join(number[start : start + 2] for start in range(0, len(number), 2)),
    "+33": lambda number: f"+33 {number[1:]}",
    "0033": lambda number: f"0033{number[1:]}",
    "+33 (0)": lambda number: f"+33 (0){number[1:]}",
    "cut short": lambda number: number[:8],
}
"""A French number of ten digits as somebody else writes it."""

EMAILS: Mapping[str, Respell] = {"capitals": str.upper, "spaces around": lambda email: f" {email} "}
"""An e-mail address as somebody else writes it."""


def _type_inside(cells: Cells) -> Cells:
    return {"street_type": "", "street": f"{cells['street_type_label']} {cells['street']}".strip()}


def _number_inside(cells: Cells) -> Cells:
    again = _REPETITIONS.get(cells["street_repetition"], cells["street_repetition"])
    words = (cells["street_number"], again, cells["street_type_label"], cells["street"])
    if not (cells["street_number"].isdigit() and cells["street_type_label"]):
        return {}
    cleared = dict.fromkeys(("street_number", "street_repetition", "street_type"), "")
    return cleared | {"street": " ".join(word for word in words if word)}


def _abbreviated(cells: Cells) -> Cells:
    return {"street": " ".join(_SHORT.get(word, word) for word in cells["street"].split(" "))}


STREETS: Mapping[str, Rewrite] = {
    "type in the name": _type_inside,
    "type in full": lambda cells: {"street_type": cells["street_type_label"].upper()},
    "number in the name": _number_inside,
    "zeros before the number": lambda cells: (
        {"street_number": cells["street_number"].zfill(4)} if cells["street_number"].isdigit() else {}
    ),
    "repetition in full": lambda cells: {
        "street_repetition": _REPETITIONS.get(cells["street_repetition"], cells["street_repetition"])
    },
    "abbreviated": _abbreviated,
    "title case": lambda cells: {"street": cells["street"].title()},
}
"""A street as somebody else writes it."""


def _sorting_office(cells: Cells) -> Cells:
    code = cells["postal_code"]
    if not (code.isdigit() and len(code) == 5):
        return {}
    return {"postal_code": f"{code[:2]}904", "cedex": f"{code[:2]}904 VILLE EXEMPLE CEDEX 9"}


def _city(cells: Cells) -> Cells:
    commune = cells["commune"]
    found = next((city for prefix, city in _CITIES.items() if commune.startswith(prefix)), commune)
    return {"commune": found}


TOWNS: Mapping[str, Rewrite] = {
    "office without its code": lambda cells: {"cedex": cells["cedex"].removeprefix(cells["postal_code"]).strip()},
    SORTING_OFFICE: _sorting_office,
    "city without its arrondissement": _city,
}
"""A postal code, a bureau cedex and a commune as somebody else writes them."""

_SHARES: Mapping[str, tuple[Mapping[str, object], float]] = {
    "family_name": (FAMILY_NAMES, 0.4),
    "given_name": (GIVEN_NAMES, 0.3),
    "phone": (PHONES, 0.3),
    "email": (EMAILS, 0.2),
    "street": (STREETS, 0.5),
    "town": (TOWNS, 0.3),
}
"""The spellings of each value, and how many people have one of them."""

Spellings = Mapping[str, str]  # by value, the spelling that somebody's token has of it; none when absent


def draw_spellings(rng: np.random.Generator, *, old: bool) -> Spellings:
    """How somebody's token writes each value; most are left as the directory writes them.

    An old one has no bureau cedex, without which nobody can tell a sorting office from another town.
    """
    drawn = {}
    for value, (known, share) in _SHARES.items():
        name = list(known)[int(rng.integers(0, len(known)))]
        if rng.random() < share and not (old and name == SORTING_OFFICE):
            drawn[value] = name
    return drawn


def respelt_names(cells: Cells, spellings: Spellings) -> tuple[str, str]:
    """Family name and first name of an exercise, as the token writes them."""
    return (
        _respelt(cells["family_name"], FAMILY_NAMES, spellings.get("family_name", _AS_IS)),
        _respelt(cells["given_name"], GIVEN_NAMES, spellings.get("given_name", _AS_IS)),
    )


def respelt_activity(cells: Cells, spellings: Spellings) -> Cells:
    """The cells of an activity, as the token writes them."""
    written = dict(cells)
    if cells["street"] and (rewrite := STREETS.get(spellings.get("street", _AS_IS))):
        written |= rewrite(cells)
    if rewrite := TOWNS.get(spellings.get("town", _AS_IS)):
        written |= rewrite(cells)
    written["phone"] = _respelt(cells["phone"], PHONES, spellings.get("phone", _AS_IS))
    written["email"] = _respelt(cells["email"], EMAILS, spellings.get("email", _AS_IS))
    return written


def _respelt(text: str, known: Mapping[str, Respell], name: str) -> str:
    return known[name](text) if text and name else text
