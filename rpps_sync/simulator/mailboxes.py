"""Secure mailboxes (boîtes aux lettres MSSanté): whose they are, at which structure, under which address.

A mailbox belongs to a practitioner (PER) or to a structure (ORG, ``person`` -1). Its address is made of what its
owner was called on the day it was opened, and stays; homonyms at one domain are numbered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rpps_sync.simulator.chances import Indexes, Mask
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.columns import at, chosen, joined, kept
from rpps_sync.simulator.places import place_kinds
from rpps_sync.simulator.rows import Int8, Int16, Int32, Rows, Truth
from rpps_sync.simulator.words import words

DOMAIN = "mssante.invalid"
SERVICES = (  # of hospitals and clinics; the first is none
    "",
    "ADMISSIONS",
    "ANESTHESIE",
    "CARDIOLOGIE",
    "CHIRURGIE VISCERALE",
    "GERIATRIE",
    "GYNECOLOGIE OBSTETRIQUE",
    "IMAGERIE MEDICALE",
    "LABORATOIRE",
    "NEUROLOGIE",
    "ONCOLOGIE",
    "PEDIATRIE",
    "PHARMACIE A USAGE INTERIEUR",
    "PNEUMOLOGIE",
    "PSYCHIATRIE",
    "SECRETARIAT MEDICAL",
    "URGENCES",
)
_BY_PROFESSION = {
    "10": "medecin",
    "21": "pharmacien",
    "40": "chirurgien-dentiste",
    "50": "sage-femme",
    "60": "infirmier",
    "70": "masseur-kinesitherapeute",
    "80": "pedicure-podologue",
}
_OTHER_PROFESSIONS = "pro"
_REGIONS = ("aura", "bretagne", "hautsdefrance", "idf", "occitanie", "paca")
_BY_PLACE = {"hospital": "hopital", "clinic": "clinique", "laboratory": "laboratoire", "pharmacy": "pharmacie"}
_OTHER_PLACES = "structure"
DOMAINS = tuple(
    f"{name}.{DOMAIN}"
    for name in (*_BY_PROFESSION.values(), _OTHER_PROFESSIONS, *_REGIONS, *_BY_PLACE.values(), _OTHER_PLACES)
)
_NAMELESS_SERVICE = "secretariat"  # in addresses of structures without services


@dataclass(slots=True)
class Mailboxes(Rows):
    """So many mailboxes, in the order of the file."""

    person: Int32  # -1: the mailbox of a structure
    structure: Int32  # 0 for none
    service: Int8  # position in SERVICES
    profession: Int8
    category: Int8
    exercise_civility: Int8
    skill: Int16
    domain: Int8  # position in DOMAINS
    family: Int32  # of the owner when it was opened: positions in words()
    given: Int32
    number: Int32  # 1, and more for homonyms
    paperless: Truth

    def owned(self, by: Mask) -> Mask:
        """Which mailboxes belong to the people of a mask over all people; none of those of structures."""
        found: Mask = (self.person >= 0) & by[np.maximum(self.person, 0)]
        return found


def professional_domains(professions: NDArray[np.integer]) -> Indexes:
    """The domain of each profession, given as positions in the table of professions."""
    codes = code_table("profession").codes
    domains = [DOMAINS.index(f"{_BY_PROFESSION.get(code, _OTHER_PROFESSIONS)}.{DOMAIN}") for code in codes]
    found: Indexes = np.array(domains)[professions]
    return found


def regional_domains(rng: np.random.Generator, size: int) -> Indexes:
    """Domains of regional operators."""
    first = DOMAINS.index(f"{_REGIONS[0]}.{DOMAIN}")
    return first + rng.integers(0, len(_REGIONS), size)


def structure_domains(kinds: NDArray[np.integer]) -> Indexes:
    """The domain of each kind of place, given as positions in ``place_kinds()``."""
    names = [_BY_PLACE.get(kind.key, _OTHER_PLACES) for kind in place_kinds()]
    found: Indexes = np.array([DOMAINS.index(f"{name}.{DOMAIN}") for name in names])[kinds]
    return found


def numbered(new: Mailboxes, existing: Mailboxes) -> Mailboxes:
    """The new mailboxes, numbered so that none has the address of another, new or existing."""
    taken = pl.DataFrame({"key": _keys(existing), "last": existing.number})
    last = taken.group_by("key").agg(pl.col("last").max())
    found = pl.DataFrame({"key": _keys(new)}).join(last, on="key", how="left", maintain_order="left")
    number = pl.col("last").fill_null(0) + pl.int_range(pl.len()).over("key") + 1
    new.number[:] = found.select(number).to_series().to_numpy()
    return new


def addresses_of(mailboxes: Mailboxes, structure_ids: pl.Series) -> pl.Series:
    """The address of each mailbox; ``structure_ids`` name the structures of those that belong to one."""
    given, family = (at(_slugs()[name], getattr(mailboxes, name)) for name in ("given", "family"))
    dots = chosen(mailboxes.given >= 0, joined(given, "."), given)
    services = [name.lower().replace(" ", "-") or _NAMELESS_SERVICE for name in SERVICES]
    of_structure = joined(at(services, mailboxes.service), ".", structure_ids)
    local = chosen(mailboxes.person >= 0, joined(dots, family), of_structure)
    suffix = kept(joined("-", pl.Series(mailboxes.number).cast(pl.String)), mailboxes.number > 1)
    return joined(local, suffix, "@", at(DOMAINS, mailboxes.domain))


def _keys(mailboxes: Mailboxes) -> Indexes:
    """What mailboxes have in common when only a number tells their addresses apart."""
    given, family = (_ranks()[name] for name in ("given", "family"))
    of_person = (
        mailboxes.domain.astype(np.int64) << 40
        | (given[mailboxes.given] + 1).astype(np.int64) << 24
        | family[mailboxes.family]
    )
    of_structure = 1 << 60 | mailboxes.structure.astype(np.int64) << 8 | mailboxes.service
    return np.where(mailboxes.person >= 0, of_person, of_structure)


@cache
def _slugs() -> dict[str, pl.Series]:
    """Given and family names as addresses write them: no accent, no capital, hyphens for the rest."""
    plain = pl.col("name").str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    slug = plain.str.replace_all("[^a-z0-9]+", "-").str.strip_chars("-")
    return {
        name: pl.DataFrame({"name": pool}).select(slug).to_series()
        for name, pool in (("given", words().given), ("family", words().family_pool))
    }


@cache
def _ranks() -> dict[str, NDArray[np.int64]]:
    """For each name, the number of its slug; the last entry of ``given`` stands for no given name at all."""
    given, family = (np.unique(_slugs()[name].to_numpy(), return_inverse=True)[1] for name in ("given", "family"))
    return {"given": np.append(given, -1), "family": family}
