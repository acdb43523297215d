"""Telephone numbers, e-mail and postal addresses, each brought to one form, and what may pass for equal.

A form is what two spellings of one value share. The ``same_…`` functions add what the form cannot tell: a number
cut short, a CEDEX code instead of that of the town. All rules are listed in docs/normalisation.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from rpps_sync import names
from rpps_sync.comparison.streets import ARTICLES, REPETITIONS, TYPES, WORDS

Same = Callable[[str, str], bool]

CACHED = 65_536  # distinct values kept in their normal form, per normalisation
CEDEX = " CEDEX"
FEWEST_DIGITS = 6  # of a number cut short that can still be recognised

_FROM_ABROAD = re.compile(r"(?:00)?(?:33|262|590|594|596)0?([1-9][0-9]{8})")
_AROUND_EMAIL = re.compile(r"^(?:[\s<>]|mailto:)+|[\s<>.;,]+$")
_IN_BRACKETS = re.compile(r"<([^<>]*@[^<>]*)>")
_WITHOUT_ZERO = re.compile(r"[1-9][0-9]{8}")
_WITHOUT_ITS_ZERO = re.compile(r"[1-9][0-9]{3}")
_HOUSE = re.compile(r"0*([1-9][0-9]*)\s*([A-Za-z]*)")
_NUMBERED = re.compile(r"0*([1-9][0-9]*)(BIS|TER|QUATER|[A-DQT])?")  # E and R end ordinals: 1ERE AVENUE
_TRUNK = re.compile(r"\(0\)")
_KINDS = sorted(set(TYPES.values()), key=len, reverse=True)
_CITIES = {"751": "75056", "132": "13055", "6938": "69123"}  # Paris, Marseille, Lyon: arrondissements by prefix


@lru_cache(CACHED)
def phone(text: str) -> str:
    """The ten digits of a French number, whichever way the country code was written.

    >>> phone("+33 (0)1 99 00 12 34"), phone("0033199001234"), phone("01.99.00.12.34"), phone("199001234")
    ('0199001234', '0199001234', '0199001234', '0199001234')
    """
    digits = re.sub(r"[^0-9]", "", _TRUNK.sub("", text))
    if abroad := _FROM_ABROAD.fullmatch(digits):
        return "0" + abroad[1]
    return "0" + digits if _WITHOUT_ZERO.fullmatch(digits) else digits


def same_phone(left: str, right: str) -> bool:
    """Two normal forms are one number when equal, or when one is the other cut short."""
    shorter, longer = sorted((left, right), key=len)
    return left == right or (longer.startswith(shorter) and len(shorter) >= FEWEST_DIGITS)


@lru_cache(CACHED)
def email(text: str) -> str:
    """Lower case, no space around, neither ``mailto:`` nor angle brackets, nor a name before them.

    >>> email(" Contact@Sante.EXAMPLE "), email("Accueil <mailto:contact@sante.example>")
    ('contact@sante.example', 'contact@sante.example')
    """
    named = _IN_BRACKETS.search(text)
    return _AROUND_EMAIL.sub("", (named[1] if named else text).lower())


@lru_cache(CACHED)
def street(number: str, repetition: str, kind: str, name: str) -> str:
    """Number without leading zeros, bis or ter in full, type in full, name of the street without its articles.

    The type may stand in its own cell, as a code or in full, or at the head of the name, or both; abbreviations of
    the names of streets are written out. A number cell may hold its repetition too, or a letter alone (``P``):
    that numbers nothing.

    >>> street("012", "B", "R", "de l'Église"), street("", "", "", "12 bis rue Eglise")
    ('12 BIS RUE EGLISE', '12 BIS RUE EGLISE')
    """
    house = _HOUSE.search(number)
    numbered = f"{house[1]} {_repetition(repetition or house[2])}" if house else ""
    head, words = _numbered(names.normalised(numbered).split(), names.normalised(name).split())
    typed = names.normalised(kind)
    found = [TYPES.get(typed, typed)] if typed else []
    if words and words[0] in TYPES and len(words) > 1:
        first = TYPES[words[0]]
        words = words[1:] if not found or found == [first] else words
        found = found or [first]
    tail = [WORDS.get(word, word) for word in words]
    bare = [word for word in tail if word not in ARTICLES] or tail
    if not head and not found and bare[:1] != words[:1] and bare[0].isdigit():
        bare = [words[0], *bare]  # DU 8 MAI is no number 8
    return " ".join((*head, *found, *bare))


def same_street(left: str, right: str) -> bool:
    """One name, and neither another number nor another type: what one side leaves out is unknown, not different.

    >>> same_street("12 RUE LILAS", "LILAS"), same_street("12 RUE LILAS", "14 RUE LILAS")
    (True, False)
    """
    (number, kind, name), (other_number, other_kind, other_name) = _parts(left), _parts(right)
    return (
        name == other_name
        and (number == other_number or not number or not other_number)
        and (kind == other_kind or not kind or not other_kind)
    )


@lru_cache(CACHED)
def _parts(form: str) -> tuple[str, str, str]:
    """Number with repetition, type, and name of a street in its normal form."""
    words = form.split()
    numbered = 0
    if words and words[0].isdigit() and len(words) > 1:
        again = len(words) > 2 and (
            words[1] in REPETITIONS.values() or (len(words[1]) == 1 and words[1].isalpha())
        )
        numbered = 2 if again else 1
    rest = " ".join(words[numbered:])
    kind = next((kind for kind in _KINDS if rest.startswith(kind + " ")), "")
    name = rest[len(kind) :].split()
    return " ".join(words[:numbered]), kind, " ".join(name[1:] if len(name) > 1 and name[0] in ARTICLES else name)


def _repetition(text: str) -> str:
    again = names.normalised(text)
    return REPETITIONS.get(again, again)


def _numbered(head: list[str], words: list[str]) -> tuple[list[str], list[str]]:
    """The number and its repetition, taken from the head of the name when their own cells are empty.

    Of two numbers before a type (12-14 RUE…) the first one counts, as where they stand in their own cell.
    """
    found = _NUMBERED.fullmatch(words[0]) if not head and len(words) > 1 else None
    if found is None:
        return head, words
    number, rest = [found[1]], words[1:]
    if found[2]:
        return [*number, _repetition(found[2])], rest
    if len(rest) > 1 and rest[0] in {*REPETITIONS, *REPETITIONS.values()}:
        return [*number, _repetition(rest[0])], rest[1:]
    return number, rest[1:] if len(rest) > 1 and rest[0].isdigit() and rest[1] in TYPES else rest


def postal_code(code: str, office: str) -> str:
    """The code, marked when it is one of CEDEX: it then names a sorting office, not a town.

    A spreadsheet eats the zero that the codes of nine departments begin with.

    Args:
        code: code postal.
        office: bureau cedex, such as ``75009 PARIS CEDEX 09``.

    >>> postal_code("75651", "75651 PARIS CEDEX 13"), postal_code("1000", "")
    ('75651 CEDEX', '01000')
    """
    plain = code.strip().upper()
    plain = f"0{plain}" if _WITHOUT_ITS_ZERO.fullmatch(plain) else plain
    return plain + CEDEX if plain and "CEDEX" in office.upper().split() else plain


def same_postal_code(left: str, right: str) -> bool:
    """Equal, or of one department when either is a CEDEX code: both can lead to the same street."""
    one, other = left.removesuffix(CEDEX), right.removesuffix(CEDEX)
    return one == other or (CEDEX in left + right and one[:2] == other[:2])


def same_commune(left: str, right: str) -> bool:
    """Equal, or a city and one of its arrondissements.

    >>> same_commune("75056", "75113"), same_commune("75113", "75114")
    (True, False)
    """
    return left == right or _city(left) == right or _city(right) == left


def _city(commune: str) -> str:
    return next((city for prefix, city in _CITIES.items() if commune.startswith(prefix) and commune != city), "")
