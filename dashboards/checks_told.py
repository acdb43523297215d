"""Results of checks in the language of who reads: a run tells them in its own, the declarations know both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from markupsafe import Markup

from dashboards import pieces
from dashboards.pieces import Text
from dashboards.wording import Words
from rpps_sync.quality.declarations import Check as Declaration
from rpps_sync.quality.declarations import load_checks
from rpps_sync.reporting.lights import check_light
from rpps_sync.reporting.model import Light
from rpps_sync.run_summary import Outcome

Check = Mapping[str, Any]


def light_of(check: Check) -> Light:
    """The light of one result."""
    return check_light(check["status"], check["severity"], known=bool(check.get("acknowledged")))


def title_of(check: Check, language: str) -> str:
    """The title in a language: a run tells it in its own, the declarations know both."""
    found = _declared(check["name"])
    if found is None:  # an older release had it
        return str(check["title"])
    part = check["name"].removeprefix(found.id).removeprefix(".")
    title = found.title.en if language == "en" else found.title.fr
    return title.replace("{column}", part)


def mend_of(check: Check, language: str) -> str:
    """What to do about it, likewise."""
    found = _declared(check["name"])
    if found is None:
        return str(check["mend"])
    return found.mend.en if language == "en" else found.mend.fr


@cache
def _declarations() -> tuple[Declaration, ...]:
    return tuple(load_checks().checks)  # a tenth of a second to parse: once, not for each line of a table


@cache
def _declared(name: str) -> Declaration | None:
    """The check that gives a result, or None when it is no longer declared."""
    return next((one for one in _declarations() if name == one.id or name.startswith(f"{one.id}.")), None)


def blocks(check: Check) -> bool:
    """Whether it refuses its publication."""
    return check["severity"] == "blocking" and check["status"] in ("failed", "error")


def why(words: Words, summary: Mapping[str, Any]) -> tuple[Text, Text]:
    """Why a run ended as it did, and what to do about it; empty when there is nothing to say.

    What checks refused is told anew in the language of who reads; the rest is in the words of the run.
    """
    blocking = [check for check in summary["checks"] if blocks(check)]
    publication = summary["publication"]
    if summary["outcome"] == Outcome.REFUSED and publication and blocking:
        name = words("headline.refused", day=words.day(publication["published_at"]))
        lines = [words.count("headline.refused_by", len(blocking), opening=name), *_reasons(words, blocking)]
        return Markup("<br>").join(lines), _what_then(words, summary["run_id"], publication["id"])
    if summary["outcome"] == Outcome.FAILED:
        told = Markup("{}<br>{}").format(words("headline.failed"), summary["message"])
        return told, summary["mend"]
    return summary["message"], summary["mend"]


def _reasons(words: Words, blocking: list[Check]) -> Iterator[str]:
    for check in blocking:
        yield words("headline.reason", title=title_of(check, words.language), observed=check["observed"])


def _what_then(words: Words, run_id: str, publication: str) -> Markup:
    moved = pieces.link("publications", words.language, words.app("accept.moved"), after=publication)
    accept = pieces.link("operations", words.language, words.app("accept.all_the_same"), run=run_id)
    return Markup(words.app("accept.mend", moved="{}", accept="{}")).format(moved, accept)  # noqa: S704 - our sentence
