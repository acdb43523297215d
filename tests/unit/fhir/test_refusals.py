import base64
import json
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract_builder import hospital, person
from fhir_desk import at_desk, ids
from rpps_sync.directory.selection import Wanted
from rpps_sync.fhir import people, places, queries, situations, values
from rpps_sync.fhir.outcomes import FhirError
from rpps_sync.fhir.parameters import RESOURCES, Kind
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA = ExtractKind.PERSONNE_ACTIVITE
P = "Practitioner"


@pytest.mark.parametrize(
    ("kind", "name", "value", "status", "words"),
    [
        (P, "foo", "x", 400, "Parameter foo not found for resource Practitioner"),
        (P, "_summary", "count", 400, "Parameter _summary not found for resource Practitioner"),
        (P, "_sort", "family", 400, "Parameter _sort not found for resource Practitioner"),
        (P, "_has:PractitionerRole:practitioner:role", "L", 400, "not found for resource Practitioner"),
        (P, "_since", "2026", 400, "Parameter _since not found"),
        (P, "_profile", "x", 400, "Parameter _profile not found"),
        (P, "address-city", "Lyon", 400, "Parameter address-city not found"),
        ("Organization", "pharmacy-licence", "1", 400, "Parameter pharmacy-licence not found"),
        (P, "_count", "ten", 400, "The _count parameter must be in the FHIR format with an integer value"),
        (P, "_count", "-1", 400, "integer value"),
        (P, "_count", "99999999999999999999", 400, "integer value"),
        (P, "_total", "many", 400, "_total"),
        (P, "_lastUpdated", "yesterday", 400, "expected a date"),
        (P, "_lastUpdated", "ge2026-13-45", 400, "expected a date"),
        (P, "_lastUpdated", "ge0000-01-01", 400, "expected a date"),
        (P, "_lastUpdated", "ge9999-12-31", 400, "expected a date"),
        (P, "_lastUpdated", "lt0001", 400, "expected a date"),
        (P, "_lastUpdated", "ge2026-11-20T99:00:00Z", 400, "expected a date"),
        (P, "_lastUpdated", "2026T10:00:00Z", 400, "expected a date"),
        (P, "_lastUpdated:missing", "true", 400, "unknown modifier"),
        (P, "family:soundex", "x", 400, "unknown modifier"),
        (P, "identifier:text", "x", 400, "unknown modifier"),
        ("PractitionerRole", "practitioner.family", "x", 400, "chained"),
        ("PractitionerRole", "practitioner:Practitioner.family", "x", 400, "chained"),
        ("PractitionerRole", "organization", "https://elsewhere.invalid/Organization/1", 400, "another server"),
        ("PractitionerRole", "organization", "Practitioner/1", 400, "must be one to Organization"),
        ("PractitionerRole", "practitioner:Organization", "1", 400, "must be one to Practitioner"),
        (P, "family", "", 400, "empty"),
        (P, "family", " , ", 400, "empty"),
        (P, "family", "'\"--", 400, "neither letter nor digit"),
        (P, "family:contains", "%", 400, "neither letter nor digit"),
        (P, "family", "a\x00b", 400, "control character"),
        (P, "family", "a\ud800b", 400, "control character"),
        (P, "family", "x" * 201, 400, "characters"),
        (P, "identifier", ",".join("1" * 201), 400, "values"),
        (P, "active", "maybe", 400, "true or false"),
        ("Organization", "active", "1", 400, "true or false"),
        (P, "_include", "PractitionerRole:practitioner", 400, "not one that is served"),
        (P, "_revinclude", "Device:organization", 400, "not one that is served"),
        ("PractitionerRole", "_include:iterate", "*", 400, "not found"),
        (P, "_display", "maybe", 400, "true or false"),
        ("Device", "_count", "1", 404, "HAPI-0302: Unknown resource type 'Device'"),
        ("../etc", "_count", "1", 404, "HAPI-0302"),
    ],
)
def test_what_means_nothing_is_refused_in_words(kind: str, name: str, value: str, status: int, words: str) -> None:
    """Each wrong search names the parameter and says what was expected, before the directory is looked at."""
    with pytest.raises(FhirError) as refused:
        _read(kind, name, value)
    assert refused.value.status == status
    assert words in refused.value.what


def _read(kind: str, name: str, value: str) -> None:
    """Read a search as far as it goes without a directory."""
    query = queries.read(kind, [(name, value)])
    for one in query.criteria:
        if one.kind is Kind.DATE:
            for told in one.values:
                values.moment(one.name, told)
    if kind == "Organization":
        places.wanted(query, None, "")
    elif kind == "PractitionerRole":
        situations.situations(None, query, Wanted(), "")  # type: ignore[arg-type] - refused before it is needed
    else:
        people.practitioners(None, query, Wanted())  # type: ignore[arg-type] - idem


def test_too_many_parameters_are_too_costly() -> None:
    """A query of thousands of conditions is refused before it is understood."""
    with pytest.raises(FhirError, match="at most 50"):
        queries.read(P, [("family", "x")] * 51)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "é",
        "AAAA",
        base64.urlsafe_b64encode(b"not compressed").decode(),
        base64.urlsafe_b64encode(zlib.compress(b"[1]")).decode(),
        base64.urlsafe_b64encode(zlib.compress(b"0" * 10_000_000)).decode(),
        base64.urlsafe_b64encode(zlib.compress(json.dumps([P, [], "p", [{}]]).encode())).decode(),
    ],
)
def test_forged_page_links_are_refused(forged: str) -> None:
    """Whatever stands in place of a token is told to be none of ours; a bomb is not inflated."""
    with pytest.raises(FhirError, match="not one that this server gave out"):
        queries.unpack(forged)


def test_a_page_that_begins_nowhere_is_refused(directory: SmallDirectory) -> None:
    """A token of our making with a place of another's is refused too."""
    directory.publish({PA: [person(1)]})
    with at_desk(directory) as desk:
        for kind in RESOURCES:
            for after in ((), ("x",), (0, 1), (1,)):
                token = queries.PageToken(kind, (), desk.served.edition, after).pack()
                if (kind, after) != ("Organization", ("x",)):
                    with pytest.raises(FhirError, match="gave out"):
                        desk.page(token)


@pytest.mark.parametrize(
    "hostile", ["' OR 1=1 --", '"; DROP TABLE practitioners; --', "%", "_", "\\", "f:A* NEAR B"]
)
def test_injected_conditions_find_nobody(directory: SmallDirectory, hostile: str) -> None:
    """What looks like SQL, LIKE or the syntax of an index is a text like another."""
    directory.publish({PA: [person(1, **hospital(1))]})
    text = f"zz{hostile}"
    with at_desk(directory) as desk:
        for kind, searchable in RESOURCES.items():
            for name, sort in searchable.parameters.items():
                if name in ("active", "_lastUpdated"):
                    continue
                found = [ids(desk, kind, **{name: text})]
                if sort is Kind.STRING:
                    found += [ids(desk, kind, **{f"{name}__{how}": text}) for how in ("contains", "exact")]
                assert not any(found), (kind, name)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_search_is_answered_or_refused(data: st.DataObject, directory: SmallDirectory) -> None:
    """Whatever the name, modifier and value of a parameter, nothing but a bundle or a refusal comes out."""
    if directory.seq == 0:
        directory.publish({PA: [person(1, **hospital(1))]})
    kind = data.draw(st.sampled_from(sorted(RESOURCES)))
    known = sorted(RESOURCES[kind].parameters)
    name = data.draw(
        st.sampled_from([*known, "_count", "_elements", "_include", "_revinclude"]) | st.text(max_size=9)
    )
    modifier = data.draw(st.sampled_from(["", "", ":contains", ":exact", ":not", ":identifier", ":", ":x"]))
    value = data.draw(st.text(max_size=30) | st.from_regex(r"(ge|lt|ap)?[0-9]{4}(-[0-9]{2}){0,2}", fullmatch=True))
    with at_desk(directory) as desk:
        try:
            assert desk.search(kind, [(name + modifier, value)])["resourceType"] == "Bundle"
        except FhirError as error:
            refused = error.status
        else:
            refused = 400
    assert 400 <= refused < 500


def test_a_forged_place_beyond_everybody_is_the_end(directory: SmallDirectory) -> None:
    """Numbers that no identifier reaches are places like others: nobody comes after."""
    directory.publish({PA: [person(1)]})
    with at_desk(directory) as desk:
        for asked in ((), (("family", "exemple"),)):
            token = queries.PageToken(P, asked, desk.served.edition, (0, "9" * 64)).pack()
            assert "entry" not in desk.page(token)
            token = queries.PageToken(P, asked, desk.served.edition, (0, "8" * 64)).pack()
            assert "entry" in desk.page(token)
