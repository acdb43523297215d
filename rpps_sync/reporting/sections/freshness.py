"""The freshness objectives, as the run left them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rpps_sync.freshness.grouping import lines
from rpps_sync.freshness.objectives import reason_of
from rpps_sync.reporting.lights import freshness_light
from rpps_sync.reporting.model import FreshnessLine


def freshness(summary: Mapping[str, Any], language: str) -> tuple[FreshnessLine, ...]:
    """One line for each subject that asks for attention, one for the rest of each objective."""
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
