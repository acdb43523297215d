"""Cells that a spreadsheet would compute, made text: the one rule for every table that leaves this program.

What a publisher, or a user of an application, wrote into a name must not run on the machine of whoever opens the
file (OWASP, CSV injection). The rule is tried with LibreOffice in ``tests/integration/test_spreadsheet.py``.
"""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"[\s\x00-\x1f\ufeff]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What makes a cell a formula: a sign (its full-width form too), whatever spaces or controls come before it."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


def harmless(cell: Any) -> Any:
    """The cell, or the text with an apostrophe before it where a spreadsheet would compute it.

    What is no text is left alone, and so is a plain number (``-5``, ``+33123456789``): computing it gives itself.

    >>> harmless("=HYPERLINK(1)"), harmless(" @SUM(A1)"), harmless("-5"), harmless("MARTIN"), harmless(-5)
    ("'=HYPERLINK(1)", "' @SUM(A1)", '-5', 'MARTIN', -5)
    """
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
