"""``rpps-sync doctor``: what is missing or wrong here, and the mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rpps_sync.cli.output import Invocation, print_json, settings_of, table
from rpps_sync.errors import EXIT_FAILED

if TYPE_CHECKING:
    from rpps_sync.cli.symptom import Symptom

MARKS = {"ok": "ok", "warn": "look", "wrong": "WRONG"}


def doctor(
    ctx: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="Also ask the publisher's catalogue.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say what is missing or wrong on this machine, and how to mend it; exit code 1 when something is wrong."""
    from rpps_sync.cli.examination import examine
    from rpps_sync.settings import settings_file

    given = ctx.find_root().obj
    config = given.config if isinstance(given, Invocation) else None
    symptoms = examine(lambda: settings_of(ctx), file=lambda: settings_file(config), online=online)
    wrong = any(symptom.state == "wrong" for symptom in symptoms)
    if as_json:
        print_json({"healthy": not wrong, "checks": [_document(symptom) for symptom in symptoms]})
    else:
        rows = [(MARKS[item.state], item.subject, item.observed, item.mend) for item in symptoms]
        table("", ("", "what", "seen", "mend"), rows)
    if wrong:
        raise typer.Exit(EXIT_FAILED)


def _document(symptom: Symptom) -> dict[str, str]:
    return {
        "name": symptom.subject,
        "state": symptom.state,
        "observed": symptom.observed,
        "mend": symptom.mend,
    }
