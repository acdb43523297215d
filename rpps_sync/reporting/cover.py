"""What stands on the first page of any edition, as texts: what a mail tells.

No identifier of a person is among them: every text goes through the last step of the logs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rpps_sync.clock import iso
from rpps_sync.logs import redacted
from rpps_sync.reporting.editions.headline import capital, name_of
from rpps_sync.reporting.editions.model import PeriodModel
from rpps_sync.reporting.model import Difference, Hand, Light, ReportModel, Served
from rpps_sync.reporting.moves import told
from rpps_sync.reporting.words import Words
from rpps_sync.run_summary import CheckStatus

MOST_MOVES = 8
MOST_HANDS = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, and what goes with it."""

    value: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Person:
    """A finding that names somebody, for operators who asked for it."""

    verdict: str
    national_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page in words."""

    language: str
    id: str  # of the edition: the same for the same edition written again
    at: str  # ISO 8601
    title: str
    light: Light
    headline: str
    figures: tuple[Figure, ...]
    hands: tuple[Hand, ...]
    moves: tuple[str, ...]
    moves_note: str  # what the moves are measured against, or why there are none
    source: str
    people: tuple[Person, ...] = ()


def of_night(model: ReportModel, *, identifiers: bool) -> Cover:
    """The cover of the report of a run.

    Args:
        model: the report.
        identifiers: whether the gravest findings are told, with the numbers of those concerned.
    """
    words, former = Words(model.language), model.difference.former
    when = words.instant(former.at) if former else ""
    notes = {"first": words("difference.first_night"), "none": words("difference.none", when=when)}
    people = tuple(
        Person(words.known("verdict", row["verdict"]), row["national_id"], row["source"])
        for row in (model.findings.gravest[:MOST_HANDS] if identifiers else ())
    )
    return _redacted(
        Cover(
            language=model.language,
            id=model.production.run_id,
            at=iso(model.production.finished_at),
            title=words("letter.night", day=words.day(model.production.started_at.date())),
            light=model.light,
            headline=model.headline,
            figures=_night_figures(model, words),
            hands=model.hands[:MOST_HANDS],
            moves=_moves(model.difference, words),
            moves_note=_note(model.difference, notes | {"since": words("difference.since", when=when)}),
            source=_source(model.served, words),
            people=people,
        )
    )


def of_period(model: PeriodModel) -> Cover:
    """The cover of a weekly or monthly report."""
    words = Words(model.language)
    former = name_of(model.period.former, words)
    notes = {"first": words("period.first"), "none": words("period.same", name=former)}
    return _redacted(
        Cover(
            language=model.language,
            id=model.period.name,
            at=iso(model.edited_at),
            title=capital(name_of(model.period, words)),
            light=model.light,
            headline=model.headline,
            figures=_period_figures(model, words),
            hands=model.hands[:MOST_HANDS],
            moves=_moves(model.difference, words),
            moves_note=_note(model.difference, notes | {"since": words("period.since", name=former)}),
            source=_source(model.served, words),
        )
    )


def _source(served: Served | None, words: Words) -> str:
    """The citation that the licence asks for."""
    if served is None:
        return words("source.citation_none")
    return words("source.citation", day=words.day(served.published_at.date()))


def _night_figures(model: ReportModel, words: Words) -> tuple[Figure, ...]:
    changes, served = model.changes, model.served
    ran = [line for line in model.checks if line.status != CheckStatus.SKIPPED]
    moved = words(
        "figure.changes_detail", arrived=words.number(changes.arrived), departed=words.number(changes.departed)
    )
    passed = sum(line.light is Light.OK for line in ran)
    people = words.number(served.practitioners) if served and served.practitioners is not None else "–"
    return (
        Figure(people, words("figure.practitioners"), ""),
        Figure(words.number(changes.changed), words("figure.changes"), moved),
        Figure(
            words.number(passed), words("figure.checks"), words("figure.checks_of", total=words.number(len(ran)))
        ),
        Figure(words.number(model.findings.open), words("figure.findings"), ""),
    )


def _period_figures(model: PeriodModel, words: Words) -> tuple[Figure, ...]:
    figures = {name: value or 0 for name, value in model.figures.items()}
    shown = {name: words.number(value) for name, value in figures.items()}
    counted = {
        "late": "nights_late",
        "refused": "nights_refused",
        "figure_opened": "findings_opened",
        "resolved": "findings_resolved",
    }
    counts = {key: words.count(f"period.{key}", int(figures[name])) for key, name in counted.items()}
    return (
        Figure(
            f"{shown['nights_clean']} / {shown['nights']}",
            words("period.figure_clean"),
            words("period.figure_clean_detail", late=counts["late"], refused=counts["refused"]),
        ),
        Figure(
            shown["incidents_opened"],
            words("period.figure_incidents"),
            words("period.figure_incidents_detail", n=shown["incidents_standing"]),
        ),
        Figure(words.share(model.figures["score"]), words("period.figure_score"), ""),
        Figure(
            shown["findings_standing"],
            words("figure.findings"),
            words(
                "period.figure_findings_detail",
                opened=shown["findings_opened"],
                resolved=shown["findings_resolved"],
            ),
        ),
    )


def _moves(difference: Difference, words: Words) -> tuple[str, ...]:
    sentences = [told(move, words) for move in difference.moves[:MOST_MOVES]]
    rest = len(difference.moves) - len(sentences)
    return (*sentences, words.count("letter.more_moves", rest)) if rest else tuple(sentences)


def _note(difference: Difference, notes: dict[str, str]) -> str:
    if difference.former is None:
        return notes["first"]
    return notes["since" if difference.moves else "none"]


def _redacted(cover: Cover) -> Cover:
    """Without what a message of the program might repeat of a line or of a token."""
    hands = tuple(
        replace(hand, what=redacted(hand.what), who=redacted(hand.who), how=redacted(hand.how))
        for hand in cover.hands
    )
    moves = tuple(redacted(move) for move in cover.moves)
    return replace(cover, headline=redacted(cover.headline), hands=hands, moves=moves)
