"""Clients of the national API, unmodified, against a server started as a user would."""

import json
import logging
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from annuairesante import AnnuaireSanteClient, exceptions
from annuairesante.transformers.practitioner import PractitionerTransformer
from fhir.resources.R4B import get_fhir_model_class

from fhir_service import Service, serving

PEOPLE = 1_200
NODE = """
import { Client } from 'fhir-kit-client';
const client = new Client({ baseUrl: process.argv[2], customHeaders: { 'ESANTE-API-KEY': process.argv[3] } });
const said = await client.capabilityStatement();
let page = await client.search({ resourceType: 'Practitioner', searchParams: { _count: 400, active: 'true' } });
const found = [];
while (page) {
  found.push(...page.entry.map((entry) => entry.resource.id));
  page = page.link.some((link) => link.relation === 'next') ? await client.nextPage({ bundle: page }) : undefined;
}
const one = await client.read({ resourceType: 'Practitioner', id: found[0] });
const posted = await client.search({
  resourceType: 'PractitionerRole',
  searchParams: { practitioner: found[0], _include: '*' },
  options: { postSearch: true },
});
let missing = 0;
try {
  await client.read({ resourceType: 'Organization', id: 'unknown' });
} catch (error) {
  missing = error.response.status;
}
console.log(JSON.stringify({
  version: said.fhirVersion, found: found.length, distinct: new Set(found).size, read: one.id === found[0],
  beside: posted.entry.map((entry) => entry.resource.resourceType), missing,
}));
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A directory of simulated people, served on loopback, with a key for each need."""
    with serving(tmp_path_factory.mktemp("fhir"), people=PEOPLE) as running:
        yield running


@pytest.fixture
def client(service: Service) -> Iterator[AnnuaireSanteClient]:
    """The PyPI client with nothing changed but its base URL and its key."""
    with AnnuaireSanteClient(api_key=service.key("read"), base_url=service.fhir) as made:
        yield made


def test_the_python_client_knows_what_the_server_can(client: AnnuaireSanteClient) -> None:
    """Its first call is answered as the national API does."""
    said = client.metadata()
    assert said["fhirVersion"] == "4.0.1"
    assert [one["type"] for one in said["rest"][0]["resource"]] == [
        "Practitioner",
        "PractitionerRole",
        "Organization",
    ]
    get_fhir_model_class("CapabilityStatement").model_validate(said)


def test_the_python_client_searches_and_reads(client: AnnuaireSanteClient) -> None:
    """By family name, by each form of identifier, page after page, and one by its technical identifier."""
    first = client.practitioner.search(_count=5).entries[0]
    idnps, rpps = (one["value"] for one in first["identifier"])
    for identifier in (idnps, rpps, f"https://rpps.esante.gouv.fr|{rpps}"):
        assert client.practitioner.search(identifier=identifier).entries == [first]
    family = first["name"][0]["family"]
    assert first in client.practitioner.search(family=family.lower(), active=True, _count=200).entries
    assert client.practitioner.get(first["id"]) == first
    everybody = [one["id"] for one in client.practitioner.search_all(_count=400)]
    assert len(everybody) == len(set(everybody)) == client.practitioner.search(_count=1).total > 1_000
    role = next(client.practitioner_role.search_all(practitioner=first["id"]))
    assert role["practitioner"]["reference"] == f"Practitioner/{first['id']}"
    place = client.organization.search(_count=1).entries[0]
    assert client.organization.get(place["id"])["name"] == place["name"]


def test_the_python_client_understands_refusals(service: Service, client: AnnuaireSanteClient) -> None:
    """Missing, wrong, unknown, keyless and too many: each error is of the class the client has for it."""
    with pytest.raises(exceptions.NotFoundError):
        client.practitioner.get("003-0000000-0000000")
    with pytest.raises(exceptions.ValidationError, match="Parameter foo not found for resource Practitioner"):
        client.practitioner.search(foo="x")
    with pytest.raises(exceptions.NotFoundError):
        client.device.search(_count=1)
    with (
        AnnuaireSanteClient(api_key="wrong", base_url=service.fhir) as stranger,
        pytest.raises(exceptions.AuthenticationError),
    ):
        stranger.metadata()
    with (
        AnnuaireSanteClient(api_key=service.key("slow"), base_url=service.fhir) as hasty,
        pytest.raises(exceptions.RateLimitError),
    ):
        _ask_often(hasty)


def _ask_often(client: AnnuaireSanteClient) -> None:
    for _ in range(10):
        client.metadata()


def test_the_python_client_transforms_a_thousand_practitioners(
    client: AnnuaireSanteClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own model takes each of them: no identifier is missing, no date is odd."""
    monkeypatch.setenv("ANNUAIRE_SANTE_CACHE_DIR", str(tmp_path))
    logging.getLogger("annuairesante").setLevel(
        logging.ERROR
    )  # it misses the nomenclature, which it would download
    people = list(client.practitioner.search_all(_count=400))
    transformer = PractitionerTransformer()
    for told in random.Random(1).sample(people, 1_000):
        made = transformer.transform(told)
        assert made.identifiers.idnps == "8" + made.identifiers.rpps


def test_every_resource_of_a_whole_directory_is_valid(client: AnnuaireSanteClient) -> None:
    """A strict reader of FHIR R4 takes every page of every type with everything included."""
    reader = get_fhir_model_class("Bundle")
    for wrapper, beside in (
        (client.practitioner, {"_revinclude": "PractitionerRole:practitioner"}),
        (client.practitioner_role, {"_include": "PractitionerRole:organization"}),
        (client.organization, {}),
    ):
        for page in wrapper.search(_count=300, **beside).iter_all_pages():
            reader.model_validate(page.data)


def test_the_javascript_client_searches_pages_and_reads(service: Service, tmp_path: Path) -> None:
    """fhir-kit-client of npm follows links, posts a search and reads, against the same address."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js is not installed here: the client of npm was not tried")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "try.mjs").write_text(NODE)
    installed = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "fhir-kit-client@2"],  # noqa: S607 - found above
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if installed.returncode:
        pytest.skip("the registry of npm does not answer: its client was not tried")
    done = subprocess.run(
        ["node", "try.mjs", service.fhir, service.key("read")],  # noqa: S607 - idem
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=dict(os.environ) | {"NO_PROXY": "127.0.0.1"},
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert said.pop("found") == said.pop("distinct") > 1_000
    beside = said.pop("beside")
    assert beside[0] == "PractitionerRole"
    assert "Practitioner" in beside
    assert said == {"version": "4.0.1", "read": True, "missing": 404}


def test_a_form_is_the_same_search_and_nothing_can_be_written(service: Service) -> None:
    """POST ``_search`` answers as GET does; other writes are refused as FHIR refuses."""
    headers = {"ESANTE-API-KEY": service.key("read")}
    asked = {"family": "a", "_count": "3"}
    with httpx.Client(base_url=service.fhir, headers=headers) as http:
        posted = http.post("/Practitioner/_search", data=asked).json()
        assert posted == http.get("/Practitioner", params=asked).json()
        for refused in (
            http.post("/Practitioner", json={}),
            http.put("/Practitioner/1", json={}),
            http.delete("/x"),
        ):
            assert refused.status_code == 403
            assert refused.json()["resourceType"] == "OperationOutcome"
        keyless = httpx.get(f"{service.fhir}/metadata")
        assert keyless.status_code == 401
        assert keyless.json()["resourceType"] == "OperationOutcome"


def test_answers_say_their_publication_and_are_not_sent_twice(service: Service) -> None:
    """Headers tell the publication, its date and its age; whoever has the answer gets 304."""
    headers = {"ESANTE-API-KEY": service.key("read")}
    with httpx.Client(base_url=service.fhir, headers=headers) as http:
        first = http.get("/Organization", params={"_count": "1"})
        assert first.headers["content-type"].startswith("application/fhir+json")
        assert {"x-rpps-publication", "x-rpps-published-at", "x-rpps-age-seconds", "etag"} <= set(first.headers)
        again = http.get("/Organization", params={"_count": "1"}, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304


def test_a_night_between_two_pages_ends_the_search_and_starts_a_delta(service: Service) -> None:
    """The link of a replaced publication is 410; ``_lastUpdated`` gives what changed, departures to an auditor."""
    with httpx.Client(headers={"ESANTE-API-KEY": service.key("audit")}) as http:
        page = http.get(f"{service.fhir}/Practitioner", params={"_count": "2"}).json()
        (link,) = (one["url"] for one in page["link"] if one["relation"] == "next")
        assert link.startswith(service.fhir)
        assert http.get(link).status_code == 200
        moved = service.next_day()
        gone = http.get(link)
        assert (gone.status_code, gone.json()["resourceType"]) == (410, "OperationOutcome")
        since = {"_lastUpdated": f"ge{moved.published_at}", "_count": "1000"}
        delta = http.get(f"{service.fhir}/Practitioner", params=since).json()["entry"]
        inactive = [one for one in delta if not one["resource"]["active"]]
        assert len(inactive) == moved.departed > 0
        assert len(delta) == moved.added + moved.changed + moved.departed
