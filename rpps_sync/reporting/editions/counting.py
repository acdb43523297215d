"""What is counted in a period, table by table, from what the ledgers hold of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from rpps_sync.clock import french_day, parse_instant
from rpps_sync.directory.survival import Duration, quantile, survival
from rpps_sync.freshness.objectives import title_of
from rpps_sync.quality.judging import told_in
from rpps_sync.reporting.editions.material import Flow, PeriodMaterial
from rpps_sync.reporting.editions.model import (
    FailingCheck,
    FindingFlow,
    IncidentLine,
    Lines,
    ObjectiveTime,
    PeriodLag,
    ScoreMove,
)
from rpps_sync.reporting.lights import READING_ORDER, check_light
from rpps_sync.reporting.model import Light
from rpps_sync.reporting.scores import DIMENSIONS

_BAD = (Light.ERROR, Light.WARN)
ALL_FIELDS = ""


def lines_of(material: PeriodMaterial, titles: Mapping[str, str], language: str) -> Lines:
    """Every table.

    Args:
        material: what the ledgers hold.
        titles: of incidents, by cause.
        language: ``fr`` or ``en``.
    """
    return Lines(
        checks=_checks(material, language),
        incidents=_incidents(material, titles),
        lags=_lags(material),
        authorities=_flows((flow.authority.strip("/") and flow.authority, flow) for flow in material.flows),
        sources=_flows((flow.source, flow) for flow in material.flows),
        scores=_scores(material),
        objectives=_objectives(material, language),
    )


def failing(summary: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Light]]:
    """The checks of a run that need eyes, with their lights."""
    for check in summary["checks"]:
        light = check_light(check["status"], check["severity"], known=bool(check.get("acknowledged")))
        if light in _BAD:
            yield check, light


def _checks(material: PeriodMaterial, language: str) -> tuple[FailingCheck, ...]:
    nights: defaultdict[tuple[str, str], list[tuple[date, Mapping[str, Any], Light]]] = defaultdict(list)
    last: set[tuple[str, str]] = set()
    for summary in material.runs:
        found = {(check["name"], check["file"]): (check, light) for check, light in failing(summary)}
        last = set(found) if summary["checks"] else last
        for key, (check, light) in found.items():
            nights[key].append((french_day(parse_instant(summary["started_at"])), check, light))
    told = [_failing(key, bad, language, still=key in last) for key, bad in nights.items()]
    return tuple(sorted(told, key=lambda line: (READING_ORDER.index(line.light), not line.still, -line.nights)))


def _failing(
    key: tuple[str, str], bad: list[tuple[date, Mapping[str, Any], Light]], language: str, *, still: bool
) -> FailingCheck:
    last, check, _ = bad[-1]
    said = told_in(language, *key, check["title"])
    return FailingCheck(
        name=key[0],
        file=key[1],
        title=check["title"] if said is None else said[0],
        light=min((light for _, _, light in bad), key=READING_ORDER.index),
        nights=len({day for day, _, _ in bad}),
        most=max(check["failing"] for _, check, _ in bad),
        last=last,
        still=still,
    )


def _incidents(material: PeriodMaterial, titles: Mapping[str, str]) -> tuple[IncidentLine, ...]:
    period = material.period
    return tuple(
        IncidentLine(
            title=titles.get(row.cause, row.cause),
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            seconds=int(((row.closed_at or material.now) - row.opened_at).total_seconds()),
            opened_within=row.opened_at >= period.begins,
        )
        for row in material.incidents
    )


def _lags(material: PeriodMaterial) -> tuple[PeriodLag, ...]:
    """All fields of each side first, then field by field, the most measured first."""
    groups: defaultdict[tuple[str, str], list[Duration]] = defaultdict(list)
    for field, side, duration in material.ended:
        groups[ALL_FIELDS, side].append(duration)
        groups[field, side].append(duration)
    told = [_lag(*key, durations) for key, durations in groups.items()]
    return tuple(sorted(told, key=lambda lag: (lag.field != ALL_FIELDS, -lag.ended, lag.field, lag.side)))


def _lag(field: str, side: str, durations: list[Duration]) -> PeriodLag:
    curve = survival(durations)
    median, p90 = (quantile(curve, part) for part in (0.5, 0.9))
    assert median is not None  # all of them ended
    assert p90 is not None
    return PeriodLag(field, side, len(durations), median, p90)


def _flows(named: Iterable[tuple[str, Flow]]) -> tuple[FindingFlow, ...]:
    """One line a name, what moved most first."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, flow in named:
        for place, number in enumerate((flow.opened, flow.resolved, flow.standing)):
            sums[name][place] += number
    told = [FindingFlow(name, came, went, max(0, stands)) for name, (came, went, stands) in sums.items()]
    moved = [line for line in told if line.opened or line.resolved or line.standing]
    return tuple(sorted(moved, key=lambda line: (-line.opened - line.resolved, -line.standing, line.name)))


def _scores(material: PeriodMaterial) -> tuple[ScoreMove, ...]:
    told = []
    for name in ("score", *DIMENSIONS):
        known = [scores[name] for scores in material.scores if name in scores]
        if known:
            told.append(ScoreMove(name, known[0], known[-1], min(known)))
    return tuple(told)


def _objectives(material: PeriodMaterial, language: str) -> tuple[ObjectiveTime, ...]:
    """How long each objective was not met, the longest in error first."""
    period, spent = material.period, defaultdict[str, dict[str, float]](lambda: {"warn": 0.0, "error": 0.0})
    for stay in material.stays:
        until = min(stay.until or material.now, period.ends, material.now)
        seconds = (until - max(stay.since, period.begins)).total_seconds()
        spent[stay.objective][stay.state] += max(0.0, seconds)
    told = [
        ObjectiveTime(title_of(name, language), round(times["warn"]), round(times["error"]))
        for name, times in spent.items()
        if any(times.values())
    ]
    return tuple(sorted(told, key=lambda line: (-line.failed_seconds, -line.warned_seconds, line.title)))
