"""The tables of the report of a run, for the formats that are made of tables: a workbook, CSV, Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rpps_sync.reporting.model import (
    Difference,
    GapLine,
    Hand,
    Move,
    ReportModel,
    ScoreLine,
    Scores,
    Unit,
    Value,
)
from rpps_sync.reporting.scores import DIMENSIONS
from rpps_sync.reporting.words import Words

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the names of its columns, its lines; from ``shares_from`` on, columns hold shares (0 to 1)."""

    title: str
    header: Row
    rows: tuple[Row, ...]
    shares_from: int | None = None


def tables(model: ReportModel) -> Iterator[Table]:
    """Every table, the figures first."""
    words = Words(model.language)
    yield Table(words("page.figures"), (words("xlsx.what"), words("xlsx.value")), tuple(_summary(model, words)))
    yield hands_table(model.hands, words)
    yield moves_table(model.difference, words)
    yield Table(words("section.checks"), _check_columns(words), tuple(_checks(model, words)))
    yield Table(words("section.scores"), _score_columns(words), tuple(_scores(model.scores, words)), 2)
    yield Table(words("section.compared"), _gap_columns(words), tuple(_gaps(model, words)))
    yield Table(words("section.findings"), _finding_columns(words), tuple(_findings(model, words)))
    yield Table(words("section.trend"), _trend_columns(words), tuple(_trend(model, words)))


def moves_table(difference: Difference, words: Words) -> Table:
    """What moved since the edition before, one line a move."""
    columns = [words(f"difference.{name}") for name in ("turn", "theme", "what", "before", "now")]
    rows = (
        (words(f"turn.{move.turn}"), words(f"theme.{move.theme}"), move.subject, *_sides(move, words))
        for move in difference.moves
    )
    return Table(words("section.difference"), columns, tuple(rows))


def _sides(move: Move, words: Words) -> Row:
    return [figure(value, move.unit, words) for value in (move.before, move.now)]


def figure(value: Value, unit: Unit, words: Words) -> Value:
    """A number to be computed with, or a text where it means nothing without its unit; None for none."""
    return value if value is None or unit is Unit.NUMBER else words.shown(value, unit)


def hands_table(hands: Sequence[Hand], words: Words) -> Table:
    """What needs somebody, and who."""
    columns = [words(f"hands.{name}") for name in ("what", "who", "how")]
    return Table(words("section.hands"), columns, tuple((hand.what, hand.who, hand.how) for hand in hands))


def _summary(model: ReportModel, words: Words) -> Iterator[Row]:
    yield words("page.name"), model.headline
    if model.message:
        yield words("trend.outcome"), model.message
    if model.mend:
        yield words("page.mend"), model.mend
    if model.served:
        yield words("publication.served"), model.served.id
        yield words("publication.published_at"), words.instant(model.served.published_at)
        yield words("figure.practitioners"), model.served.practitioners
    yield words("figure.changes"), model.changes.changed
    yield words("changes.arrived"), model.changes.arrived
    yield words("changes.departed"), model.changes.departed
    yield words("section.quarantine"), model.quarantine.total
    yield words("figure.findings"), model.findings.open
    yield words("production.run"), model.production.run_id


def _check_columns(words: Words) -> Row:
    told = ("observed", "expected", "rows", "failing", "samples", "mend")
    named = [words("checks.light"), words("checks.title"), words("xlsx.name"), words("publication.file")]
    return [*named, *(words(f"checks.{name}") for name in told), words("freshness.since")]


def _checks(model: ReportModel, words: Words) -> Iterator[Row]:
    for line in model.checks:
        yield (
            words.known("status", line.status),
            line.title,
            line.name,
            line.file,
            line.observed,
            line.expected,
            line.rows,
            line.failing,
            ", ".join(line.samples),
            line.mend,
            line.first_seen,
        )


def _score_columns(words: Words) -> Row:
    names = [words(f"dimension.{name}") for name in DIMENSIONS]
    return [words("xlsx.part"), words("xlsx.group"), *names, words("scores.score"), words("scores.before")]


def _scores(scores: Scores | None, words: Words) -> Iterator[Row]:
    if scores is None:
        return
    parts: dict[str, Sequence[ScoreLine]] = {
        "section.publication": (scores.publication,),
        "publication.file": scores.extracts,
        "changes.profession": scores.professions,
        "scores.authority": scores.authorities,
    }
    for part, lines in parts.items():
        for line in lines:
            told = [line.scores.get(name) for name in (*DIMENSIONS, "score")]
            yield (words(part), line.label, *told, line.former.get("score"))


def _gap_columns(words: Words) -> Row:
    moved = [words(f"compared.{name}") for name in ("before", "after", "change")]
    return [words("xlsx.part"), words("xlsx.group"), *moved]


def _gaps(model: ReportModel, words: Words) -> Iterator[Row]:
    if model.compared is None:
        return
    parts: dict[str, Sequence[GapLine]] = {
        "publication.file": model.compared.extracts,
        "changes.profession": model.compared.professions,
        "compared.department": model.compared.departments,
        "scores.authority": model.compared.authorities,
    }
    for part, lines in parts.items():
        for line in lines:
            yield words(part), line.label, line.before, line.after, line.change


def _finding_columns(words: Words) -> Row:
    names = ("verdict", "who", "field", "claim", "directory", "since", "corrects")
    return [words(f"findings.{name}") for name in names]


def _findings(model: ReportModel, words: Words) -> Iterator[Row]:
    for line in model.findings.gravest:
        yield (
            words.known("verdict", line["verdict"]),
            line["national_id"],
            words.known("field", line["field"]),
            line["claim_value"],
            line["directory_value"],
            line["since"],
            line["registration_authority"],
        )


def _trend_columns(words: Words) -> Row:
    moved = [words(f"changes.{name}") for name in ("arrived", "changed", "departed")]
    counted = [words(f"trend.{name}") for name in ("failing", "quarantined")]
    return [words("trend.run"), words("trend.outcome"), words("trend.total"), *moved, *counted]


def _trend(model: ReportModel, words: Words) -> Iterator[Row]:
    for night in model.trend:
        yield (
            words.instant(night.started_at),
            words.known("outcome", night.outcome),
            night.practitioners,
            night.arrived,
            night.changed,
            night.departed,
            night.failing_checks,
            night.quarantined,
        )
