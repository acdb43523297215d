"""Pieces of pages, as HTML of ours: what is read by eyes, by screen readers and by printers alike.

Whatever comes from files, tokens or people is escaped here, once: pieces take text and give ``Markup``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import urlencode

import streamlit as st
from markupsafe import Markup, escape

from rpps_sync.reporting.model import Light

Text = str | Markup
_GLYPHS = {Light.OK: "●", Light.WARN: "▲", Light.ERROR: "■", Light.NONE: "○"}  # told apart without colours


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    title: str
    css: str = ""  # 'num', 'day' or 'wide'


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that matters, what it counts, and the page with the rows behind it."""

    value: str
    label: str
    detail: str = ""
    link: str = ""


@cache
def _style() -> str:
    return resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")


def wear_style() -> None:
    """Dress the page."""
    st.html(f"<style>{_style()}</style>")


def show(*parts: Text) -> None:
    """Put HTML on the page; plain text is escaped."""
    st.html(f'<div class="rs">{Markup("").join(escape(part) for part in parts)}</div>')


def link(page: str, language: str, text: Text, **query: str) -> Markup:
    """A way to another page in the same language."""
    return Markup('<a href="{}" target="_self">{}</a>').format(address(page, language, **query), text)


def address(page: str, language: str, **query: str) -> str:
    """The address of a page within the application."""
    return f"{page or './'}?{urlencode({'lang': language} | query)}"


def headline(text: Text, soft: Text = "") -> None:
    """The first line of a page, and what it is about."""
    show(Markup("<h1>{}</h1>").format(text), Markup('<p class="soft">{}</p>').format(soft) if soft else Markup(""))


def heading(text: Text, soft: Text = "") -> None:
    """The title of a part of a page."""
    show(Markup("<h2>{}</h2>").format(text), Markup('<p class="note">{}</p>').format(soft) if soft else Markup(""))


def note(text: Text) -> None:
    """A line in small print."""
    show(Markup('<p class="note">{}</p>').format(text))


def paragraph(*lines: Text) -> Markup:
    """Lines one below the other."""
    return Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in lines if line))


def mark(light: Light, text: Text) -> Markup:
    """A word with its light: the shape says what the colour says."""
    return Markup('<span class="mark {}"><span aria-hidden="true">{}</span> {}</span>').format(
        light.value, _GLYPHS[light], text
    )


def below(first: Text, second: Text) -> Markup:
    """A second line in a cell, softer than the first."""
    return Markup('{}<br><span class="soft">{}</span>').format(first, second)


def sentences(told: Iterable[tuple[Light, Text]]) -> None:
    """Sentences that say how things are, each behind its light."""
    items = (
        Markup('<li><span class="glyph {}" aria-hidden="true">{}</span><span>{}</span></li>').format(
            light.value, _GLYPHS[light], text
        )
        for light, text in told
    )
    show(Markup('<ul class="sentences">{}</ul>').format(Markup("").join(items)))


def figures(told: Iterable[Figure]) -> None:
    """Numbers side by side."""
    show(Markup('<ul class="figures">{}</ul>').format(Markup("").join(_figure(one) for one in told)))


def _figure(one: Figure) -> Markup:
    value = Markup('<a href="{}" target="_self">{}</a>').format(one.link, one.value) if one.link else one.value
    parts = Markup('<b>{}</b><span class="label">{}</span><span>{}</span>').format(value, one.label, one.detail)
    return Markup("<li>{}</li>").format(parts)


def legend(colours: Mapping[str, str]) -> None:
    """What the colours of a chart mean."""
    items = Markup("").join(
        Markup('<li><span class="swatch" style="background:{}"></span>{}</li>').format(colour, word)
        for word, colour in colours.items()
    )
    show(Markup('<ul class="legend">{}</ul>').format(items))


def message(light: Light, what: Text, mend: Text = "") -> None:
    """Something to know, and what to do about it."""
    lines = Markup("").join(Markup("<p>{}</p>").format(line) for line in (what, mend) if line)
    show(Markup('<div class="message {}" role="status">{}</div>').format(light.value, lines))


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Text]],
    *,
    tall: bool = False,
    titled: bool = True,
) -> None:
    """A table read from left to right, that scrolls by itself where the page is narrow.

    Its caption stands outside of what scrolls; where a heading says the same, it is for screen readers alone. The
    first cell of a row is its name. Without rows nothing is shown: the page says so in its own words.
    """
    body = Markup("").join(_row(columns, row) for row in rows)
    if not body:
        return
    head = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format(one.css, one.title) for one in columns
    )
    show(
        Markup('<p class="caption">{}</p>').format(caption) if titled else "",
        Markup(
            '<div class="scroll{}" tabindex="0" role="region" aria-label="{}"><table aria-label="{}">'
            "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
        ).format(" tall" if tall else "", caption, caption, head, body),
    )


def _row(columns: Sequence[Column], row: Sequence[Text]) -> Markup:
    cells = [Markup('<th scope="row" class="{}">{}</th>').format(columns[0].css, row[0])]
    cells += [
        Markup('<td class="{}">{}</td>').format(column.css, cell)
        for column, cell in zip(columns[1:], row[1:], strict=True)
    ]
    return Markup("<tr>{}</tr>").format(Markup("").join(cells))


def facts(told: Mapping[str, Text]) -> None:
    """Names and what they are, those with something to say."""
    show(facts_of(told))


def facts_of(told: Mapping[str, Text]) -> Markup:
    """The same, to be put in something else."""
    items = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in told.items() if value
    )
    return Markup("<dl>{}</dl>").format(items)
