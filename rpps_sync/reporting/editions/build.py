"""What the ledgers hold of a period, and of the one before, as a ``PeriodModel``: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping

from rpps_sync import __version__
from rpps_sync.reporting.editions.counting import lines_of
from rpps_sync.reporting.editions.days import days_of
from rpps_sync.reporting.editions.figures import figures_of, moved
from rpps_sync.reporting.editions.headline import tell
from rpps_sync.reporting.editions.material import PeriodMaterial
from rpps_sync.reporting.editions.model import PeriodModel
from rpps_sync.reporting.hands import at_applications, at_authorities
from rpps_sync.reporting.material import Rows
from rpps_sync.reporting.model import Difference, Former, Hand, Light, Served
from rpps_sync.reporting.sections.findings import counted
from rpps_sync.reporting.words import Words


def build(
    material: PeriodMaterial,
    former: PeriodMaterial | None,
    standing: Rows,
    *,
    titles: Mapping[str, str],
    language: str,
) -> PeriodModel:
    """The model of one period.

    Args:
        material: what the ledgers hold of it.
        former: the same of the period before; None when there was none.
        standing: the findings that stand now, counted (``material.standing``).
        titles: of incidents, by cause.
        language: ``fr`` or ``en``.
    """
    words = Words(language)
    days, lines = days_of(material), lines_of(material, titles, language)
    figures = figures_of(days, lines)
    light, headline = tell(material.period, figures, words)
    difference = Difference(None)
    if former is not None:
        old_lines = lines_of(former, titles, language)
        old = figures_of(days_of(former), old_lines)
        ended = Former(former.period.name, former.period.ends)
        difference = Difference(ended, moved((old, old_lines), (figures, lines), words))
    return PeriodModel(
        language=language,
        period=material.period,
        edited_at=material.now,
        version=__version__,
        light=light,
        headline=headline,
        served=_served(material),
        days=days,
        figures=figures,
        lines=lines,
        hands=_hands(material, standing, titles, words),
        difference=difference,
    )


def _served(material: PeriodMaterial) -> Served | None:
    row = material.served
    if row is None:
        return None
    age = min(material.now, material.period.ends) - row.published_at
    return Served(row.id, row.published_at, max(0, int(age.total_seconds())), row.practitioners)


def _hands(material: PeriodMaterial, standing: Rows, titles: Mapping[str, str], words: Words) -> tuple[Hand, ...]:
    """Incidents that are open, then what applications and authorities can do."""
    found = counted(standing)
    how = words("period.incident_how")
    opened = [
        Hand(Light.ERROR, titles.get(row.cause, row.cause), words("who.us"), how)
        for row in material.incidents
        if row.closed_at is None
    ]
    return (*opened, *at_applications(found, words), *at_authorities(found, words))
