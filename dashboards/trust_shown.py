"""How much a record can be trusted: one plain sentence, then when each part changed and was confirmed last."""

from __future__ import annotations

from dashboards import pieces
from dashboards.pieces import Column, Text
from dashboards.wording import Words
from rpps_sync.clock import french_day
from rpps_sync.directory.record_ages import Part, PartAge
from rpps_sync.freshness.records import RecordFreshness, Trust
from rpps_sync.reporting.model import Light

_LIGHTS = {
    Trust.CONFIRMED: Light.OK,
    Trust.CURRENT: Light.OK,
    Trust.DOUBTFUL: Light.WARN,
    Trust.STALE: Light.ERROR,
    Trust.PAST: Light.NONE,
    Trust.DEPARTED: Light.ERROR,
}


def show_trust(words: Words, freshness: RecordFreshness, *, whole: bool) -> None:
    """The sentence; and where the whole is wanted, a line for each part of the record."""
    pieces.message(_LIGHTS[freshness.trust], freshness.sentence)
    if not whole or freshness.ages is None:
        return
    names = ("part", "changed", "published", "token")
    columns = [Column(words.app(f"trust.{name}"), "" if name == "part" else "day") for name in names]
    rows = [_row(words, part, age) for part, age in freshness.ages.parts.items()]
    pieces.table(words.app("trust.caption"), columns, rows)


def _row(words: Words, part: Part, age: PartAge) -> tuple[Text, ...]:
    seen: Text = words.day(age.seen)
    if age.disputed:
        seen = pieces.mark(Light.WARN, words.app("trust.disputed"))
    return (
        words.known("app.part", part),
        words.day(age.changed) if age.changed else words.app("trust.never_changed"),
        words.day(french_day(age.published)) if age.published else words.app("trust.not_taken_in"),
        seen,
    )
