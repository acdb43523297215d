"""People described by name, profession and place, found in the directory: block, load, weigh, decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from rpps_sync.departments import department_of, normalised_department
from rpps_sync.directory import documents
from rpps_sync.directory.search.blocking import Block, Blocks, Clues, words
from rpps_sync.directory.search.spelling import normal
from rpps_sync.directory.served import served
from rpps_sync.matching.decision import Decision, decide
from rpps_sync.matching.description import Candidate, Described, Frequencies, Site
from rpps_sync.practitioner import Practitioner

MOST = 500  # descriptions of one call of the API


def match(connection: Connection, people: Iterable[Described]) -> Iterator[Decision]:
    """The decision for each description, in their order.

    Raises:
        NotFound: the directory holds no publication.
    """
    size = served(connection).published.practitioners
    blocks = Blocks(connection)
    for told in people:
        clues = _clues(blocks, told)
        block = blocks.find(clues)
        known = documents.load(connection, block.national_ids)
        coded = replace(
            told,
            profession=" ".join(clues.professions),
            skill=" ".join(clues.skills),
            department=clues.department,
        )
        yield decide(coded, map(_candidate, known.values()), _frequencies(block, clues, size))


def to_json(decision: Decision, limit: int) -> dict[str, Any]:
    """The document of one answer."""
    return {
        "verdict": str(decision.verdict),
        "candidates": [
            {
                "national_id": one.candidate.national_id,
                "family_name": one.candidate.family,
                "given_name": one.candidate.given,
                "probability": round(one.probability, 4),
                "reasons": [
                    {
                        "field": why.field,
                        "told": why.told,
                        "found": why.found,
                        "how": str(why.how),
                        "bits": round(why.bits, 1),
                    }
                    for why in one.reasons
                ],
            }
            for one in decision.ranked[:limit]
        ],
    }


def _clues(blocks: Blocks, told: Described) -> Clues:
    commune = told.commune.strip().upper()
    return Clues(
        families=words(" ".join(told.names)),
        givens=words(told.given),
        professions=blocks.codes("profession", told.profession),
        skills=blocks.codes("skill", told.skill),
        postal_code=told.postal_code.strip(),
        commune=commune if commune[:1].isdecimal() else normal(commune),
        department=normalised_department(told.department) if told.department.strip() else "",
    )


def _frequencies(block: Block, clues: Clues, size: int) -> Frequencies:
    """Shares of the directory, as the postings count them; of the whole country where there are none."""
    usual = Frequencies(size)

    def share(kind: str, values: Sequence[str], otherwise: float) -> float:
        counted = sum(block.borne.get(f"{kind}:{value}", 0) for value in values)
        return counted / size if counted and size else otherwise

    return Frequencies(
        size,
        {term: count / size for term, count in block.borne.items() if term[0] in "fg" and count and size},
        share("p", clues.professions, usual.profession),
        share("s", clues.skills, usual.skill),
        share("z", (clues.postal_code,), usual.postal_code),
        share("c", (clues.commune,), 0.0) or share("t", (clues.commune,), usual.commune),
        share("d", (clues.department,), usual.department),
    )


def _candidate(found: Practitioner) -> Candidate:
    places = {activity.structure for one in found.exercises for activity in one.activities}
    return Candidate(
        found.national_id,
        found.family_name,
        found.given_name,
        frozenset(one.profession for one in found.exercises),
        frozenset(skill.code for one in found.exercises for skill in one.skills),
        tuple(
            Site(
                place.name,
                place.trade_name,
                place.finess,
                place.siret,
                place.postal_code,
                place.commune,
                place.commune_label,
                department_of(place.commune, place.postal_code, place.department),
            )
            for place in sorted(places - {documents.NO_PLACE})
        ),
    )
