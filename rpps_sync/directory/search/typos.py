"""Words one wrong keystroke away: a letter too many, too few, another one, or two swapped.

Such a word keeps one half of what was typed, its beginning or its end: looking at the words that share a half
finds them all without looking at every word. Swapping the two letters in the middle breaks both: it is tried too.
"""

from __future__ import annotations

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import Connection, func, select, union

from rpps_sync.directory.tables import SEARCH_WORDS

SHORTEST = 4  # letters of a word that may hide a typo: LEA and LEE are two names, not one misspelt
HIGHEST = "\U0010ffff"  # sorts after every letter


def is_typo(typed: str, word: str) -> bool:
    """Whether one keystroke makes the difference."""
    return len(typed) >= SHORTEST and OSA.distance(typed, word, score_cutoff=1) == 1


def misspelt(connection: Connection, typed: str) -> list[str]:
    """The words of the directory's names that ``typed`` may have been meant for, itself left out."""
    if len(typed) < SHORTEST:
        return []
    near = process.extract(
        typed, _sharing_a_half(connection, typed), scorer=OSA.distance, score_cutoff=1, limit=None
    )
    return sorted(word for word, distance, _ in near if distance)


def _sharing_a_half(connection: Connection, typed: str) -> list[str]:
    words, half = SEARCH_WORDS.c, len(typed) // 2
    beginning, end = typed[:half], typed[half:][::-1]
    swapped = typed[: half - 1] + typed[half] + typed[half - 1] + typed[half + 1 :]
    near = func.length(words.word).between(len(typed) - 1, len(typed) + 1)
    found = union(
        select(words.word).where(words.word.between(beginning, beginning + HIGHEST), near),
        select(words.word).where(words.reversed.between(end, end + HIGHEST), near),
        select(words.word).where(words.word == swapped),
    )
    return list(connection.execute(found).scalars())
