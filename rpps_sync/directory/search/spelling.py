"""The words that a name is found by, whatever its accents, case, hyphens, apostrophes and particles.

``LE GOFF-D'ÉTÉ`` is found by ``GOFF``, by ``ETE``, and by all of it in one word (``LEGOFFDETE``), since people
write ``Legoff``. What the directory holds and what somebody types go through the same functions.
"""

from __future__ import annotations

import polars as pl

PARTICLES = frozenset(
    [
        "D",
        "DE",
        "DEL",
        "DER",
        "DES",
        "DI",
        "DU",
        "EP",
        "EPOUSE",
        "ET",
        "L",
        "LA",
        "LE",
        "LES",
        "NEE",
        "VAN",
        "VON",
        "VVE",
    ]
)
"""Words that people leave out or misplace: articles, and what announces a birth or married name."""

_LIGATURES = {"Œ": "OE", "Æ": "AE", "Ø": "O", "Ł": "L", "Đ": "D"}  # what NFKD leaves in one piece
_SAINTS = {"ST": "SAINT", "STE": "SAINTE"}


def normal(text: str) -> str:
    """One name in its normal form: see :func:`normalised`.

    >>> normal("  Ste-Marie d’Œuvre ")
    'SAINTE MARIE D OEUVRE'
    """
    told: str = normalised(pl.Series([text]))[0]
    return told


def normalised(names: pl.Series) -> pl.Series:
    """Upper case, no accents, one space between words: all that is neither letter nor digit is a space."""
    frame = pl.DataFrame({"name": names.cast(pl.String)})
    plain = (
        pl.col("name").str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_uppercase()
        .str.replace_many(_LIGATURES)
        .str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars(" ")
    )  # fmt: skip
    for short, whole in _SAINTS.items():
        plain = plain.str.replace_all(rf"\b{short}\b", whole)
    return frame.select(plain)["name"]


def words_of(names: pl.Series) -> pl.DataFrame:
    """The words that names are found by.

    A name of particles alone (``LE`` is also a family name) is found by them.

    Returns:
        Columns ``name`` (each distinct one) and ``word``, one row each; an empty name has no row.
    """
    distinct = pl.DataFrame({"name": names.unique()})
    plain = distinct.with_columns(word=normalised(distinct["name"])).filter(pl.col("word") != "")
    several = plain.filter(pl.col("word").str.contains(" ", literal=True))
    single = plain.filter(~pl.col("word").str.contains(" ", literal=True))
    parts = several.with_columns(pl.col("word").str.split(" ")).explode("word")
    telling = parts.filter(~pl.col("word").is_in(list(PARTICLES)))
    particles_alone = parts.join(telling, on="name", how="anti")
    whole = several.with_columns(pl.col("word").str.replace_all(" ", "", literal=True))
    return pl.concat([single, telling, particles_alone, whole]).unique()


def typed_words(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The words of a query that must all be found, each with the ways it can be run together with its neighbours.

    >>> typed_words("le goff")
    [('GOFF', ('LEGOFF',))]
    >>> typed_words("Jean-Pierre")
    [('JEAN', ('JEANPIERRE',)), ('PIERRE', ('JEANPIERRE',))]
    """
    every = normal(text).split()
    kept = [place for place, word in enumerate(every) if word not in PARTICLES] or range(len(every))
    runs = {
        (start, end): "".join(every[start:end])
        for start in range(len(every))
        for end in range(start + 2, min(len(every), start + 4) + 1)
    }
    return [
        (every[place], tuple(run for (start, end), run in runs.items() if start <= place < end)) for place in kept
    ]
