"""The weekly or monthly report as an XLSX workbook, a sheet for each of its tables."""

from __future__ import annotations

import io
from collections.abc import Iterator

from openpyxl import Workbook

from rpps_sync.reporting.editions.headline import name_of
from rpps_sync.reporting.editions.model import PeriodModel
from rpps_sync.reporting.words import Words
from rpps_sync.reporting.workbook import Row, moves_sheet, sheet


def render(model: PeriodModel) -> bytes:
    """The whole workbook."""
    words, book = Words(model.language), Workbook(write_only=True)
    sheet(book, words("page.figures"), (words("xlsx.what"), words("xlsx.value")), _summary(model, words))
    moves_sheet(book, model.difference, words)
    sheet(book, words("period_section.days"), _columns(words, _DAYS), _days(model, words))
    sheet(book, words("period_section.incidents"), _columns(words, _INCIDENTS), _incidents(model, words))
    sheet(book, words("period_section.lags"), _columns(words, _LAGS), _lags(model, words))
    sheet(book, words("period_section.findings"), _columns(words, _FLOWS), _flows(model, words))
    sheet(book, words("period_section.scores"), _columns(words, _SCORES), _scores(model, words), shares_from=1)
    sheet(book, words("period_section.checks"), _columns(words, _CHECKS), _checks(model, words))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


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


def _columns(words: Words, keys: tuple[str, ...]) -> Row:
    return [words(key) for key in keys]


def _summary(model: PeriodModel, words: Words) -> Iterator[Row]:
    yield words("period.title", name=name_of(model.period, words)), model.headline
    for name, value in model.figures.items():
        yield words(f"period_figure.{name}"), value


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


def _checks(model: PeriodModel, _words: Words) -> Iterator[Row]:
    for line in model.lines.checks:
        yield line.title, line.name, line.file, line.nights, line.most, line.last
