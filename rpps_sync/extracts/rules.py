"""Rules about one line: what a well-formed cell looks like, and which cells of a line must agree.

Each rule is an expression over the parsed columns of a line (see ``rpps_sync.extracts.parse``), so that the same
words count the lines that break it, feed the quality scores and find those lines again. Nothing here looks at two
lines at once: what a rule counts may be added up over any pieces of a file.

Sources: the ANS description of the extracts, the INSEE rules of SIREN, SIRET and commune codes, the DREES rules of
FINESS numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
import polars as pl

from rpps_sync.publication import ExtractKind


class Dimension(StrEnum):
    """What the breaking of a rule says about a line."""

    VALIDITY = "validity"  # a cell is not what it should look like
    CONSISTENCY = "consistency"  # two cells of the line contradict each other


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``broken`` implies ``judged``."""

    name: str
    dimension: Dimension
    columns: tuple[str, ...]  # keys of those it looks at, the ones to show beside a broken line
    judged: pl.Expr  # the lines it has something to say about
    broken: pl.Expr  # those that are not as they should be


EXPECTED: Mapping[ExtractKind, tuple[str, ...]] = {
    ExtractKind.PERSONNE_ACTIVITE: (
        *("civility", "family_name", "given_name", "profession", "category", "mode", "registration_authority"),
    ),
    ExtractKind.DIPL_AUTEXERC: ("family_name", "given_name"),
    ExtractKind.SAVOIRFAIRE: ("family_name", "given_name", "profession", "skill_type", "skill"),
    ExtractKind.MSSANTE: ("mailbox_type", "address"),
    ExtractKind.CARTES: ("card_number", "card_type", "valid_from", "valid_until"),
}
"""Columns that a healthy line fills: what completeness is measured on."""

LA_POSTE = "356000000"
"""The one SIREN whose establishments do not follow Luhn (INSEE)."""

FRANCE = ("", "99000")
"""Country codes of French addresses."""

_TEXTS = ("family_name", "given_name", "name", "street", "commune_label")
_DAMAGED = r"[ÃÂ][\x{80}-\x{BF}\x{2030}\x{20AC}\x{160}\x{2C6}\x{2021}]|\x{FFFD}|[\x{80}-\x{9F}]"
_PHONE = r"^\+?[0-9](?:[ ./()-]?[0-9]){8,14}$"
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
_DATE = r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})$"


@cache
def rules(kind: ExtractKind) -> tuple[Rule, ...]:
    """The rules of one extract."""
    match kind:
        case ExtractKind.PERSONNE_ACTIVITE:
            return (*_names(_TEXTS), *_structures(), *_addresses(), *_contacts(), *_exercises())
        case ExtractKind.MSSANTE:
            return _mailboxes()
        case ExtractKind.CARTES:
            return _cards()
        case _:
            return _names(("family_name", "given_name"))


def rule(kind: ExtractKind, name: str) -> Rule:
    """One rule by name; a KeyError when the extract has no such rule."""
    return {one.name: one for one in rules(kind)}[name]


def department_of(commune: pl.Expr) -> pl.Expr:
    """The département of a commune code: three digits overseas, 2A and 2B in Corsica, empty abroad (99xxx)."""
    overseas = commune.str.starts_with("97") | commune.str.starts_with("98")
    return (
        pl.when(commune.str.starts_with("99"))
        .then(pl.lit(""))
        .when(overseas)
        .then(commune.str.slice(0, 3))
        .otherwise(commune.str.slice(0, 2))
    )


def luhn_is_valid(number: pl.Expr) -> pl.Expr:
    """Whether the Luhn key of a number of at most 18 digits is right, for a whole column at once."""
    value = number.cast(pl.Int64, strict=False)
    total = sum((_luhn_sums(value // 10**shift % 10**6) for shift in (0, 6, 12)), start=pl.lit(0, pl.Int64))
    return (total % 10 == 0).fill_null(value=False)


def _luhn_sums(six_digits: pl.Expr) -> pl.Expr:
    """The Luhn sum of six digits of an even position, looked up rather than computed."""
    return pl.lit(_sums()).gather(six_digits).cast(pl.Int64)


@cache
def _sums() -> pl.Series:
    plain = np.arange(10, dtype=np.uint8)
    doubled = plain * 2 - 9 * (plain > 4)
    sums = np.zeros(1, dtype=np.uint8)
    for position in range(6):
        sums = np.add.outer(doubled if position % 2 else plain, sums).ravel()
    return pl.Series("sums", sums.astype(np.uint8))


def _filled(column: str) -> pl.Expr:
    return pl.col(column) != ""


def _shaped(name: str, column: str, pattern: str) -> Rule:
    """A cell that is filled has this shape."""
    wrong = ~pl.col(column).str.contains(pattern)
    return Rule(name, Dimension.VALIDITY, (column,), _filled(column), _filled(column) & wrong)


def _names(texts: tuple[str, ...]) -> tuple[Rule, ...]:
    damaged = pl.any_horizontal(pl.col(text).str.contains(_DAMAGED) for text in texts)
    return (
        Rule("text-damaged", Dimension.VALIDITY, texts, _filled("family_name"), damaged & _filled("family_name")),
        _shaped("name-digits", "family_name", r"^[^0-9]*$"),
    )


def _structures() -> tuple[Rule, ...]:
    siret, siren = pl.col("siret"), pl.col("siren")
    key = luhn_is_valid(siret) | siret.str.starts_with(LA_POSTE)
    both = _filled("siret") & _filled("siren")
    return (
        Rule(
            "siret",
            Dimension.VALIDITY,
            ("siret",),
            _filled("siret"),
            _filled("siret") & ~(siret.str.contains(r"^[0-9]{14}$") & key),
        ),
        Rule("siren", Dimension.CONSISTENCY, ("siren", "siret"), both, both & (siret.str.slice(0, 9) != siren)),
        *_finess("finess"),
        *_finess("finess_legal"),
        _shaped("technical-id", "technical_id", r"^(?:[FC][0-9A-Z]{9,20}|R[0-9]{14})$"),
    )


def _finess(column: str) -> tuple[Rule, Rule]:
    """Nine characters, the second one a letter in Corsica; the key of numbers with a letter is not judged."""
    number = pl.col(column)
    keyed = number.str.contains(r"^[0-9]{9}$")
    return (
        _shaped(column, column, r"^[0-9][0-9AB][0-9]{7}$"),
        Rule(f"{column}-key", Dimension.VALIDITY, (column,), keyed, keyed & ~luhn_is_valid(number)),
    )


def _addresses() -> tuple[Rule, ...]:
    postal, commune = pl.col("postal_code"), pl.col("commune")
    french = pl.col("country").is_in(FRANCE)
    coded = french & _filled("postal_code")
    located = coded & _filled("commune")
    declared = _filled("department") & _filled("commune")
    return (
        Rule(
            "postal-code",
            Dimension.VALIDITY,
            ("postal_code", "country"),
            coded,
            coded & ~postal.str.contains(r"^[0-9]{5}$"),
        ),
        _shaped("commune", "commune", r"^(?:[0-9]{2}|2[AB])[0-9]{3}$"),
        Rule(
            "department",
            Dimension.CONSISTENCY,
            ("postal_code", "commune", "commune_label"),
            located,
            located & ~_same_department(postal, commune),
        ),
        Rule(
            "department-column",
            Dimension.CONSISTENCY,
            ("department", "commune"),
            declared,
            declared & (pl.col("department") != department_of(commune)),
        ),
    )


def _same_department(postal: pl.Expr, commune: pl.Expr) -> pl.Expr:
    """Whether both are of one département: 20xxx is either half of Corsica."""
    left, right = postal.str.slice(0, 2), commune.str.slice(0, 2)
    corsica = (left == "20") & right.is_in(["2A", "2B"])
    return (left == right) | corsica


def _contacts() -> tuple[Rule, ...]:
    return (
        _shaped("phone", "phone", _PHONE),
        _shaped("phone2", "phone2", _PHONE),
        _shaped("fax", "fax", _PHONE),
        _shaped("email", "email", _EMAIL),
    )


def _exercises() -> tuple[Rule, ...]:
    doctor = (pl.col("profession") == "10") & (pl.col("category") == "C")
    columns = ("profession", "category", "skill_type", "skill")
    typed = _filled("skill") | _filled("skill_type")
    whole = _filled("skill") & _filled("skill_type")
    return (
        _shaped("authority", "registration_authority", r"^[^/|]*/[^/|]*/[^/|]*$"),
        Rule("doctor-skill", Dimension.CONSISTENCY, columns, doctor, doctor & ~_filled("skill")),
        Rule(
            "skill-type",
            Dimension.CONSISTENCY,
            columns,
            typed,
            typed & ~whole,
        ),
    )


def _mailboxes() -> tuple[Rule, ...]:
    personal = pl.col("mailbox_type") == "PER"
    return (
        _shaped("email", "address", _EMAIL),
        _shaped("domain", "address", r"(?i)@.*mssante"),
        Rule("holder", Dimension.CONSISTENCY, ("address",), personal, personal & ~_filled("national_id")),
    )


def _cards() -> tuple[Rule, ...]:
    dated = _filled("valid_from") & _filled("valid_until")
    dates = ("valid_from", "valid_until")
    return (
        _shaped("valid-from", "valid_from", _DATE),
        _shaped("valid-until", "valid_until", _DATE),
        Rule("dates", Dimension.CONSISTENCY, dates, dated, dated & (pl.col("valid_until") < pl.col("valid_from"))),
    )
