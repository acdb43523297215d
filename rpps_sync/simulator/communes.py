"""French communes, as addresses of the extracts write them."""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources

import polars as pl

_ARTICLE = r"^(LES|LE|LA|L') ?(.+)$"


@cache
def communes() -> pl.DataFrame:
    """All communes with a postal code, by department.

    Columns: ``code``, ``label`` (``Paris 12e  Arrondissement``), ``town`` (``TOUR DE SALVAGNY (LA)``),
    ``postal_code``, ``department`` (two digits, Corsica 20), ``weight`` (how many practitioners work there).
    """
    packed = resources.files(__package__).joinpath("data", "communes.csv.gz").read_bytes()
    frame = pl.read_csv(gzip.decompress(packed), schema_overrides={"code": pl.String, "postal_codes": pl.String})
    return frame.sort("code").select(
        pl.col("code"),
        pl.col("name").str.replace(" Arrondissement", "  Arrondissement", literal=True).alias("label"),
        _town(pl.col("name")).alias("town"),
        pl.col("postal_codes").str.split(" ").list.first().alias("postal_code"),
        pl.col("code").str.head(2).str.replace("2A|2B", "20").alias("department"),
        _weight().alias("weight"),
    )


def _town(name: pl.Expr) -> pl.Expr:
    """Capitals without accents or hyphens, the article in brackets at the end: as post offices write it."""
    plain = name.str.replace(r" \d+er? Arrondissement$", "").str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    capitals = plain.str.to_uppercase().str.replace_all("-", " ").str.replace_all(r"\bSAINT(E?)\b", "ST$1")
    return capitals.str.replace(_ARTICLE, "$2 ($1)")


def _weight() -> pl.Expr:
    """People go where people are, a little more to towns; a few lines keep the code of a merged commune."""
    shared = pl.col("code").is_in(["75056", "69123", "13055"])  # their districts are listed too
    return (
        pl.when(pl.col("kind") == "former")
        .then(12.0)
        .otherwise(pl.col("population").cast(pl.Float64).pow(1.08))
        .mul(pl.when(shared).then(0.1).otherwise(1.0))
    )
