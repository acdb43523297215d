"""Folding: all the lines of some practitioners become the rows of their documents.

A line is one combination of person, profession, skill, activity and structure; lines have no key and repeat one
another. Folding takes them apart into sets: nothing depends on their order, so the same lines in another order or
repeated give the same rows and the same fingerprint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import polars as pl
import polars_hash as plh

from rpps_sync.extracts.parse import columns_of
from rpps_sync.practitioner import Card, Mailbox, Structure
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout, read_header

STRUCTURE_FIELDS = tuple(field.name for field in fields(Structure))
EXERCISE_KEY = ("national_id", "profession", "category")
ACTIVITY_FIELDS = ("mode", "sector", "role", "kind", "pharmacist_section", "registration_authority")
MAILBOX_FIELDS = tuple(field.name for field in fields(Mailbox))
CARD_FIELDS = tuple(field.name for field in fields(Card))
NO_STRUCTURE = 0

_UNIT, _RECORD = "\x1f", "\x1e"


@dataclass(frozen=True, slots=True)
class Folded:
    """Rows of some practitioners, one frame a table, without duplicates; text columns but for the two hashes."""

    practitioners: pl.DataFrame  # national_id, id_type, civility, family_name, given_name, fingerprint
    exercises: pl.DataFrame  # EXERCISE_KEY, exercise_civility
    skills: pl.DataFrame  # EXERCISE_KEY, type, code
    activities: pl.DataFrame  # EXERCISE_KEY, ACTIVITY_FIELDS, structure_id
    structures: pl.DataFrame  # structure_id, STRUCTURE_FIELDS
    diplomas: pl.DataFrame  # national_id, type, code
    authorisations: pl.DataFrame  # national_id, type, discipline
    mailboxes: pl.DataFrame  # national_id, MAILBOX_FIELDS
    cards: pl.DataFrame  # national_id, CARD_FIELDS
    structure_mailboxes: pl.DataFrame  # MAILBOX_FIELDS, of organisations


def fold(lines: Mapping[ExtractKind, pl.DataFrame]) -> Folded:
    """Fold the lines of some practitioners, all of their lines and only theirs.

    A practitioner is who the activity extract contains; skills and diplomas of others are left out.

    Args:
        lines: parsed columns (see ``rpps_sync.extracts.parse``) by extract; a missing extract has no line.
    """
    situations = _situations(_lines(lines, ExtractKind.PERSONNE_ACTIVITE))
    people = _people(situations)
    known = people.select("national_id")
    titles, declared, mail, cards = (
        _lines(lines, kind).join(known, on="national_id", how="semi")
        for kind in (
            ExtractKind.DIPL_AUTEXERC,
            ExtractKind.SAVOIRFAIRE,
            ExtractKind.MSSANTE,
            ExtractKind.CARTES,
        )
    )
    declared = _with_category(declared, situations)
    exercises = _exercises(situations, declared)
    skills = _pairs(
        pl.concat([situations.select(*EXERCISE_KEY, "skill_type", "skill"), declared]), "skill_type", "skill"
    ).rename({"skill_type": "type", "skill": "code"})
    activities = situations.select(*EXERCISE_KEY, *ACTIVITY_FIELDS, "structure_id").unique()
    activities = activities.filter(
        pl.any_horizontal(pl.col(ACTIVITY_FIELDS) != "") | (pl.col("structure_id") != NO_STRUCTURE)
    )
    diplomas = _pairs(titles, "diploma_type", "diploma").rename({"diploma_type": "type", "diploma": "code"})
    authorisations = _pairs(titles, "authorisation_type", "authorisation_discipline").rename(
        {"authorisation_type": "type", "authorisation_discipline": "discipline"}
    )
    mailboxes = mail.select("national_id", *MAILBOX_FIELDS).unique()
    held_cards = cards.rename({"card_number": "number", "card_type": "type"}).select("national_id", *CARD_FIELDS)
    held_cards = held_cards.unique()
    organisations = _lines(lines, ExtractKind.MSSANTE).filter(pl.col("national_id") == "")
    tables = (exercises, skills, activities, diplomas, authorisations, mailboxes, held_cards)
    structures = situations.select("structure_id", *STRUCTURE_FIELDS).unique("structure_id")
    return Folded(
        practitioners=people.join(_fingerprints(people, tables), on="national_id"),
        exercises=exercises,
        skills=skills,
        activities=activities,
        structures=structures.filter(pl.col("structure_id") != NO_STRUCTURE),
        diplomas=diplomas,
        authorisations=authorisations,
        mailboxes=mailboxes,
        cards=held_cards,
        structure_mailboxes=organisations.select(MAILBOX_FIELDS).unique(),
    )


def _lines(lines: Mapping[ExtractKind, pl.DataFrame], kind: ExtractKind) -> pl.DataFrame:
    if kind in lines:
        return lines[kind]
    return columns_of(pl.Series(dtype=pl.String), read_header(kind, layout(kind).header))


def _situations(columns: pl.DataFrame) -> pl.DataFrame:
    """Activity lines with the fingerprint of their structure; 0 where all of its fields are empty."""
    empty = pl.all_horizontal(pl.col(STRUCTURE_FIELDS) == "")
    content = plh.concat_str(list(STRUCTURE_FIELDS), separator=_UNIT).nchash.xxh3_64()
    identity = (
        pl.when(empty).then(pl.lit(NO_STRUCTURE, dtype=pl.Int64)).otherwise(content.reinterpret(signed=True))
    )
    return columns.with_columns(structure_id=identity)


def _people(situations: pl.DataFrame) -> pl.DataFrame:
    """One row each; where lines disagree on the name, the most frequent one, then the first in order."""
    identity = ("id_type", "civility", "family_name", "given_name")
    return (
        situations.group_by("national_id", *identity)
        .agg(rows=pl.len())
        .sort(["national_id", "rows", *identity], descending=[False, True, False, False, False, False])
        .unique("national_id", keep="first", maintain_order=True)
        .select("national_id", *identity)
    )


def _with_category(declared: pl.DataFrame, situations: pl.DataFrame) -> pl.DataFrame:
    """Skills of the skills extract, given the categories of the same profession where theirs is empty."""
    skills = declared.select(*EXERCISE_KEY, "skill_type", "skill")
    categories = situations.select(*EXERCISE_KEY).unique().rename({"category": "known_category"})
    given = skills.filter(pl.col("category") != "")
    inferred = (
        skills.filter(pl.col("category") == "")
        .join(categories, on=["national_id", "profession"], how="left")
        .with_columns(category=pl.col("known_category").fill_null(""))
        .select(given.columns)
    )
    return pl.concat([given, inferred])


def _exercises(situations: pl.DataFrame, declared: pl.DataFrame) -> pl.DataFrame:
    """Professions with their category; one that only the skills extract knows has no activity."""
    return (
        pl.concat(
            [
                situations.select(*EXERCISE_KEY, "exercise_civility"),
                declared.select(*EXERCISE_KEY, exercise_civility=pl.lit("")),
            ]
        )
        .group_by(EXERCISE_KEY)
        .agg(pl.col("exercise_civility").max())
    )


def _pairs(columns: pl.DataFrame, left: str, right: str) -> pl.DataFrame:
    keys = [key for key in EXERCISE_KEY if key in columns.columns]
    filled = (pl.col(left) != "") | (pl.col(right) != "")
    return columns.select(*keys, left, right).filter(filled).unique()


def _fingerprints(people: pl.DataFrame, tables: tuple[pl.DataFrame, ...]) -> pl.DataFrame:
    """One 64-bit value for the whole document: rows are hashed one by one, and their order does not matter."""
    hashed = [_row_hashes(frame, str(number)) for number, frame in enumerate((people, *tables))]
    return (
        pl.concat(hashed)
        .group_by("national_id")
        .agg(pl.col("row_hash").sum().reinterpret(signed=True).alias("fingerprint"))
    )


def _row_hashes(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    text = frame.select(
        "national_id",
        row=pl.concat_str(
            [pl.lit(table), *(pl.col(name).cast(pl.String) for name in frame.columns)], separator=_RECORD
        ),
    )
    return text.select("national_id", row_hash=plh.col("row").nchash.xxh3_64())
