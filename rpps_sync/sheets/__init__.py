"""Tables of other people: CSV, Parquet and XLSX files, read and written row by row in bounded memory."""

from rpps_sync.sheets.files import reading, writing
from rpps_sync.sheets.sheet import Sheet, Write

__all__ = ["Sheet", "Write", "reading", "writing"]
