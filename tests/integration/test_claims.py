"""From lines of JSON to findings, through the real commands, database and tokens."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from extract_builder import hospital, national_id, person
from invented_issuer import CLIENT, ISSUER, id_claims, signed, userinfo, write_key_set
from pipelines.claims_intake import take_in
from pipelines.comparison import compare
from rpps_sync.cli import app
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.findings import find
from rpps_sync.directory.observations import claim_histories
from rpps_sync.errors import RppsSyncError
from rpps_sync.finding import Verdict
from rpps_sync.psc.keys import Keys
from rpps_sync.psc.tokens import Verifier
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA = ExtractKind.PERSONNE_ACTIVITE
Run = Callable[..., Result]


@pytest.fixture
def directory(tmp_path: Path, database_url: str) -> Iterator[SmallDirectory]:
    """Two publications: nurse 1 moves from hospital 1 to 2, nurse 2 stays, nurse 3 leaves."""
    small = SmallDirectory(tmp_path, database_url)
    stays = person(2, **hospital(1))
    small.publish({PA: [person(1, **hospital(1)), stays, person(3, **hospital(1))]})
    small.publish({PA: [person(1, **hospital(2)), stays]})
    yield small
    small.engine.dispose()


@pytest.fixture
def verifier(tmp_path: Path) -> Verifier:
    """What accepts the tokens of the invented issuer."""
    return Verifier(ISSUER, CLIENT, Keys(str(write_key_set(tmp_path))))


@pytest.fixture
def run(directory: SmallDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command on that directory, and hand back its result."""
    monkeypatch.setenv("RPPS_SYNC_HOME", str(tmp_path))
    monkeypatch.setenv("RPPS_SYNC_DATABASE_URL", directory.url)
    monkeypatch.setenv("RPPS_SYNC_PSC_ISSUER", ISSUER)
    monkeypatch.setenv("RPPS_SYNC_PSC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("RPPS_SYNC_PSC_JWKS_URL", str(write_key_set(tmp_path)))
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-20T08:12:00Z")
    return lambda *arguments, given=b"": CliRunner().invoke(app, list(arguments), input=given)


def nurse(number: int, at: int, day: int, **changes: Any) -> bytes:
    """What an application saw of a nurse on a day of November, at a hospital."""
    place = hospital(at)
    activity = {
        "codeModeExercice": "S",
        "identifiantTechniqueDeLaStructure": place["technical_id"],
        "numeroFinessSite": place["finess"],
        "codePostal": place["postal_code"],
    }
    exercise = {
        "codeProfession": "60",
        "codeCategorieProfessionnelle": "C",
        "nomDexercice": f"Exemple {number}",
        "prenomDexercice": "Camille",
        "activities": [activity],
    }
    told = userinfo(
        SubjectNameID=national_id(number),
        preferred_username=national_id(number),
        SubjectRefPro={"exercices": [exercise]},
    )
    item = {"observed_at": f"2026-11-{day:02}T08:12:00Z", "source": "dpi", "userinfo": told, **changes}
    return json.dumps(item).encode() + b"\n"


SEEN = b"".join(nurse(number, 1, 1) for number in (1, 2, 3, 4))


def test_same_file_taken_in_twice_counts_once(directory: SmallDirectory, verifier: Verifier) -> None:
    """A night that is repeated changes nothing."""
    lines = SEEN + nurse(2, 1, 1) + b"broken\n"
    first = take_in(directory.engine, io.BytesIO(lines), verifier, grace=2)
    again = take_in(directory.engine, io.BytesIO(lines), verifier, grace=2)
    assert (first.accepted, first.duplicate, dict(first.refused)) == (4, 1, {"not-json": 1})
    assert (again.accepted, again.duplicate, again.refused_lines) == (0, 5, [(6, "not-json")])
    assert not again.failed
    with reading(directory.engine) as connection:
        assert {history.versions[0].occurrences for history in claim_histories(connection)} == {1}


def test_tokens_are_compared_with_both_publications(directory: SmallDirectory, verifier: Verifier) -> None:
    """The nurse who moved, the one who left, the one nobody knows; the one who stays asks nothing."""
    take_in(directory.engine, io.BytesIO(SEEN), verifier, grace=2)
    told: list[int] = []
    with writing(directory.engine) as connection:
        summary = compare(connection, grace=2, progress=told.append)
        found = {
            (one.judgement.national_id, one.judgement.field, one.judgement.element): one
            for one in find(connection)
        }
    verdicts = {key: (one.judgement.verdict, one.judgement.since) for key, one in found.items()}
    day_1, day_2 = datetime(2026, 11, 1, tzinfo=UTC).date(), datetime(2026, 11, 2, tzinfo=UTC).date()
    assert verdicts == {
        (national_id(1), "activity.structure", hospital(1)["technical_id"]): (Verdict.TOKEN_STALE, day_2),
        (national_id(1), "activity.structure", hospital(2)["technical_id"]): (Verdict.PENDING, day_2),
        (national_id(3), "practitioner", ""): (Verdict.DEPARTED_PRACTITIONER, day_2),
        (national_id(4), "practitioner", ""): (Verdict.UNKNOWN_PRACTITIONER, day_1),
    }
    assert (summary.observed, summary.by_verdict["departed_practitioner"], sum(told)) == (4, 1, 4)


def test_who_is_seen_is_judged_at_once_and_nobody_else_again(
    directory: SmallDirectory, verifier: Verifier
) -> None:
    """Taking observations in judges those who were seen; a request about one person does not judge the country."""
    take_in(directory.engine, io.BytesIO(SEEN), verifier, grace=2)
    with writing(directory.engine) as connection:
        assert national_id(3) in {one.judgement.national_id for one in find(connection)}
        assert compare(connection, grace=2, national_ids=[national_id(3)]).observed == 1


def test_nothing_is_compared_before_the_first_publication(
    tmp_path: Path, database_url: str, verifier: Verifier
) -> None:
    """An empty directory accuses nobody."""
    empty = SmallDirectory(tmp_path, database_url)
    take_in(empty.engine, io.BytesIO(SEEN), verifier, grace=2)
    with writing(empty.engine) as connection:
        assert compare(connection, grace=1).observed == 0
        assert not find(connection)
    empty.engine.dispose()


def test_commands_take_in_compare_list_and_show(run: Run, tmp_path: Path) -> None:
    """The morning of an IT team, in JSON and for people."""
    file = tmp_path / "seen.jsonl"
    file.write_bytes(SEEN + b"{}\n")
    ingested = run("claims", "ingest", str(file), "--json")
    assert (ingested.exit_code, json.loads(ingested.stdout)["refused_lines"]) == (
        0,
        [{"line": 5, "reason": "bad-observed-at"}],
    )
    assert "line 5 refused: bad-observed-at" in ingested.stderr
    assert json.loads(run("compare", "--json").stdout)["observed"] == 4
    listed = json.loads(run("findings", "list", "--json").stdout)
    assert [item["severity"] for item in listed] == ["high", "high", "medium", "medium"]
    assert listed[0]["verdict"] == "departed_practitioner"  # who left and still signs in heads the list
    shown = json.loads(run("findings", "show", listed[0]["id"], "--json").stdout)
    assert [event["event"] for event in shown.pop("history")] == ["opened"]
    assert shown == listed[0]
    assert listed[0]["id"] in run("findings", "list").stdout
    assert "2026-11-02" in run("findings", "show", listed[0]["id"]).stdout


def test_list_of_everything_tells_agreements_too(run: Run) -> None:
    """What agrees is judged anew when asked for, with the same filters."""
    run("claims", "ingest", "-", given=SEEN)
    run("compare")
    everything = json.loads(run("findings", "list", "--all", "--json", "--id", national_id(2)[1:]).stdout)
    assert {item["verdict"] for item in everything} == {"consistent", "not_comparable"}
    agreed = json.loads(
        run("findings", "list", "--verdict", "consistent", "--field", "practitioner", "--json").stdout
    )
    assert {item["national_id"] for item in agreed} == {national_id(1), national_id(2)}
    ids = [item["id"] for item in json.loads(run("findings", "list", "--all", "--json").stdout)]
    assert len(ids) == len(set(ids))
    assert isinstance(run("findings", "list", "--verdict", "wrong").exception, RppsSyncError)


def test_person_who_asks_is_shown_all_that_is_kept(run: Run) -> None:
    """Every state, count and finding of theirs and nobody else's; nothing once they are forgotten."""
    run("claims", "ingest", "-", given=SEEN + nurse(1, 2, 3))
    told = json.loads(run("claims", "show", national_id(1)[1:], "--json").stdout)
    assert {row["national_id"] for rows in told.values() for row in rows} == {national_id(1)}
    seen = [(row["first_seen"], row["claims"][0]["family_name"]) for row in told["observations"]]
    assert sorted(seen) == [("2026-11-01", "Exemple 1"), ("2026-11-03", "Exemple 1")]
    proof = json.loads(run("forget", national_id(1), "--json").stdout)["removed"]
    assert {name: len(rows) for name, rows in told.items()} == {name: proof[name] for name in told}
    assert "dpi" in run("claims", "show", national_id(2)).stdout
    assert not any(json.loads(run("claims", "show", national_id(1), "--json").stdout).values())


def test_ingest_fails_only_when_nothing_could_be_kept(run: Run) -> None:
    """Refused lines are told; the exit code speaks of the whole file."""
    assert run("claims", "ingest", "-", given=b"broken\n" + SEEN).exit_code == 0
    assert run("claims", "ingest", "-", given=b"").exit_code == 0
    assert run("claims", "ingest", "-", "--source", "pui", given=b"broken\n").exit_code == 1


def test_token_from_standard_input_is_accepted_or_refused_and_never_shown(run: Run) -> None:
    """The kind or the reason, and nothing of the token on either output."""
    good, bad = signed(id_claims()), signed(id_claims(iss="https://evil.example"))
    accepted, refused = run("claims", "verify", given=good.encode()), run("claims", "verify", given=bad.encode())
    told = run("claims", "verify", "--json", given=bad.encode() + b"\n")
    assert (accepted.exit_code, accepted.stdout) == (0, "accepted: id_token\n")
    assert refused.exit_code == 1
    assert json.loads(told.stdout) == {"accepted": False, "reason": "wrong-issuer"}
    output = "".join(result.stdout + result.stderr for result in (accepted, refused, told))
    assert not [part for part in (good + "." + bad).split(".") if part in output]


def test_commands_acknowledge_export_measure_and_hand_out(run: Run, tmp_path: Path) -> None:
    """What an IT team does with findings, in JSON and for people."""
    run("claims", "ingest", "-", given=SEEN)
    run("compare")
    listed = json.loads(run("findings", "list", "--json").stdout)
    acked = run("findings", "ack", listed[1]["id"], "--because", "leaves in June", "--by", "a.martin", "--json")
    assert json.loads(acked.stdout)["status"] == "acknowledged"
    history = json.loads(run("findings", "show", listed[1]["id"], "--json").stdout)["history"]
    assert (history[-1]["event"], history[-1]["by"], history[-1]["because"]) == (
        "acknowledged",
        "a.martin",
        "leaves in June",
    )
    assert "leaves in June" in run("findings", "show", listed[1]["id"]).stdout
    lines = run("findings", "export", "--format", "ndjson", "--status", "acknowledged").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [listed[1]["id"]]
    exported = tmp_path / "findings.csv"
    run("findings", "export", "--out", str(exported))
    assert exported.read_bytes().startswith(b"\xef\xbb\xbfid;national_id;source;")
    assert len(exported.read_bytes().splitlines()) == 1 + len(listed)
    lags = json.loads(run("findings", "lags", "--by", "source", "--json").stdout)
    assert {(item["group"], item["late_side"]) for item in lags["lags"]} == {
        ("dpi", "token"),
        ("dpi", "directory"),
    }
    folder = tmp_path / "lists"
    (told,) = json.loads(
        run(
            "findings", "worklist", "--by", "application", "--out", str(folder), "--language", "en", "--json"
        ).stdout
    )
    assert told["name"] == "dpi"
    assert (folder / "dpi.csv").exists()
    assert "close them" in told["advice"][0]  # nobody signed in since they left
    assert json.loads(run("findings", "worklist", "--by", "authority", "--json").stdout) == []


def test_commands_forget_and_purge_print_their_proof(run: Run) -> None:
    """The counts by table, and the ledger of erasures."""
    run("claims", "ingest", "-", given=SEEN)
    proof = json.loads(run("forget", national_id(4), "--because", "request", "--by", "dpo", "--json").stdout)
    assert (proof["action"], proof["by"], proof["removed"]["observations"]) == ("forget", "dpo", 1)
    assert json.loads(run("purge", "--days", "3", "--json").stdout)["removed"]["observations"] == 3
    ledger = json.loads(run("purge", "--history", "--json").stdout)
    assert [entry["action"] for entry in ledger] == ["purge", "forget"]
    assert "observations" in run("purge").stdout
    assert "forget" in run("purge", "--history").stdout
