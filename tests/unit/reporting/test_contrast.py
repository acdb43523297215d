from __future__ import annotations

import re
from importlib import resources

import pytest

TEXT = 4.5  # WCAG 2.2 AA, ordinary text
GRAPHICS = 3.0  # idem, parts of a chart needed to understand it


def _palettes() -> dict[str, dict[str, str]]:
    css = resources.files("rpps_sync.reporting").joinpath("templates", "report.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colours = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", block)) for block in blocks]
    light = colours[0]
    return {"light": light, "dark": light | colours[1], "print": light | colours[2]}


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("medium", ["light", "dark", "print"])
def test_text_is_legible_on_every_ground(medium: str) -> None:
    """Ink, notes, links and lights reach the AA contrast on paper and on their own wash."""
    colours = _palettes()[medium]
    pairs = [(name, "paper") for name in ("ink", "soft", "link", "ok", "warn", "error", "none")]
    pairs += [(name, f"{name}-wash") for name in ("ok", "warn", "error", "none")]
    pairs += [("ink", f"{name}-wash") for name in ("ok", "warn", "error", "none")]
    for text, ground in pairs:
        assert _contrast(colours[text], colours[ground]) >= TEXT, f"{text} on {ground}"


@pytest.mark.parametrize("medium", ["light", "dark", "print"])
def test_charts_are_legible(medium: str) -> None:
    """Lines and bars stand out from the paper."""
    colours = _palettes()[medium]
    for name in ("line", "arrived", "changed", "departed"):
        assert _contrast(colours[name], colours["paper"]) >= GRAPHICS, name
