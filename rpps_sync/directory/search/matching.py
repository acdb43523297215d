"""How well the names of somebody answer what was typed, and why: exact before a beginning before a typo."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import IntEnum

from rpps_sync.directory.search.spelling import typed_words
from rpps_sync.directory.search.terms import FAMILY, GIVEN, NAMES
from rpps_sync.directory.search.typos import is_typo

FIELDS = {FAMILY: "family_name", GIVEN: "given_name"}


class How(IntEnum):
    """How a word was found, best first."""

    EXACT = 0
    PREFIX = 1
    TYPO = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A word that was typed, and where it is looked for."""

    word: str
    together: tuple[str, ...]  # the word written together with its neighbours: JEANPIERRE
    kinds: tuple[str, ...] = NAMES

    @property
    def spellings(self) -> tuple[str, ...]:
        """The word alone, and together with its neighbours."""
        return (self.word, *self.together)

    def terms(self, words: Sequence[str]) -> list[str]:
        """The terms of some words, where this one is looked for."""
        return [f"{kind}:{word}" for word in words for kind in self.kinds]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is among the answers, for one word that was typed."""

    typed: str
    matched: str  # the word of the name, in its normal form
    field: str  # family_name or given_name
    how: How


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one practitioner, and the words they are found by."""

    national_id: str
    family_name: str
    given_name: str
    words: dict[str, AbstractSet[str]]  # by kind of term

    def reasons(self, asked: Sequence[Asked]) -> tuple[Reason, ...] | None:
        """Why these names answer; None when a word is not found in them."""
        found = [self._reason(one) for one in asked]
        return tuple(one for one in found if one is not None) if None not in found else None

    def _reason(self, asked: Asked) -> Reason | None:
        here = [(kind, word) for kind in asked.kinds for word in sorted(self.words[kind])]
        for how, fits in (
            (How.EXACT, lambda word: word in asked.spellings),
            (How.PREFIX, lambda word: word.startswith(asked.word)),
            (How.TYPO, lambda word: is_typo(asked.word, word)),
        ):
            for kind, word in here:
                if fits(word):
                    return Reason(asked.word, word, FIELDS[kind], how)
        return None


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody who answers, with the reasons."""

    names: Names
    reasons: tuple[Reason, ...] = ()

    @property
    def rank(self) -> tuple[object, ...]:
        """What answers are sorted by, the best first."""
        hows = [reason.how for reason in self.reasons]
        bare = sum(len(words) for words in self.names.words.values()) - len({r.matched for r in self.reasons})
        return (
            hows.count(How.TYPO),
            hows.count(How.PREFIX),
            bool(hows) and all(reason.field != FIELDS[FAMILY] for reason in self.reasons),
            bare,  # words of the name that nobody typed
            self.names.family_name,
            self.names.given_name,
            self.names.national_id,
        )


def asked_words(text: str, family: str, given: str) -> tuple[Asked, ...]:
    """The words of a query: ``text`` is looked for in both names."""
    return tuple(
        Asked(word, together, kinds)
        for typed, kinds in ((text, NAMES), (family, (FAMILY,)), (given, (GIVEN,)))
        for word, together in typed_words(typed)
    )
