"""``rpps-sync lookup`` and ``changes``: what the directory says, and what moved in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.feed_filters import Kind, Several, choice_of
from rpps_sync.cli.output import print_json, print_line, printable, settings_of

if TYPE_CHECKING:
    from sqlalchemy import Connection


def lookup(
    ctx: typer.Context,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="11-digit RPPS, or 12-digit national id.")],
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="A past day (once it was over) or instant.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show one practitioner, now or on a past day, how old each part is and how far to trust it."""
    from rpps_sync.clock import as_of as instant_of
    from rpps_sync.directory.lookup import lookup as look_up
    from rpps_sync.freshness.records import record_freshness
    from rpps_sync.identifiers import national_id_of

    national_id = national_id_of(identifier)
    instant = instant_of(as_of) if as_of else None
    with directory_of(ctx) as connection:
        document = look_up(connection, national_id, instant)
        fresh = record_freshness(connection, national_id, settings_of(ctx).language, as_of=instant)
    document["freshness"] = fresh.to_json()
    if as_json:
        print_json(document)
        return
    for line in _card(document):
        typer.echo(printable(line))


def changes(
    ctx: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="CURSOR|DATE", help="Cursor of the last change read, or a date.")
    ] = "0",
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many changes.")] = None,
    kind: Annotated[
        list[Kind] | None, typer.Option(help="Only these; may be repeated, as all filters but the next two.")
    ] = None,
    field: Annotated[str, typer.Option(metavar="NAME", help="Only fields that begin so: activity, skill…")] = "",
    person: Annotated[str, typer.Option("--id", metavar="ID", help="Only this practitioner.")] = "",
    profession: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Only people of these, before or after.")
    ] = None,
    skill: Several = None,
    department: Several = None,
    commune: Several = None,
    postal_code: Several = None,
    hide_departed: Annotated[
        bool, typer.Option("--hide-departed", help="No values of people who have left since.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The feed is JSON lines in any case.")] = False,  # noqa: ARG001 - every command takes --json
) -> None:
    """Print what changed, one JSON document per line, oldest first, arrivals and departures included.

    The last change of a practitioner in a publication carries the whole document: whoever reads from cursor 0,
    puts documents in place and removes who departed, has the directory. Go on from the last cursor read.
    """
    from rpps_sync.directory.changes import feed

    choice = choice_of(kind, field, person, profession, skill, department, commune, postal_code)
    with directory_of(ctx) as connection:
        cursor, wanted = _cursor(connection, since), choice.wanted(connection)
        for change in feed(connection, cursor, limit, wanted, hide_departed=hide_departed):
            print_line(change)


def _cursor(connection: Connection, since: str) -> int:
    from rpps_sync.clock import parse_instant
    from rpps_sync.directory.changes import cursor_at

    return int(since) if since.isdecimal() else cursor_at(connection, parse_instant(since))


def _card(document: dict[str, Any]) -> Iterator[str]:
    if document["status"] == "departed":
        professions = ", ".join(document["last_professions"]) or "none published"
        yield f"{document['national_id']} left the directory on {document['departed_on']}"
        yield f"last professions (codes): {professions}"
    else:
        civility = document["civility"]["label"] or document["civility"]["code"]
        yield f"{civility} {document['given_name']} {document['family_name']}".strip()
        since = f"known since {document['known_since']}, last changed {document['last_changed']}"
        yield f"{document['national_id']}, {since}"
        for exercise in document["exercises"]:
            yield from _exercise(exercise)
        for diploma in document["diplomas"]:
            yield f"diploma: {_named(diploma)}"
        for authorisation in document["authorisations"]:
            yield f"authorisation: {_named(authorisation['type'])}, {_named(authorisation['discipline'])}"
    yield from _freshness(document["freshness"])
    age = timedelta(seconds=document["age_seconds"])
    yield f"publication {document['publication']}, {_age(age)} old. Source: Annuaire Santé (ANS)"


def _freshness(freshness: dict[str, Any]) -> Iterator[str]:
    yield freshness["sentence"]
    for name, part in freshness["parts"].items():
        if part["changed"] or part["token"] or part["disputed"]:
            told = [f"changed {part['changed']}" if part["changed"] else "unchanged since known"]
            told += [f"agreed with a token on {part['token']}"] if part["token"] else []
            told += ["a token differs: see 'rpps-sync findings list --id'"] if part["disputed"] else []
            yield f"  {name}: {', '.join(told)}"


def _exercise(exercise: dict[str, Any]) -> Iterator[str]:
    yield f"{_named(exercise['profession'])}, {_named(exercise['category'])}"
    for skill in exercise["skills"]:
        yield f"  skill: {_named(skill)}"
    for activity in exercise["activities"]:
        place = activity["structure"]
        where = "without structure"
        if place:
            commune = place["address"]["commune"]["label"]
            where = f"{place['name'] or place['trade_name'] or place['technical_id']}, {commune}".strip(", ")
        how = [_named(activity[key]) for key in ("mode", "role", "kind") if activity[key]["code"]]
        yield f"  activity: {', '.join([where, *how])}"


def _named(coded: dict[str, Any]) -> str:
    return f"{coded['label']} ({coded['code']})" if coded["label"] else str(coded["code"])


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"
