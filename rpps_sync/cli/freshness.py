"""``rpps-sync freshness``: how old is what is served, who went silent, and is that acceptable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, settings_of, table
from rpps_sync.errors import EXIT_STALE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from rpps_sync.directory.objective_states import Stay

_TITLES = {
    "fr": {
        "publication": "Publication",
        "feeds": "Autorités d’enregistrement",
        "claims": "Observations",
        "ourselves": "Notre installation",
    },
    "en": {
        "publication": "Publication",
        "feeds": "Registration authorities",
        "claims": "Observations",
        "ourselves": "This installation",
    },
}


def freshness(
    ctx: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Exit with 4 when an objective is in error.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="The changes of state instead, newest first.")
    ] = False,
    feeds: Annotated[
        bool, typer.Option("--feeds", help="Each authority and profession instead: usual changes, silence.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, help="How far back --history goes.")] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Tell the state of every freshness objective, now, and what is left of its error budget.

    What asks for attention comes one by one, with who has to act (producer: a registration authority; publisher:
    the ANS; diffusion: data.gouv.fr; us) and what to do; the rest of each objective is on one line.
    """
    from datetime import timedelta

    from pipelines.freshness import documents
    from rpps_sync import clock
    from rpps_sync.directory.objective_states import stays

    language, now = settings_of(ctx).language, clock.now()
    with directory_of(ctx) as connection:
        rows = documents(connection, now, language)
        if history:
            _tell_history(stays(connection, now - timedelta(days=days), now), language, as_json=as_json)
        elif feeds:
            _tell_feeds(_feeds(connection, now), as_json=as_json)
        elif as_json:
            print_json(rows)
        else:
            _tell_groups(rows, language)
    if check and any(row["state"] == "error" for row in rows):
        raise typer.Exit(EXIT_STALE)


def _tell_groups(rows: Sequence[dict[str, Any]], language: str) -> None:
    from rpps_sync.freshness.budget import WINDOWS
    from rpps_sync.freshness.grouping import lines
    from rpps_sync.freshness.objectives import Group
    from rpps_sync.freshness.wording import phrase

    told = lines(rows, language)
    columns = ("state", "title", "observed", "limit", "budget left 30 d", "90 d")
    for group in Group:
        cells = []
        for line in told:
            if line.group is group:
                link = line.states[0]["link"]
                where = f" ({phrase(link, language)})" if link else ""
                left = (line.budget_left(place) for place in range(len(WINDOWS)))
                budget = ["" if share is None else f"{share:.0%}" for share in left]
                cells.append([line.state, line.named, line.observed + where, line.limit, *budget])
        if cells:
            table(_TITLES[language][group], columns, cells)
    for mend in dict.fromkeys(row["mend"] for row in rows if row["mend"]):
        typer.echo(f"→ {mend}")


def _tell_history(lasted: Sequence[Stay], language: str, *, as_json: bool) -> None:
    from rpps_sync.freshness.objectives import title_of

    rows = [
        {
            "objective": stay.objective,
            "title": title_of(stay.objective, language),
            "state": stay.state,
            "since": stay.since,
            "until": stay.until,
            "observed": stay.observed,
            "link": stay.link,
        }
        for stay in sorted(lasted, key=lambda stay: stay.since, reverse=True)
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("since", "until", "state", "title", "observed")
    table("", columns, [[_shown(row[column]) for column in columns] for row in rows])


def _feeds(connection: Connection, now: datetime) -> list[dict[str, Any]]:
    from rpps_sync.freshness.gathering import gather

    return [
        {
            "authority": authority,
            "profession": one.profession,
            "label": one.label,
            "usual_a_working_day": round(one.judged.daily, 1),
            "tellable": one.judged.tellable,
            "silent_since": one.judged.silence.since if one.judged.silence else None,
            "silent_publications": one.judged.silence.publications if one.judged.silence else 0,
            "expected": round(one.judged.silence.expected) if one.judged.silence else None,
            "odds": float(f"{one.judged.odds:.2g}"),
        }
        for authority, judged in gather(connection, now).feeds.items()
        for one in judged
    ]


def _tell_feeds(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    columns = ("authority", "label", "usual_a_working_day", "tellable", "silent_since", "expected", "odds")
    table("", columns, [[_shown(row[column]) for column in columns] for row in rows])


def _shown(value: Any) -> Any:
    from datetime import datetime

    from rpps_sync.clock import iso

    if isinstance(value, bool):
        return "yes" if value else "no"
    return iso(value) if isinstance(value, datetime) else value
