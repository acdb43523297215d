"""The pages: where each is, what shows it, and the scope that opens it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dashboards import freshness, morning, operations, practitioner, publications, quality, tokens
from rpps_sync.directory.api_keys import KeyScope


class Place(NamedTuple):
    """One page: what shows it, its icon, and the scope that opens it."""

    show: Callable[[], None]
    icon: str
    scope: KeyScope = KeyScope.READ


PAGES = {  # by their addresses
    "": Place(morning.page, ":material/wb_twilight:"),
    "practitioner": Place(practitioner.page, ":material/person_search:"),
    "quality": Place(quality.page, ":material/fact_check:"),
    "publications": Place(publications.page, ":material/stacked_line_chart:"),
    "freshness": Place(freshness.page, ":material/schedule:"),
    "tokens": Place(tokens.page, ":material/badge:", KeyScope.AUDIT),
    "operations": Place(operations.page, ":material/build:", KeyScope.AUDIT),
}
