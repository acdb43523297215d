"""``rpps-sync findings lags``: how long the late side takes to catch up."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, say, table


class Group(StrEnum):
    """What delays are told apart by."""

    FIELD = "field"
    PROFESSION = "profession"
    AUTHORITY = "authority"
    SOURCE = "source"


def lags(
    ctx: typer.Context,
    by: Annotated[Group | None, typer.Option(help="Tell the delays of each one apart.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say how long the late side takes to catch up: median and 90th percentile, in days.

    Differences that still stand count as delays that still run (Kaplan-Meier). Where too few have ended to tell, a
    figure is empty in JSON, and the table says how long they were watched ("over 12").
    """
    from rpps_sync.directory.lags import By, distributions
    from rpps_sync.directory.lags import lags as known_lags

    with directory_of(ctx) as connection:
        told = distributions(known_lags(connection), By(by) if by else None)
    documents = [item.to_json() for item in told]
    if as_json:
        print_json({"by": by.value if by else None, "lags": documents})
        return
    figures = ("late_side", "caught_up", "running", "median_days", "p90_days", "longest_days")
    rows = [[_named(by, item.group), *(item.shown(column) for column in figures)] for item in told]
    table("", (by.value if by else "", *figures), rows)
    if any(item.median_days is None or item.p90_days is None for item in told):
        say("over N: too few delays had ended by the N days watched to tell how much longer than that they last")


def _named(by: Group | None, group: str) -> str:
    """A group as people know it: a profession by its label beside its code."""
    from rpps_sync.nomenclature.lookup import label

    if not group:
        return "(none named)"
    told = label("profession", group) if by is Group.PROFESSION else None
    return f"{group} {told}" if told else group
