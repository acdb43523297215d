"""The nights before, this one among them, and how the report was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rpps_sync import __version__
from rpps_sync.clock import parse_instant
from rpps_sync.reporting.lights import check_light
from rpps_sync.reporting.material import Material
from rpps_sync.reporting.model import Light, Night, Production
from rpps_sync.run_summary import Outcome

_BAD = (Light.WARN, Light.ERROR)


def trend(material: Material) -> tuple[Night, ...]:
    """The nights before, oldest first, this one last."""
    return tuple(night(summary) for summary in (*(row["summary"] for row in material.runs), material.summary))


def night(summary: Mapping[str, Any]) -> Night:
    """One run, as a point of the trend."""
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


def production(summary: Mapping[str, Any], edited_at: datetime) -> Production:
    """How the run went, and when this report of it was written."""
    return Production(
        run_id=summary["run_id"],
        started_at=parse_instant(summary["started_at"]),
        finished_at=parse_instant(summary["finished_at"]),
        edited_at=edited_at,
        timings=summary["timings"],
        peak_rss=summary["peak_rss"],
        version=__version__,
    )
