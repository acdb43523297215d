"""Somebody else's list of identifiers, enriched over HTTP."""

from __future__ import annotations

import json

import pytest

from api_site import HERE, LEFT, Site
from extract_builder import national_id, rpps
from rpps_sync.api.models import Enrichment

JSON, LINES, CSV = "application/json", "application/x-ndjson", "text/csv"
GIVEN = [rpps(HERE), rpps(LEFT), rpps(500), "12", "AAAAAAAA-0000-4000-8000-000000000000", national_id(HERE)]
BECAME = ["found", "departed", "unknown", "malformed", "out_of_scope", "found"]


def test_each_identifier_has_one_result_in_its_order(site: Site) -> None:
    """Found, departed, unknown, malformed, out of scope; the day of a departure is for auditors."""
    asked = {"identifiers": GIVEN, "fields": ["family_name"]}
    told = Enrichment.model_validate_json(site.post("/v1/enrich", json=asked).content)
    assert [one.status for one in told.results] == BECAME
    assert [one.given for one in told.results] == GIVEN
    assert told.results[0].values == {"family_name": ["LE GOFF"]}
    assert (told.results[1].reason, told.publication) == ("", "publication-2")
    audited = site.post("/v1/enrich", json=asked, scope="audit").json()["results"]
    assert audited[1]["reason"] == "2026-11-02"


@pytest.mark.parametrize(
    ("kind", "body"), [(LINES, "\n".join(map(json.dumps, GIVEN))), (CSV, "\n".join(["id", *GIVEN]))]
)
def test_lines_and_csv_are_read_and_written_too(kind: str, body: str, embedded_site: Site) -> None:
    """Programs send what they have, and receive what they can read."""
    headers = {"Content-Type": kind, "Accept": LINES}
    answer = embedded_site.post("/v1/enrich?fields=profession", content=body.encode(), headers=headers)
    results = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["status"] for one in results] == BECAME
    assert answer.headers["x-rpps-publication"] == "publication-2"


def test_a_named_column_is_read_and_no_cell_becomes_a_formula(embedded_site: Site) -> None:
    """What a client sends comes back in a cell: it must not run in the spreadsheet of who opens it."""
    body = f"who;rpps\nx;{rpps(HERE)}\ny;=HYPERLINK(1)\n".encode()
    headers = {"Content-Type": CSV, "Accept": CSV}
    answer = embedded_site.post("/v1/enrich?id_column=rpps&fields=given_name", content=body, headers=headers)
    assert answer.text.splitlines() == [
        "given,status,reason,national_id,given_name",
        f"{rpps(HERE)},found,,{national_id(HERE)},ANAÏS",
        "'=HYPERLINK(1),malformed,malformed,,",
    ]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 422, "body"),
        (b"[]", 422, "body.identifiers"),
        (b'{"identifiers": [null]}', 422, "body.identifiers.0"),
        (b'{"identifiers": ["1"], "fields": ["password"]}', 422, "fields"),
        (b'{"identifiers": ["1"], "feilds": []}', 422, "body.feilds"),
        (b'{"identifiers": [' + b"1," * 10_000 + b"1]}", 422, "body"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_by_field(
    body: bytes, status: int, field: str, embedded_site: Site
) -> None:
    """The problem says which part of the body to mend."""
    answer = embedded_site.post("/v1/enrich", content=body, headers={"Content-Type": JSON})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)


def test_other_media_types_are_refused_with_those_that_are_taken(embedded_site: Site) -> None:
    """415 for what comes, 406 for what is asked back."""
    assert embedded_site.post("/v1/enrich", content=b"x", headers={"Content-Type": "text/xml"}).status_code == 415
    asked = {"json": {"identifiers": []}, "headers": {"Accept": "image/png"}}
    assert embedded_site.post("/v1/enrich", **asked).status_code == 406
