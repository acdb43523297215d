"""What tokens and directory disagree on, and who can correct it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from rpps_sync.finding import QUIET_VERDICTS, StaleSide, Verdict
from rpps_sync.reporting.lights import READING_ORDER, verdict_light
from rpps_sync.reporting.material import Material, Rows
from rpps_sync.reporting.model import AuthorityCount, Findings, LagLine, SourceCount, Standing, VerdictCount


def findings(material: Material) -> Findings:
    """All of it, as it stands when the report is written."""
    compared = material.summary["comparison"]
    standing: Counter[str] = Counter()
    for row in material.findings:
        standing[row["verdict"]] += row["findings"]
    told = counted(material.findings)
    return Findings(
        observed=compared["observed"],
        open=standing.total(),
        by_verdict=_by_verdict(compared["by_verdict"], standing),
        by_authority=told.by_authority,
        by_source=told.by_source,
        gravest=tuple({name: row[name] for name in row if name != "evidence"} for row in material.gravest),
        lags=tuple(
            LagLine(lag.group, str(lag.side), lag.caught_up, lag.running, lag.median_days, lag.p90_days)
            for lag in material.lags
            if lag.caught_up
        ),
    )


def counted(rows: Rows) -> Standing:
    """Findings by authority and by application: rows as ``Material.findings``."""
    authorities: defaultdict[str, Counter[str]] = defaultdict(Counter)
    sources: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        sources[row["source"]][row["verdict"]] += row["findings"]
        if row["stale_side"] != StaleSide.TOKEN:  # nobody has to correct a directory that is right
            authorities[_named(row["registration_authority"])][row["verdict"]] += row["findings"]
    by_authority = (AuthorityCount(name, dict(verdicts)) for name, verdicts in authorities.items())
    by_source = (SourceCount(name, dict(verdicts)) for name, verdicts in sources.items())
    return Standing(
        by_authority=tuple(sorted(by_authority, key=lambda count: (-count.total, count.authority))),
        by_source=tuple(sorted(by_source, key=lambda count: (-count.total, count.source))),
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
