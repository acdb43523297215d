"""Names as people and files write them, brought to one form for comparison and search."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s'’`´\-‐‑–_.,]+")
_SAINTS = {"ST": "SAINT", "STE": "SAINTE"}


def normalised(name: str) -> str:
    """Upper case, no accents, one space between words; hyphens and apostrophes are spaces, ST is SAINT.

    >>> normalised("  Le  Goff-d’Été ")
    'LE GOFF D ETE'
    """
    decomposed = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char)).upper()
    words = _SEPARATORS.sub(" ", plain).split()
    return " ".join(_SAINTS.get(word, word) for word in words)


def compatible(left: str, right: str) -> bool:
    """Whether two names can be the same person's: equal once normalised, or one's words are all in the other.

    A double name is often carried by one side only (``MARTIN`` and ``MARTIN EP DURAND``).
    """
    words_left, words_right = set(normalised(left).split()), set(normalised(right).split())
    return bool(words_left) and bool(words_right) and (words_left <= words_right or words_right <= words_left)
