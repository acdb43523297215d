"""One sign-in told by every way that leads in."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path

import pytest

from api_site import site
from databases import reading
from invented_issuer import CLIENT, ISSUER, id_claims, signed, userinfo, write_key_set
from pipelines.claims_inbox import take_in_inbox
from pipelines.claims_intake import IntakeSummary, take_in, verifier_of
from rpps_sync import client, clock
from rpps_sync.api.access import House
from rpps_sync.client import observing
from rpps_sync.directory.intake_counts import statistics
from rpps_sync.directory.observations import claim_histories

APPLICATION = "claims"  # the name of the site's key, so of the application that posts with it


@pytest.mark.parametrize("proven", [False, True])
def test_sign_in_told_by_hook_file_and_http_counts_once(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, *, proven: bool
) -> None:
    """The hook sends a part of the userinfo, a gateway writes all of it, the API names the application itself."""
    settings = {
        "psc_issuer": ISSUER,
        "psc_client_id": CLIENT,
        "psc_jwks_url": str(write_key_set(tmp_path)),
        "claims_inbox": tmp_path / "inbox",
    }
    with site(tmp_path, database_url, **settings) as built:
        house: House = built.app.state.house
        monkeypatch.setattr(observing, "_observer", None)
        folder = house.settings.inbox / APPLICATION
        folder.mkdir(parents=True)
        client.configure(APPLICATION, inbox=folder)
        client.observe(userinfo())
        assert client.flush(10)
        (file,) = folder.glob("*.jsonl")
        told = json.loads(file.read_text())
        instant = datetime.fromisoformat(told["observed_at"])
        if proven:
            moment = int(instant.timestamp())
            told["id_token"] = signed(id_claims(iat=moment - 5, exp=moment + 55))
            file.write_text(json.dumps(told))
        said = userinfo(name="Ana CIVILNAME", acr="eidas1")
        whole = told | {"userinfo": said, "observed_at": f"{instant:%FT%T.%fZ}"}

        def ingested(source: str) -> IntakeSummary:
            stream = io.BytesIO(json.dumps(whole).encode())
            return take_in(built.directory.engine, stream, verifier_of(house.settings), grace=1, source=source)

        with clock.pinned(instant):
            assert take_in_inbox(built.directory.engine, house.settings).accepted == 1
            for source in (APPLICATION, ""):
                assert ingested(source).duplicate == 1
            for body in (told, whole, {**whole, "source": "another"}):
                assert built.post("/v1/claims", json=body, scope="claims").json()["duplicate"] == 1
            assert built.post("/v1/claims?live=true", json=told, scope="claims").json()["duplicate"] == 1
            assert ingested("pui").accepted == 1  # another application saw it too
    with reading(database_url) as connection:
        seen = {one.source: one.versions[0] for one in claim_histories(connection)}
        counted = {one.source: (one.attested, one.verified, one.duplicate) for one in statistics(connection)}
    assert seen[APPLICATION].occurrences == 1
    assert seen[APPLICATION].trust == ("verified" if proven else "attested")
    assert counted[APPLICATION] == (0 if proven else 1, 1 if proven else 0, 6)
