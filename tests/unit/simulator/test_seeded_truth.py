"""What the proof of the verdicts rests on: everything that can happen is seeded, and the truth says so."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from rpps_sync.comparison.fields import IDENTITY, STAKES
from rpps_sync.finding import Verdict
from rpps_sync.simulator.issuer import new_issuer
from rpps_sync.simulator.stories import ANOTHER, SETS, Script, Story, read_script
from rpps_sync.simulator.tokens import DEFAULT_SOURCE, SECOND_SOURCE, TokensWritten, write_tokens

EXPLAINED = ("token_stale", "directory_stale", "pending", "conflict")


@pytest.fixture(scope="module")
def told(simulation: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], TokensWritten]:
    """The observations and the truth of 900 people over six days."""
    out = tmp_path_factory.mktemp("seeded") / "observations.jsonl"
    written = write_tokens(simulation, out, issuer=new_issuer(), observed=900, seed=5)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()], written


@pytest.fixture(scope="module")
def script(simulation: Path) -> Script:
    """The stories of that simulation."""
    return read_script(simulation)


def test_every_field_has_every_verdict_that_it_can_have(
    told: tuple[list[dict[str, Any]], TokensWritten],
) -> None:
    """Four verdicts on each field and on the identity behind the number; the others on the person."""
    seeded: defaultdict[str, set[str]] = defaultdict(set)
    for line in told[1].expected:
        seeded[IDENTITY if line.element == IDENTITY else line.field].add(line.verdict)
    assert seeded.keys() == {*STAKES, IDENTITY}
    person = seeded.pop("practitioner")
    assert person == {"departed_practitioner", "unknown_practitioner", "out_of_scope", "pending"}
    assert {field for field, verdicts in seeded.items() if verdicts != set(EXPLAINED)} == set()
    silent = {Verdict.CONSISTENT, Verdict.NOT_COMPARABLE}
    assert {*EXPLAINED, *person} == {str(verdict) for verdict in set(Verdict) - silent}


def test_second_application_has_disagreements_of_its_own(
    told: tuple[list[dict[str, Any]], TokensWritten],
) -> None:
    """It disagrees about people on whom the first agrees, agrees on others, and disagrees otherwise on some."""
    by_person: defaultdict[str, dict[str, set[tuple[str, ...]]]] = defaultdict(lambda: defaultdict(set))
    for line in told[1].expected:
        finding = (line.field, line.element, line.verdict, line.since)
        by_person[line.national_id][line.source].add(finding)
    seen_twice = {
        name
        for name in by_person
        if len({item["source"] for item in told[0] if name in json.dumps(item["userinfo"])}) == 2
    }
    assert {frozenset(by_person[name]) for name in seen_twice} == {
        frozenset({DEFAULT_SOURCE}),
        frozenset({SECOND_SOURCE}),
        frozenset({DEFAULT_SOURCE, SECOND_SOURCE}),
    }
    differently = [name for name, told_by in by_person.items() if len({*map(frozenset, told_by.values())}) == 2]
    assert len(differently) > 3
    of_second = {line.verdict for line in told[1].expected if line.source == SECOND_SOURCE}
    assert of_second >= {*EXPLAINED, "departed_practitioner"}


def test_sets_gain_lose_and_replace_elements_on_either_side(script: Script) -> None:
    """Professions and structures, whoever moves first."""
    ways = {(story.field, story.plot, story.how) for story in script.stories if story.field in SETS}
    for field in SETS:
        for plot in ("kept", "ahead", "odd", "recent", "wavering", "relapsed", "hesitant"):
            assert {how for name, act, how in ways if (name, act) == (field, plot)} == {
                "replaced",
                "added",
                "dropped",
            }


def test_either_side_flaps_returns_and_changes_names(script: Script) -> None:
    """The directory turns back and turns again, tokens swing, people return, marry, or hand on their number."""
    fields: defaultdict[str, set[str]] = defaultdict(set)
    for story in script.stories:
        fields[story.plot].add(story.how if story.how == ANOTHER else story.field)
    assert fields["wavering"] == fields["relapsed"] >= {*SETS, "skill", "identity.family_name", "address.street"}
    assert fields["hesitant"] >= {*SETS, "skill", "identity.family_name", "address.street"}
    assert fields["reverted"] >= {"skill", "identity.family_name", "address.street"}
    assert fields["returned"] == {"practitioner"}
    assert fields["married"] == {"identity.family_name"}
    assert {plot for plot, of_plot in fields.items() if ANOTHER in of_plot} >= {"odd", "kept", "ahead", "relapsed"}


def _of(story: Story, observations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in observations if story.national_id in json.dumps(item["userinfo"])]


def test_accounts_are_merged_along_the_way(
    told: tuple[list[dict[str, Any]], TokensWritten], script: Script
) -> None:
    """Somebody with a finding signs in by the RPPS number, then by a UUID with that number among the others."""
    expected = {line.national_id for line in told[1].expected}
    names = {
        story.national_id: {item["userinfo"]["SubjectNameID"] for item in _of(story, told[0])}
        for story in script.stories
        if story.national_id in expected
    }
    assert any(name in of_one and len(of_one) == 2 for name, of_one in names.items())


def test_names_and_addresses_are_written_in_other_ways_too(
    told: tuple[list[dict[str, Any]], TokensWritten],
) -> None:
    """Noise on those who agree and on those who do not: cases, second names, prefixes, offices, types inside."""
    exercises = [
        exercise
        for item in told[0]
        for exercise in item["userinfo"].get("SubjectRefPro", {"exercices": []})["exercices"]
    ]
    activities = [activity for exercise in exercises for activity in exercise["activities"]]
    names = [exercise["nomDexercice"] for exercise in exercises]
    assert any(name.endswith(" EP EXEMPLE") for name in names)
    assert any(name.startswith("Exemple née ") for name in names)
    assert any(exercise["prenomDexercice"].endswith("'") for exercise in exercises)
    phones = {activity["telephone"][:3] for activity in activities}
    assert phones >= {"+33", "003", "01.", "01 "}
    assert any(activity["bureauCedex"].endswith("EXEMPLE CEDEX 9") for activity in activities)
    streets = [activity for activity in activities if activity["libelleVoie"] and not activity["codeTypeDeVoie"]]
    assert any(activity["libelleVoie"][:1].isdigit() for activity in streets)
    assert any(activity["libelleVoie"].startswith("Rue ") for activity in streets)
