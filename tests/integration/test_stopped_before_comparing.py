import io
import json
from pathlib import Path

import pytest

from databases import reading
from extract_builder import hospital, national_id, person, world, write
from pipelines.bars import no_bars
from pipelines.claims_intake import take_in, verifier_of
from pipelines.night import Night
from pipelines.nightly import run_night
from pipelines.publishing import examine, publish
from rpps_sync.directory import findings
from rpps_sync.directory.engine import open_engine
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings

from .conftest import RunDay

NURSE = {
    "SubjectNameID": national_id(1),
    "SubjectRefPro": {
        "exercices": [
            {
                "codeProfession": "60",
                "codeCategorieProfessionnelle": "C",
                "nomDexercice": "EXEMPLE 1",
                "prenomDexercice": "CAMILLE",
                "activities": [{"codeModeExercice": "S", "identifiantTechniqueDeLaStructure": "F990000001"}],
            }
        ]
    },
}


def test_a_night_stopped_before_comparing_is_made_good_by_the_next(
    run_day: RunDay, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between publication and comparison, a night leaves verdicts behind; the next one catches up."""
    run_day(18, world(300))
    seen = {"observed_at": "2026-11-18T08:00:00Z", "source": "dpi", "userinfo": NURSE}
    engine = open_engine(settings.database)
    take_in(engine, io.BytesIO(json.dumps(seen).encode()), verifier_of(settings), grace=3)
    engine.dispose()
    lines = world(300)
    lines[ExtractKind.PERSONNE_ACTIVITE][1] = person(1, **hospital(1, technical_id="F990000005"), mode="L")
    folder = write(tmp_path / "moved", "202611190515", lines)
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-19T06:00:00Z")
    with Night.opened(settings, no_bars) as night:
        publication = night.receive(FolderSource(folder))
        assert publication is not None
        publish(night, examine(night, publication))
    assert standing(settings) == []
    assert run_night(settings, FolderSource(folder)).outcome is Outcome.UNCHANGED
    assert "activity.structure token_stale" in standing(settings)


def standing(settings: Settings) -> list[str]:
    """The findings that stand: field and verdict."""
    with reading(settings.database) as connection:
        return [f"{item.judgement.field} {item.judgement.verdict}" for item in findings.find(connection)]
