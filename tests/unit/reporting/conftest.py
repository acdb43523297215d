"""A ledger of invented nights, the same for every test of the report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert

from rpps_sync.directory.tables import (
    CHANGES,
    DEPARTURES,
    EXERCISES,
    FINDINGS,
    LABELS,
    METADATA,
    PUBLICATIONS,
    RUNS,
)
from rpps_sync.publication import ExtractKind
from rpps_sync.run_summary import (
    CheckResult,
    CheckSeverity,
    CheckStatus,
    ComparisonSummary,
    Delta,
    FileSummary,
    FreshnessState,
    Outcome,
    PractitionerDelta,
    PublicationSummary,
    QuarantinedLine,
    RunSummary,
)

TONIGHT = datetime(2026, 11, 21, 3, 40, tzinfo=UTC)
NIGHTS = 30
DOCTOR = "899900000019"
SIDES = {"token_stale": "token", "departed_practitioner": "token", "directory_stale": "directory"}
HOSTILE = '<script>alert("d\'Été")</script>'


@pytest.fixture
def connection() -> Iterator[Connection]:
    """An empty ledger in memory."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def ledger(connection: Connection) -> Connection:
    """The ledger after twenty-nine nights, a first load and a refusal among them; tonight's run is not in it."""
    _past_nights(connection)
    _changes_of_tonight(connection)
    _findings(connection)
    return connection


@pytest.fixture
def tonight() -> RunSummary:
    """A night that published, with reservations."""
    return RunSummary(
        run_id="2026-11-21T0340-7c1e",
        started_at=TONIGHT,
        finished_at=TONIGHT + timedelta(minutes=2, seconds=31),
        outcome=Outcome.PUBLISHED,
        publication=publication(),
        served="2026-11-20-a1b2c3",
        delta=Delta(1043, 687, PractitionerDelta(212, 498, 41, 1_290_417)),
        quarantine=tuple(
            QuarantinedLine(
                ExtractKind.PERSONNE_ACTIVITE, 10775 + rank * 31, "field-count", "55 fields, 56 expected"
            )
            for rank in range(7)
        ),
        checks=checks(),
        comparison=ComparisonSummary(
            1978, {"consistent": 22110, "not_comparable": 3120, "token_stale": 214, "pending": 96, "conflict": 12}
        ),
        freshness=(
            FreshnessState(
                "publication.age", "ok", "7 h", "alerte au-delà de 36 h", datetime(2026, 11, 20, 20, 4, tzinfo=UTC)
            ),
            FreshnessState("run.last_success", "ok", "0 min", "alerte au-delà de 26 h", TONIGHT),
            FreshnessState("claims.intake", "no_data", "aucune donnée", "alerte au-delà de 96 h"),
        ),
        timings={
            "receive": 41.6,
            "examine": 5.8,
            "check": 18.6,
            "publish": 9.1,
            "compare": 2.2,
        },
        peak_rss=1_180_000_000,
    )


def publication() -> PublicationSummary:
    """The publication of the evening before."""
    published_at = datetime(2026, 11, 20, 20, 4, tzinfo=UTC)
    sizes = {
        "personne-activite": (820_411_002, 2_291_290),
        "dipl-autexerc": (141_000_377, 1_402_118),
        "savoirfaire": (61_200_411, 598_227),
    }
    files = tuple(
        FileSummary(
            ExtractKind(kind),
            f"https://static.data.gouv.fr/resources/{kind}.txt",
            size,
            "9f2c41d7" * 8,
            lines,
            published_at,
        )
        for kind, (size, lines) in sizes.items()
    )
    return PublicationSummary("2026-11-20-a1b2c3", published_at, files)


def checks() -> tuple[CheckResult, ...]:
    """A few that passed, one that failed, one that warns, one that was skipped."""
    file = "personne-activite"
    passed = tuple(
        CheckResult(
            f"filled.{name}",
            f"Colonne {name} remplie",
            file,
            CheckSeverity.ERROR,
            CheckStatus.PASSED,
            "99,98 %",
            "≥ 99,9 %",
            2_291_290,
            0,
        )
        for name in ("identifiant", "nom", "prénom", "profession", "catégorie", "mode d’exercice")
    )
    return (
        *passed,
        CheckResult(
            "volume.drop",
            "Lignes par rapport aux 28 nuits passées",
            file,
            CheckSeverity.BLOCKING,
            CheckStatus.PASSED,
            "2 291 290",
            "2 268 000 à 2 337 000",
            2_291_290,
        ),
        CheckResult(
            "codes.role",
            "Codes de rôle connus de la nomenclature TRE_R21",
            file,
            CheckSeverity.WARNING,
            CheckStatus.WARNED,
            "2 codes inconnus",
            "0",
            rows=2_291_290,
            failing=18,
            samples=("FON-88", "FON-91"),
            mend="mettre à jour la nomenclature, ou signaler les codes à l’ANS",
        ),
        CheckResult(
            "keys.rpps-luhn",
            "Clé de contrôle des numéros RPPS",
            file,
            CheckSeverity.ERROR,
            CheckStatus.FAILED,
            "99,97 %",
            "≥ 99,99 %",
            rows=2_291_290,
            failing=612,
            samples=("99900000101", "99900000234", "99900000317", HOSTILE),
            mend="signaler ces numéros à l’ANS ; ils restent servis",
        ),
        CheckResult(
            "mssante.domain",
            "Domaines MSSanté",
            "",
            CheckSeverity.INFO,
            CheckStatus.SKIPPED,
            "",
            "fichier non fourni",
        ),
    )


def _past_nights(connection: Connection) -> None:
    total = 1_284_900
    for rank in range(1, NIGHTS):
        at = TONIGHT - timedelta(days=NIGHTS - rank)
        outcome = {7: Outcome.REFUSED, 15: Outcome.UNCHANGED, 22: Outcome.FAILED}.get(rank, Outcome.PUBLISHED)
        moved = (150 + rank * 37 % 90, 420 + rank * 53 % 260, 20 + rank * 17 % 40)
        if outcome is Outcome.PUBLISHED:
            total += moved[0] - moved[2]
        delta = PractitionerDelta(*(total, 0, 0, total) if rank == 1 else (*moved, total))
        name = f"{at:%Y-%m-%d}-{rank:06x}"
        summary = RunSummary(
            run_id=f"run-{rank:02d}",
            started_at=at,
            finished_at=at + timedelta(seconds=140 + rank),
            outcome=outcome,
            publication=PublicationSummary(name, at),
            served=name,
            delta=Delta(900, 600, delta) if outcome is Outcome.PUBLISHED else Delta(),
        )
        connection.execute(insert(RUNS), [ledger_row(summary)])
        if outcome is Outcome.PUBLISHED:
            connection.execute(insert(PUBLICATIONS), [publication_row(name, rank, at, summary.run_id)])
    tonight = publication()
    row = publication_row(tonight.id, NIGHTS, tonight.published_at, "2026-11-21T0340-7c1e")
    connection.execute(insert(PUBLICATIONS), [row | {"practitioners": 1_290_417}])


def ledger_row(summary: RunSummary) -> dict[str, Any]:
    """A run as the ledger keeps it."""
    return {
        "run_id": summary.run_id,
        "started_at": summary.started_at,
        "finished_at": summary.finished_at,
        "outcome": summary.outcome.value,
        "summary": summary.to_json(),
    }


def publication_row(name: str, seq: int | None, at: datetime, run_id: str) -> dict[str, Any]:
    """A publication as the ledger keeps it."""
    return {
        "id": name,
        "seq": seq,
        "status": "published" if seq else "refused",
        "published_at": at,
        "recorded_at": at,
        "run_id": run_id,
        "files": [],
        "metrics": {},
        "reasons": [],
        "practitioners": 1_285_000,
    }


def _changes_of_tonight(connection: Connection) -> None:
    professions = {
        "10": ("Médecin", 9),
        "60": ("Infirmier", 14),
        "21": ("Pharmacien", 4),
        "70": ("Masseur-Kinésithérapeute", 6),
    }
    labels = [
        {"system": "profession", "code": code, "from_seq": 1, "label": label}
        for code, (label, _) in professions.items()
    ]
    connection.execute(insert(LABELS), labels)
    serial = 0
    fields = ("structure.street", "activity.mode", "skill", "contact.phone", "activity", "identity.family_name")
    for code, (_, people) in professions.items():
        for rank in range(people):
            serial += 1
            who = f"8999{serial:08d}"
            kind = "arrived" if rank % 3 == 0 else "changed"
            connection.execute(
                insert(EXERCISES),
                [{"national_id": who, "profession": code, "category": "C", "exercise_civility": ""}],
            )
            change = {
                "publication_seq": NIGHTS,
                "national_id": who,
                "kind": kind,
                "field": "",
                "element": "",
                "before": None,
                "after": None,
            }
            if kind == "changed":
                change |= {
                    "field": fields[serial % len(fields)],
                    "before": None if serial % 2 else "x",
                    "after": "y",
                }
            connection.execute(insert(CHANGES), [change])
    connection.execute(
        insert(DEPARTURES),
        [
            {
                "national_id": f"89990001{rank:04d}",
                "departed_seq": NIGHTS,
                "last_professions": "10,60" if rank else "21",
            }
            for rank in range(3)
        ],
    )


def _findings(connection: Connection) -> None:
    rows = [
        _finding(0, "practitioner", "departed_practitioner", severity="high", claim="Médecin", element=""),
        _finding(1, "activity.structure", "directory_stale", authority="CNOM/CNOM/ARS", claim="F750100042"),
        _finding(2, "skill", "conflict", authority="CNOM/CNOM/CNOM", claim="SM54"),
        _finding(3, "identity.family_name", "token_stale", severity="low", authority="ARS/ARS/ARS", claim=HOSTILE),
        _finding(4, "activity.mode", "pending", severity="low", authority="//", claim="L"),
        _finding(5, "skill", "conflict", severity="high", claim="gone", status="resolved"),
    ]
    later = {"severity": "low", "authority": "ARS/ARS/ARS", "claim": "S", "since": date(2026, 11, 3)}
    rows += [_finding(serial, "skill", "token_stale", **later) for serial in range(6, 66)]
    connection.execute(insert(FINDINGS), rows)


def _finding(serial: int, field: str, verdict: str, **values: Any) -> dict[str, Any]:
    authority = values.pop("authority", "")
    row = {
        "id": f"{serial:016x}",
        "national_id": DOCTOR,
        "source": "dpi-chu",
        "field": field,
        "element": "10",
        "verdict": verdict,
        "stale_side": SIDES.get(verdict, "unknown"),
        "claim_value": values.pop("claim"),
        "directory_value": 'D’ALMEIDA "DIT" LE GOFF' if field.startswith("identity") else "",
        "since": date(2026, 9, 1),
        "first_seen": date(2026, 11, 2),
        "last_seen": date(2026, 11, 20),
        "occurrences": 11,
        "status": "open",
        "resolved_by": "",
        "lag_days": None,
        "severity": "medium",
        "confidence": "verified",
        "registration_authority": authority,
        "evidence": {},
    }
    return row | values
