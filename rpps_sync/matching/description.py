"""What is known of who is looked for, and of whom it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

FREQUENT = 0.01  # share of the directory assumed of a name that nobody counted


@dataclass(frozen=True, slots=True)
class Described:
    """Somebody as another file tells them; empty means not told."""

    family: str = ""
    given: str = ""
    birth_name: str = ""  # nom de naissance, or any other family name
    profession: str = ""  # code or label
    skill: str = ""  # code or label
    postal_code: str = ""
    commune: str = ""  # INSEE code or name
    department: str = ""
    structure: str = ""  # name
    finess: str = ""
    siret: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The family names told."""
        return tuple(name for name in (self.family, self.birth_name) if name.strip())


TRAITS = tuple(one.name for one in fields(Described))


@dataclass(frozen=True, slots=True)
class Site:
    """A place of activity of a candidate."""

    name: str = ""
    trade_name: str = ""
    finess: str = ""
    siret: str = ""
    postal_code: str = ""
    commune: str = ""
    commune_label: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A practitioner who may be meant."""

    national_id: str
    family: str
    given: str
    professions: frozenset[str] = frozenset()  # codes
    skills: frozenset[str] = frozenset()  # codes
    sites: tuple[Site, ...] = ()


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common what was told is: the share of all practitioners who would agree with it by chance."""

    people: int  # in the directory
    of_word: Mapping[str, float] = field(default_factory=dict)  # a normal word of a name, by 'f:WORD' or 'g:WORD'
    profession: float = 0.1
    skill: float = 0.02
    postal_code: float = 0.002
    commune: float = 0.005
    department: float = 0.02

    def of_name(self, kind: str, words: tuple[str, ...]) -> float:
        """The share of those who bear a name: that of its rarest word."""
        known = [self.of_word.get(f"{kind}:{word}", FREQUENT) for word in words]
        return max(min(known, default=FREQUENT), 1 / max(self.people, 1))
