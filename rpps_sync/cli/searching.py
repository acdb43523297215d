"""``rpps-sync search``: finding people by name, by what they do and by where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, say, table

MOST = 1_000  # answers of one search


def search(
    ctx: typer.Context,
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUERY]…", help="Words of the name, in any order; or an identifier."),
    ] = None,
    family: Annotated[str, typer.Option(metavar="NAME", help="Words of the family name.")] = "",
    given: Annotated[str, typer.Option(metavar="NAME", help="Words of the given name.")] = "",
    profession: Annotated[
        list[str] | None, typer.Option(metavar="CODE|LABEL", help="One of these professions; may be repeated.")
    ] = None,
    skill: Annotated[
        list[str] | None, typer.Option(metavar="CODE|LABEL", help="One of these skills; may be repeated.")
    ] = None,
    department: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="An activity in one of these departments.")
    ] = None,
    commune: Annotated[
        list[str] | None, typer.Option(metavar="CODE|NAME", help="An activity in one of these communes.")
    ] = None,
    postal_code: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="An activity under one of these postal codes.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many answers at most.")] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document, with the reasons of each match.")
    ] = False,
) -> None:
    """Find people by name, profession, skill and place; accents, hyphens, particles and one typo do not matter.

    Exact words come first, then beginnings of words, then words with one wrong keystroke. Those who left the
    directory are found by their identifier only. docs/search.md tells how it matches.
    """
    from rpps_sync.directory.search.answers import search as look_for
    from rpps_sync.directory.search.filters import Filters
    from rpps_sync.directory.search.finding import Wanted

    given_filters = (profession, skill, department, commune, postal_code)
    filters = Filters(*(tuple(values or ()) for values in given_filters))
    with directory_of(ctx) as connection:
        answer = look_for(connection, Wanted(" ".join(query or ()), family, given, filters), limit=limit)
    if as_json:
        print_json(answer)
        return
    if answer["results"]:
        table("", ("identifier", "name", "profession", "place", "because"), map(_row, answer["results"]))
    for note in _notes(answer):
        say(note)


def _row(found: dict[str, Any]) -> tuple[str, ...]:
    if found["status"] == "departed":
        professions = ", ".join(found["last_professions"])
        return (found["national_id"], f"left on {found['departed_on']}", professions, "", "same identifier")
    return (
        found["rpps"] or found["national_id"],
        f"{found['family_name']} {found['given_name']}".strip(),
        ", ".join(item["label"] or item["code"] for item in (*found["professions"], *found["skills"])),
        _places(found["places"]),
        ", ".join(_because(reason) for reason in found["reasons"]),
    )


def _places(places: list[dict[str, Any]]) -> str:
    named = dict.fromkeys(
        " ".join(filter(None, (place["postal_code"], place["commune"]["label"]))) or place["name"]
        for place in places
    )
    return ", ".join(list(named)[:3]) + (f", and {len(named) - 3} more" if len(named) > 3 else "")


def _because(reason: dict[str, str]) -> str:
    field = reason["field"].replace("_", " ")
    told = {"exact": f"{field} {reason['matched']}", "prefix": f"{field} begins with {reason['typed']}"}
    return told.get(reason["how"], f"{field} {reason['matched']}, typed {reason['typed']}")


def _notes(answer: dict[str, Any]) -> Iterator[str]:
    if not answer["results"]:
        yield "nobody answers; try fewer words, or beginnings of words"
    if answer["more"]:
        yield "others answer too: add a word or a filter, or raise --limit"
    if not answer["complete"]:
        yield "too many answer to have ranked them all"
    yield f"publication {answer['publication']}. Source: Annuaire Santé (ANS)"
