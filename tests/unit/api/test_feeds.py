"""The feed of changes and the ledgers over HTTP."""

from __future__ import annotations

from threading import Timer

from api_site import LEFT, Site, first_day, second_day
from extract_builder import hospital, national_id, person
from rpps_sync.api.models import ChangePage, FreshnessStates, Publications, Quality, Runs
from rpps_sync.publication import ExtractKind


def test_a_copy_is_kept_by_following_the_cursor(site: Site) -> None:
    """Every change once, in order, whatever the size of the pages; nothing new is an empty page."""
    cursor, kinds = 0, []
    while True:
        answer = site.get("/v1/changes", params={"since": cursor, "limit": 7}, scope="audit")
        page = ChangePage.model_validate_json(answer.content)
        kinds += [(change.national_id, change.kind) for change in page.changes]
        if not page.more:
            break
        cursor = page.next
    assert len([kind for _, kind in kinds if kind == "arrived"]) == 30
    assert (national_id(LEFT), "departed") in kinds
    assert site.get("/v1/changes", params={"since": page.next}).json()["changes"] == []
    site.directory.publish(first_day())
    again = site.get("/v1/changes", params={"since": page.next}).json()
    assert (national_id(LEFT), "returned") in [(one["national_id"], one["kind"]) for one in again["changes"]]


def test_filters_leave_out_and_the_cursor_moves_on(site: Site) -> None:
    """One kind, one field, one person, one day."""
    departed = site.get("/v1/changes", params={"kind": "departed"}).json()
    assert [one["national_id"] for one in departed["changes"]] == [national_id(LEFT)]
    assert not departed["more"]
    renamed = site.get("/v1/changes", params={"since": "2026-11-02", "field": "identity"}).json()["changes"]
    assert {one["field"] for one in renamed} == {"identity.family_name", "identity.given_name"}
    hers = site.get("/v1/changes", params={"id": national_id(LEFT)}).json()["changes"]
    assert [(one["kind"], one["document"]) for one in hers] == [("arrived", None), ("departed", None)]


def test_a_copy_of_one_department_hears_of_who_comes_moves_and_leaves(site: Site) -> None:
    """By profession and place, before the change or after it; a value that means nothing is refused."""
    here = site.get("/v1/changes", params={"department": "69", "profession": "60"}, scope="audit").json()[
        "changes"
    ]
    assert len(here) == 33
    assert site.get("/v1/changes", params={"department": "38"}, scope="audit").json()["changes"] == []
    elsewhere = site.get("/v1/changes", params={"department": "38"}).json()
    assert [(one["kind"], one["document"]) for one in elsewhere["changes"]] == [("departed", None)]
    assert (elsewhere["next"], elsewhere["more"]) == (33, False)
    refused = site.get("/v1/changes", params={"profession": "astronaute"})
    assert (refused.status_code, refused.json()["reason"]) == (422, "unknown-profession")


def test_who_waits_for_one_department_is_not_woken_by_another(site: Site) -> None:
    """The wait goes on past changes elsewhere, and ends with the first that concerns the caller."""
    end = site.get("/v1/changes", params={"limit": 1000}).json()["next"]
    later = Timer(0.3, lambda: [site.directory.publish(moved_to(place)) for place in ("38", "13")])
    later.start()
    told = site.get("/v1/changes", params={"since": end, "wait": 20, "department": "13"}).json()
    later.join()
    assert told["changes"][-1]["document"]["exercises"][0]["activities"][0]["structure"]["postal_code"] == "13000"
    assert {one["publication"] for one in told["changes"]} == {"publication-4"}


def moved_to(department: str) -> dict[ExtractKind, list[dict[str, str]]]:
    """The second day, and one nurse who works in another department now."""
    lines = second_day()
    place = hospital(50, postal_code=f"{department}000", commune=f"{department}001")
    lines[ExtractKind.PERSONNE_ACTIVITE][2] = person(2, **place)
    return lines


def test_a_cursor_of_another_feed_is_gone(site: Site) -> None:
    """A subscriber that is ahead of this directory must not wait for ever."""
    answer = site.get("/v1/changes", params={"since": 10**12})
    assert (answer.status_code, answer.json()["reason"]) == (410, "cursor-unknown")
    assert site.get("/v1/changes", params={"since": "never"}).json()["errors"][0]["field"] == "query.since"


def test_ledgers_tell_what_was_published_run_and_found(site: Site) -> None:
    """Each document is as the OpenAPI document says; who accepted what is for auditors."""
    told = Publications.model_validate_json(site.get("/v1/publications").content)
    assert [row["id"] for row in told.publications] == ["publication-2", "publication-1"]
    assert "accepted_by" not in told.publications[0]
    assert "accepted_by" in site.get("/v1/publications", scope="audit").json()["publications"][0]
    states = FreshnessStates.model_validate_json(site.get("/v1/freshness?language=en").content)
    assert states.objectives[0].title == "Age of the publication being served"
    Quality.model_validate_json(site.get("/v1/quality").content)
    Runs.model_validate_json(site.get("/v1/runs", scope="audit").content)


def test_who_waits_hears_of_the_next_publication_and_not_of_nothing(site: Site) -> None:
    """A long poll ends as soon as the feed moves, or empty when its time is over."""
    end = site.get("/v1/changes", params={"limit": 1000}).json()["next"]
    assert site.get("/v1/changes", params={"since": end, "wait": 1}).json()["changes"] == []
    later = Timer(0.5, site.directory.publish, [first_day()])
    later.start()
    told = site.get("/v1/changes", params={"since": end, "wait": 20}).json()
    later.join()
    assert "returned" in {one["kind"] for one in told["changes"]}
