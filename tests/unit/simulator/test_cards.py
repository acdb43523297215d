from datetime import date, timedelta
from pathlib import Path

import polars as pl

from rpps_sync.publication import ExtractKind
from simulated_days import FIRST_DAY, read

DATES = ("valid_from", "valid_until", "opposed_on", "updated_on")


def _cards(folder: Path) -> pl.DataFrame:
    """Cards of one day, with dates that are dates."""
    text = read(folder, ExtractKind.CARTES)
    return text.with_columns(pl.col(name).replace("", None).str.to_date("%Y-%m-%d") for name in DATES)


def _numbers(folder: Path) -> set[str]:
    return set(_cards(folder)["card_number"])


def test_every_other_practitioner_holds_a_card(simulation: Path) -> None:
    """A million cards for two million people, a few of them opposed, some people with two."""
    cards = _cards(simulation / "day-1")
    assert 0.45 < cards.height / 6_000 < 0.56
    assert 0.001 < cards["opposed_on"].is_not_null().sum() / cards.height < 0.01
    held = cards["national_id"].value_counts()["count"]
    assert 10 < (held == 2).sum() < 150
    assert held.max() == 2


def test_cards_are_of_two_types_with_ten_digits(simulation: Path) -> None:
    """Students hold the card of people in training; no number comes twice."""
    cards, lines = _cards(simulation / "day-1"), read(simulation / "day-1")
    assert set(cards["card_type"]) == {"CPS", "CPF"}
    assert cards["card_number"].str.contains("^99[0-9]{8}$").all()
    assert cards["card_number"].is_unique().all()
    assert (cards["national_id"] == "8" + cards["identifier"]).all()
    students = set(lines.filter(pl.col("category") == "E")["national_id"])
    assert set(cards.filter(pl.col("card_type") == "CPF")["national_id"]) <= students


def test_cards_are_valid_for_three_years(simulation: Path) -> None:
    """On the first day no card has ended or begins later, and nothing was updated in the future."""
    cards = _cards(simulation / "day-1")
    assert (cards["valid_from"].dt.offset_by("3y") == cards["valid_until"].dt.offset_by("1d")).all()
    assert cards["valid_from"].max() <= FIRST_DAY <= cards["valid_until"].min()
    assert (cards["updated_on"] == cards["opposed_on"].fill_null(cards["valid_from"])).all()
    assert (cards["opposed_on"].drop_nulls() <= FIRST_DAY).all()
    assert cards["valid_from"].min() < date(2024, 2, 1)


def test_some_cards_are_of_people_without_activity(simulation: Path, busy: Path) -> None:
    """People with a diploma alone hold a few, and those who left keep theirs."""
    cards, lines = _cards(simulation / "day-1"), read(simulation / "day-1")
    assert 5 < len(set(cards["national_id"]) - set(lines["national_id"])) < 100
    gone = set(read(busy / "day-1")["national_id"]) - set(read(busy / "day-2")["national_id"])
    assert gone & set(_cards(busy / "day-2")["national_id"])


def test_cards_are_made_renewed_and_withdrawn(busy: Path) -> None:
    """New cards begin on the day they appear; those of a known holder stand beside the former one."""
    for day in (2, 3, 4):
        before, after = (_cards(busy / f"day-{number}") for number in (day - 1, day))
        new = after.filter(~pl.col("card_number").is_in(before["card_number"].implode()))
        assert set(new["valid_from"]) == {FIRST_DAY + timedelta(days=day - 1)}
        held = new["national_id"].is_in(before["national_id"].implode())
        assert held.any()
        assert not held.all()
    assert _numbers(busy / "day-1") - _numbers(busy / "day-4")


def test_opposition_is_dated_and_stays(busy: Path) -> None:
    """A card that is opposed carries the day, was updated on it, and is not given back."""
    first, last = _cards(busy / "day-1"), _cards(busy / "day-4")
    both = first.join(last, on="card_number", suffix="_after")
    opposed = both.filter(pl.col("opposed_on").is_null() & pl.col("opposed_on_after").is_not_null())
    assert opposed.height > 0
    assert (opposed["opposed_on_after"] > FIRST_DAY).all()
    assert (opposed["opposed_on_after"] == opposed["updated_on_after"]).all()
    assert both.filter(pl.col("opposed_on").is_not_null() & pl.col("opposed_on_after").is_null()).is_empty()
