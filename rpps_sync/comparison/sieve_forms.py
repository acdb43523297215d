"""Forms of the sieve: pairs of values that are one, asked once for each pair, and the count of judgements."""

from __future__ import annotations

import polars as pl

from rpps_sync.comparison import coordinates
from rpps_sync.comparison.coordinates import Same


def matched(frame: pl.DataFrame, left: str, right: str, same: Same, name: str) -> pl.DataFrame:
    """Add a column that says whether two columns of text hold one value; an empty one equals nothing else."""
    marks = frame.select((pl.col(left) == pl.col(right)).alias(name)).to_series()
    unsure = frame.select(left, right).with_row_index("at")
    unsure = unsure.filter(~marks & (pl.col(left) != "") & (pl.col(right) != ""))
    if unsure.is_empty():
        return frame.with_columns(marks)
    pairs = unsure.select(left, right).unique()
    verdicts = pl.Series("same", [same(one, other) for one, other in pairs.iter_rows()], dtype=pl.Boolean)
    found = unsure.join(pairs.filter(verdicts), on=[left, right], how="semi")["at"]
    return frame.with_columns(marks.scatter(found, values=True))


def tally(
    frame: pl.DataFrame, *, consistent: int = 0, not_comparable: int = 0, doubt: bool = False
) -> pl.DataFrame:
    """One judgement for every row of a frame, in the columns that the sieve adds up by ``row``."""
    return frame.select(
        "row",
        pl.lit(consistent, pl.Int64).alias("consistent"),
        pl.lit(not_comparable, pl.Int64).alias("not_comparable"),
        pl.lit(doubt).alias("doubt"),
    )


def each(frame: pl.DataFrame, columns: list[str], *forms: pl.Expr) -> pl.DataFrame:
    """Add forms of some columns, made once for each combination of values rather than for each row."""
    distinct = frame.select(columns).unique()
    return frame.join(distinct.with_columns(*forms), on=columns, how="left")


def phone(column: str) -> pl.Expr:
    """``coordinates.phone`` as an expression."""
    digits = pl.col(column).str.replace_all("(0)", "", literal=True).str.replace_all(r"[^0-9]", "")
    abroad = digits.str.extract(r"^(?:00)?(?:33|262|590|594|596)0?([1-9][0-9]{8})$")
    bare = digits.str.extract(r"^([1-9][0-9]{8})$")
    return (
        pl.when(abroad.is_not_null())
        .then("0" + abroad)
        .when(bare.is_not_null())
        .then("0" + bare)
        .otherwise(digits)
    )


def same_street(left: str, right: str) -> bool:
    """``coordinates.same_street`` on cells joined by tabs."""
    return coordinates.same_street(*(coordinates.street(*text.split("\t")) for text in (left, right)))


def same_postal_code(left: str, right: str) -> bool:
    """``coordinates.same_postal_code`` on code and office joined by a tab."""
    return coordinates.same_postal_code(*(coordinates.postal_code(*text.split("\t")) for text in (left, right)))
