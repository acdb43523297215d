"""The report as one HTML file: no script, no request to any host, every value escaped.

The page carries its own policy: nothing may load, and the only style allowed is the one whose digest is written in
the policy. Even text that slipped through the escaping could neither run nor call home.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from functools import cache, partial
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rpps_sync.reporting import pictures
from rpps_sync.reporting.charts import share_bar
from rpps_sync.reporting.corrections import acronym_of
from rpps_sync.reporting.model import Light, ReportModel
from rpps_sync.reporting.scores import DIMENSIONS
from rpps_sync.reporting.words import Words, typographic


def render(model: ReportModel) -> str:
    """The whole page as text."""
    words = Words(model.language)
    style = page_style()
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            model=model,
            t=words,
            style=Markup(style),  # noqa: S704 - our own packaged style sheet, no value in it
            policy=policy(style),
            share_bar=share_bar,
            age=words.age(timedelta(seconds=model.served.age_seconds)) if model.served else "",
            practitioners_chart=pictures.practitioners_chart(model, words),
            changes_chart=pictures.changes_chart(model, words),
            scores_chart=pictures.scores_chart(model, words),
            score_sparkline=partial(pictures.score_sparkline, model),
            dimensions=DIMENSIONS,
            shown_gaps=_SHOWN_GAPS,
            most_hands=MOST_HANDS,
            most_moves=MOST_MOVES,
            paper_gravest=PAPER_GRAVEST,
            annexes=annexes(model),
            sparkline=pictures.practitioners_sparkline(model),
            failing=[line for line in model.checks if line.light in (Light.WARN, Light.ERROR)],
            skipped=[line for line in model.checks if line.light is Light.NONE],
            passed=[line for line in model.checks if line.light is Light.OK],
        )
    )


_SHOWN_GAPS = 12  # groups of each comparison: those that moved most
MOST_HANDS, MOST_MOVES = 7, 5  # on the first page, which is one sheet of paper
PAPER_GRAVEST = 12  # findings on paper: as many as paper.css leaves there
_ANNEXES = (
    "moves",
    "publication",
    "changes",
    "compared",
    "checks",
    "scores",
    "quarantine",
    "findings",
    "freshness",
    "trend",
    "production",
    "source",
)


def annexes(model: ReportModel) -> tuple[str, ...]:
    """The sections after the first page, in their order."""
    all_told = len(model.difference.moves) <= MOST_MOVES
    return tuple(name for name in _ANNEXES if not (all_told and name == "moves"))


def policy(style: str) -> str:
    """The content security policy of a page with this style: nothing else may load or run."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def page_style() -> str:
    """The style of every page of this room."""
    return resources.files(__package__).joinpath("templates", "report.css").read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """The templates of this room, every value escaped."""
    environment = Environment(
        loader=PackageLoader("rpps_sync.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["first_authority"] = acronym_of
    environment.filters["typographic"] = typographic
    return environment
