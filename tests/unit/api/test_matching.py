"""People found over HTTP without an identifier."""

from __future__ import annotations

from api_site import HERE, Site
from extract_builder import national_id
from rpps_sync.api.models import Matches


def test_people_are_named_with_reasons_or_not_at_all(site: Site) -> None:
    """One answer each, in their order: a typo and swapped names are forgiven, nobody is guessed."""
    people = [
        {"family": "Le Gof", "given": "Anais", "profession": "Infirmier"},
        {"family": "Anaïs", "given": "Le Goff"},
        {"family": "Nobody", "given": "Atall"},
    ]
    told = Matches.model_validate_json(site.post("/v1/match", json={"people": people}).content)
    first, second, third = told.results
    assert first.candidates[0].national_id == second.candidates[0].national_id == national_id(HERE)
    assert {one.field: one.how for one in first.candidates[0].reasons}["family"] == "similar"
    assert {one.how for one in second.candidates[0].reasons} == {"swapped"}
    assert (third.verdict, third.candidates) == ("none", [])
    assert told.publication == "publication-2"


def test_a_description_without_a_name_is_refused_by_field(site: Site) -> None:
    """The problem says which person and which field."""
    answer = site.post("/v1/match", json={"people": [{"family": "A"}, {"given": "B"}]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.people.1.family")
