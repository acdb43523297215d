"""Small SVG charts, written inline in the page: no script, nothing to load, colours from the page's own style.

Every chart says what it shows in a ``<title>`` and a ``<desc>`` for those who cannot see it, and the page gives
the same figures as a table. Classes (``arrived``, ``band``…) carry the colours, so that light, dark and print
follow the page. Each is drawn for a wide page and for a phone; the style shows one of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from rpps_sync.reporting.model import Light
from rpps_sync.reporting.plot import NARROW, WIDE, Axis, Frame, axis, expected_ranges

Write = Callable[[float], str]  # a number as the language writes it

BAR_SHARE = 0.64  # of the slot of one night
BAR_WIDTH = 34  # user units, at most

_SVG = Markup(
    '<svg class="chart {name}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}-t {id}-d">'
    '<title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc>{body}</svg>'
)
_MARK = Markup(
    '<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>'
    '<text class="mark" x="{text}" y="{y}" dy="4">{words}</text>'
)
_LABEL = Markup('<text class="label" x="{x}" y="{y}">{words}</text>')
_RECT = Markup(
    '<rect class="{css}" x="{x}" y="{y}" width="{width}" height="{height}"><title>{title}</title></rect>'
)
_DOT = Markup('<circle class="dot" cx="{x}" cy="{y}" r="{r}"><title>{title}</title></circle>')


@dataclass(frozen=True, slots=True)
class Caption:
    """What a chart shows, for eyes and for screen readers; ``id`` is unique in the page."""

    id: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Point:
    """One night of a line: its date in words, and its value; None leaves a gap that the line crosses."""

    label: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One night of stacked bars: its date in words, its parts as (style class, word, number)."""

    label: str
    parts: tuple[tuple[str, str, int], ...]

    @property
    def total(self) -> int:
        """All parts together."""
        return sum(number for _, _, number in self.parts)


def trend_line(caption: Caption, points: Sequence[Point], write: Write) -> Markup:
    """A line over the nights, with the expected range behind it."""
    known = [(rank, point.value) for rank, point in enumerate(points) if point.value is not None]
    ranges = expected_ranges([value for _, value in known])
    heights = [value for _, value in known] + [edge for band in ranges if band for edge in band]
    scale = axis(min(heights), max(heights))

    def draw(frame: Frame) -> Markup:
        at = [(frame.x(rank, len(points)), value) for rank, value in known]
        band = _band([(x, band) for (x, _), band in zip(at, ranges, strict=True) if band], scale, frame)
        line = " ".join(f"{x},{scale.y(value, frame)}" for x, value in at)
        titles = [f"{points[rank].label} – {write(value)}" for rank, value in known]
        dots = _join(
            _DOT.format(x=x, y=scale.y(value, frame), r=4 if rank == len(at) - 1 else 2.2, title=title)
            for rank, ((x, value), title) in enumerate(zip(at, titles, strict=True))
        )
        drawn = Markup('<polyline class="line" points="{}"/>').format(line)
        return _grid(scale, write, frame) + band + drawn + dots + _labels([p.label for p in points], frame)

    return _both(caption, draw)


def stacked_bars(caption: Caption, bars: Sequence[Bar], write: Write) -> Markup:
    """One bar a night, its parts stacked in the order given."""
    scale = axis(0, max((bar.total for bar in bars), default=1))

    def draw(frame: Frame) -> Markup:
        width = round(min(frame.slot(len(bars)) * BAR_SHARE, BAR_WIDTH), 1)
        lefts = [round(frame.x(rank, len(bars)) - width / 2, 1) for rank in range(len(bars))]
        drawn = _join(
            _RECT.format(css=part.css, x=left, y=part.top, width=width, height=part.height, title=part.title)
            for left, bar in zip(lefts, bars, strict=True)
            for part in _stacked(bar, scale, write, frame)
        )
        return _grid(scale, write, frame) + drawn + _labels([bar.label for bar in bars], frame)

    return _both(caption, draw)


def sparkline(values: Sequence[float]) -> Markup:
    """A line the size of a word; decorative, as the figure stands beside it. Empty under two values."""
    if len(values) < 2:
        return Markup()
    low, spread = min(values), (max(values) - min(values)) or 1
    step = 96 / (len(values) - 1)
    at = [
        (round(2 + rank * step, 1), round(20 - (value - low) / spread * 16, 1))
        for rank, value in enumerate(values)
    ]
    line = " ".join(f"{x},{y}" for x, y in at)
    return Markup(
        '<svg class="spark" viewBox="0 0 102 24" aria-hidden="true"><polyline class="line" points="{}"/>'
        '<circle class="dot" cx="{}" cy="{}" r="2.6"/></svg>'
    ).format(line, *at[-1])


def share_bar(share: float, light: Light = Light.NONE) -> Markup:
    """A horizontal bar filling a share (0 to 1) of its cell; decorative, as the figure stands beside it."""
    width = round(max(0.0, min(1.0, share)) * 100, 2)
    return Markup(
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" width="100" height="8"/><rect class="fill {}" width="{}" height="8"/></svg>'
    ).format(light.value, width)


def _both(caption: Caption, draw: Callable[[Frame], Markup]) -> Markup:
    return _join(
        _SVG.format(
            name=frame.name,
            width=frame.width,
            height=frame.height,
            id=f"{caption.id}-{frame.name}",
            title=caption.title,
            description=caption.description,
            body=draw(frame),
        )
        for frame in (WIDE, NARROW)
    )


def _grid(scale: Axis, write: Write, frame: Frame) -> Markup:
    return _join(
        _MARK.format(
            left=frame.left,
            right=frame.width - frame.right,
            y=scale.y(mark, frame),
            text=frame.left - 10,
            words=write(mark),
        )
        for mark in scale.marks
    )


def _labels(labels: Sequence[str], frame: Frame) -> Markup:
    """As many dates as fit, the last one always among them."""
    every = -(-len(labels) // frame.labels)
    shown = [rank for rank in range(len(labels)) if (len(labels) - 1 - rank) % every == 0]
    return _join(
        _LABEL.format(x=frame.x(rank, len(labels)), y=frame.height - 8, words=labels[rank]) for rank in shown
    )


def _band(edges: Sequence[tuple[float, tuple[float, float]]], scale: Axis, frame: Frame) -> Markup:
    if len(edges) < 2:
        return Markup()
    upper = [f"{x},{scale.y(high, frame)}" for x, (_, high) in edges]
    lower = [f"{x},{scale.y(low, frame)}" for x, (low, _) in reversed(edges)]
    return Markup('<polygon class="band" points="{}"/>').format(" ".join(upper + lower))


@dataclass(frozen=True, slots=True)
class _Part:
    css: str
    top: float
    height: float
    title: str


def _stacked(bar: Bar, scale: Axis, write: Write, frame: Frame) -> list[_Part]:
    parts, below = [], 0
    for css, word, number in bar.parts:
        bottom, top = scale.y(below, frame), scale.y(below + number, frame)
        if number:
            parts.append(_Part(css, top, round(bottom - top, 1), f"{bar.label} – {word} {write(number)}"))
        below += number
    return parts


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup().join(escape(part) for part in parts)
