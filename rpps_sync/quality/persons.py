"""People found by putting their lines side by side, for the checks and for `checks rows`.

Every function takes parsed lines (see ``rpps_sync.extracts.parse``) and answers with one row per person or pair,
first the key ``national_id``, then what tells them.
"""

from __future__ import annotations

import polars as pl

from rpps_sync.names import compatible, normalised

IDENTITY = ("national_id", "family_name", "given_name")
_NAMES = ("family_name", "given_name")
_CLOSED, _OPEN = "0", "8"  # TRE_G08: ADELI, RPPS


def several_names(lines: pl.DataFrame) -> pl.DataFrame:
    """People whose lines tell several family or given names, accents and case left out; names joined by ``/``."""
    people = _normalised(lines).group_by("national_id").agg(pl.col(_NAMES).unique().sort())
    several = people.filter(pl.any_horizontal(pl.col(_NAMES).list.len() > 1))
    return several.with_columns(pl.col(_NAMES).list.join(" / ")).sort("national_id")


def with_remembered(before: pl.DataFrame, remembered: pl.DataFrame | None) -> pl.DataFrame:
    """The names of the night before, and those that people bore who had left by then."""
    known = before.select(IDENTITY)
    return known if remembered is None else pl.concat([known, remembered.select(IDENTITY)])


def newcomers(before: pl.DataFrame, after: pl.DataFrame) -> pl.Series:
    """Identifiers that were not there the night before."""
    return after.select("national_id").unique().join(before, on="national_id", how="anti").to_series().sort()


def passed_on(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Identifiers whose family and given names both became somebody else's: the names now, and ``_before``."""
    both = _told(after).join(_told(before), on="national_id", suffix="_before")
    other = both.filter(pl.all_horizontal(pl.col(name) != pl.col(f"{name}_before") for name in _NAMES))
    somebody = [
        not any(compatible(row[name], row[f"{name}_before"]) for name in _NAMES)
        for row in other.iter_rows(named=True)
    ]
    return other.filter(pl.Series(somebody, dtype=pl.Boolean)).sort("national_id")


def migrations(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """People who left under an ADELI number and arrived under an RPPS number (``national_id_now``).

    Told by their names and profession.
    """
    left = before.filter(pl.col("national_id").str.starts_with(_CLOSED)).join(after, on="national_id", how="anti")
    came = after.filter(pl.col("national_id").str.starts_with(_OPEN)).join(before, on="national_id", how="anti")
    left, came = (_normalised(lines, "profession").unique() for lines in (left, came))
    pairs = left.join(came, on=(*_NAMES, "profession"), suffix="_now")
    return pairs.unique("national_id", keep="any").sort("national_id")


def described(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that tell enough of somebody to find another one alike."""
    return lines.filter((pl.col("commune") != "") & (pl.col("given_name") != ""))


def alike(lines: pl.DataFrame) -> pl.DataFrame:
    """Several identifiers (joined by ``=``) for one family name, given name, profession and commune."""
    key = (*_NAMES, "profession", "commune")
    found = described(lines).group_by(key).agg(pl.col("national_id").unique().sort()).sort(key)
    found = found.filter(pl.col("national_id").list.len() > 1)
    return found.select(pl.col("national_id").list.join(" = "), *key)


def unlike(persons: pl.DataFrame, others: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """What lines of another extract tell of people (``columns``), and none of their activities does."""
    known, told = _told_twice(persons, others, columns)
    return told.join(known, on=("national_id", *columns), how="anti").sort("national_id")


def compared(persons: pl.DataFrame, others: pl.DataFrame) -> int:
    """How many people both extracts describe."""
    return others.join(persons, on="national_id", how="semi")["national_id"].n_unique()


def undeclared(persons: pl.DataFrame, skills: pl.DataFrame) -> pl.DataFrame:
    """Skills of the activities that the skills file does not know: national_id, profession, skill."""
    key = ("national_id", "profession", "skill")
    held = persons.filter(pl.col("skill") != "").select(key).unique()
    return held.join(skills.select(key).unique(), on=key, how="anti").sort(key)


def _told_twice(
    persons: pl.DataFrame, others: pl.DataFrame, columns: tuple[str, ...]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    both = (persons, others.join(persons, on="national_id", how="semi"))
    known, told = (_normalised(lines, *columns).select("national_id", *columns).unique() for lines in both)
    return known, told


def _normalised(lines: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The names of some lines, each distinct one normalised once; ``columns`` are kept beside them."""
    frame = lines.select(*dict.fromkeys((*IDENTITY, *columns))).unique()
    for column in _NAMES:
        known = frame[column].unique()
        frame = frame.with_columns(pl.col(column).replace_strict(known, [normalised(name) for name in known]))
    return frame


def _told(lines: pl.DataFrame) -> pl.DataFrame:
    """One name each, the first in order where lines disagree."""
    return lines.select(IDENTITY).sort(IDENTITY).unique("national_id", keep="first")
