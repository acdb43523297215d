"""Names as people and files write them, brought to one form for comparison and search.

Two questions are kept apart. ``normalised`` says how a name is spelt, and equal forms are one spelling.
``compatible`` and ``compatible_given`` say whether two spellings can be one person's: a married name beside a name
of birth, a particle that one side leaves out, one first name out of three. The rules, with examples and sources,
are listed in docs/normalisation.md.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import zip_longest

_SEPARATORS = re.compile(r"[\s'’‘ʼ`´\"“”«»\\/\-‐‑‒–—_.,;()]+")
_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})
_LETTERS |= str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ı": "i", "þ": "th", "Þ": "TH"})
_TWO_LETTERS = str.maketrans({"ä": "ae", "Ä": "AE", "ö": "oe", "Ö": "OE", "ü": "ue", "Ü": "UE", "å": "aa"})
_TWO_LETTERS |= str.maketrans({"Å": "AA", "ø": "oe", "Ø": "OE"})
_DECODED_TWICE = re.compile("[ÃÂÅ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_SAINTS = {"ST": "SAINT", "STE": "SAINTE", "STS": "SAINTS", "STES": "SAINTES"}

LINKS = frozenset({"EP", "EPOUSE", "EPX", "NEE", "NE", "VEUVE", "VVE", "VV", "DIT", "DITE", "OU"})
"""Words between two names of one person: they say how the names belong together and are part of neither."""

PARTICLES = frozenset({"D", "DE", "DU", "DES", "DA", "DAS", "DO", "DOS", "DI", "DEL", "DELLA", "L", "LA", "LE"})
PARTICLES |= {"LES", "VAN", "VON", "DEN", "DER", "TEN", "TER", "ZU", "Y", "E", "EL", "AL", "BEN", "IBN"}
"""Words that one side may leave out, and that never make two names one by themselves."""


def normalised(name: str) -> str:
    """Upper case, no accents, one space between words; hyphens and apostrophes are spaces, ST is SAINT.

    >>> normalised("  Le  Goff-d’Été ")
    'LE GOFF D ETE'
    """
    plain = name if name.isascii() else _without_accents(_mended(name).translate(_LETTERS))
    words = _SEPARATORS.sub(" ", plain.upper()).split()
    return " ".join(_SAINTS.get(word, word) for word in words)


def compatible(left: str, right: str) -> bool:
    """Whether two family names (nom d'exercice) can be the same person's.

    They can when they are one spelling, with or without spaces, with umlauts written out or not; or when,
    particles and words such as EP or NEE aside, all the words of one are in the other: a double name is often
    carried by one side only.

    >>> compatible("MARTIN EP DURAND", "Durand"), compatible("LEGOFF", "Le Goff"), compatible("MARTIN", "MARTINEZ")
    (True, True, False)
    """
    if _same_spelling(left, right):
        return True
    words_left, words_right = _bearing(left), _bearing(right)
    return bool(words_left) and bool(words_right) and (words_left <= words_right or words_right <= words_left)


def compatible_given(left: str, right: str) -> bool:
    """Whether two first names (prénom d'exercice) can be the same person's.

    As for family names, and also when the first of several is the same: the registers hold up to three, the tokens
    often one. An initial stands for any first name that it begins.

    >>> compatible_given("Anne-Catherine", "ANNE'CATHERINE'"), compatible_given("J. Pierre", "Jean-Pierre")
    (True, True)
    """
    if compatible(left, right):
        return True
    words_left, words_right = normalised(left).split(), normalised(right).split()
    if not words_left or not words_right:
        return False
    if len(words_left[0]) > 1 and words_left[0] == words_right[0]:
        return True
    pairs = list(zip_longest(words_left, words_right, fillvalue=""))
    return any(len(one) == 1 or len(other) == 1 for one, other in pairs) and all(
        one == other or (1 in (len(one), len(other)) and (one.startswith(other) or other.startswith(one)))
        for one, other in pairs
    )


def _same_spelling(left: str, right: str) -> bool:
    return not _spellings(left).isdisjoint(_spellings(right))


def _spellings(name: str) -> set[str]:
    """The letters alone, with umlauts reduced to their vowel and written out; empty for a name without letters."""
    forms = {normalised(name)}
    if not name.isascii():
        forms.add(normalised(unicodedata.normalize("NFC", name).translate(_TWO_LETTERS)))
    return {form.replace(" ", "") for form in forms} - {""}


def _bearing(name: str) -> set[str]:
    """The words that bear a name."""
    words = set(normalised(name).split())
    return words - LINKS - PARTICLES if len(words) > 1 else words


def _without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _mended(text: str) -> str:
    """Undo UTF-8 that somebody read as Windows-1252 or Latin-1: ``FRANÃ§OIS`` is François, ``JOÃO`` stays João."""
    if not _DECODED_TWICE.search(text):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode()
        except UnicodeError:
            continue
    return text
