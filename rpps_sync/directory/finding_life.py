"""The life of a finding, as pure rules: opened, confirmed, resolved by itself, reopened.

A finding is confirmed by each comparison that has a newer observation to show for it. It is resolved when the
sides agree, and then tells which side caught up and how long that took; when the difference can only no longer
be told (the person left, the token fell silent), it is closed without either. What a person acknowledged stays
acknowledged for as long as the difference stands as it was: another verdict or another value opens it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from rpps_sync.finding import Finding, FindingStatus, Judgement, StaleSide, Verdict
from rpps_sync.observation import ClaimHistory

NEITHER = ""
BOTH = "both"

_SETTLED = frozenset({Verdict.CONSISTENT, Verdict.NOT_COMPARABLE})
_UNSETTLED = frozenset({Verdict.PENDING, Verdict.CONFLICT})
_SETS = frozenset({"exercise.profession", "activity.structure"})
_LATE = {StaleSide.TOKEN: Verdict.TOKEN_STALE, StaleSide.DIRECTORY: Verdict.DIRECTORY_STALE}


@dataclass(frozen=True, slots=True)
class Judged:
    """All that was judged of one practitioner at one application, and the claims it was judged on."""

    claims: ClaimHistory
    judgements: tuple[Judgement, ...]


def stands(judgement: Judgement) -> bool:
    """Whether a judgement is a finding: agreements, and what cannot be compared, are only counted."""
    return judgement.verdict not in _SETTLED


def shown(judgement: Judgement, claims: ClaimHistory, known: Finding | None) -> Finding:
    """The finding of a difference that is there: a new one, or a known one confirmed or reopened."""
    current = claims.versions[-1]
    first = max(current.first_seen, judgement.since or current.first_seen)
    last = max(first, current.last_seen)
    if known is None:
        return Finding(judgement, first, last, 1, FindingStatus.OPEN, confidence=str(current.trust))
    reopened = known.status is FindingStatus.RESOLVED
    again = reopened or current.last_seen > known.last_seen
    confirmed = Finding(
        judgement,
        min(known.first_seen, first),
        max(known.last_seen, last),
        known.occurrences + again,
        FindingStatus.OPEN,
        confidence=str(current.trust),
    )
    quiet = known.status is FindingStatus.ACKNOWLEDGED and not confirmed.changed_since(known)
    return replace(confirmed, status=known.status) if quiet else confirmed


def resolved(known: Finding, judged: Judged, *, today: date) -> Finding:
    """A finding whose difference is no longer there.

    Args:
        known: open or acknowledged.
        judged: what was judged instead.
        today: the day of the newest publication, on which the directory is known to agree.
    """
    now = {(item.field, item.element): item for item in judged.judgements}
    side = _caught_up(known.judgement, now)
    if side == NEITHER:
        return replace(known, status=FindingStatus.RESOLVED, resolved_by=NEITHER, lag_days=None)
    agreed = judged.claims.versions[-1].first_seen if side == StaleSide.TOKEN else today
    return replace(
        known,
        judgement=_late(known.judgement, side),
        status=FindingStatus.RESOLVED,
        resolved_by=side,
        lag_days=max(0, (agreed - (known.judgement.since or known.first_seen)).days),
    )


def _caught_up(old: Judgement, now: Mapping[tuple[str, str], Judgement]) -> str:
    new = now.get((old.field, old.element))
    if new is not None:
        return _moved(old, new) if new.verdict is Verdict.CONSISTENT else NEITHER
    if now["practitioner", ""].verdict is not Verdict.CONSISTENT:
        return NEITHER
    if old.field in _SETS:  # neither side names the element any more: the one that did let it go
        return str(StaleSide.TOKEN if old.claim_value else StaleSide.DIRECTORY)
    if old.field == "skill" and _skill_agrees(old, now):  # its element is the token's value, so the token moved
        return str(StaleSide.TOKEN)
    return NEITHER


def _moved(old: Judgement, new: Judgement) -> str:
    token, directory = old.claim_value != new.claim_value, old.directory_value != new.directory_value
    if token == directory:
        return BOTH
    return str(StaleSide.TOKEN if token else StaleSide.DIRECTORY)


def _skill_agrees(old: Judgement, now: Mapping[tuple[str, str], Judgement]) -> bool:
    profession = old.element.partition("/")[0]
    return any(
        item.verdict is Verdict.CONSISTENT
        for (field, element), item in now.items()
        if field == "skill" and element.partition("/")[0] == profession
    )


def _late(judgement: Judgement, side: str) -> Judgement:
    """A difference nobody could explain is explained by the side that gave way."""
    if judgement.verdict in _UNSETTLED and judgement.field != "practitioner" and side != BOTH:
        return replace(judgement, verdict=_LATE[StaleSide(side)])
    return judgement
