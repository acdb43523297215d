"""Turns what the ledgers hold into the ``ReportModel`` of one run: a pure function, without database or clock."""

from __future__ import annotations

from datetime import datetime

from rpps_sync.reporting.difference import difference
from rpps_sync.reporting.hands import hands, to_settle
from rpps_sync.reporting.headline import Story, explain, tell
from rpps_sync.reporting.material import Material
from rpps_sync.reporting.model import Quarantine, ReportModel
from rpps_sync.reporting.scores import compared, scores_of
from rpps_sync.reporting.sections.changes import changes
from rpps_sync.reporting.sections.checks import checks
from rpps_sync.reporting.sections.findings import findings
from rpps_sync.reporting.sections.freshness import freshness
from rpps_sync.reporting.sections.nights import production, trend
from rpps_sync.reporting.sections.publication import channels, examined, files, served
from rpps_sync.reporting.words import Words


def build(material: Material, *, language: str, edited_at: datetime) -> ReportModel:
    """The model of one report.

    Args:
        material: the rows behind it.
        language: ``fr`` or ``en``.
        edited_at: when the report is written; ages are counted at the end of the run, not from here.
    """
    summary, words = material.summary, Words(language)
    quarantine = Quarantine(summary["quarantine"]["lines"], tuple(dict(row) for row in material.quarantine))
    found = findings(material)
    story = Story(
        summary,
        served(material),
        checks(summary, language),
        freshness(summary, language),
        quarantine.total,
        to_settle(found),
    )
    light, headline = tell(story, words)
    message, mend = explain(story, words)
    return ReportModel(
        language=language,
        light=light,
        headline=headline,
        message=message,
        mend=mend,
        outcome=summary["outcome"],
        examined=examined(summary),
        served=story.served,
        files=files(summary),
        channels=channels(summary),
        changes=changes(material),
        compared=compared(material.publications, material.labels),
        scores=scores_of(material.publications, material.labels),
        checks=story.checks,
        quarantine=quarantine,
        findings=found,
        freshness=story.freshness,
        trend=trend(material),
        hands=hands(story, found, (message, mend), words),
        difference=difference(material, language),
        production=production(summary, edited_at),
    )
