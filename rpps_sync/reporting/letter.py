"""An edition as a mail: plain text, and HTML that mail programs bear.

Those programs know tables and inline styles, not much more: no style sheet, no grid, no picture, nothing to load.
Colours are said in words too (``light``), and both parts tell the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill

from rpps_sync.reporting.cover import Cover, Figure
from rpps_sync.reporting.html import environment
from rpps_sync.reporting.model import Light
from rpps_sync.reporting.words import NARROW_NO_BREAK, NO_BREAK, Words

WIDTH = 76  # characters of a line of text
_INKS = {Light.OK: "#17694a", Light.WARN: "#8a5300", Light.ERROR: "#a3211c", Light.NONE: "#4d565f"}
_WASHES = {Light.OK: "#e6f2ec", Light.WARN: "#fbf0da", Light.ERROR: "#fae7e4", Light.NONE: "#efeeea"}


@dataclass(frozen=True, slots=True)
class Letter:
    """What is mailed."""

    id: str  # of the edition and language: a letter tried again bears the same name
    at: str  # ISO 8601
    subject: str
    text: str
    html: str


def write(cover: Cover) -> Letter:
    """The mail of one edition."""
    words = Words(cover.language)
    subject = words("letter.subject", title=cover.title, light=words(f"letter.light_{cover.light}"))
    page = (
        environment()
        .get_template("letter.html.j2")
        .render(cover=cover, t=words, subject=subject, inks=_INKS, washes=_WASHES)
    )
    plain = subject.translate(
        {ord(NO_BREAK): " ", ord(NARROW_NO_BREAK): " "}
    )  # folding loses the spaces beside them
    return Letter(f"{cover.id}.{cover.language}", cover.at, plain, _text(cover, words), page)


def _text(cover: Cover, words: Words) -> str:
    figures = [_figure(one, words) for one in cover.figures]
    hands = [f"- {hand.what}\n  {hand.who} – {hand.how}" for hand in cover.hands] or [words("letter.nothing")]
    people = [f"- {one.verdict}, {one.national_id} ({one.source})" for one in cover.people]
    parts = [
        _wrapped([cover.title.upper(), "", cover.headline]),
        _headed(words("page.figures"), figures),
        _headed(words("section.hands"), hands),
        _headed(words("section.difference"), [cover.moves_note, *(f"- {move}" for move in cover.moves)]),
        *([_headed(words("findings.gravest"), people)] if people else []),
        _wrapped([words("letter.where"), cover.source]),
    ]
    return "\n\n".join(parts) + "\n"


def _figure(one: Figure, words: Words) -> str:
    told = words("letter.item", label=one.label, value=one.value)
    return f"- {told} ({one.detail})" if one.detail else f"- {told}"


def _headed(title: str, lines: list[str]) -> str:
    return f"{title}\n{'-' * len(title)}\n{_wrapped(lines)}"


def _wrapped(lines: list[str]) -> str:
    """Lines of at most ``WIDTH`` characters, the following ones of an item under its text."""
    pieces = (piece for line in lines for piece in line.split("\n"))
    return "\n".join(
        fill(
            piece.lstrip(),
            WIDTH,
            initial_indent=_indent(piece),
            subsequent_indent=_next_indent(piece),
            break_on_hyphens=False,  # rpps-sync stays one word
            break_long_words=False,
        )
        if piece
        else ""
        for piece in pieces
    )


def _indent(piece: str) -> str:
    return " " * (len(piece) - len(piece.lstrip()))


def _next_indent(piece: str) -> str:
    return "  " if piece.startswith(("- ", "  ")) else ""
