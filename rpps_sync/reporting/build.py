"""Turns what the ledgers hold into the ``ReportModel`` of one run: a pure function, without database or clock."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from rpps_sync import __version__
from rpps_sync.clock import parse_instant
from rpps_sync.finding import QUIET_VERDICTS, StaleSide, Verdict
from rpps_sync.freshness.grouping import lines
from rpps_sync.freshness.objectives import reason_of
from rpps_sync.quality.judging import told_in
from rpps_sync.quality.rows import has_rows
from rpps_sync.reporting.headline import Story, explain, tell
from rpps_sync.reporting.lights import READING_ORDER, check_light, freshness_light, order_of, verdict_light
from rpps_sync.reporting.material import Material
from rpps_sync.reporting.model import (
    AuthorityCount,
    Changes,
    ChannelLine,
    CheckLine,
    FieldChanges,
    FileLine,
    Findings,
    FreshnessLine,
    LagLine,
    Light,
    Night,
    Production,
    ProfessionChanges,
    Quarantine,
    ReportModel,
    Served,
    VerdictCount,
)
from rpps_sync.reporting.scores import compared, scores_of
from rpps_sync.reporting.words import Words
from rpps_sync.run_summary import CheckStatus, Outcome

_MOVEMENTS = {"arrived": "arrived", "returned": "arrived", "changed": "changed"}


def build(material: Material, *, language: str, edited_at: datetime) -> ReportModel:
    """The model of one report.

    Args:
        material: the rows behind it.
        language: ``fr`` or ``en``.
        edited_at: when the report is written; ages are counted at the end of the run, not from here.
    """
    summary = material.summary
    served = _served(material)
    checks = _checks(summary, language)
    freshness = _freshness(summary, language)
    quarantine = Quarantine(summary["quarantine"]["lines"], tuple(dict(row) for row in material.quarantine))
    story, words = Story(summary, served, checks, freshness, quarantine.total), Words(language)
    light, headline = tell(story, words)
    message, mend = explain(story, words)
    return ReportModel(
        language=language,
        light=light,
        headline=headline,
        message=message,
        mend=mend,
        outcome=summary["outcome"],
        examined=_examined(summary),
        served=served,
        files=_files(summary),
        channels=tuple(ChannelLine(**channel) for channel in summary.get("channels", ())),  # older runs had one
        changes=_changes(material),
        compared=compared(material.publications, material.labels),
        scores=scores_of(material.publications, material.labels),
        checks=checks,
        quarantine=quarantine,
        findings=_findings(material),
        freshness=freshness,
        trend=_trend(material),
        production=_production(summary, edited_at),
    )


def _examined(summary: Mapping[str, Any]) -> Mapping[str, Any] | None:
    publication = summary["publication"]
    return {name: publication[name] for name in ("id", "published_at")} if publication else None


def _served(material: Material) -> Served | None:
    row = material.served
    if row is None:
        return None
    published_at: datetime = row["published_at"]
    age = parse_instant(material.summary["finished_at"]) - published_at
    return Served(
        id=row["id"],
        published_at=published_at,
        age_seconds=int(age.total_seconds()),
        practitioners=row["practitioners"],
        accepted_by=row["accepted_by"] or "",
        accepted_because=row["accepted_because"] or "",
    )


def _files(summary: Mapping[str, Any]) -> tuple[FileLine, ...]:
    publication = summary["publication"] or {"files": []}
    return tuple(
        FileLine(
            kind=file["kind"],
            channel=urlsplit(file["url"]).hostname or "",
            url=file["url"],
            bytes=file["bytes"],
            lines=file["lines"],
            sha256=file["sha256"],
            published_at=file["published_at"],
        )
        for file in publication["files"]
    )


def _checks(summary: Mapping[str, Any], language: str) -> tuple[CheckLine, ...]:
    lines = (
        CheckLine(
            light=check_light(check["status"], check["severity"], known=bool(check.get("acknowledged"))),
            name=check["name"],
            title=check["title"],
            file=check["file"],
            severity=check["severity"],
            status=check["status"],
            observed=check["observed"],
            expected=check["expected"],
            rows=check["rows"],
            failing=check["failing"],
            samples=tuple(check["samples"]),
            reason=check["reason"],
            mend=check["mend"],
            command=_command(check, summary["publication"]),
            **{name: check.get(name, "") for name in ("family", "explanation", "first_seen", "acknowledged")},
        )
        for check in (_translated(check, language) for check in summary["checks"])
    )
    return tuple(sorted(lines, key=lambda line: order_of(line.light, line.severity, line.status)))


def _translated(check: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """A result whose run spoke another language than the report."""
    told = told_in(language, check["name"], check["file"], check["title"])
    return check if told is None else {**check, **dict(zip(("title", "reason", "mend"), told, strict=True))}


def _command(check: Mapping[str, Any], publication: Mapping[str, Any] | None) -> str:
    """What lists the rows behind a check; empty where there is nothing to list."""
    if not publication or check["status"] not in (CheckStatus.FAILED, CheckStatus.WARNED):
        return ""
    if not has_rows(check["name"]):
        return ""
    extract = f" --extract {check['file']}" if check["file"] else ""
    return f"rpps-sync checks rows {check['name']}{extract} --publication {publication['id']}"


def _changes(material: Material) -> Changes:
    delta = material.summary["delta"]
    people = delta["practitioners"]
    return Changes(
        lines_added=delta["lines_added"],
        lines_removed=delta["lines_removed"],
        arrived=people["added"],
        changed=people["changed"],
        departed=people["departed"],
        total=people["total"],
        by_field=_by_field(material),
        by_profession=_by_profession(material),
    )


def _by_field(material: Material) -> tuple[FieldChanges, ...]:
    changes = (FieldChanges(**row) for row in material.fields)
    return tuple(sorted(changes, key=lambda change: (-change.total, change.field)))


def _by_profession(material: Material) -> tuple[ProfessionChanges, ...]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in material.professions:
        counts[row["profession"]][_MOVEMENTS[row["kind"]]] += row["practitioners"]
    for row in material.departures:
        for code in filter(None, row["last_professions"].split(",")):
            counts[code]["departed"] += row["practitioners"]
    changes = (
        ProfessionChanges(
            code, material.labels.get(code) or code, moved["arrived"], moved["changed"], moved["departed"]
        )
        for code, moved in counts.items()
    )
    return tuple(sorted(changes, key=lambda change: (-change.total, change.code)))


def _findings(material: Material) -> Findings:
    compared = material.summary["comparison"]
    standing: Counter[str] = Counter()
    authorities: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in material.findings:
        standing[row["verdict"]] += row["findings"]
        if row["stale_side"] != StaleSide.TOKEN:  # nobody has to correct a directory that is right
            authorities[_named(row["registration_authority"])][row["verdict"]] += row["findings"]
    by_authority = (AuthorityCount(name, dict(verdicts)) for name, verdicts in authorities.items())
    return Findings(
        observed=compared["observed"],
        open=standing.total(),
        by_verdict=_by_verdict(compared["by_verdict"], standing),
        by_authority=tuple(sorted(by_authority, key=lambda count: (-count.total, count.authority))),
        gravest=tuple({name: row[name] for name in row if name != "evidence"} for row in material.gravest),
        lags=tuple(
            LagLine(lag.group, str(lag.side), lag.caught_up, lag.running, lag.median_days, lag.p90_days)
            for lag in material.lags
            if lag.caught_up
        ),
    )


def _named(triplet: str) -> str:
    """The triplet as published; a triplet of nothing (``//``) is no authority."""
    return triplet if triplet.strip("/") else ""


def _by_verdict(comparisons: Mapping[str, int], standing: Mapping[str, int]) -> tuple[VerdictCount, ...]:
    """Every verdict seen, the gravest lights first, then the most frequent."""
    seen = [verdict for verdict in Verdict if comparisons.get(verdict.value) or standing.get(verdict.value)]
    counts = (
        VerdictCount(
            verdict=verdict.value,
            comparisons=comparisons.get(verdict.value, 0),
            findings=standing.get(verdict.value, 0),
            light=verdict_light(verdict.value),
        )
        for verdict in seen
    )
    return tuple(sorted(counts, key=_gravity))


def _gravity(count: VerdictCount) -> tuple[bool, int, int]:
    return count.verdict in QUIET_VERDICTS, READING_ORDER.index(count.light), -count.comparisons


def _freshness(summary: Mapping[str, Any], language: str) -> tuple[FreshnessLine, ...]:
    return tuple(
        FreshnessLine(
            light=freshness_light(line.state),
            group=line.group or "",
            objective=line.objective,
            title=line.named,
            reason=reason_of(line.objective, language),
            link=line.states[0].get("link", ""),  # runs of former versions had neither
            mend=line.states[0].get("mend", ""),
            state=line.state.value,
            observed=line.observed,
            limit=line.limit,
            since=line.states[0]["since"] if len(line.states) == 1 else None,
        )
        for line in lines(summary["freshness"], language)
    )


def _trend(material: Material) -> tuple[Night, ...]:
    return tuple(_night(summary) for summary in (*(row["summary"] for row in material.runs), material.summary))


def _night(summary: Mapping[str, Any]) -> Night:
    people = summary["delta"]["practitioners"]
    started_at, finished_at = parse_instant(summary["started_at"]), parse_instant(summary["finished_at"])
    published = summary["outcome"] == Outcome.PUBLISHED
    return Night(
        run_id=summary["run_id"],
        started_at=started_at,
        outcome=summary["outcome"],
        practitioners=people["total"] if published else None,
        arrived=people["added"] if published else 0,
        changed=people["changed"] if published else 0,
        departed=people["departed"] if published else 0,
        failing_checks=sum(
            check_light(c["status"], c["severity"], known=bool(c.get("acknowledged"))) in _BAD
            for c in summary["checks"]
        ),
        quarantined=summary["quarantine"]["lines"],
        seconds=(finished_at - started_at).total_seconds(),
        first_load=published and people["added"] == people["total"] > 0,
    )


_BAD = (Light.WARN, Light.ERROR)


def _production(summary: Mapping[str, Any], edited_at: datetime) -> Production:
    return Production(
        run_id=summary["run_id"],
        started_at=parse_instant(summary["started_at"]),
        finished_at=parse_instant(summary["finished_at"]),
        edited_at=edited_at,
        timings=summary["timings"],
        peak_rss=summary["peak_rss"],
        version=__version__,
    )
