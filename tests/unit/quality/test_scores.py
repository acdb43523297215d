from datetime import timedelta

import pytest

from extract_builder import hospital, person
from gate_visits import profile
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.comparison import Gap, gaps
from rpps_sync.quality.metrics import metrics_of
from rpps_sync.quality.scores import scores_of

PA = ExtractKind.PERSONNE_ACTIVITE
AUTHORITY = "CNOI/CNOI/ARS"


def _scores() -> dict[str, float]:
    lines = [
        person(n, registration_authority=AUTHORITY, siret="73282932000074", family_name="EXEMPLE")
        for n in range(40)
    ]
    scores: dict[str, float] = scores_of({PA: profile(lines)})["publication"]
    return scores


def test_healthy_file_scores_one_in_every_dimension() -> None:
    """Nothing is missing, malformed, repeated or contradictory."""
    assert set(_scores().values()) == {1.0}


@pytest.mark.parametrize(
    ("fault", "dimension"),
    [({"given_name": ""}, "completeness"), ({"siret": "1"}, "validity"), ({"siren": "552100554"}, "consistency")],
)
def test_fault_lowers_its_own_dimension_alone(fault: dict[str, str], dimension: str) -> None:
    """A score that falls says where to look."""
    lines = [
        person(
            n,
            **({"registration_authority": AUTHORITY, "siret": "73282932000074", "family_name": "EXEMPLE"} | fault),
        )
        for n in range(40)
    ]
    scores = scores_of({PA: profile(lines)})["publication"]
    assert {name for name, value in scores.items() if value < 1} == {dimension, "score"}


def test_repeated_lines_lower_uniqueness() -> None:
    """Half of the lines are there twice."""
    lines = [person(n, registration_authority=AUTHORITY) for n in range(40)]
    assert scores_of({PA: profile(lines + lines)})["extracts"][PA]["uniqueness"] == 0.5


def test_profession_and_authority_have_scores_of_their_own() -> None:
    """Who does badly is named."""
    good = [person(n, registration_authority="A//") for n in range(40)]
    bad = [person(n, registration_authority="B//", profession="50", given_name="") for n in range(40, 80)]
    scores = scores_of({PA: profile(good + bad)})
    assert scores["professions"]["60"]["score"] > scores["professions"]["50"]["score"]
    assert scores["authorities"]["A//"]["completeness"] == 1.0 > scores["authorities"]["B//"]["completeness"]


def test_old_deposit_lowers_timeliness() -> None:
    """A day and a half is fresh, ten days are worth nothing."""
    file = {PA: profile([person(1)])}
    told = [scores_of(file, age=timedelta(hours=hours))["publication"]["timeliness"] for hours in (30, 138, 400)]
    assert told == [1.0, 0.5, 0.0]


def test_publication_is_compared_with_another_group_by_group() -> None:
    """A lost département is the first line of its dimension."""
    lyon = [person(n, **hospital(1)) for n in range(40)]
    paris = [person(n, **hospital(2, commune="75112", postal_code="75012")) for n in range(40, 60)]
    before, after = (metrics_of({PA: profile(lines)}) for lines in (lyon + paris, lyon))
    found = [gap for gap in gaps(before, after) if gap.dimension == "department"]
    assert found == [Gap("department", "75", 20, 0)]
