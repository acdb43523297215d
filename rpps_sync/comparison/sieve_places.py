"""The sieve's look at places: which structures are one, and whether both sides say the same of each.

Only what is plain is counted here. Where the directory's own structures may be one place, or a structure of the
token fits two, the practitioner is left to the exact path.
"""

from __future__ import annotations

from itertools import combinations

import polars as pl

from rpps_sync.comparison import coordinates, sieve_forms
from rpps_sync.comparison.sieve_forms import tally

_IDS = ("technical_id", "former_id", "finess", "siret")
_KEYS = ("k_technical", "k_former", "k_finess", "k_siret")
_CODES = ("mode", "sector", "role", "kind", "pharmacist_section")
_FINESS = "([0-9][0-9AB][0-9]{7})"
_DATE = "(?:[0-9]{8})?"
_READABLE = r"[\pL\pN]"
_EMPTY = pl.lit("")
_NAMELESS = "\t" * (len(_KEYS) - 1)  # the key of a structure without any identifier
_Field = tuple[str, list[str], coordinates.Same | None]


def _same_email(left: str, right: str) -> bool:
    return coordinates.email(left) == coordinates.email(right)


_FIELDS: tuple[_Field, ...] = (  # name, columns that hold its values, what may pass for equal
    *((code, [code], None) for code in _CODES),
    ("phone", ["phone", "phone2"], coordinates.same_phone),
    ("email", ["email"], _same_email),
    ("street", ["street"], sieve_forms.same_street),
    ("postal_code", ["postal_code"], sieve_forms.same_postal_code),
    ("commune", ["commune"], coordinates.same_commune),
)


def places(works: pl.DataFrame, activities: pl.DataFrame, structures: pl.DataFrame) -> pl.DataFrame:
    """Count what can be compared of structures, and of what is said of each.

    Args:
        works: the activities of tokens: ``row``, ``profession``, codes and cells of the structure.
        activities: those of the directory: ``row``, ``profession``, codes and ``structure_id``.
        structures: cells of the structures, by ``structure_id``.

    Returns:
        ``row``, ``consistent``, ``not_comparable`` and ``doubt``; several rows for one.
    """
    described = _described(structures, pl.coalesce(_filled("street_type"), _filled("street_type_label"), _EMPTY))
    known = activities.join(described, on="structure_id").filter(pl.col("key") != _NAMELESS)
    there = known.select("row", "key", *_KEYS).unique(["row", "key"]).with_row_index("place")
    known = known.join(there.select("row", "key", "place"), on=["row", "key"])
    claimed = _described(works, pl.col("street_type"))
    named = claimed.filter(pl.col("key") != _NAMELESS)
    links, unclear = _links(named, there)
    at_places = named.join(links, on=["row", "key"], how="left")
    return pl.concat(
        [
            unclear,
            tally(claimed.filter("unreadable"), doubt=True),
            tally(known.filter("unreadable"), doubt=True),
            _structures(claimed, at_places, there),
            tally(_missed(claimed, at_places, known), doubt=True),
            _values(at_places.drop_nulls("place"), known),
        ]
    )


def _described(frame: pl.DataFrame, street_type: pl.Expr) -> pl.DataFrame:
    """The identifiers of a structure by kind, and its coordinates as they are compared."""
    for column in ("phone", "phone2"):
        frame = sieve_forms.each(frame, [column], sieve_forms.phone(column).alias(f"{column}_form"))
    readable = [pl.col(column).eq("") | pl.col(column).str.contains(_READABLE) for column in ("street", "email")]
    return with_keys(frame).select(
        *(name for name in ("row", "profession", *_CODES, "structure_id") if name in frame.columns),
        *_KEYS,
        pl.concat_str(pl.col(_KEYS).fill_null(""), separator="\t").alias("key"),
        (pl.col("ambiguous") | ~pl.all_horizontal(readable)).alias("unreadable"),
        pl.col("phone_form").alias("phone"),
        pl.col("phone2_form").alias("phone2"),
        "email",
        pl.when(pl.col("street") != "")
        .then(pl.concat_str("street_number", "street_repetition", street_type, "street", separator="\t"))
        .otherwise(_EMPTY)
        .alias("street"),
        pl.when(pl.col("postal_code").str.strip_chars() != "")
        .then(pl.concat_str("postal_code", "cedex", separator="\t"))
        .otherwise(_EMPTY)
        .alias("postal_code"),
        "commune",
    )


def with_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """``identifiers.structure_identifiers`` in columns; ``ambiguous`` when a kind has several values.

    Each step is a frame of its own: its columns are read several times by the next.
    """
    cleaned = frame.select(
        pl.col(name).str.replace_all(r"\s", "").str.to_uppercase().alias(kind)
        for name, kind in zip(_IDS, ("technical", "former", "number", "company"), strict=True)
    )
    technical, former, number, company = (_filled(kind) for kind in cleaned.columns)
    read = cleaned.select(
        technical.alias("technical"),
        former.alias("former"),
        technical.str.extract(f"^F{_FINESS}{_DATE}$").alias("f1"),
        former.str.extract(f"^1{_FINESS}{_DATE}$").alias("f2"),
        number.str.zfill(9).alias("f3"),
        technical.str.extract("^C([0-9]{14})$").alias("s1"),
        former.str.extract("^3([0-9]{14})$").alias("s2"),
        company.alias("s3"),
        (_foreign(technical, "FC") | _foreign(former, "13")).alias("foreign"),
    )
    return frame.with_columns(
        read.select(
            pl.coalesce("F" + pl.col("f1"), "technical").alias("k_technical"),
            pl.coalesce("1" + pl.col("f2"), "former").alias("k_former"),
            pl.coalesce("f1", "f2", "f3").alias("k_finess"),
            pl.coalesce("s1", "s2", "s3").alias("k_siret"),
            pl.any_horizontal(pl.col("foreign"), _several("f1", "f2", "f3"), _several("s1", "s2", "s3"))
            .fill_null(value=False)
            .alias("ambiguous"),
        )
    )


def _foreign(identifier: pl.Expr, usual: str) -> pl.Expr:
    """A technical identifier in the form of a former one, or the reverse."""
    others = "".join(letter for letter in "FC13" if letter not in usual)
    return identifier.str.contains(f"^[{others}]([0-9][0-9AB][0-9]{{7}}{_DATE}|[0-9]{{14}})$")


def _filled(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(pl.col(column))


def _several(*names: str) -> pl.Expr:
    """Whether those that are there differ."""
    return pl.any_horizontal(pl.col(one) != pl.col(other) for one, other in combinations(names, 2))


def _same() -> pl.Expr:
    """``places.same_place`` on two sets of key columns, the other's with ``_right``."""
    expression = pl.lit(value=False)
    for key in reversed(_KEYS):
        mine, yours = pl.col(key), pl.col(f"{key}_right")
        one_form = pl.lit(value=True) if key in ("k_finess", "k_siret") else mine.str.head(1) == yours.str.head(1)
        both = mine.is_not_null() & yours.is_not_null() & one_form
        expression = pl.when(both).then(mine == yours).otherwise(expression)
    return expression


def _links(named: pl.DataFrame, there: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The place of the directory that each structure of a token is, and whose links are not plain.

    Identifiers that are all the same settle it; a place that would fit as well is a twin of that one.
    """
    here = named.select("row", "key", *_KEYS).unique(["row", "key"]).with_row_index("claim")
    linked = here.join(there.select("row", "key", "place"), on=["row", "key"], how="left")
    others = linked.filter(pl.col("place").is_null()).drop("place")
    fitting = others.join(there.drop("key"), on="row").filter(_same()).select("row", "key", "place")
    links = pl.concat([linked.drop_nulls("place").select("row", "key", "place"), fitting])
    twice = links.filter(pl.struct("row", "key").is_duplicated()) if fitting.height else links.clear()
    split = _pairs(here.join(links, on=["row", "key"], how="left"), "claim")
    split = split.filter(pl.col("place").ne_missing(pl.col("place_right")) | pl.col("place").is_null())
    unclear = pl.concat([tally(frame, doubt=True) for frame in (twice, _pairs(there, "place"), split)])
    return links.unique(["row", "key"]), unclear


def _pairs(structures: pl.DataFrame, number: str) -> pl.DataFrame:
    """Two structures of one person that are the same place; ``number`` tells them apart."""
    several = structures.filter(pl.col("row").is_duplicated())
    return several.join(several, on="row").filter((pl.col(number) < pl.col(f"{number}_right")) & _same())


def _structures(claimed: pl.DataFrame, at_places: pl.DataFrame, there: pl.DataFrame) -> pl.DataFrame:
    """Each place that either side names, where the other does not."""
    parts = [
        claimed.filter(pl.col("key") == _NAMELESS).select("row").unique().with_columns(nameless=1),
        at_places.drop_nulls("place").select("row", "place").unique().select("row", shared=1),
        at_places.filter(pl.col("place").is_null()).select("row", "key").unique().select("row", strange=1),
        there.select("row", published=1),
    ]
    rows = (
        pl.concat(parts, how="diagonal").group_by("row").agg(pl.sum("nameless", "shared", "strange", "published"))
    )
    unclaimed = pl.col("published") - pl.col("shared")
    return rows.select(
        "row",
        pl.col("shared").cast(pl.Int64).alias("consistent"),
        (pl.col("nameless") + unclaimed + pl.col("strange")).cast(pl.Int64).alias("not_comparable"),
        (((pl.col("strange") > 0) & (pl.col("published") > 0)) | ((unclaimed > 0) & (pl.col("shared") > 0))).alias(
            "doubt"
        ),
    )


def _missed(claimed: pl.DataFrame, at_places: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Places of the directory that a token should name and does not: it tells activities of their profession.

    Unless it tells one at a structure without identifier, which may be that very place.
    """
    absent = known.join(at_places, on=["row", "place"], how="anti")
    absent = absent.join(claimed, on=["row", "profession"], how="semi")
    return absent.join(claimed.filter(pl.col("key") == _NAMELESS), on="row", how="anti")


def _values(claimed: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Ten fields at each place that both name: every value of the token among those of the directory."""
    unused = (*_KEYS, "key", "profession", "unreadable")
    claimed = claimed.drop(unused).with_row_index("work")
    pairs = claimed.join(known.drop(*unused, "structure_id"), on=["row", "place"])
    for field in _FIELDS:
        pairs = _compared(pairs, field)
    twice = pairs.select("row", "place").is_duplicated()  # seldom: what follows is dear
    found = [f"found_{name}_{number}" for name, columns, _ in _FIELDS for number in range(len(columns))]
    known_or_there = [f"{side}_{name}" for name, *_ in _FIELDS for side in ("known", "there")]
    told = [f"told_{name}_{number}" for name, columns, _ in _FIELDS for number in range(len(columns))]
    works = pairs.filter(twice).group_by("row", "place", "work").agg(pl.col(*known_or_there, *found, *told).any())
    odd = [_odd(field) for field in _FIELDS]
    alone = pairs.filter(~twice).select("row", *known_or_there, *odd)
    together = works.select("row", "place", *known_or_there, *odd).group_by("row", "place").agg(pl.all().any())
    compared = [pl.col(f"known_{name}") & pl.col(f"there_{name}") for name, *_ in _FIELDS]
    counted = pl.sum_horizontal(compared).cast(pl.Int64)
    doubts = [both & pl.col(f"odd_{name}") for both, (name, *_) in zip(compared, _FIELDS, strict=True)]
    return pl.concat([alone, together.drop("place")]).select(
        "row",
        counted.alias("consistent"),
        (len(_FIELDS) - counted).alias("not_comparable"),
        pl.any_horizontal(doubts).alias("doubt"),
    )


def _odd(field: _Field) -> pl.Expr:
    """Whether a work of the token tells a value that the directory does not have at that place."""
    name, columns, _ = field
    return pl.any_horizontal(
        pl.col(f"told_{name}_{number}") & ~pl.col(f"found_{name}_{number}") for number in range(len(columns))
    ).alias(f"odd_{name}")


def _compared(pairs: pl.DataFrame, field: _Field) -> pl.DataFrame:
    """For one field of a pair of works: what either side tells, and which values of ours are among theirs."""
    name, ours, same = field
    theirs = [f"{column}_right" for column in ours]
    for number, column in enumerate(ours):
        found = []
        for rank, other in enumerate(theirs):
            mark = f"m_{number}_{rank}"
            if same is None:
                pairs = pairs.with_columns((pl.col(column) == pl.col(other)).alias(mark))
            else:
                pairs = sieve_forms.matched(pairs, column, other, same, mark)
            found.append((pl.col(column) != "") & (pl.col(other) != "") & pl.col(mark))
        pairs = pairs.with_columns(
            pl.any_horizontal(found).alias(f"found_{name}_{number}"),
            (pl.col(column) != "").alias(f"told_{name}_{number}"),
        )
    return pairs.with_columns(
        pl.any_horizontal(pl.col(ours) != "").alias(f"known_{name}"),
        pl.any_horizontal(pl.col(theirs) != "").alias(f"there_{name}"),
    )
