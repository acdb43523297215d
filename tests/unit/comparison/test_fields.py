"""Values brought to one form: every rule's examples, and what holds for any value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpps_sync.comparison.coordinates import email, phone, postal_code, same_street, street
from rpps_sync.comparison.fields import PLACE_FIELDS, SEVERITIES, STAKES, same_given_name, same_name
from rpps_sync.comparison.rules import RULES, Rule
from rpps_sync.comparison.streets import TYPES, WORDS
from rpps_sync.nomenclature.lookup import known_codes, label

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


@given(st.text(max_size=30))
def test_forms_are_their_own_forms(text: str) -> None:
    """Bringing a form to its form changes nothing."""
    assert phone(phone(text)) == phone(text)
    assert email(email(text)) == email(text)
    assert same_street(street("", "", "", text), street("", "", "", text))


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
    assert not WORDS.keys() & set(WORDS.values())
    assert all(TYPES[full] == full for full in set(TYPES.values()))


def test_postal_code_without_code_is_unknown_even_at_a_cedex() -> None:
    """Nothing is made up from the office alone."""
    assert postal_code("", "75651 PARIS CEDEX 13") == ""


def test_every_comparable_field_decides_something_and_has_a_severity() -> None:
    """No comparable field without a stake, and no severity without one."""
    assert {field.name for field in PLACE_FIELDS} <= STAKES.keys()
    assert SEVERITIES.keys() == STAKES.keys()
