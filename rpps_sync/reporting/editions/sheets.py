"""The tables of a weekly or monthly report, and the formats made of them: a workbook, CSV, Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from rpps_sync.reporting import flat
from rpps_sync.reporting import markdown as pages
from rpps_sync.reporting.cover import of_period
from rpps_sync.reporting.editions.figures import unit_of
from rpps_sync.reporting.editions.headline import name_of
from rpps_sync.reporting.editions.model import PeriodModel
from rpps_sync.reporting.tables import Row, Table, figure, hands_table, moves_table
from rpps_sync.reporting.words import Words


def workbook(model: PeriodModel) -> bytes:
    """The whole workbook."""
    from rpps_sync.reporting.workbook import written  # noqa: PLC0415 - openpyxl is slow to import

    return written(tables(model))


def csv(model: PeriodModel) -> bytes:
    """One line a cell."""
    return flat.written(tables(model))


def markdown(model: PeriodModel) -> str:
    """The first page in words, then the tables."""
    return pages.written(of_period(model), tables(model))


def tables(model: PeriodModel) -> Iterator[Table]:
    """Every table, the figures first."""
    words = Words(model.language)
    yield Table(words("page.figures"), (words("xlsx.what"), words("xlsx.value")), tuple(_summary(model, words)))
    yield hands_table(model.hands, words)
    yield moves_table(model.difference, words)
    yield _table("days", _DAYS, _days(model, words), words)
    yield _table("incidents", _INCIDENTS, _incidents(model, words), words)
    yield _table("lags", _LAGS, _lags(model, words), words)
    yield _table("findings", _FLOWS, _flows(model, words), words)
    yield _table("scores", _SCORES, _scores(model, words), words, shares_from=1)
    yield _table("checks", _CHECKS, _checks(model), words)


def _table(
    section: str, columns: tuple[str, ...], rows: Iterator[Row], words: Words, *, shares_from: int | None = None
) -> Table:
    header = [words(key) for key in columns]
    return Table(words(f"period_section.{section}"), header, tuple(rows), shares_from)


_DAYS = ("period.day", "trend.outcome", "trend.total", "changes.arrived", "changes.changed", "changes.departed")
_INCIDENTS = ("period.incident", "period.opened_at", "period.closed_at", "period.hours")
_LAGS = ("lags.field", "lags.side", "lags.caught_up", "lags.median", "lags.p90")
_FLOWS = ("xlsx.part", "xlsx.name", "period.flow_opened", "period.flow_resolved", "period.flow_standing")
_SCORES = ("scores.dimension", "period.score_first", "period.score_last", "period.score_lowest")
_CHECKS = (
    "checks.title",
    "xlsx.name",
    "publication.file",
    "period.check_count",
    "period.check_most",
    "period.check_last",
)


def _summary(model: PeriodModel, words: Words) -> Iterator[Row]:
    yield words("period.title", name=name_of(model.period, words)), model.headline
    for name, value in model.figures.items():
        yield words(f"period_figure.{name}"), figure(value, unit_of(name), words)


def _days(model: PeriodModel, words: Words) -> Iterator[Row]:
    for day in model.days:
        moved = (day.practitioners, day.arrived, day.changed, day.departed)
        yield (day.day, words(f"day_state.{day.state}"), *moved)


def _incidents(model: PeriodModel, words: Words) -> Iterator[Row]:
    for line in model.lines.incidents:
        closed = words.instant(line.closed_at) if line.closed_at else words("period.still_open")
        yield line.title, words.instant(line.opened_at), closed, round(line.seconds / 3600, 2)


def _lags(model: PeriodModel, words: Words) -> Iterator[Row]:
    for line in model.lines.lags:
        field = words.known("field", line.field) if line.field else words("period.all_fields")
        yield field, words(f"lags.{line.side}"), line.ended, line.median_days, line.p90_days


def _flows(model: PeriodModel, words: Words) -> Iterator[Row]:
    parts = {"findings.authority": model.lines.authorities, "findings.source": model.lines.sources}
    for part, lines in parts.items():
        for line in lines:
            yield words(part), line.name, line.opened, line.resolved, line.standing


def _scores(model: PeriodModel, words: Words) -> Iterator[Row]:
    for line in model.lines.scores:
        name = "period.score_mean" if line.dimension == "score" else f"dimension.{line.dimension}"
        yield words(name), line.first, line.last, line.lowest


def _checks(model: PeriodModel) -> Iterator[Row]:
    for line in model.lines.checks:
        yield line.title, line.name, line.file, line.nights, line.most, line.last
