"""Values brought to one form: every rule's examples, and what holds for any value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpps_sync.comparison import streets
from rpps_sync.comparison.coordinates import (
    email,
    phone,
    postal_code,
    same_commune,
    same_phone,
    same_postal_code,
    same_street,
    street,
)
from rpps_sync.comparison.fields import PLACE_FIELDS, SEVERITIES, STAKES, same_given_name, same_name
from rpps_sync.comparison.places import keys_of, same_place
from rpps_sync.comparison.rules import RULES, Rule
from rpps_sync.comparison.streets import TYPES
from rpps_sync.nomenclature.lookup import known_codes, label
from rpps_sync.practitioner import Structure

EQUAL = [(rule, *pair) for rule in RULES for pair in rule.equal]
DIFFERENT = [(rule, *pair) for rule in RULES for pair in rule.different]


@pytest.mark.parametrize(("rule", "left", "right"), EQUAL)
def test_values_a_rule_holds_equal_are_equal_either_way_round(rule: Rule, left: str, right: str) -> None:
    """Each example of the page of rules, in both directions."""
    assert rule.same(left, right)
    assert rule.same(right, left)


@pytest.mark.parametrize(("rule", "left", "right"), DIFFERENT)
def test_values_a_rule_keeps_apart_are_different_either_way_round(rule: Rule, left: str, right: str) -> None:
    """Each counter-example of the page of rules, in both directions."""
    assert not rule.same(left, right)
    assert not rule.same(right, left)


@given(st.text(max_size=30), st.text(max_size=30))
def test_names_are_compatible_both_ways_or_neither(left: str, right: str) -> None:
    """Which side says which name does not matter, and a name is its own."""
    assert same_name(left, right) == same_name(right, left)
    assert same_given_name(left, right) == same_given_name(right, left)
    assert same_name(left, left)


WORDS = [
    "12",
    "0012",
    "14",
    "1ER",
    "B",
    "BIS",
    "12BIS",
    "R",
    "RUE",
    "AV",
    "LD",
    "ZA",
    "DE",
    "LA",
    "L'",
    "8",
    "MAI",
    "1945",
    "SAINT",
    "ST",
    "GAL",
    "GENERAL",
    "LILAS",
    "Église",
    "P",
    "CEDEX",
    "2A",
    "-",
    "/",
    ",",
]
ADDRESSES = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join) | st.text(max_size=12)
PHONES = st.lists(st.sampled_from(["+33", "0033", "(0)", "0", "1", "99", "00", ".", "262", "-"]), max_size=9).map(
    "".join
)
EMAILS = st.lists(
    st.sampled_from([" ", *["<", ">", "mailto:", "A", "b", "@", ".", ";", "example"]]), max_size=9
).map("".join)
IDENTIFIERS = st.sampled_from(
    [
        "",
        *[
            "F750000001",
            "F75000000101072015",
            "1750000001",
            "750000001",
            "C99900000100011",
            "R95141",
            "399900000100011",
        ],
        *["99900000100011", "499900000001001", "R10100000000001", "F2A0000001", "2a0000001", "61"],
    ]
)


@given(PHONES, EMAILS, ADDRESSES)
def test_forms_are_their_own_forms(number: str, address: str, where: str) -> None:
    """Bringing a form of numbers and codes to its form changes nothing; no value differs from itself."""
    assert phone(phone(number)) == phone(number)
    assert email(email(address)) == email(address)
    assert postal_code(postal_code(where, ""), "") == postal_code(where, "")
    assert same_street(street("", "", "", where), street("", "", "", where))
    assert same_phone(phone(number), phone(number))


@given(ADDRESSES, ADDRESSES, PHONES, PHONES)
def test_addresses_and_numbers_are_the_same_both_ways_or_neither(
    here: str, there: str, number: str, other: str
) -> None:
    """Which side says which does not matter."""
    one, two = (street("", "", "", text) for text in (here, there))
    assert same_street(one, two) == same_street(two, one)
    assert same_postal_code(here, there) == same_postal_code(there, here)
    assert same_commune(here, there) == same_commune(there, here)
    assert same_phone(phone(number), phone(other)) == same_phone(phone(other), phone(number))


@given(st.tuples(*[IDENTIFIERS] * 8))
def test_structures_are_one_both_ways_or_neither(cells: tuple[str, ...]) -> None:
    """Whatever each side knows of a place, and each place is its own as soon as anything names it."""
    one, two = (
        keys_of(Structure(technical_id=some[0], former_id=some[1], finess=some[2], siret=some[3]))
        for some in (cells[:4], cells[4:])
    )
    assert same_place(one, two) == same_place(two, one)
    assert same_place(one, one) == any(one)


def test_truncated_phone_stays_what_it_is() -> None:
    """A number that is no French number is compared by its digits."""
    assert (phone("01990"), phone("+32 2 555 12 12"), phone("")) == ("01990", "3225551212", "")


def test_street_has_one_form() -> None:
    """Leading zeros, repetition letters, accents, abbreviations; an article alone stays."""
    assert street("007", "T", "AV", "de l'Opéra") == "7 TER AVENUE OPERA"
    assert street("", "", "", "Les Lilas") == "LILAS"
    assert street("3", "", "ALL", "") == "3 ALLEE"
    assert street("3", "", "", "LA") == "3 LA"


def test_every_street_type_of_the_nomenclature_is_written_out_as_its_label() -> None:
    """The codes that the extracts use are all in the table of types, under the words of their label."""
    for code in known_codes("street_type"):
        assert TYPES[code] == street("", "", "", label("street_type", code)), code


def test_no_abbreviation_stands_for_two_words() -> None:
    """A type of street and a word of its name never share a form that would be written out twice."""
    assert not streets.WORDS.keys() & set(streets.WORDS.values())
    assert all(TYPES[full] == full for full in set(TYPES.values()))


def test_postal_code_without_code_is_unknown_even_at_a_cedex() -> None:
    """Nothing is made up from the office alone."""
    assert postal_code("", "75651 PARIS CEDEX 13") == ""


def test_every_comparable_field_decides_something_and_has_a_severity() -> None:
    """No comparable field without a stake, and no severity without one."""
    assert {field.name for field in PLACE_FIELDS} <= STAKES.keys()
    assert SEVERITIES.keys() == STAKES.keys()
