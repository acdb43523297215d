"""Certain, probable, several or none: from evidence to an answer that does not guess.

Each of the N practitioners is meant with the same chance before anything is compared, and with the chance
:data:`NOBODY` nobody of the directory is. The evidence of a candidate multiplies theirs; shares of the whole are
probabilities. Two namesakes of whom nothing tells them apart have about one half each: ``several``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rpps_sync.matching.description import Candidate, Described, Frequencies
from rpps_sync.matching.evidence import Reason, reasons

NOBODY = 0.05  # how often somebody in a file of health professionals is not in the directory at all
CERTAIN, PROBABLE = 0.99, 0.80  # probability of the best candidate: see the curve of docs/matching.md
LEAST = 0.01  # of a candidate worth telling


class Verdict(StrEnum):
    """What can be said of who is meant."""

    CERTAIN = "certain"  # this one
    PROBABLE = "probable"  # this one, but let a person look
    SEVERAL = "several"  # one of these
    NONE = "none"  # nobody of the directory can be named


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with their probability and the reasons."""

    candidate: Candidate
    probability: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one description."""

    verdict: Verdict
    ranked: tuple[Ranked, ...]  # the likeliest first

    @property
    def chosen(self) -> Ranked | None:
        """Who is meant, when one can be named."""
        return self.ranked[0] if self.verdict in (Verdict.CERTAIN, Verdict.PROBABLE) else None


def decide(told: Described, candidates: Iterable[Candidate], common: Frequencies) -> Decision:
    """Rank the candidates of one description, and say how sure that is."""
    weighed = [(one, reasons(told, one, common)) for one in candidates]
    odds = [2.0 ** sum(reason.bits for reason in why) / max(common.people, 1) for _, why in weighed]
    whole = sum(odds) * (1 - NOBODY) + NOBODY
    ranked = [
        Ranked(one, share * (1 - NOBODY) / whole, why) for (one, why), share in zip(weighed, odds, strict=True)
    ]
    ranked.sort(key=lambda one: (-one.probability, one.candidate.national_id))
    told_of = tuple(one for one in ranked if one.probability >= LEAST)
    return Decision(_verdict(told_of), told_of)


def _verdict(ranked: Sequence[Ranked]) -> Verdict:
    best = ranked[0].probability if ranked else 0.0
    if best >= CERTAIN:
        return Verdict.CERTAIN
    if best >= PROBABLE:
        return Verdict.PROBABLE
    return Verdict.SEVERAL if sum(one.probability for one in ranked) >= PROBABLE else Verdict.NONE
