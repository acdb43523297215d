"""The quality scores of a report with their trend, and its publication beside the one served before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from rpps_sync.quality.comparison import Gap, gaps
from rpps_sync.reporting.model import Compared, GapLine, ScoreLine, ScorePoint, Scores

DIMENSIONS = ("completeness", "validity", "uniqueness", "consistency", "timeliness")
Publications = Sequence[Mapping[str, Any] | RowMapping]
"""``id``, ``seq`` (None when refused), ``published_at``, ``metrics``; newest first, the report's at the head."""


def scores_of(publications: Publications, labels: Mapping[str, str]) -> Scores | None:
    """The scores of the publication at the head; None when it has none.

    Args:
        publications: with those looked at before it.
        labels: of professions, by code.
    """
    if not publications or not (now := publications[0]["metrics"].get("scores")):
        return None
    served = (row["metrics"] for row in publications[1:] if row["seq"] is not None)
    before: Mapping[str, Any] = next(served, {})
    former = before.get("scores", {})
    return Scores(
        publication=_line("", "", now["publication"], former.get("publication")),
        trend=tuple(_point(row) for row in reversed(publications) if row["metrics"].get("scores")),
        extracts=_lines("extracts", now, former, {}),
        professions=_lines("professions", now, former, labels),
        authorities=_lines("authorities", now, former, {}),
    )


def _lines(
    part: str, now: Mapping[str, Any], former: Mapping[str, Any], labels: Mapping[str, str]
) -> tuple[ScoreLine, ...]:
    """One line a group that has a name, in the order of the figures: the largest first."""
    before = former.get(part, {})
    return tuple(
        _line(name, labels.get(name, name), scores, before.get(name))
        for name, scores in now.get(part, {}).items()
        if name
    )


def _line(name: str, label: str, scores: Mapping[str, float], former: Mapping[str, float] | None) -> ScoreLine:
    return ScoreLine(name, label, dict(scores), dict(former or {}))


def _point(row: Mapping[str, Any] | RowMapping) -> ScorePoint:
    scores = row["metrics"]["scores"]["publication"]
    return ScorePoint(row["id"], row["published_at"], dict(scores), refused=row["seq"] is None)


def compared(publications: Publications, labels: Mapping[str, str]) -> Compared | None:
    """The publication at the head beside the last one served before it; None without one."""
    if not publications:
        return None
    now, former = publications[0], next((row for row in publications[1:] if row["seq"] is not None), None)
    if former is None or not former["metrics"].get("files") or not now["metrics"].get("files"):
        return None
    found = gaps(former["metrics"], now["metrics"])
    return Compared(
        id=former["id"],
        published_at=former["published_at"],
        extracts=_gaps(found, "extract", {}),
        professions=_gaps(found, "profession", labels),
        departments=_gaps(found, "department", {}),
        authorities=_gaps(found, "registration_authority", {}),
    )


def _gaps(found: Sequence[Gap], dimension: str, labels: Mapping[str, str]) -> tuple[GapLine, ...]:
    return tuple(
        GapLine(gap.group, labels.get(gap.group, gap.group), gap.before, gap.after, gap.change)
        for gap in found
        if gap.dimension == dimension
    )
