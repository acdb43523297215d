"""The three sentences of a period: its nights, how long each side takes to catch up, what came and what went."""

from __future__ import annotations

from rpps_sync.reporting.editions.figures import Figures
from rpps_sync.reporting.editions.period import Edition, Period
from rpps_sync.reporting.headline import enumerated
from rpps_sync.reporting.model import Light
from rpps_sync.reporting.words import Words

_TROUBLES = ("reserved", "late", "unchanged", "refused", "failed")


def name_of(period: Period, words: Words) -> str:
    """``semaine du 16 au 22 novembre 2026``, ``novembre 2026``."""
    if period.is_calendar_month:
        return words.month(period.last)
    kind = "week" if period.edition is Edition.WEEK else "month"
    return words(f"period.name_{kind}", first=words.since(period.first, period.last), last=words.day(period.last))


def tell(period: Period, figures: Figures, words: Words) -> tuple[Light, str]:
    """The light of the period and its sentences."""
    if not figures["nights"]:
        return Light.NONE, words("period.nothing", name=capital(name_of(period, words)))
    sentences = (_nights(period, figures, words), _lags(figures, words), _findings(figures, words))
    return _light(figures), " ".join(sentences)


def capital(text: str) -> str:
    """With a capital letter to begin with, the others as they are."""
    return text[:1].upper() + text[1:]


def _light(figures: Figures) -> Light:
    if figures["nights_refused"] or figures["nights_failed"] or figures["incidents_standing"]:
        return Light.ERROR if figures["incidents_standing"] else Light.WARN
    return Light.OK if figures["nights_clean"] == figures["nights"] else Light.WARN


def _nights(period: Period, figures: Figures, words: Words) -> str:
    name, nights, clean = (
        capital(name_of(period, words)),
        int(figures["nights"] or 0),
        int(figures["nights_clean"] or 0),
    )
    if nights == clean:
        return words.count("period.all_clean", nights, name=name)
    counted = [
        words.count(f"period.{trouble}", int(number))
        for trouble in _TROUBLES
        if (number := figures[f"nights_{trouble}"])
    ]
    troubles = enumerated(counted, words)
    return words.count("period.nights", nights, name=name, clean=words.count("period.clean", clean), list=troubles)


def _lags(figures: Figures, words: Words) -> str:
    known = [
        words(f"period.lag_{side}", days=words.days(days))
        for side in ("directory", "token")
        if (days := figures[f"lag_{side}"]) is not None
    ]
    return words("period.lags", list=enumerated(known, words)) if known else words("period.no_lag")


def _findings(figures: Figures, words: Words) -> str:
    incidents = int(figures["incidents_opened"] or 0)
    return words(
        "period.came_and_went",
        incidents=words.count("period.incidents", incidents) if incidents else words("period.no_incident"),
        opened=words.count("period.opened", int(figures["findings_opened"] or 0)),
        resolved=words.count("period.resolved", int(figures["findings_resolved"] or 0)),
    )
