from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import resources
from string import Formatter
from typing import Any

import pytest

from rpps_sync.finding import Severity, Verdict
from rpps_sync.freshness.states import State
from rpps_sync.reporting.words import Words, catalogue
from rpps_sync.run_summary import CheckSeverity, CheckStatus, Outcome


def _leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            yield from _leaves(value, here)
        else:
            yield here, value


def _fields(sentence: Any) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(str(sentence))}


def test_both_languages_say_the_same_things() -> None:
    """Every sentence exists in both languages with the same values to put in place."""
    french, english = dict(_leaves(catalogue("fr"))), dict(_leaves(catalogue("en")))
    assert french.keys() == english.keys()
    for key, sentence in french.items():
        assert _fields(sentence) == _fields(english[key]), key


def test_every_word_of_the_page_is_in_the_catalogues() -> None:
    """No sentence that the template asks for is missing, and no code of our own is shown raw."""
    page = resources.files("rpps_sync.reporting").joinpath("templates", "report.html.j2").read_text("utf-8")
    sections = catalogue("fr")
    for key in re.findall(r"t(?:\.count)?\('([a-z_]+\.[a-z_0-9]+)'[,)]", page):
        section, name = key.split(".")
        assert name in sections[section], key
    for section, codes in {
        "verdict": Verdict, "meaning": Verdict, "state": State, "outcome": Outcome, "status": CheckStatus
    }.items():  # fmt: skip
        assert {code.value for code in codes} == set(sections[section]), section
    assert {*Severity, *CheckSeverity} == set(sections["severity"])


@pytest.mark.parametrize(
    ("language", "number", "decimal", "day", "size"),
    [
        ("fr", "2\u202f291\u202f290", "1\u202f234,5", "21\u00a0novembre\u00a02026", "820\u00a0Mo"),
        ("en", "2,291,290", "1,234.5", "21\u00a0November\u00a02026", "820\u00a0MB"),
    ],
)
def test_numbers_and_dates_follow_the_language(
    language: str, number: str, decimal: str, day: str, size: str
) -> None:
    """Thousands, decimals, months and units are those of the reader."""
    words = Words(language)
    assert words.number(2_291_290) == number
    assert words.number(1234.5, 1) == decimal
    assert words.day("2026-11-21T03:40:00Z") == day
    assert words.size(820_411_002) == size


def test_first_of_the_month_and_missing_days() -> None:
    """French says 1er; a day that nobody knows is a dash, not an invention."""
    assert Words("fr").day("2026-09-01") == "1er\u00a0septembre\u00a02026"
    assert Words("en").day("2026-09-01") == "1\u00a0September\u00a02026"
    assert Words("fr").day(None) == Words("fr").instant(None) == "–"


def test_sentences_agree_with_their_number() -> None:
    """Zero is singular in French and plural in English."""
    assert [Words("fr").count("headline.checks", n) for n in (0, 1, 2)] == [
        "0 contrôle en défaut", "1 contrôle en défaut", "2 contrôles en défaut"
    ]  # fmt: skip
    assert Words("en").count("headline.checks", 0) == "0 failing checks"


def test_an_unknown_code_is_shown_rather_than_hidden() -> None:
    """A field or a reason without words appears under its own name."""
    assert Words("fr").known("field", "mailbox.address") == "mailbox.address"


def test_durations_and_sizes_stay_readable() -> None:
    """Seconds become minutes past one; bytes take the unit that leaves few digits."""
    words = Words("fr")
    assert words.seconds(4.24) == "4,2\u00a0s"
    assert words.seconds(151) == "2\u00a0min\u00a031\u00a0s"
    assert [words.size(size) for size in (0, 999, 61_200_411, 1_180_000_000)] == [
        "0\u00a0o", "999\u00a0o", "61,2\u00a0Mo", "1,2\u00a0Go"
    ]  # fmt: skip


def test_no_other_language() -> None:
    """A language without catalogue is an error of the program, not a page in no language."""
    with pytest.raises(KeyError):
        catalogue("de")
