"""All that a report shows, as values: page, workbook and JSON document are views of one ``ReportModel``.

Numbers and instants are kept plain here; the page formats them, the JSON document writes them as they are.
"""

from rpps_sync.reporting.model.difference import Difference, Former, Move, Turn, Unit, Value
from rpps_sync.reporting.model.findings import (
    AuthorityCount,
    Findings,
    LagLine,
    SourceCount,
    Standing,
    VerdictCount,
)
from rpps_sync.reporting.model.hand import Hand
from rpps_sync.reporting.model.light import Light
from rpps_sync.reporting.model.nights import FreshnessLine, Night, Production
from rpps_sync.reporting.model.publication import (
    Changes,
    ChannelLine,
    Compared,
    FieldChanges,
    FileLine,
    GapLine,
    ProfessionChanges,
    Served,
)
from rpps_sync.reporting.model.quality import CheckLine, Quarantine, ScoreLine, ScorePoint, Scores
from rpps_sync.reporting.model.report import ReportModel

__all__ = [
    "AuthorityCount",
    "Changes",
    "ChannelLine",
    "CheckLine",
    "Compared",
    "Difference",
    "FieldChanges",
    "FileLine",
    "Findings",
    "Former",
    "FreshnessLine",
    "GapLine",
    "Hand",
    "LagLine",
    "Light",
    "Move",
    "Night",
    "Production",
    "ProfessionChanges",
    "Quarantine",
    "ReportModel",
    "ScoreLine",
    "ScorePoint",
    "Scores",
    "Served",
    "SourceCount",
    "Standing",
    "Turn",
    "Unit",
    "Value",
    "VerdictCount",
]
