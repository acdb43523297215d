"""The weekly or monthly report as one HTML file, in the manner of ``rpps_sync.reporting.html``."""

from __future__ import annotations

from markupsafe import Markup

from rpps_sync.reporting.charts import Bar, Caption, stacked_bars
from rpps_sync.reporting.editions.headline import name_of
from rpps_sync.reporting.editions.model import DayState, PeriodModel
from rpps_sync.reporting.html import MOST_HANDS, MOST_MOVES, environment, page_style, policy
from rpps_sync.reporting.model import Light
from rpps_sync.reporting.words import Words

LIGHTS = {
    DayState.CLEAN: Light.OK,
    DayState.RESERVED: Light.WARN,
    DayState.LATE: Light.WARN,
    DayState.UNCHANGED: Light.NONE,
    DayState.REFUSED: Light.ERROR,
    DayState.FAILED: Light.ERROR,
    DayState.MISSED: Light.ERROR,
}
_ANNEXES = ("moves", "days", "incidents", "lags", "findings", "scores", "checks", "freshness", "source")


def render(model: PeriodModel) -> str:
    """The whole page as text."""
    words, style = Words(model.language), page_style()
    return (
        environment()
        .get_template("edition.html.j2")
        .render(
            model=model,
            t=words,
            name=name_of(model.period, words),
            former_name=name_of(model.period.former, words),
            style=Markup(style),  # noqa: S704 - our own packaged style sheet, no value in it
            policy=policy(style),
            lights=LIGHTS,
            changes_chart=_changes_chart(model, words),
            annexes=_annexes(model),
            most_hands=MOST_HANDS,
            most_moves=MOST_MOVES,
        )
    )


def _annexes(model: PeriodModel) -> tuple[str, ...]:
    all_told = len(model.difference.moves) <= MOST_MOVES
    return tuple(name for name in _ANNEXES if not (all_told and name == "moves"))


def _changes_chart(model: PeriodModel, words: Words) -> Markup:
    """Practitioners moved by each day; empty when nothing moved."""
    kinds = ("arrived", "changed", "departed")
    bars = [
        Bar(
            words("format.short_day", day=day.day.day, month=f"{day.day.month:02d}"),
            tuple((kind, words(f"changes.{kind}").lower(), getattr(day, kind)) for kind in kinds),
        )
        for day in model.days
    ]
    most = max((bar.total for bar in bars), default=0)
    if not most:
        return Markup()
    description = words("period.changes_desc", most=words.number(most))
    return stacked_bars(Caption("changes", words("period.changes"), description), bars, words.number)
