"""The rows behind a result: found again in the archived files, when somebody asks or a check failed.

A check only counts; whom it counted is asked of the files themselves, with the same rules.
"""

from rpps_sync.quality.rows.finding import NO_ROWS, declared, has_rows, rows_behind
from rpps_sync.quality.rows.sampling import sampled
from rpps_sync.quality.rows.sources import OpenFile, Side, Sources
from rpps_sync.quality.rows.writing import write_csv

__all__ = ["NO_ROWS", "OpenFile", "Side", "Sources", "declared", "has_rows", "rows_behind", "sampled", "write_csv"]
