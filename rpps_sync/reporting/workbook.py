"""The report as an XLSX workbook, a sheet for each of its tables: the same figures, to be sorted and filtered."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from rpps_sync.formulas import harmless
from rpps_sync.reporting.model import Difference, GapLine, ReportModel, ScoreLine, Scores
from rpps_sync.reporting.scores import DIMENSIONS
from rpps_sync.reporting.words import Words

_WIDEST, _NARROWEST = 60, 12  # characters of a column
_TITLE = 31  # characters of the name of a sheet: a limit of the format
_SHARE = "0.00%"
Row = Sequence[Any]


def render(model: ReportModel) -> bytes:
    """The whole workbook."""
    words = Words(model.language)
    book = Workbook(write_only=True)
    sheet(book, words("page.figures"), (words("xlsx.what"), words("xlsx.value")), _summary(model, words))
    sheet(book, words("section.checks"), _check_columns(words), _checks(model, words))
    sheet(book, words("section.scores"), _score_columns(words), _scores(model.scores, words), shares_from=2)
    sheet(book, words("section.compared"), _gap_columns(words), _gaps(model, words))
    sheet(book, words("section.findings"), _finding_columns(words), _findings(model, words))
    sheet(book, words("section.trend"), _trend_columns(words), _trend(model, words))
    moves_sheet(book, model.difference, words)
    sheet(book, words("section.hands"), [words(f"hands.{name}") for name in ("what", "who", "how")], _hands(model))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def moves_sheet(book: Workbook, difference: Difference, words: Words) -> None:
    """What moved since the edition before, one line a move."""
    columns = [words(f"difference.{name}") for name in ("turn", "theme", "what", "before", "now")]
    rows = (
        (words(f"turn.{move.turn}"), words(f"theme.{move.theme}"), move.subject, move.before, move.now)
        for move in difference.moves
    )
    sheet(book, words("section.difference"), columns, rows)


def _hands(model: ReportModel) -> Iterator[Row]:
    for hand in model.hands:
        yield hand.what, hand.who, hand.how


def sheet(book: Workbook, title: str, header: Row, rows: Iterable[Row], *, shares_from: int | None = None) -> None:
    """One sheet, its first line kept in sight; from ``shares_from`` on, columns hold shares."""
    told = list(rows)
    page = book.create_sheet(title[:_TITLE])
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(told) + 1}"
    page.page_setup.orientation, page.page_setup.fitToHeight = (
        "landscape",
        0,
    )  # as wide as a page, as long as it is
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for position, width in enumerate(_widths([header, *told]), 1):
        page.column_dimensions[get_column_letter(position)].width = width
    heads = [WriteOnlyCell(page, harmless(name)) for name in header]
    for cell in heads:
        cell.font = Font(bold=True)
    page.append(heads)
    for row in told:
        cells = [WriteOnlyCell(page, harmless(value)) for value in row]
        for position, cell in enumerate(cells):
            cell.alignment = Alignment(vertical="top", wrap_text=isinstance(cell.value, str))
            if shares_from is not None and position >= shares_from:
                cell.number_format = _SHARE
        page.append(cells)


def _widths(rows: Sequence[Row]) -> Iterator[int]:
    for column in zip(*rows, strict=True):
        longest = max(len(str(value)) for value in column if value is not None)
        yield min(_WIDEST, max(_NARROWEST, longest + 2))


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
