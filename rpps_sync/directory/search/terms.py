"""Everything that a practitioner is found by, as terms: a kind, a colon, and a text.

    f:GOFF      a word of the family name          d:69       a department of activity
    g:CAMILLE   a word of the given name           c:69383    a commune (INSEE code)
    p:60        a profession                       t:LYON 3E ARRONDISSEMENT   its name
    s:SM26      a skill                            z:69003    a postal code

People are told in *blocks*: the first five digits of an RPPS national identifier are its block, the other seven
its place there, a number. An identifier of another shape is a block of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, select

from rpps_sync.departments import department_of
from rpps_sync.directory.search.spelling import normalised, words_of
from rpps_sync.directory.tables import ACTIVITIES, EXERCISES, PRACTITIONERS, SKILLS, STRUCTURES
from rpps_sync.extracts.fold import Folded

FAMILY, GIVEN, PROFESSION, SKILL, DEPARTMENT, COMMUNE, TOWN, POSTAL_CODE = "fgpsdctz"
NAMES = (FAMILY, GIVEN)
BLOCK_DIGITS = 5

_PLACE = ("department", "commune", "commune_label", "postal_code")


@dataclass(frozen=True, slots=True)
class Traits:
    """What some practitioners are found by, one frame each; text columns."""

    people: pl.DataFrame  # national_id, family_name, given_name
    professions: pl.DataFrame  # national_id, profession
    skills: pl.DataFrame  # national_id, code
    places: pl.DataFrame  # national_id, department as published, commune, commune_label, postal_code


def of_folded(folded: Folded, national_ids: pl.DataFrame) -> Traits:
    """The traits of some of the practitioners just folded."""

    def theirs(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        return frame.select("national_id", *columns).join(national_ids, on="national_id", how="semi")

    where = theirs(folded.activities, "structure_id").join(
        folded.structures.select("structure_id", *_PLACE), on="structure_id"
    )
    return Traits(
        theirs(folded.practitioners, "family_name", "given_name"),
        theirs(folded.exercises, "profession"),
        theirs(folded.skills, "code"),
        where.drop("structure_id"),
    )


def of_tables(connection: Connection, chosen: Any) -> Traits:
    """The traits of some practitioners, as the tables say.

    Args:
        connection: on the directory.
        chosen: makes, from the column of the national identifier, the condition that they satisfy.
    """
    people = PRACTITIONERS.c
    where = (
        select(ACTIVITIES.c.national_id, *(STRUCTURES.c[name] for name in _PLACE))
        .distinct()
        .join_from(ACTIVITIES, STRUCTURES, ACTIVITIES.c.structure_id == STRUCTURES.c.structure_id)
    )

    def read(statement: Select[Any], owner: ColumnElement[str]) -> pl.DataFrame:
        names = statement.selected_columns.keys()
        rows = [tuple(row) for row in connection.execute(statement.where(chosen(owner)))]
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")

    return Traits(
        read(select(people.national_id, people.family_name, people.given_name), people.national_id),
        read(select(EXERCISES.c.national_id, EXERCISES.c.profession).distinct(), EXERCISES.c.national_id),
        read(select(SKILLS.c.national_id, SKILLS.c.code).distinct(), SKILLS.c.national_id),
        read(where, ACTIVITIES.c.national_id),
    )


def terms_of(traits: Traits) -> pl.DataFrame:
    """Who is found by which term.

    Returns:
        One row a term and block: ``term``, ``block``, ``people`` (places in the block, ascending, each once).
    """
    people = traits.people.select("national_id", **_numbered()).sort("national_id")
    return pl.concat(
        [
            _named(people, traits.people, "family_name", FAMILY),
            _named(people, traits.people, "given_name", GIVEN),
            _grouped(people, traits.professions, "profession", PROFESSION),
            _grouped(people, traits.skills, "code", SKILL),
            *_placed(people, traits.places),
        ]
    )


def _numbered() -> dict[str, pl.Expr]:
    identifier = pl.col("national_id")
    usual = identifier.str.contains(r"^8[0-9]{11}$")
    return {
        "block": pl.when(usual).then(identifier.str.head(BLOCK_DIGITS)).otherwise(identifier),
        "person": pl.when(usual)
        .then(identifier.str.slice(BLOCK_DIGITS).cast(pl.UInt32, strict=False))
        .otherwise(pl.lit(0, dtype=pl.UInt32)),
    }


def _named(people: pl.DataFrame, names: pl.DataFrame, column: str, kind: str) -> pl.DataFrame:
    words = words_of(names[column])
    found = names.select("national_id", name=column).join(words, on="name").select("national_id", "word")
    return _grouped(people, found, "word", kind)


def _placed(people: pl.DataFrame, places: pl.DataFrame) -> list[pl.DataFrame]:
    """Terms of places: many people share few, so each place is understood once."""
    distinct = places.select(_PLACE).unique()
    departments = [
        department_of(commune, postal_code, told)
        for told, commune, _, postal_code in distinct.iter_rows()
    ]  # fmt: skip
    understood = distinct.with_columns(
        derived=pl.Series(departments, dtype=pl.String), town=normalised(distinct["commune_label"])
    )
    where = places.join(understood, on=_PLACE)
    columns = {"derived": DEPARTMENT, "commune": COMMUNE, "town": TOWN, "postal_code": POSTAL_CODE}
    return [_grouped(people, where, column, kind) for column, kind in columns.items()]


def _grouped(people: pl.DataFrame, found: pl.DataFrame, column: str, kind: str) -> pl.DataFrame:
    rows = found.select("national_id", text=column).filter(pl.col("text") != "").unique()
    return (
        people.join(rows, on="national_id", maintain_order="left")
        .group_by("text", "block")
        .agg("person")
        .select(term=pl.concat_str(pl.lit(f"{kind}:"), "text"), block="block", people="person")
    )
