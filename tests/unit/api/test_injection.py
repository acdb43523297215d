"""Values made to be taken for something else: SQL, patterns, the syntax of an index, headers, cursors, cells."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from api_site import Site
from rpps_sync.api.access_log import address_of
from rpps_sync.directory.engine import reading
from rpps_sync.directory.tables import PRACTITIONERS

PEOPLE = 29  # of the site
HOSTILE = [
    "' OR '1'='1",
    "1; DROP TABLE practitioners--",
    "%' UNION SELECT digest FROM api_keys--",
    "%_%",
    '"NEAR(a b)" OR *',
    "a\x00b",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "𝕬" * 128,
    "=cmd|'/c calc'!A0",
    "../../etc/passwd",
    "\r\nX-Injected: 1",
    "W10" * 50,
]
PIECES = [
    *("'", '"', ";", "--", "/*", "*/", "\\", ")", "||", " OR ", " UNION SELECT ", ":x", "$1", "?", "%s", "{0}"),
    *("%", "_", "*", "^", "NEAR(", " AND ", "family_name:", "\r\nX-Injected: 1", "\n", "\t", "\x00", "\x1f"),
    *("=", "+", "-", "@", "＝", "\ufeff", "<script>", "../", "é", "\u202e", "ﬀ", "MARTIN", "60", "75", ","),
]
hostile = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=8).map("".join)
FORMULA = re.compile(r"[\s\ufeff]*[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
few = settings(max_examples=60, deadline=None)


def _searching(name: str) -> Callable[[Site, str], httpx.Response]:
    return lambda site, value: site.get("/v1/practitioners", params={name: value})


def _fhir(kind: str, name: str) -> Callable[[Site, str], httpx.Response]:
    return lambda site, value: site.get(f"/fhir/v2/{kind}", params={name: value})


# Wherever the API takes a text.
PLACES: Mapping[str, Callable[[Site, str], httpx.Response]] = {
    **{
        name: _searching(name)
        for name in ("q", "family", "given", "profession", "commune", "postal_code", "department", "skill")
    },
    "cursor": lambda site, value: site.get("/v1/practitioners", params={"q": "a", "cursor": value}),
    "as_of": lambda site, value: site.get("/v1/practitioners/99900000011", params={"as_of": value}, scope="audit"),
    **{
        f"changes.{name}": lambda site, value, name=name: site.get("/v1/changes", params={name: value})
        for name in ("since", "field", "id", "kind", "profession", "skill", "department", "commune", "postal_code")
    },
    **{
        f"findings.{name}": lambda site, value, name=name: site.get(
            "/v1/findings", params={name: value}, scope="audit"
        )
        for name in ("field", "source", "verdict", "id", "cursor")
    },
    "webhooks": lambda site, value: site.post(
        "/v1/webhooks",
        json={"name": value, "url": value, "since": value, "filters": {"id": value, "commune": [value]}},
        scope="admin",
    ),
    "enrich": lambda site, value: site.post("/v1/enrich", json={"identifiers": [value], "fields": ["profession"]}),
    "enrich.fields": lambda site, value: site.post("/v1/enrich", json={"identifiers": [], "fields": [value]}),
    "match": lambda site, value: site.post("/v1/match", json={"people": [{"family": value, "commune": value}]}),
    "verify": lambda site, value: site.post(
        "/v1/verify", json={"userinfo": {"SubjectNameID": value}}, scope="claims"
    ),
    "fhir.name": _fhir("Practitioner", "name:contains"),
    "fhir.qualification": _fhir("Practitioner", "qualification-code"),
    "fhir.mailbox": _fhir("Practitioner", "mailbox-mss"),
    "fhir.address": _fhir("Organization", "address:contains"),
    "fhir.reference": _fhir("PractitionerRole", "organization"),
    "fhir.page": lambda site, value: site.get("/fhir/v2/_page", params={"id": value}),
}


def _unharmed(site: Site, answer: httpx.Response, value: str) -> None:
    """Answered as any other value, and nothing happened."""
    assert answer.status_code < 500, value
    assert "x-injected" not in answer.headers
    assert json.loads(answer.content) is not None
    with reading(site.directory.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(PRACTITIONERS)) == PEOPLE


def test_hostile_values_are_answered_as_any_other(site: Site) -> None:
    """SQL, LIKE, full-text, header, cursor and path injection: an answer or a problem, on both databases."""
    for value in HOSTILE:
        for ask in PLACES.values():
            _unharmed(site, ask(site, value), value)


@given(place=st.sampled_from(sorted(PLACES)), value=hostile)
@few
def test_whatever_is_put_together_of_such_pieces_is_answered_too(
    embedded_site: Site, place: str, value: str
) -> None:
    """The same of values that nobody thought of."""
    _unharmed(embedded_site, PLACES[place](embedded_site, value), value)


@given(value=st.text("%_*^?\"'\\;-()|", min_size=1, max_size=8))
@few
def test_patterns_match_nobody(embedded_site: Site, value: str) -> None:
    """What a database or an index takes for a pattern is no name, and no beginning of a field."""
    for name in ("q", "family"):
        answer = embedded_site.get("/v1/practitioners", params={name: value})
        assert answer.status_code == 422 or answer.json()["results"] == []
    changes = embedded_site.get("/v1/changes", params={"field": value})
    assert changes.status_code == 422 or changes.json()["changes"] == []


@given(told=st.binary(max_size=40) | st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=6))
@few
def test_a_forged_cursor_is_refused(embedded_site: Site, told: Any) -> None:
    """Whatever a cursor is made of, only one of ours goes on."""
    plain = told if isinstance(told, bytes) else json.dumps(told).encode()
    cursor = base64.urlsafe_b64encode(plain).decode().rstrip("=") or "W10"
    answer = embedded_site.get("/v1/practitioners", params={"q": "a", "cursor": cursor[:200]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.cursor")


@given(cells=st.lists(hostile.filter(lambda cell: "\x00" not in cell), min_size=1, max_size=6))
@few
def test_no_cell_of_an_answer_in_csv_is_a_formula(embedded_site: Site, cells: list[str]) -> None:
    """Each row comes back, in its place, as text that a spreadsheet shows and does not compute."""
    body = io.StringIO(newline="")
    csv.writer(body).writerows([["id"], *([cell] for cell in cells)])
    headers = {"Content-Type": "text/csv", "Accept": "text/csv"}
    answer = embedded_site.post("/v1/enrich", content=body.getvalue().encode(), headers=headers)
    _, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert [row[0].removeprefix("'") for row in rows] == [cell.removeprefix("'") for cell in cells]
    assert not [cell for row in rows for cell in row if FORMULA.match(cell) and not NUMBER.fullmatch(cell)]


@pytest.mark.parametrize("told", ["10.0.0.1\n{}", "99900000011", "", "x" * 10_000, "10.0.0.1, 10.0.0.2"])
def test_what_a_client_says_of_its_address_does_not_reach_the_access_log(told: str) -> None:
    """A proxy hands on any text; the log has addresses alone."""
    assert address_of(told) == ""
    assert address_of("2001:DB8::1") == "2001:db8::1"
