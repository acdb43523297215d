"""What the checks look at: counts of lines, filled cells, codes, identifier shapes and broken rules of one file.

All that is measured of lines are counts, so that it adds up: the profile of a file is the sum of those of its
pieces, and tonight's is yesterday's, plus what the new lines measure, less what the lines that went measured
(``Portion.less``). Its size follows the number of distinct codes, never the number of lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from rpps_sync.extracts.parse import columns_of
from rpps_sync.extracts.rules import EXPECTED, Dimension, luhn_is_valid, rules
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Header, layout
from rpps_sync.run_summary import QuarantinedLine

LABEL_SUFFIX = "_label"
_PLACES = frozenset({"commune", "country", "department", "street_type"})  # labels that belong to a structure
_SHAPE = ("id_type", "length", "digits", "luhn", "prefixed")
_GROUP = ("profession", "registration_authority")
_ORDERLY = {"profession": r"^[0-9A-Z]{0,4}$", "registration_authority": r"^[\p{L}/ .-]{0,40}$"}
OTHER = "?"  # what stands for names of groups that cannot be one: a column of garbage makes one group
JUDGED, BROKEN = ".judged", ".broken"
_COUNTS = ("rows", "complete", *(f"{one}{end}" for one in Dimension for end in (JUDGED, BROKEN)))

VALUES = pl.Schema({"value": pl.String, "label": pl.String, "rows": pl.Int64})
SHAPES = pl.Schema(
    {
        "id_type": pl.String,
        "length": pl.UInt32,
        "digits": pl.Boolean,
        "luhn": pl.Boolean,
        "prefixed": pl.Boolean,
        "rows": pl.Int64,
    }
)
GROUPS = pl.Schema(dict.fromkeys(_GROUP, pl.String) | dict.fromkeys(_COUNTS, pl.Int64))


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
    identifiers: pl.DataFrame  # frame of SHAPES
    rules: Mapping[str, tuple[int, int]]  # rule -> lines it judges, lines that break it (rpps_sync.extracts.rules)
    groups: pl.DataFrame  # frame of GROUPS: by profession and registration authority, see ``measured``


def coded_columns(kind: ExtractKind) -> tuple[str, ...]:
    """The columns of one extract that hold a code with its label beside it."""
    keys = [column.key for column in layout(kind).columns]
    return tuple(key for key in keys if f"{key}{LABEL_SUFFIX}" in keys)


def is_place(column: str) -> bool:
    """Whether a coded column describes a place, with thousands of values kept with the structure."""
    return column in _PLACES


@dataclass(frozen=True, slots=True)
class Portion:
    """What was measured on some lines, as counts; see the fields of the same names in :class:`Profile`."""

    filled: pl.DataFrame  # one row
    values: Mapping[str, pl.DataFrame]
    identifiers: pl.DataFrame
    rules: pl.DataFrame  # one row: two columns a rule, named after it with JUDGED and BROKEN
    groups: pl.DataFrame

    def less(self) -> Portion:
        """The same, to be taken away: what the lines that went had added."""
        return Portion(
            filled=_negated(self.filled),
            values={key: _negated(frame) for key, frame in self.values.items()},
            identifiers=_negated(self.identifiers),
            rules=_negated(self.rules),
            groups=_negated(self.groups),
        )


def measured(columns: pl.DataFrame, header: Header) -> Portion:
    """Measure some parsed lines (see ``rpps_sync.extracts.parse``).

    ``groups`` has a row per profession and registration authority (empty where the extract has no such column)
    with ``rows``, ``complete`` (filled cells among the expected ones) and, for each dimension of the rules, how
    many were judged and how many broken.
    """
    return Portion(
        filled=columns.select((pl.all() != "").sum().cast(pl.Int64)),
        values={key: _codes(columns, key) for key in coded_columns(header.kind)},
        identifiers=_identifier_shapes(columns),
        **_judged(columns, header.kind),
    )


@dataclass(slots=True)
class Profiler:
    """Accumulates the profile of one file."""

    header: Header
    _portions: list[Portion] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.add(measured(columns_of(pl.Series(dtype=pl.String), self.header), self.header))

    @classmethod
    def of(cls, profile: Profile) -> Profiler:
        """A profile, to be moved by the lines that come and go."""
        profiler = cls(profile.header)
        counted = {
            name + end: counts[place]
            for place, end in enumerate((JUDGED, BROKEN))
            for name, counts in profile.rules.items()
        }
        rules_broken = pl.DataFrame([counted], schema=dict.fromkeys(counted, pl.Int64))
        filled = pl.DataFrame([profile.filled], schema=dict.fromkeys(profile.filled, pl.Int64))
        profiler.add(Portion(filled, profile.values, profile.identifiers, rules_broken, profile.groups))
        return profiler

    def add(self, portion: Portion) -> None:
        """Add what was measured on some lines; ``portion.less()`` takes it off."""
        self._portions.append(portion)

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
        parts = self._portions
        shapes = _summed([portion.identifiers for portion in parts], _SHAPE)
        return Profile(
            kind=self.header.kind,
            header=self.header,
            lines=index.height,
            quarantined=quarantined,
            duplicates=repeated,
            practitioners=people,
            filled=_totals([portion.filled for portion in parts]),
            values={key: self._codes(key) for key in parts[0].values},
            identifiers=shapes.sort("rows", *_SHAPE, descending=[True, *(False for _ in _SHAPE)]),
            rules=self._rules(),
            groups=_summed([portion.groups for portion in parts], _GROUP).sort(_GROUP),
        )

    def _codes(self, key: str) -> pl.DataFrame:
        """Distinct codes with their label and count, most frequent first."""
        summed = _summed([portion.values[key] for portion in self._portions], ("value", "label"))
        return summed.sort(["rows", "value", "label"], descending=[True, False, False])

    def _rules(self) -> dict[str, tuple[int, int]]:
        """Lines judged and lines broken, by rule."""
        totals = _totals([portion.rules for portion in self._portions])
        names = [rule.name for rule in rules(self.header.kind)]
        return {name: (totals[name + JUDGED], totals[name + BROKEN]) for name in names}


def _negated(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(-pl.col(pl.Int64))


def _summed(parts: list[pl.DataFrame], keys: tuple[str, ...]) -> pl.DataFrame:
    """The counts of all parts by group; groups of which nothing is left are dropped."""
    counts = [name for name in parts[0].columns if name not in keys]
    return pl.concat(parts).group_by(keys).agg(pl.col(counts).sum()).filter(pl.col("rows") != 0)


def _totals(parts: list[pl.DataFrame]) -> dict[str, int]:
    totals = pl.concat(parts).sum().row(0, named=True)
    return {key: int(count) for key, count in totals.items()}


def _codes(columns: pl.DataFrame, key: str) -> pl.DataFrame:
    return (
        columns.select(value=key, label=f"{key}{LABEL_SUFFIX}")
        .filter(pl.col("value") != "")
        .group_by("value", "label")
        .agg(rows=_ROWS)
    )


_ROWS = pl.len().cast(pl.Int64)


def _identifier_shapes(columns: pl.DataFrame) -> pl.DataFrame:
    return with_identifier_shapes(columns).group_by(_SHAPE).agg(rows=_ROWS)


def with_identifier_shapes(columns: pl.DataFrame) -> pl.DataFrame:
    """Lines that name somebody, with the shape of their identifier beside their columns."""
    identifier = pl.col("identifier")
    if "id_type" not in columns.columns:  # the cards extract has only the whole identifier
        columns = columns.with_columns(id_type=pl.col("national_id").str.slice(0, 1))
    return columns.filter(pl.col("national_id") != "").with_columns(
        length=identifier.str.len_chars(),
        digits=identifier.str.contains(r"^[0-9]{1,18}$"),
        luhn=luhn_is_valid(identifier),
        prefixed=pl.col("national_id") == pl.concat_str("id_type", "identifier"),
    )


def _judged(columns: pl.DataFrame, kind: ExtractKind) -> dict[str, pl.DataFrame]:
    """Every rule, line by line; then its totals, and those of its dimension by group."""
    verdicts = columns.select(
        *(pl.col(key) if key in columns.columns else pl.lit("").alias(key) for key in _GROUP),
        pl.sum_horizontal((pl.col(key) != "") for key in EXPECTED[kind]).cast(pl.Int64).alias("complete"),
        *(rule.judged.alias(rule.name + JUDGED) for rule in rules(kind)),
        *(rule.broken.alias(rule.name + BROKEN) for rule in rules(kind)),
    )
    totals = verdicts.select(pl.col(pl.Boolean).sum().cast(pl.Int64))
    by_dimension = [
        pl.sum_horizontal(rule.name + end for rule in rules(kind) if rule.dimension is dimension)
        .cast(pl.Int64)
        .alias(f"{dimension}{end}")
        for dimension in Dimension
        for end in (JUDGED, BROKEN)
        if any(rule.dimension is dimension for rule in rules(kind))
    ]
    counted = verdicts.select(*_GROUP, "complete", *by_dimension).group_by(_GROUP)
    sums = counted.agg(_ROWS.alias("rows"), pl.exclude(*_GROUP).sum())
    return {"rules": totals, "groups": _orderly(sums)}


def _orderly(groups: pl.DataFrame) -> pl.DataFrame:
    """The groups with every count, names that cannot be one put together."""
    absent = [pl.lit(0, pl.Int64).alias(name) for name in _COUNTS if name not in groups.columns]
    named = groups.with_columns(
        *absent,
        *(
            pl.when(pl.col(key).str.contains(shape)).then(pl.col(key)).otherwise(pl.lit(OTHER)).alias(key)
            for key, shape in _ORDERLY.items()
        ),
    )
    return _summed([named.select(GROUPS.names())], _GROUP)
