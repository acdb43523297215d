"""The sieve: who agrees with the directory in everything, found in columns rather than one by one.

Most people observed agree. The sieve finds them with the same rules as ``verdicts.judge`` and counts what it would
have counted; whoever it lets through is judged by it. It only ever says *agrees*: any doubt (a difference, a
structure that fits two places, a value it cannot read) is left to the exact path, so that both give one result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from rpps_sync.comparison import sieve_forms, sieve_places
from rpps_sync.comparison.fields import TOKEN_SKILL_TYPES, same_given_name, same_name
from rpps_sync.comparison.sieve_forms import tally

_TEXT = pl.String
_STRUCTURE = (
    "technical_id",
    "former_id",
    "finess",
    "siret",
    "street_number",
    "street_repetition",
    "street_type",
    "street",
    "cedex",
    "postal_code",
    "commune",
    "phone",
    "phone2",
    "email",
)
_WORK = ("mode", "sector", "role", "kind", "pharmacist_section")
_EXERCISE = ("profession", "category", "family_name", "given_name", "skill_type", "skill")
CLAIMS = pl.List(
    pl.Struct(
        dict.fromkeys(_EXERCISE, _TEXT)
        | {
            "activities": pl.List(
                pl.Struct(dict.fromkeys(_WORK, _TEXT) | {"structure": pl.Struct(dict.fromkeys(_STRUCTURE, _TEXT))})
            )
        }
    )
)
"""Claims as they are stored; what is missing is null."""

STRUCTURE_COLUMNS = (*_STRUCTURE, "street_type_label")
WORK_COLUMNS = _WORK


@dataclass(frozen=True, slots=True)
class Published:
    """What the directory says of some practitioners now; all columns text but ``structure_id``."""

    people: pl.DataFrame  # national_id, family_name, given_name
    exercises: pl.DataFrame  # national_id, profession, category
    skills: pl.DataFrame  # national_id, profession, type, code
    activities: pl.DataFrame  # national_id, profession, WORK_COLUMNS, structure_id (0 for none)
    structures: pl.DataFrame  # structure_id, STRUCTURE_COLUMNS


def agreeing(claimed: pl.DataFrame, published: Published) -> pl.DataFrame:
    """Whose newest token agrees with the directory in everything that can be compared.

    Args:
        claimed: ``national_id``, ``source``, ``claims`` (JSON as stored), one row a practitioner and application.
        published: at least the practitioners of ``claimed`` that are in the directory.

    Returns:
        ``national_id``, ``source``, and how many fields are ``consistent`` and ``not_comparable``.
    """
    rows = claimed.join(published.people, on="national_id").with_row_index("row")
    if rows.is_empty():
        return nobody()
    exercises = (
        rows.select("row", pl.col("claims").str.json_decode(CLAIMS).alias("exercise"))
        .explode("exercise")
        .drop_nulls("exercise")
        .unnest("exercise")
        .with_columns(pl.col(_EXERCISE).fill_null(""))
    )
    told = exercises.drop("activities")
    works = (
        exercises.select("row", "profession", "activities")
        .explode("activities")
        .drop_nulls("activities")
        .unnest("activities")
        .unnest("structure")
        .with_columns(pl.col(*_WORK, *_STRUCTURE).fill_null(""))
    )
    who = rows.select("row", "national_id")
    own = Published(
        rows.select("row", "family_name", "given_name"),
        who.join(published.exercises, on="national_id").drop("national_id"),
        who.join(published.skills, on="national_id").drop("national_id"),
        who.join(published.activities, on="national_id").drop("national_id"),
        published.structures,
    )
    claimed, listed = (_professions_of(frame) for frame in (told, own.exercises))
    shared = claimed.join(listed, on=["row", "profession"], how="semi")
    parts = [
        _names(told, own.people),
        *_professions(claimed, listed, shared),
        *_categories(told, own.exercises, shared),
        *_skills(told, own.skills, shared),
        sieve_places.places(works, own.activities, own.structures),
    ]
    return _summed(rows, parts)


def _summed(rows: pl.DataFrame, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Who is doubtful in no part, with the fields of all; the presence of the person is one more."""
    totals = pl.concat(parts).group_by("row").agg(pl.sum("consistent", "not_comparable"), pl.any("doubt"))
    return (
        rows.select("row", "national_id", "source")
        .join(totals, on="row", how="left")
        .filter(~pl.col("doubt").fill_null(value=False))
        .select(
            "national_id",
            "source",
            pl.col("consistent").fill_null(0) + 1,
            pl.col("not_comparable").fill_null(0),
        )
    )


def nobody() -> pl.DataFrame:
    """The answer of ``agreeing`` when no one does."""
    schema = {"national_id": _TEXT, "source": _TEXT, "consistent": pl.Int64, "not_comparable": pl.Int64}
    return pl.DataFrame(schema=schema)


def _names(told: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Family name, first name, and both together (which agree when the family names do)."""
    names = told.select("row", claimed="family_name", claimed_given="given_name").unique()
    pairs = people.join(names, on="row", how="left").with_columns(pl.col("claimed", "claimed_given").fill_null(""))
    pairs = sieve_forms.matched(pairs, "claimed", "family_name", same_name, "family")
    pairs = sieve_forms.matched(pairs, "claimed_given", "given_name", same_given_name, "given")
    family, given = pl.col("claimed") != "", pl.col("claimed_given") != ""
    by_row = pairs.group_by("row").agg(
        ((pl.col("family_name") != "") & family).any().alias("family_known"),
        ((pl.col("given_name") != "") & given).any().alias("given_known"),
        ((pl.col("family_name") != "") & (pl.col("given_name") != "") & family & given).any().alias("both_known"),
        ((pl.col("family_name") != "") & family & ~pl.col("family")).any().alias("family_differs"),
        ((pl.col("given_name") != "") & given & ~pl.col("given")).any().alias("given_differs"),
    )
    known = pl.sum_horizontal("family_known", "given_known", "both_known").cast(pl.Int64)
    return by_row.select(
        "row",
        known.alias("consistent"),
        (3 - known).alias("not_comparable"),
        (pl.col("family_differs") | pl.col("given_differs")).alias("doubt"),
    )


def _professions_of(exercises: pl.DataFrame) -> pl.DataFrame:
    return exercises.filter(pl.col("profession") != "").select("row", "profession").unique()


def _professions(claimed: pl.DataFrame, listed: pl.DataFrame, shared: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The professions that both sides name; one that a side lacks is a doubt if it names others."""
    yield tally(shared, consistent=1)
    for one, other in ((claimed, listed), (listed, claimed)):
        alone = one.join(shared, on=["row", "profession"], how="anti")
        yield tally(alone, not_comparable=1)
        yield tally(alone.join(other, on="row", how="semi"), doubt=True)


def _categories(told: pl.DataFrame, exercises: pl.DataFrame, shared: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The category of each profession that both sides name."""
    on = ["row", "profession"]
    claimed, listed = (frame.filter(pl.col("category") != "") for frame in (told, exercises))
    compared = shared.join(claimed, on=on, how="semi").join(listed, on=on, how="semi")
    yield tally(compared, consistent=1)
    yield tally(shared.join(compared, on=on, how="anti"), not_comparable=1)
    odd = claimed.join(listed, on=[*on, "category"], how="anti")
    yield tally(odd.join(compared, on=on, how="semi"), doubt=True)


def _skills(told: pl.DataFrame, skills: pl.DataFrame, shared: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The one skill that reaches the token, for each profession that both sides name."""
    on = ["row", "profession"]
    known = (pl.col("skill_type") != "") & (pl.col("skill") != "")
    claimed = told.filter(known).select(*on, type="skill_type", code="skill").unique()
    claimed = claimed.join(shared, on=on, how="semi")
    listed = skills.filter(pl.col("type").is_in(list(TOKEN_SKILL_TYPES)))
    yield tally(claimed, consistent=1)
    yield tally(shared.join(claimed, on=on, how="anti"), not_comparable=1)
    yield tally(claimed.join(listed, on=[*on, "type", "code"], how="anti"), doubt=True)
