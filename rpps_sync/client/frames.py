"""Results of the API beside the rows of a pandas table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rpps_sync.client.results import Enriched

BETWEEN_VALUES = "; "


def joined(frame: Any, results: Iterable[Enriched], prefix: str = "rpps_") -> Any:
    """The table with ``rpps_status``, ``rpps_reason``, ``rpps_national_id`` and one column a field added.

    Args:
        frame: a pandas ``DataFrame``, left as it is. This module needs no pandas: who has a table does.
        results: one for each of its rows, in their order.
        prefix: of the added columns.
    """
    columns: dict[str, list[str]] = {}
    told = list(results)
    fields = dict.fromkeys(name for one in told for name in one.fields)
    for name in ("status", "reason", "national_id"):
        columns[prefix + name] = [getattr(one, name) for one in told]
    for name in fields:
        columns[prefix + name] = [BETWEEN_VALUES.join(one.fields.get(name, ())) for one in told]
    return frame.assign(**columns)
