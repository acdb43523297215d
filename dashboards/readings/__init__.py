"""Everything the pages read, by theme; each reading is kept while nothing it depends on has changed.

keeping  how long
nights   runs, publications, freshness
people   search, records, lives, labels
tokens   findings, delays, lists to hand over
files    lines set aside or at fault, the archive
"""

from dashboards.readings.files import ROWS, archive, quarantine, rows_behind
from dashboards.readings.keeping import take_pulse
from dashboards.readings.nights import (
    check_results,
    extracts,
    feeds,
    freshness_lines,
    freshness_states,
    gaps_between,
    last_summary,
    lines_by,
    moves,
    past_nights,
    publication_days,
    scores_by,
    served,
    summary_of,
    volumes,
)
from dashboards.readings.people import freshness_of, labels_of, moved_with, record, search, timeline, who_moved
from dashboards.readings.tokens import (
    delays,
    finding,
    findings_of,
    findings_page,
    judged,
    standing_by_verdict,
    tallies,
    was_judged,
    worklist_files,
)

__all__ = [
    "ROWS",
    "archive",
    "check_results",
    "delays",
    "extracts",
    "feeds",
    "finding",
    "findings_of",
    "findings_page",
    "freshness_lines",
    "freshness_of",
    "freshness_states",
    "gaps_between",
    "judged",
    "labels_of",
    "last_summary",
    "lines_by",
    "moved_with",
    "moves",
    "past_nights",
    "publication_days",
    "quarantine",
    "record",
    "rows_behind",
    "scores_by",
    "search",
    "served",
    "standing_by_verdict",
    "summary_of",
    "take_pulse",
    "tallies",
    "timeline",
    "volumes",
    "was_judged",
    "who_moved",
    "worklist_files",
]
