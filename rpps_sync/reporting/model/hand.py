"""What needs somebody, and who that is."""

from __future__ import annotations

from dataclasses import dataclass

from rpps_sync.reporting.model.light import Light


@dataclass(frozen=True, slots=True)
class Hand:
    """One thing to do; all texts in the language of the report, none names a person."""

    light: Light
    what: str
    who: str  # the team, the publisher, a registration authority or an application
    how: str
