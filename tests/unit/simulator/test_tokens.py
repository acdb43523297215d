import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from rpps_sync.clock import parse_instant
from rpps_sync.errors import UsageError
from rpps_sync.simulator.issuer import DEFAULT_CLIENT_ID, DEFAULT_ISSUER, Issuer, new_issuer
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.tokens import TokensWritten, write_tokens
from simulated_days import FIRST_DAY, read


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    """One issuer for all: keys take a while to make."""
    return new_issuer()


@pytest.fixture(scope="module")
def written(
    simulation: Path, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, TokensWritten]:
    """The observations of 900 people over the six days."""
    out = tmp_path_factory.mktemp("tokens") / "observations.jsonl"
    return out, write_tokens(simulation, out, issuer=issuer, observed=900, seed=5)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_observations_have_the_form_of_the_intake(written: tuple[Path, TokensWritten]) -> None:
    """Each line names an instant, a source and a userinfo; instants ascend, after the deposit of their day."""
    lines = _lines(written[0])
    instants = [parse_instant(line["observed_at"]) for line in lines]
    assert instants == sorted(instants)
    assert {instant.date().isoformat() for instant in instants} == {f"2026-11-{day}" for day in range(18, 24)}
    assert min(instant.hour for instant in instants) >= 7
    assert {line["source"] for line in lines} == {"dpi-demo", "portail-demo"}
    assert all(line["userinfo"]["SubjectNameID"] for line in lines)


def test_half_of_the_observations_carry_a_token_that_the_jwks_verifies(
    written: tuple[Path, TokensWritten],
) -> None:
    """Signature, issuer, audience, subject and times are those of Pro Santé Connect."""
    out, summary = written
    keys = KeySet.import_key_set(json.loads((out.parent / "jwks.json").read_text(encoding="utf-8")))
    signed = [line for line in _lines(out) if "id_token" in line]
    assert len(signed) == summary.signed
    assert 0.4 < len(signed) / summary.observations < 0.6
    for line in signed:
        claims = jwt.decode(line["id_token"], keys, algorithms=["RS256"]).claims
        at = parse_instant(line["observed_at"]).timestamp()
        assert claims["iss"] == DEFAULT_ISSUER
        assert claims["aud"] == DEFAULT_CLIENT_ID
        assert claims["sub"] == line["userinfo"]["sub"]
        assert claims["iat"] <= at < claims["exp"] == claims["iat"] + 120


def test_key_was_rotated_along_the_way(written: tuple[Path, TokensWritten]) -> None:
    """Early tokens and late ones name different keys, both published."""
    tokens = [line["id_token"] for line in _lines(written[0]) if "id_token" in line]
    first, last = (jws.extract_compact(token.encode()).headers()["kid"] for token in (tokens[0], tokens[-1]))
    assert first != last


def test_only_public_keys_are_written(written: tuple[Path, TokensWritten]) -> None:
    """No private parameter leaves the process."""
    for key in json.loads((written[0].parent / "jwks.json").read_text(encoding="utf-8"))["keys"]:
        assert set(key) == {"kty", "n", "e", "kid", "alg", "use"}


def test_userinfo_shows_the_twists_of_real_ones(written: tuple[Path, TokensWritten]) -> None:
    """Both spellings, both places of the civility, repeated elements, missing parts, identifiers elsewhere."""
    answers = [line["userinfo"] for line in _lines(written[0])]
    professional = [answer["SubjectRefPro"] for answer in answers if "SubjectRefPro" in answer]
    exercises = [exercise for reference in professional for exercise in reference["exercices"]]
    activities = [activity for exercise in exercises for activity in exercise["activities"]]
    assert len(professional) < len(answers)
    assert {"otherIds", "otherIDs"} <= {key for answer in answers for key in answer}
    assert {"codeCivilite" in answer for answer in answers} == {True, False}
    assert {"codeCivilite" in reference for reference in professional} == {True, False}
    assert any(
        len({json.dumps(item) for item in ref["exercices"]}) < len(ref["exercices"]) for ref in professional
    )
    assert {"codeGenreActivite" in activity for activity in activities} == {True, False}
    assert any(
        activity["codeCommune"] and not activity["identifiantTechniqueDeLaStructure"] for activity in activities
    )
    assert any("schema_hint" in answer for answer in answers)
    assert any(answer["sub"] == answer["SubjectNameID"] for answer in answers)
    assert all(isinstance(value, str) for activity in activities for value in activity.values())


def test_most_people_observed_agree_with_the_directory(written: tuple[Path, TokensWritten]) -> None:
    """Disagreement is the exception."""
    assert len({line.national_id for line in written[1].expected}) < 0.3 * written[1].practitioners


def test_departed_people_are_absent_from_the_day_of_the_truth_on(
    simulation: Path, written: tuple[Path, TokensWritten]
) -> None:
    """They are in the files the day before; most still sign in afterwards, the forgotten ones never do."""
    still_seen = set()
    for line in written[1].expected:
        if line.verdict != "departed_practitioner":
            continue
        day = int(line.since[-2:]) - 17
        assert line.national_id in set(read(simulation / f"day-{day - 1}")["national_id"])
        assert line.national_id not in set(read(simulation / f"day-{day}")["national_id"])
        seen = [
            item["observed_at"][:10]
            for item in _lines(written[0])
            if item["source"] == line.source and line.national_id in json.dumps(item["userinfo"])
        ]
        still_seen.add(max(seen) >= line.since)
    assert still_seen == {True, False}


def test_unknown_people_are_in_no_file(simulation: Path, written: tuple[Path, TokensWritten]) -> None:
    """Their numbers are well formed and never published."""
    unknown = {line.national_id for line in written[1].expected if line.verdict == "unknown_practitioner"}
    published = {number for day in range(1, 7) for number in read(simulation / f"day-{day}")["national_id"]}
    assert unknown
    assert not unknown & published


def test_stale_tokens_say_what_the_directory_said_before(
    simulation: Path, written: tuple[Path, TokensWritten]
) -> None:
    """A token that is late on a category still shows the one that the directory left on that day."""
    line = next(
        item for item in written[1].expected if (item.field, item.verdict) == ("exercise.category", "token_stale")
    )
    day = int(line.since[-2:]) - 17
    said = [
        item["userinfo"]
        for item in _lines(written[0])
        if item["source"] == line.source and line.national_id in json.dumps(item["userinfo"])
    ]
    last = said[-1]
    before, after = (
        {
            row["category"]
            for row in read(simulation / f"day-{number}").filter(national_id=line.national_id).to_dicts()
        }
        for number in (day - 1, day)
    )
    assert {item["codeCategorieProfessionnelle"] for item in last["SubjectRefPro"]["exercices"]} == before != after


def test_late_observations_come_in_the_order_of_their_arrival(
    simulation: Path, issuer: Issuer, tmp_path: Path
) -> None:
    """A share of them arrives on a later day than theirs, none before, and the order of instants is lost."""
    out = tmp_path / "out.jsonl"
    write_tokens(simulation, out, issuer=issuer, observed=120, seed=8, late=0.3)
    days = [int(line["observed_at"][8:10]) - 17 for line in _lines(out)]
    arrivals = json.loads((tmp_path / "arrivals.json").read_text(encoding="utf-8"))
    assert arrivals == sorted(arrivals)
    assert all(at >= day for at, day in zip(arrivals, days, strict=True))
    assert 0.1 < sum(at > day for at, day in zip(arrivals, days, strict=True)) / len(days) < 0.4
    assert days != sorted(days)


def test_publication_that_was_never_served_moves_the_truth_to_the_next(
    simulation: Path, issuer: Issuer, tmp_path: Path
) -> None:
    """What the directory changed on a refused day is known on the day after."""
    told = {}
    for refused in ((), (3,)):
        summary = write_tokens(
            simulation, tmp_path / "out.jsonl", issuer=issuer, observed=300, seed=8, refused=refused
        )
        told[refused] = {
            (line.national_id, line.field, line.element): line.since
            for line in summary.expected
            if line.verdict == "token_stale"
        }
    day_3, day_4 = "2026-11-20", "2026-11-21"
    assert day_3 in told[()].values()
    assert day_3 not in told[3,].values()
    moved = {key for key, since in told[()].items() if since == day_3}
    assert {told[3,].get(key, day_4) for key in moved} == {day_4}


@pytest.mark.parametrize("asked", [{"refused": [1]}, {"refused": [6]}, {"late": 1.5}])
def test_impossible_disorder_is_refused(
    simulation: Path, issuer: Issuer, tmp_path: Path, asked: dict[str, Any]
) -> None:
    """The first and the last day are always served, and no more than everything is late."""
    with pytest.raises(UsageError, match="6 days"):
        write_tokens(simulation, tmp_path / "out.jsonl", issuer=issuer, **asked)


def test_same_seed_observes_the_same_people_on_the_same_days(
    simulation: Path, issuer: Issuer, tmp_path: Path
) -> None:
    """All but the signatures is the same again."""
    for name in ("a", "b"):
        write_tokens(simulation, tmp_path / name / "out.jsonl", issuer=issuer, observed=120, seed=8)
    first, second = (_lines(tmp_path / name / "out.jsonl") for name in ("a", "b"))
    assert [line | {"id_token": ""} for line in first] == [line | {"id_token": ""} for line in second]
    assert (tmp_path / "a/truth.jsonl").read_bytes() == (tmp_path / "b/truth.jsonl").read_bytes()


def test_one_day_leaves_room_for_pending_and_out_of_scope_only(issuer: Issuer, tmp_path: Path) -> None:
    """Without a second day nothing can have moved, and no difference is old enough."""
    publish(tmp_path / "days", practitioners=300, first_day=FIRST_DAY, days=1, seed=3)
    summary = write_tokens(tmp_path / "days", tmp_path / "out.jsonl", issuer=issuer, observed=200)
    assert {line.verdict for line in summary.expected} == {"pending", "out_of_scope"}


def test_folder_without_a_simulation_is_refused(issuer: Issuer, tmp_path: Path) -> None:
    """The mend names the command to run first."""
    with pytest.raises(UsageError, match=r"world\.json") as caught:
        write_tokens(tmp_path, tmp_path / "out.jsonl", issuer=issuer)
    assert "simulate publish" in caught.value.mend
