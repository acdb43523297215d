"""From trials to results: all questions are put at once, then each answer becomes a status and a severity.

Severities are ours: the first band that a figure passes gives the verdict. What the library calls a success or a
failure of a whole suite is never looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from rpps_sync.extracts.rules import rule
from rpps_sync.limits import LIMITS
from rpps_sync.locales import number
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout
from rpps_sync.quality import contracts
from rpps_sync.quality.declarations import NO_LIMIT, Band, Check, LooksAt, check_of
from rpps_sync.quality.trials import Figure, Members, Told, Trial
from rpps_sync.quality.wording import percent, phrase
from rpps_sync.run_summary import CheckResult, CheckSeverity, CheckStatus

_NO_BOUND = 2**62  # the upper side of a band that bounds a loss
_BANDS = "bands"  # frame of all figures with their bounds, one row per figure and band
_PASSES = "expect_column_pair_values_a_to_be_greater_than_b"
_BELOW, _ABOVE = (
    contracts.Question(_BANDS, _PASSES, {"column_A": high, "column_B": low, "or_equal": True})
    for high, low in (("value", "lowest"), ("highest", "value"))
)


def judge(trials: Sequence[Trial], language: str, *, docs: Path | None = None) -> tuple[CheckResult, ...]:
    """The result of every trial, in their order; ``docs``: where Great Expectations writes pages, if asked."""
    hearing = _Hearing(trials, docs)
    return tuple(
        _skipped(trial, language) if trial.skipped else _result(hearing, trial, language) for trial in trials
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one probe; no band: nothing speaks against it."""

    probe: Figure | Members
    band: Band | None
    failing: int
    samples: tuple[str, ...]
    error: str = ""


@dataclass(slots=True)
class _Hearing:
    """All questions of all trials, and their answers."""

    trials: Sequence[Trial]
    docs: Path | None = None
    _answers: dict[int, contracts.Answer] = field(default_factory=dict)  # by id of probe
    _exceeded: set[tuple[int, int]] = field(default_factory=set)  # (id of figure, number of band)
    _error: str = ""  # of the bands, all figures together

    def __post_init__(self) -> None:
        """Put every question in one go: the library is started once."""
        named = [(_suite(trial), probe) for trial in self.trials for probe in trial.probes]
        members = {f"{name}.{i}": probe for i, (name, probe) in enumerate(named) if isinstance(probe, Members)}
        rows = [row for trial in self.trials for row in _bounds(trial)]
        frames = {name: probe.frame for name, probe in members.items()}
        frames[_BANDS] = pl.DataFrame([row[1:] for row in rows], schema=_BOUNDS, orient="row")
        questions = [_question(name, probe) for name, probe in members.items()]
        *answers, below, above = contracts.ask(frames, [*questions, _BELOW, _ABOVE], docs=self.docs)
        self._answers = {id(probe): answer for probe, answer in zip(members.values(), answers, strict=True)}
        self._error = (below.error or above.error) if rows else ""
        self._exceeded = {rows[position][0] for position in (*below.positions, *above.positions)}

    def outcome(self, check: Check, probe: Figure | Members) -> _Outcome:
        """What became of one probe."""
        return self._figure(check, probe) if isinstance(probe, Figure) else self._members(check, probe)

    def _figure(self, check: Check, figure: Figure) -> _Outcome:
        bands = [band for i, band in enumerate(check.bands) if (id(figure), i) in self._exceeded]
        if not bands:
            failing = figure.failing if figure.told is Told.FAILING else 0
            return _Outcome(figure, None, failing, figure.samples, self._error)
        samples = figure.samples or ((figure.name,) if figure.name else ())
        return _Outcome(figure, bands[0], figure.failing, samples)

    def _members(self, check: Check, members: Members) -> _Outcome:
        answer = self._answers[id(members)]
        guilty = members.frame[list(answer.positions)]
        failing = int(guilty["rows"].sum()) + answer.unlisted  # each unlisted value has one line at least
        examined = members.examined
        band = next((band for band in check.bands if failing > band.allowed(examined)), None)
        samples = tuple(guilty["sample"].cast(pl.String).unique(maintain_order=True).to_list())
        return _Outcome(members, band, failing, samples[: LIMITS.samples], answer.error)


def _suite(trial: Trial) -> str:
    """What the suites of one trial are called."""
    return f"{trial.kind or 'publication'}.{trial.name}"


_BOUNDS = {"value": pl.Int64, "lowest": pl.Int64, "highest": pl.Int64}


def _bounds(trial: Trial) -> list[tuple[tuple[int, int], int, int, int]]:
    """The figures of a trial with the bounds of each band, keyed by figure and band."""
    return [
        ((id(figure), i), figure.value, *_between(figure, band))
        for figure in trial.probes
        if isinstance(figure, Figure)
        for i, band in enumerate(trial.check.bands)
    ]


def _between(figure: Figure, band: Band) -> tuple[int, int]:
    allowed = band.allowed(figure.base, figure.spread)
    return (figure.reference - allowed, _NO_BOUND) if band.falling else (-_NO_BOUND, figure.reference + allowed)


def _question(frame: str, members: Members) -> contracts.Question:
    if members.accepted is None:
        return contracts.Question(frame, "expect_column_values_to_be_unique", {"column": "value"})
    arguments = {"column": "value", "value_set": list(members.accepted)}
    return contracts.Question(frame, "expect_column_values_to_be_in_set", arguments)


def _result(hearing: _Hearing, trial: Trial, language: str) -> CheckResult:
    """One result from the outcomes of a trial: the gravest speaks for all."""
    outcomes = [hearing.outcome(trial.check, probe) for probe in trial.probes]
    error = next((outcome.error for outcome in outcomes if outcome.error), "")
    examined = max(outcome.probe.examined for outcome in outcomes)
    passed = [outcome for outcome in outcomes if outcome.band is not None]
    band = min((outcome.band for outcome in passed if outcome.band), key=trial.check.bands.index, default=None)
    if not examined and not passed and not error:  # whatever looked at nothing has proved nothing
        return _skipped(replace(trial, skipped="no-value"), language)
    told = passed or outcomes
    return CheckResult(
        name=trial.name,
        title=_title(trial, language),
        file=str(trial.kind or ""),
        severity=band.severity if band and not error else trial.check.gravest,
        status=_status(band, error),
        observed=error or _observed(told, len(outcomes), language),
        expected=_expected(trial.check, told, language),
        rows=examined,
        failing=0 if error else max(outcome.failing for outcome in told),
        samples=tuple(sample for outcome in told for sample in outcome.samples)[: LIMITS.samples],
        reason=trial.check.reason.spoken(language),
        mend=trial.check.mend.spoken(language),
        family=str(trial.check.family),
        explanation=explanation(trial.check),
    )


def _status(band: Band | None, error: str) -> CheckStatus:
    if error:
        return CheckStatus.ERROR
    if band is None:
        return CheckStatus.PASSED
    grave = band.severity in (CheckSeverity.BLOCKING, CheckSeverity.ERROR)
    return CheckStatus.FAILED if grave else CheckStatus.WARNED


def _skipped(trial: Trial, language: str) -> CheckResult:
    return CheckResult(
        name=trial.name,
        title=_title(trial, language),
        file=str(trial.kind or ""),
        severity=trial.check.gravest,
        status=CheckStatus.SKIPPED,
        observed=phrase(trial.skipped, language),
        expected="",
        reason=trial.check.reason.spoken(language),
        mend=trial.check.mend.spoken(language),
        family=str(trial.check.family),
        explanation=explanation(trial.check),
    )


def explanation(check: Check) -> str:
    """Where the documentation explains a check."""
    return f"docs/quality.md#{check.id.replace('.', '')}"


def _title(trial: Trial, language: str) -> str:
    names = {column.key: column.name for column in layout(trial.kind).columns} if trial.kind else {}
    column = trial.column
    if trial.kind and trial.check.looks_at is LooksAt.RULES:
        column = rule(trial.kind, column).columns[0]
    return trial.check.title.spoken(language).replace("{column}", names.get(column, column))


def told_in(language: str, name: str, file: str, title: str) -> tuple[str, str, str] | None:
    """The title, the reason and the mend of a result in another language than that of its run.

    None where the title is not that of a check of this version, in either language: the run told it better.
    """
    if (check := check_of(name)) is None:
        return None
    trial = Trial(check, ExtractKind(file) if file else None, column=name.removeprefix(check.id).removeprefix("."))
    if title not in {_title(trial, spoken) for spoken in ("fr", "en")}:
        return None
    return _title(trial, language), check.reason.spoken(language), check.mend.spoken(language)


def _observed(told: Sequence[_Outcome], examined: int, language: str) -> str:
    if len(told) == examined > 1 and all(outcome.band is None for outcome in told):
        return f"{number(examined, language)} {phrase('columns-fine', language)}"
    return "; ".join(_in_words(outcome, language) for outcome in told)


def _in_words(outcome: _Outcome, language: str) -> str:
    probe = outcome.probe
    told = probe.told if isinstance(probe, Figure) else Told.FAILING
    name = f"{probe.name}: " if isinstance(probe, Figure) and probe.name else ""
    value = probe.value if isinstance(probe, Figure) and told is not Told.FAILING else outcome.failing
    text = f"{name}{number(value, language)}"
    if isinstance(probe, Figure) and told is Told.MOVED:
        moved = (probe.value - probe.reference) / max(1, probe.reference)
        return f"{text} ({percent(moved, language, signed=True)})"
    if told is Told.COUNT:
        unit = probe.unit if isinstance(probe, Figure) else ""
        return ": ".join(part for part in (f"{text}{unit}", ", ".join(outcome.samples)) if part)
    text = f"{text} / {number(probe.examined, language)} ({percent(value / max(1, probe.examined), language)})"
    return f"{text}: {', '.join(outcome.samples)}" if outcome.samples and told is Told.FAILING else text


def _expected(check: Check, told: Sequence[_Outcome], language: str) -> str:
    """The mildest bounds, of the first thing told."""
    probe = told[0].probe
    if isinstance(probe, Members):
        return f"≤ {number(min(band.allowed(probe.examined) for band in check.bands), language)}"
    lowest = max(_between(probe, band)[0] for band in check.bands)
    highest = min(_between(probe, band)[1] for band in check.bands)
    bounds = [f"≥ {number(lowest, language)}"] if lowest > 0 else []
    bounds += [f"≤ {number(highest, language)}{probe.unit}"] if highest < NO_LIMIT else []
    return ", ".join(bounds)
