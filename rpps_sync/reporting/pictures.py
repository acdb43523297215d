"""The charts of one report: which series of the model each draws, and the words that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from rpps_sync.reporting.charts import Bar, Caption, Point, sparkline, stacked_bars, trend_line
from rpps_sync.reporting.model import Night, ReportModel
from rpps_sync.reporting.words import Words


def practitioners_chart(model: ReportModel, words: Words) -> Markup:
    """Practitioners served over the nights; empty while fewer than two publications are known."""
    known = _known(model.trend)
    if len(known) < 2:
        return Markup()
    description = words(
        "trend.practitioners_desc",
        first=words.number(known[0]),
        last=words.number(known[-1]),
        n=words.number(len(known)),
        low=words.number(min(known)),
        high=words.number(max(known)),
    )
    points = [Point(_short_day(night, words), night.practitioners) for night in model.trend]
    caption = Caption("practitioners", words("trend.practitioners"), description)
    return trend_line(caption, points, words.number)


def changes_chart(model: ReportModel, words: Words) -> Markup:
    """Practitioners moved by each night, first loads left out of the picture; empty when nothing moved."""
    nights = [night for night in model.trend if not night.first_load]
    bars = [_bar(night, words) for night in nights]
    most = max((bar.total for bar in bars), default=0)
    if len(bars) < 2 or not most:
        return Markup()
    description = words("trend.changes_desc", most=words.number(most))
    return stacked_bars(Caption("changes", words("trend.changes"), description), bars, words.number)


def scores_chart(model: ReportModel, words: Words) -> Markup:
    """The mean score of each publication; empty while fewer than two have one."""
    points = [point for point in model.scores.trend if "score" in point.scores] if model.scores else []
    if len(points) < 2:
        return Markup()
    known = [point.scores["score"] for point in points]
    low, high = words.share(min(known)), words.share(max(known))
    caption = Caption("scores", words("scores.trend"), words("scores.trend_desc", low=low, high=high))
    return trend_line(
        caption,
        [Point(_day(point.published_at, words), point.scores["score"] * _TEN_THOUSAND) for point in points],
        lambda value: words.share(value / _TEN_THOUSAND),
    )


_TEN_THOUSAND = 10_000  # scores move by hundredths of a point, and an axis by whole steps


def score_sparkline(model: ReportModel, dimension: str) -> Markup:
    """One dimension of the scores over the publications, the size of a word."""
    trend = model.scores.trend if model.scores else ()
    return sparkline([point.scores[dimension] * _TEN_THOUSAND for point in trend if dimension in point.scores])


def practitioners_sparkline(model: ReportModel) -> Markup:
    """The practitioners of the trend, the size of a word."""
    return sparkline(_known(model.trend))


def _bar(night: Night, words: Words) -> Bar:
    parts = (("arrived", night.arrived), ("changed", night.changed), ("departed", night.departed))
    return Bar(
        _short_day(night, words), tuple((name, words(f"changes.{name}").lower(), number) for name, number in parts)
    )


def _known(trend: Sequence[Night]) -> list[int]:
    return [night.practitioners for night in trend if night.practitioners is not None]


def _short_day(night: Night, words: Words) -> str:
    return _day(night.started_at, words)


def _day(instant: datetime, words: Words) -> str:
    return words("format.short_day", day=instant.day, month=f"{instant.month:02d}")
