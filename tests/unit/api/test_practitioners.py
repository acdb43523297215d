"""Looking people up over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api_site import EVENING, HERE, LEFT, Site, second_day
from extract_builder import national_id, rpps
from rpps_sync.api import silences
from rpps_sync.api.models import Departed, Practitioner, SearchPage
from rpps_sync.directory.engine import writing
from rpps_sync.directory.feeds import authority_of
from rpps_sync.directory.objective_states import record
from rpps_sync.run_summary import FreshnessState


def test_a_practitioner_comes_with_labels_and_publication(site: Site) -> None:
    """The document is the one of the interface, and says what it was made of."""
    answer = site.get(f"/v1/practitioners/{rpps(HERE)}")
    assert answer.status_code == 200
    found = Practitioner.model_validate_json(answer.content)
    assert (found.family_name, found.given_name) == ("LE GOFF", "ANAÏS")
    assert found.exercises[0].profession.label == "Infirmier"
    assert (found.publication, found.age_seconds) == ("publication-2", 14 * 3600)
    assert answer.headers["x-rpps-publication"] == "publication-2"


def test_a_practitioner_comes_with_how_far_to_trust_each_part(site: Site) -> None:
    """A sentence, and what confirmed each part last; never on which day somebody signed in."""
    document = Practitioner.model_validate_json(site.get(f"/v1/practitioners/{rpps(HERE)}").content)
    fresh = document.freshness
    assert fresh.sentence
    assert fresh.confirmed_by_publication is not None
    assert fresh.confirmed_by_publication["publication"] == "publication-2"
    assert fresh.parts["identity"].changed == document.last_changed
    assert fresh.confirmed_by_token is None
    assert {part.token for part in fresh.parts.values()} == {None}


def test_a_feed_that_falls_silent_makes_its_records_doubtful(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a night assesses is told by answers within seconds, without a new publication."""
    path = f"/v1/practitioners/{rpps(HERE)}"
    document = site.get(path).json()
    authority = document["exercises"][0]["activities"][0]["registration_authority"]
    assert document["freshness"]["trust"] == "current"
    name, since = f"feed.changes:{authority_of(authority)}", datetime(2026, 10, 1, tzinfo=UTC)
    with writing(site.directory.engine) as connection:
        record(connection, [FreshnessState(name, "warn", "", "", since=since)], run_id="run", now=EVENING)
    monkeypatch.setattr(silences, "SECONDS", 0.0)
    assert site.get(path).json()["freshness"]["trust"] == "doubtful"


def test_who_has_the_answer_already_is_not_sent_it_again(site: Site) -> None:
    """304 for as long as the same publication is served; then the new document."""
    path = f"/v1/practitioners/{rpps(HERE)}"
    etag = site.get(path).headers["etag"]
    again = site.get(path, headers={"If-None-Match": f'"other", {etag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-rpps-age-seconds"] == str(14 * 3600)
    site.directory.publish(second_day())
    assert site.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_who_left_is_gone_and_only_an_auditor_learns_when(site: Site) -> None:
    """410 rather than a name; the tombstone needs the scope audit, and so does the past."""
    path = f"/v1/practitioners/{rpps(LEFT)}"
    gone = site.get(path)
    assert (gone.status_code, gone.json()["reason"]) == (410, "departed")
    assert "2026-11-02" not in gone.text
    told = Departed.model_validate_json(site.get(path, scope="audit").content)
    assert told.departed_on == "2026-11-02"
    assert site.get(path, params={"as_of": "2026-11-01"}).status_code == 403
    past = site.get(path, params={"as_of": "2026-11-01"}, scope="audit")
    assert Practitioner.model_validate_json(past.content).publication == "publication-1"


def test_problems_name_the_field_and_the_mend(site: Site) -> None:
    """A mistyped identifier, an unknown one, a date that is none: each says where and what to do."""
    mistyped = str(int(rpps(HERE)) + 1)
    for path, status, reason, field in (
        (f"/v1/practitioners/{mistyped}", 422, "bad-key", "path.id"),
        ("/v1/practitioners/12", 422, "malformed", "path.id"),
        (f"/v1/practitioners/{rpps(500)}", 404, "unknown", "path.id"),
        (f"/v1/practitioners/{rpps(HERE)}?as_of=yesterday", 422, "unusable", "query.as_of"),
        ("/v1/practitioners", 422, "nothing-asked", "query"),
        ("/v1/practitioners?family=a&limit=1000", 422, "invalid", "query.limit"),
    ):
        answer = site.get(path, scope="audit")
        problem = answer.json()
        assert (answer.status_code, problem["reason"], problem["errors"][0]["field"]) == (status, reason, field)
        assert problem["mend"]
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_name_with_accents_is_found(site: Site) -> None:
    """Search answers as the command line does, with the reasons."""
    page = SearchPage.model_validate_json(site.get("/v1/practitioners", params={"q": "anais legoff"}).content)
    assert [hit.national_id for hit in page.results] == [national_id(HERE)]
    assert page.next is None


def test_pages_follow_one_another_until_their_publication_is_gone(site: Site) -> None:
    """Everybody once; then 410, and 422 for the cursor of another search or for none at all."""
    asked = {"profession": "Infirmier", "limit": "10"}
    seen: list[str] = []
    cursor = ""
    while True:
        page = site.get("/v1/practitioners", params=asked | {"cursor": cursor}).json()
        seen += [hit["national_id"] for hit in page["results"]]
        if not page["next"]:
            break
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 29
    other = site.get("/v1/practitioners", params={"q": "martin", "cursor": cursor})
    assert (other.status_code, other.json()["reason"]) == (422, "cursor-of-another-search")
    assert site.get("/v1/practitioners", params=asked | {"cursor": "W10"}).json()["reason"] == "cursor-unreadable"
    site.directory.publish(second_day())
    gone = site.get("/v1/practitioners", params=asked | {"cursor": cursor})
    assert (gone.status_code, gone.json()["reason"]) == (410, "publication-gone")


def test_who_left_is_not_found_by_a_search_either(site: Site) -> None:
    """The identifier of somebody who left finds them for an auditor only."""
    assert site.get("/v1/practitioners", params={"q": rpps(LEFT)}).json()["results"] == []
    (found,) = site.get("/v1/practitioners", params={"q": rpps(LEFT)}, scope="audit").json()["results"]
    assert found["departed_on"] == "2026-11-02"
