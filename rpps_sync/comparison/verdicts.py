"""The verdicts: for each comparable field, which side is late, and since when.

``judge`` is pure: two histories in, judgements out. It looks at today first; only a difference sends it back
into the histories. A former value of the directory makes the token late, a former value of the token makes the
directory late (both: whichever moved last is ahead), else the difference is pending, then a conflict once it was
visible in ``grace`` publications. The table of verdicts is in docs/comparison.md.
"""

from __future__ import annotations

from rpps_sync.comparison import scalars, sets
from rpps_sync.comparison.meeting import Meeting
from rpps_sync.comparison.presence import presence
from rpps_sync.finding import Judgement, Verdict
from rpps_sync.observation import ClaimHistory
from rpps_sync.practitioner import DirectoryHistory


def judge(claims: ClaimHistory, directory: DirectoryHistory, *, grace: int) -> tuple[Judgement, ...]:
    """Judge every comparable field of one practitioner at one application.

    Args:
        claims: what the application saw; never empty.
        directory: what the publications said of the same identifier.
        grace: publications a difference must be visible in before it counts (N of the verdicts).

    Returns:
        One judgement per field and element that either side names, agreements included.
    """
    person = presence(claims, directory, grace)
    if person.verdict is not Verdict.CONSISTENT:
        return (person,)
    meeting = Meeting(claims, directory, grace)
    return (
        person,
        *scalars.identity(meeting),
        *sets.professions(meeting),
        *scalars.categories(meeting),
        *scalars.skills(meeting),
        *scalars.names(meeting),
        *sets.structures(meeting),
        *scalars.places(meeting),
    )
