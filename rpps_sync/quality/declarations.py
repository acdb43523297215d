"""The declared checks: what is looked at, how far it may go, how grave it is, why, and what to do.

They are data, in ``pipelines/checks.toml``. A declaration that cannot be understood is refused, never skipped: a
check that silently does not run is worse than none.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rpps_sync.errors import UsageError
from rpps_sync.extracts.profile import LABEL_SUFFIX
from rpps_sync.extracts.rules import rules
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout
from rpps_sync.run_summary import CheckSeverity

DECLARATIONS = ("pipelines", "checks.toml")  # read as a resource: rooms do not import the stories above them


class LooksAt(StrEnum):
    """What a check examines."""

    ROWS = "rows"  # one of the file's figures against a hard minimum, before anything else
    FILES = "files"  # the extracts of the former publication are all there
    VOLUME = "volume"  # one of the file's figures against past accepted publications
    VANISHED = "vanished"  # codes of the former publication that nobody has any more
    DEPOSITS = "deposits"  # when the files that are made together were published
    DEPARTED = "departed"  # practitioners who left, all files together
    CHANGED = "changed"  # practitioners whose lines moved, all files together
    ORPHANS = "orphans"  # people of a file whom the file of persons does not know, against the past
    QUARANTINE = "quarantine"  # lines that could not be read
    DUPLICATES = "duplicates"  # lines that repeat another
    COLUMNS = "columns"  # the columns of the file's vintage
    UNKNOWN_COLUMNS = "unknown-columns"
    ALIASED_COLUMNS = "aliased-columns"
    FILLED = "filled"  # columns that are filled on nearly every line
    FILL_RATES = "fill-rates"  # the share of filled cells of every column, against the past
    IDENTIFIERS = "identifiers"  # shape, key and prefix of national identifiers
    CODES = "codes"  # codes of the columns against the NOS lists
    RETIRED = "retired"  # codes that the NOS lists have ended, still in use
    SHIFTED = "shifted"  # lines that went from one code of a column to another, against the former publication
    LABELS = "labels"  # one label per code
    RELABELLED = "relabelled"  # codes whose label is not that of the former publication, all files together
    DRIFT = "drift"  # labels that are not worded as in the NOS lists
    GROUPS = "groups"  # lines of every group (profession, département, authority) against the past
    CHURN = "churn"  # how many arrive, leave and change, against the same day of past weeks
    BEYOND = "beyond"  # people who left from the end of the file
    STILL = "still"  # lines that came or went, on a working day
    RULES = "rules"  # lines that break a rule (rpps_sync/extracts/rules.py)
    RULE_RISE = "rule-rise"  # the same, against the past, all rules together
    DISTRIBUTION = "distribution"  # the share of every code against its past median
    EMPTIED = "emptied"  # columns that lost their values, as a share of those they had
    SHAPES = "shapes"  # shapes that codes of a column never had
    ROLLBACK = "rollback"  # files that were served before, though not last
    FLAPPING = "flapping"  # lines that come back within a week
    REWRITTEN = "rewritten"  # people who see one column change, column by column
    NAMES = "names"  # people under several names
    REUSED = "reused"  # identifiers that pass to somebody else
    MIGRATED = "migrated"  # people who pass from ADELI to RPPS
    TWINS = "twins"  # several identifiers for one name, profession and commune
    DISAGREEING = "disagreeing"  # people whose files do not tell the same name or profession
    UNDECLARED = "undeclared"  # skills of the activity file that the skills file does not know
    TRANSPORT = "transport"  # how the files came: a refusal of theirs, by its reasons
    FROZEN = "frozen"  # nights in a row without anything new


_OF_THE_WHOLE = frozenset(
    {
        *(LooksAt.FILES, LooksAt.DEPOSITS, LooksAt.DEPARTED, LooksAt.CHANGED, LooksAt.RELABELLED, LooksAt.BEYOND),
        LooksAt.CHURN,
        *(LooksAt.ROLLBACK, LooksAt.REWRITTEN, LooksAt.NAMES, LooksAt.REUSED, LooksAt.MIGRATED, LooksAt.TWINS),
        *(LooksAt.DISAGREEING, LooksAt.UNDECLARED, LooksAt.TRANSPORT, LooksAt.FROZEN),
    }
)
_BY_COLUMN = frozenset({LooksAt.FILLED, LooksAt.CODES, LooksAt.VANISHED, LooksAt.DRIFT})
_OF_CODES = frozenset(
    {
        *(LooksAt.CODES, LooksAt.VANISHED, LooksAt.RETIRED, LooksAt.SHIFTED, LooksAt.LABELS, LooksAt.DRIFT),
        LooksAt.DISTRIBUTION,
    }
)
_GRAVEST_FIRST = tuple(CheckSeverity)
NO_LIMIT = 2**61  # what a band allows that has nothing to say


class Family(StrEnum):
    """What a check is about, in the order people read them."""

    TRANSPORT = "transport"
    SCHEMA = "schema"
    KEYS = "keys"
    VOLUME = "volume"
    CODES = "codes"  # code lists and distribution
    REFERENTIAL = "referential"  # across files
    ADDRESS = "address"
    IDENTITY = "identity"
    STABILITY = "stability"


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Declared):
    """One sentence in the languages of the reports."""

    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def spoken(self, language: str) -> str:
        """The sentence in one language."""
        return self.en if language == "en" else self.fr


class Band(_Declared):
    """How far a figure may go before it is this grave: exactly one of ``above``, ``drop`` and ``growth``.

    The bound is a share of what is examined; ``floor`` keeps small directories from crying wolf, and ``mads`` a
    figure that moves much from night to night. A band with ``mads`` says nothing during the cold start.
    """

    severity: CheckSeverity
    above: float | None = Field(default=None, ge=0, le=1)  # share of failing rows
    drop: float | None = Field(default=None, ge=0, le=1)  # share lost against the reference
    growth: float | None = Field(default=None, ge=0)  # share gained against the reference
    floor: int = Field(default=1, ge=1)  # fewer than that is never too much
    mads: float | None = Field(default=None, gt=0)  # times the usual spread

    @model_validator(mode="after")
    def _one_side(self) -> Band:
        if sum(share is not None for share in (self.above, self.drop, self.growth)) != 1:
            raise ValueError("a band has exactly one of above, drop and growth")
        return self

    @property
    def falling(self) -> bool:
        """Whether the band bounds a loss."""
        return self.drop is not None

    @property
    def share(self) -> float:
        """The bound, between 0 and 1 for losses and failures."""
        return next(share for share in (self.above, self.drop, self.growth) if share is not None)

    def allowed(self, base: int, spread: float | None = None) -> int:
        """How many units out of ``base`` are still acceptable, for a figure that usually moves by ``spread``."""
        if self.mads is None:
            return max(self.floor - 1, math.floor(self.share * base + 1e-9))
        if spread is None:
            return NO_LIMIT
        return max(self.floor - 1, math.floor(self.share * base + 1e-9), math.floor(self.mads * spread))


class Check(_Declared):
    """One declared check; the fields below ``looks_at`` belong to some kinds of look only."""

    id: str = Field(pattern=r"^[a-z]+\.[a-z-]+$")
    family: Family
    title: Text  # may hold {column}
    reason: Text
    mend: Text
    files: tuple[ExtractKind, ...] = ()  # none: the publication as a whole
    looks_at: LooksAt
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]  # worst first: the first one passed is the verdict
    figure: Literal["lines", "practitioners"] = "lines"  # rows, volume
    minimum: int = Field(default=1, ge=1)  # rows: the least; vanished: rows below which a code may go
    columns: tuple[str, ...] = ()  # one result each (filled, codes, vanished, drift), or one in all
    where: Mapping[str, str] = Field(default_factory=dict)  # identifiers: which of them
    column: Literal["id_type", "shape", "luhn", "prefixed"] = "shape"  # identifiers
    values: tuple[str | bool, ...] = ()  # identifiers: what is accepted
    group: Literal["profession", "department", "registration_authority"] = "profession"  # groups
    rules: tuple[str, ...] = ()  # rules: which ones, one result each
    reasons: tuple[str, ...] = ()  # transport: reasons of errors that are this check failing

    @model_validator(mode="after")
    def _is_consistent(self) -> Check:
        ranks = [_GRAVEST_FIRST.index(band.severity) for band in self.bands]
        if ranks != sorted(ranks):
            raise ValueError("bands are declared worst first")
        if (self.looks_at in _OF_THE_WHOLE) == bool(self.files):
            raise ValueError("a check names its files, unless it looks at the publication as a whole")
        known = {column.key for kind in self.files for column in layout(kind).columns}
        if strangers := sorted(set(self.columns) - known):
            raise ValueError(f"no such column in its files: {', '.join(strangers)}")
        return self

    @property
    def gravest(self) -> CheckSeverity:
        """What a failure of this check may cost."""
        return self.bands[0].severity

    def columns_of(self, kind: ExtractKind) -> tuple[str, ...]:
        """The columns it names that this extract has, in any vintage; of codes, those with a label beside them."""
        known = {column.key for column in layout(kind).columns}
        beside = LABEL_SUFFIX if self.looks_at in _OF_CODES else ""
        return tuple(column for column in self.columns if column in known and f"{column}{beside}" in known)

    def results_in(self, kind: ExtractKind | None) -> tuple[str, ...]:
        """The columns or rules that get a result of their own, or an empty name for one result in all."""
        if kind is not None and self.looks_at is LooksAt.RULES:
            return tuple(one.name for one in rules(kind) if one.name in self.rules)
        if kind is None or self.looks_at not in _BY_COLUMN:
            return ("",)
        return self.columns_of(kind)


class Declarations(_Declared):
    """All checks, and how much of the past they compare with."""

    window: int = Field(ge=1)  # past accepted publications, the last ones
    checks: tuple[Check, ...]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Declarations:
        names = [check.id for check in self.checks]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"declared twice: {', '.join(repeated)}")
        return self


@cache  # read once: every result of a report asks for its declaration
def load_checks(path: Path | None = None) -> Declarations:
    """Read the declared checks, those of ``pipelines/checks.toml`` unless another file is named.

    Raises:
        UsageError: the file cannot be read or a declaration cannot be understood; the message says which.
    """
    package, name = DECLARATIONS
    source: Path | Traversable = path or resources.files(package).joinpath(name)
    try:
        return Declarations.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise UsageError(f"{source}: {_in_words(error)}", mend=_MEND, reason="bad-declaration") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{source}: {error}", mend=_MEND, reason="bad-declaration") from error


def check_of(name: str) -> Check | None:
    """The shipped check that gives the result of that name, which begins with its id; None for none."""
    found = (check for check in load_checks().checks if name == check.id or name.startswith(f"{check.id}."))
    return next(found, None)


_MEND = "correct the declaration; the head of pipelines/checks.toml describes the keys"


def _in_words(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in problems)
