from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from rpps_sync.reporting.charts import Bar, Caption, Point, share_bar, sparkline, stacked_bars, trend_line
from rpps_sync.reporting.model import Light
from rpps_sync.reporting.plot import NARROW, axis, expected_ranges

CAPTION = Caption("x", "Praticiens <b>", 'de "1" à 2')


def _svgs(markup: str) -> list[ET.Element]:
    return list(ET.fromstring(f"<root>{markup}</root>"))  # noqa: S314 - our own markup


def test_a_chart_tells_what_it_shows_to_those_who_cannot_see_it() -> None:
    """Each drawing has a title and a description, escaped, with ids of their own."""
    drawings = _svgs(trend_line(CAPTION, [Point("1/11", 10), Point("2/11", 12)], str))
    assert len(drawings) == 2
    assert len({drawing.attrib["aria-labelledby"] for drawing in drawings}) == 2
    for drawing in drawings:
        title, description = drawing[0], drawing[1]
        assert (title.text, description.text) == (CAPTION.title, CAPTION.description)
        assert drawing.attrib["aria-labelledby"] == f"{title.attrib['id']} {description.attrib['id']}"


def test_a_night_without_publication_leaves_no_point() -> None:
    """The line crosses a refused night without inventing a value for it."""
    points = [Point("1/11", 10), Point("2/11", None), Point("3/11", 12)]
    wide = _svgs(trend_line(CAPTION, points, str))[0]
    assert len([child for child in wide if child.tag == "circle"]) == 2


def test_points_stand_higher_when_values_are_larger() -> None:
    """The vertical axis grows upwards and stays inside the frame."""
    wide = _svgs(trend_line(CAPTION, [Point("a", 10), Point("b", 40), Point("c", 20)], str))[0]
    heights = [float(child.attrib["cy"]) for child in wide if child.tag == "circle"]
    assert heights[1] < heights[2] < heights[0]
    assert all(0 < height < 220 for height in heights)


def test_stacked_bars_leave_out_what_did_not_happen() -> None:
    """A part of zero draws nothing; the others stand on top of one another."""
    bar = Bar("1/11", (("arrived", "arrivés", 3), ("changed", "modifiés", 0), ("departed", "partis", 1)))
    wide = _svgs(stacked_bars(CAPTION, [bar], str))[0]
    arrived, departed = [child for child in wide if child.tag == "rect"]
    assert (arrived.attrib["class"], departed.attrib["class"]) == ("arrived", "departed")
    assert float(departed.attrib["y"]) + float(departed.attrib["height"]) == pytest.approx(
        float(arrived.attrib["y"])
    )


def test_the_last_date_is_always_written() -> None:
    """However many nights there are, tonight's date is under its point and labels stay few."""
    labels = [f"{day}/11" for day in range(1, 31)]
    narrow = _svgs(trend_line(CAPTION, [Point(label, 5) for label in labels], str))[1]
    written = [child.text for child in narrow if child.attrib.get("class") == "label"]
    assert written[-1] == "30/11"
    assert len(written) <= NARROW.labels


def test_axis_marks_are_round_and_hold_the_values() -> None:
    """Marks are multiples of 1, 2 or 5 around the values, whole even when nothing varies."""
    assert axis(1_284_950, 1_290_417).marks == (1_284_000, 1_286_000, 1_288_000, 1_290_000, 1_292_000)
    assert axis(7, 7).marks[0] <= 7 <= axis(7, 7).marks[-1]
    assert all(float(mark).is_integer() for mark in axis(0, 1).marks)


def test_a_growing_register_is_expected_to_grow() -> None:
    """The expected range follows the usual step, from the past alone, once there is enough of it."""
    ranges = expected_ranges([100_000, 100_100, 100_200, 100_300, 100_400, 200_000])
    assert ranges[:4] == [None] * 4
    assert ranges[4] == (100_400 - 50.15, 100_400 + 50.15)
    assert ranges[5] is not None
    assert ranges[5][1] < 101_000


def test_a_constant_register_still_draws() -> None:
    """Nothing moving for weeks divides nothing by zero."""
    assert "polyline" in trend_line(CAPTION, [Point(str(n), 5) for n in range(8)], str)
    assert "polyline" in sparkline([5, 5, 5])
    assert sparkline([5]) == ""


def test_a_share_never_leaves_its_rail() -> None:
    """A share is drawn between nothing and all."""
    widths = [re.findall(r'width="([\d.]+)"', share_bar(share, Light.WARN))[1] for share in (-1, 0.256, 7)]
    assert widths == ["0.0", "25.6", "100.0"]
