"""What the checks look at: counts of lines, filled cells, codes and identifier shapes of one file.

Built block by block; its size follows the number of distinct codes, never the number of lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from rpps_sync.extracts.parse import columns_of
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Header, layout
from rpps_sync.run_summary import QuarantinedLine

LABEL_SUFFIX = "_label"
_PLACES = frozenset({"commune", "country", "department", "street_type"})  # labels that belong to a structure
_SHAPE = ("id_type", "length", "digits", "luhn", "prefixed")
VALUES = pl.Schema({"value": pl.String, "label": pl.String, "rows": pl.Int64})
IDENTIFIER_SHAPES = pl.Schema(
    {
        "id_type": pl.String,
        "length": pl.UInt32,
        "digits": pl.Boolean,
        "luhn": pl.Boolean,
        "prefixed": pl.Boolean,
        "rows": pl.Int64,
        "sample": pl.String,
    }
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The measured shape of one file."""

    kind: ExtractKind
    header: Header
    lines: int  # readable data lines
    quarantined: tuple[QuarantinedLine, ...]
    duplicates: int  # lines that repeat an earlier one exactly, in all the columns we know
    practitioners: int  # distinct national identifiers
    filled: Mapping[str, int]  # column key -> non-empty cells
    values: Mapping[str, pl.DataFrame]  # coded column key -> frame of VALUES; empty codes left out
    identifiers: pl.DataFrame  # frame of IDENTIFIER_SHAPES


def coded_columns(kind: ExtractKind) -> tuple[str, ...]:
    """The columns of one extract that hold a code with its label beside it."""
    keys = [column.key for column in layout(kind).columns]
    return tuple(key for key in keys if f"{key}{LABEL_SUFFIX}" in keys)


def is_place(column: str) -> bool:
    """Whether a coded column describes a place, with thousands of values kept with the structure."""
    return column in _PLACES


@dataclass(frozen=True, slots=True)
class Portion:
    """What was measured on some lines; see the fields of the same names in :class:`Profile`.

    Everything in it is a count of lines: what two portions say together is their sum, and lines that went are
    taken off again.
    """

    filled: pl.DataFrame  # one row
    values: Mapping[str, pl.DataFrame]
    identifiers: pl.DataFrame

    def __neg__(self) -> Portion:
        """The same lines, going. Their samples count for nothing."""
        less = -pl.col("rows")
        return Portion(
            filled=self.filled.select(-pl.all()),
            values={key: frame.with_columns(rows=less) for key, frame in self.values.items()},
            identifiers=self.identifiers.with_columns(rows=less, sample=pl.lit(None, dtype=pl.String)),
        )


def measured(columns: pl.DataFrame, header: Header) -> Portion:
    """Measure one block of parsed lines (see ``rpps_sync.extracts.parse``)."""
    return Portion(
        filled=columns.select((pl.all() != "").sum().cast(pl.Int64)),
        values={key: _codes(columns, key) for key in coded_columns(header.kind)},
        identifiers=_identifier_shapes(columns),
    )


@dataclass(slots=True)
class Profiler:
    """Accumulates the profile of one file."""

    header: Header
    _filled: list[pl.DataFrame] = field(default_factory=list)
    _values: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    _identifiers: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.add(measured(columns_of(pl.Series(dtype=pl.String), self.header), self.header))

    @classmethod
    def of(cls, profile: Profile) -> Profiler:
        """A profile to be moved by the lines that come and go."""
        profiler = cls(profile.header)
        filled = pl.DataFrame([profile.filled], schema=dict.fromkeys(profile.filled, pl.Int64))
        profiler.add(Portion(filled, profile.values, profile.identifiers))
        return profiler

    def add(self, portion: Portion) -> None:
        """Add what was measured on some lines; ``-portion`` takes them off."""
        self._filled.append(portion.filled)
        for key, values in portion.values.items():
            self._values.setdefault(key, []).append(values)
        self._identifiers.append(portion.identifiers)

    def profile(
        self, index: pl.DataFrame, quarantined: tuple[QuarantinedLine, ...], *, repeated: int, people: int
    ) -> Profile:
        """All that was measured.

        Args:
            index: of the whole file (see ``rpps_sync.extracts.index``).
            quarantined: its unreadable lines.
            repeated: how many of its lines repeat another.
            people: how many national identifiers it holds.
        """
        return Profile(
            kind=self.header.kind,
            header=self.header,
            lines=index.height,
            quarantined=quarantined,
            duplicates=repeated,
            practitioners=people,
            filled=self._totals(),
            values={key: _summed_codes(parts) for key, parts in self._values.items()},
            identifiers=self._shapes(),
        )

    def _totals(self) -> dict[str, int]:
        totals = pl.concat(self._filled).sum().row(0, named=True)
        return {key: int(count) for key, count in totals.items()}

    def _shapes(self) -> pl.DataFrame:
        return (
            pl.concat(self._identifiers)
            .group_by(_SHAPE)
            .agg(pl.col("rows").sum(), pl.col("sample").min())
            .filter(pl.col("rows") > 0)
            .sort("rows", *_SHAPE, descending=[True, *(False for _ in _SHAPE)])
        )


def _summed_codes(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Distinct codes with their label and count, most frequent first."""
    summed = pl.concat(parts).group_by("value", "label").agg(pl.col("rows").sum())
    return summed.filter(pl.col("rows") > 0).sort(["rows", "value", "label"], descending=[True, False, False])


def _codes(columns: pl.DataFrame, key: str) -> pl.DataFrame:
    return (
        columns.select(value=key, label=f"{key}{LABEL_SUFFIX}")
        .filter(pl.col("value") != "")
        .group_by("value", "label")
        .agg(rows=pl.len().cast(pl.Int64))
    )


def _identifier_shapes(columns: pl.DataFrame) -> pl.DataFrame:
    identifier = pl.col("identifier")
    if "id_type" not in columns.columns:  # the cards extract has only the whole identifier
        columns = columns.with_columns(id_type=pl.col("national_id").str.slice(0, 1))
    shapes = columns.filter(pl.col("national_id") != "").select(
        "id_type",
        "national_id",
        length=identifier.str.len_chars(),
        digits=identifier.str.contains(r"^[0-9]{1,18}$"),
        luhn=luhn_is_valid(identifier),
        prefixed=pl.col("national_id") == pl.concat_str("id_type", "identifier"),
    )
    return shapes.group_by(_SHAPE).agg(rows=pl.len().cast(pl.Int64), sample=pl.col("national_id").min())


def luhn_is_valid(number: pl.Expr) -> pl.Expr:
    """Whether the Luhn key of a number of at most 18 digits is right, for a whole column at once."""
    value = number.cast(pl.Int64, strict=False)
    total = pl.lit(0, dtype=pl.Int64)
    for position in range(18):
        digit = (value // 10**position) % 10
        doubled = digit * 2 - pl.when(digit > 4).then(9).otherwise(0)
        total = total + (doubled if position % 2 else digit)
    return (total % 10 == 0).fill_null(value=False)
