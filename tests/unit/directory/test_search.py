from collections.abc import Callable
from typing import Any

import pytest

from extract_builder import hospital, national_id, person, rpps
from rpps_sync.directory.engine import reading
from rpps_sync.directory.search import finding
from rpps_sync.directory.search.answers import search
from rpps_sync.directory.search.filters import Filters
from rpps_sync.directory.search.finding import Wanted
from rpps_sync.errors import NotFound, UsageError
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA, SF = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE
NAMES = (
    ("LE GOFF", "ANAÏS"),
    ("DUPONT", "Jean-Pierre"),
    ("DUPONT-MARTIN", "CLAIRE"),
    ("MARTIN", "JEANNE"),
    ("D'ABOVILLE", "ÉLODIE"),
    ("STE-CROIX", "MARTIN"),
    ("LE", "MAI"),
    ("LEFEBVRE", "SYLVIE"),
    ('O"BRIEN\\D', ""),
)


def lines(names: tuple[tuple[str, str], ...] = NAMES) -> list[dict[str, str]]:
    """One line for each name, at a hospital of Lyon."""
    return [
        person(number, family_name=family, given_name=given, **hospital(1))
        for number, (family, given) in enumerate(names)
    ]


@pytest.fixture
def ask(directory: SmallDirectory) -> Callable[..., dict[str, Any]]:
    """Search a directory of these names."""
    directory.publish({PA: lines()})

    def asked(text: str = "", family: str = "", given: str = "", **filters: tuple[str, ...]) -> dict[str, Any]:
        with reading(directory.engine) as connection:
            return search(connection, Wanted(text, family, given, Filters(**filters)))

    return asked


def families(answer: dict[str, Any]) -> list[str]:
    """The family names of the answers, in their order."""
    return [item["family_name"] for item in answer["results"]]


def hows(answer: dict[str, Any]) -> list[list[str]]:
    """How each word was matched, answer by answer."""
    return [[reason["how"] for reason in item["reasons"]] for item in answer["results"]]


@pytest.mark.parametrize(
    "typed",
    [
        "le goff anais",
        "ANAÏS GOFF",
        "Legoff Anaïs",
        "le-goff",
        "goff",
        "  Goff,  anais ",
        "GOF ANAI",
        "goof anais",
    ],
)
def test_a_name_is_found_however_it_is_typed(ask: Callable[..., dict[str, Any]], typed: str) -> None:
    """Accents, case, hyphens, particles, order, beginnings and one typo do not matter."""
    assert families(ask(typed)) == ["LE GOFF"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("daboville", "D'ABOVILLE"),
        ("d’Aboville", "D'ABOVILLE"),
        ("aboville elodie", "D'ABOVILLE"),
        ("sainte croix", "STE-CROIX"),
        ("jeanpierre dupont", "DUPONT"),
        ("jean pierre", "DUPONT"),
        ("obrien", 'O"BRIEN\\D'),
        ("le mai", "LE"),
        ("lefebrve", "LEFEBVRE"),
        ("lefbevre", "LEFEBVRE"),
        ("lefebvree", "LEFEBVRE"),
        ("efebvre", "LEFEBVRE"),
        ("tefebvre", "LEFEBVRE"),
    ],
)
def test_hyphens_apostrophes_and_single_mistakes_do_not_hide_a_name(
    ask: Callable[..., dict[str, Any]], typed: str, found: str
) -> None:
    """Words run together or apart, and each kind of keystroke error wherever it falls, still find the name."""
    assert found in families(ask(typed))


def test_exact_comes_before_a_beginning_and_a_beginning_before_a_typo(directory: SmallDirectory) -> None:
    """The order of the answers is that of the reasons, which are told."""
    names = (("MARTIM", "A"), ("MARTINEZ", "B"), ("MARTIN", "C"), ("MARTIN DURAND", "D"), ("E", "MARTIN"))
    directory.publish({PA: lines(names)})
    with reading(directory.engine) as connection:
        answer = search(connection, Wanted("martin"))
    assert families(answer) == ["MARTIN", "MARTIN DURAND", "E", "MARTINEZ", "MARTIM"]
    assert hows(answer) == [["exact"], ["exact"], ["exact"], ["prefix"], ["typo"]]
    reason = answer["results"][-1]["reasons"][0]
    assert reason == {"typed": "MARTIN", "matched": "MARTIM", "field": "family_name", "how": "typo"}


def test_two_typos_in_one_word_are_another_name(ask: Callable[..., dict[str, Any]]) -> None:
    """Tolerance ends at one keystroke a word, and short words have none."""
    assert families(ask("lefebeure")) == []
    assert families(ask("lu")) == []


def test_a_word_is_looked_for_where_it_is_asked_for(ask: Callable[..., dict[str, Any]]) -> None:
    """A given name is no answer to a family name."""
    assert families(ask(family="martin")) == ["MARTIN", "DUPONT-MARTIN"]
    assert families(ask(given="martin")) == ["STE-CROIX"]
    assert families(ask(family="dup", given="cl")) == ["DUPONT-MARTIN"]


def test_filters_narrow_by_what_people_do_and_where(directory: SmallDirectory) -> None:
    """Professions and skills by code or label, departments, communes by code or name, postal codes."""
    paris = hospital(2, postal_code="75012", commune="75112", commune_label="Paris 12e  Arrondissement")
    doctor = {"profession": "10", "profession_label": "Médecin"}
    directory.publish(
        {
            PA: [
                person(1, family_name="MARTIN", **hospital(1)),
                person(2, family_name="MARTIN", **paris, **doctor),
            ],
            SF: [person(2, family_name="MARTIN", skill_type="S", skill="SM26", **doctor)],
        }
    )
    nurse, physician = national_id(1), national_id(2)
    for filters, found in (
        (Filters(professions=("60",)), [nurse]),
        (Filters(professions=("medecin",)), [physician]),
        (Filters(professions=("infirmier", "10")), [nurse, physician]),
        (Filters(skills=("sm26",)), [physician]),
        (Filters(departments=("69",)), [nurse]),
        (Filters(communes=("paris",)), [physician]),
        (Filters(communes=("Lyon 3e arrondissement",)), [nurse]),
        (Filters(communes=("75112",), professions=("60",)), []),
        (Filters(postal_codes=("75 012",)), [physician]),
    ):
        with reading(directory.engine) as connection:
            for wanted in (Wanted("martin", filters=filters), Wanted(filters=filters)):
                told = [item["national_id"] for item in search(connection, wanted)["results"]]
                assert sorted(told) == sorted(found), filters


def test_a_filter_that_means_nothing_suggests_what_was_meant(ask: Callable[..., dict[str, Any]]) -> None:
    """An unknown profession is no empty answer: the mend names the nearest ones."""
    with pytest.raises(UsageError) as caught:
        ask("martin", professions=("infirmir",))
    assert "INFIRMIER (60)" in caught.value.mend
    for wrong in ({"departments": ("rhone",)}, {"postal_codes": ("6900",)}):
        with pytest.raises(UsageError):
            ask("martin", **wrong)
    with pytest.raises(UsageError, match="nobody is described"):
        ask(" - ")


def test_who_left_is_found_by_identifier_only(directory: SmallDirectory) -> None:
    """After a departure no name leads to anybody; the identifier leads to the tombstone; a return undoes it."""
    both = [person(1, family_name="ROUX"), person(2, family_name="ROUX")]
    directory.publish({PA: both})
    directory.publish({PA: both[:1]})
    with reading(directory.engine) as connection:
        assert [item["national_id"] for item in search(connection, Wanted("roux"))["results"]] == [national_id(1)]
        (gone,) = search(connection, Wanted(rpps(2)))["results"]
        assert search(connection, Wanted(rpps(3)))["results"] == []
    assert (gone["status"], gone["departed_on"], gone["last_professions"]) == ("departed", "2026-11-02", ["60"])
    assert not {"family_name", "given_name"} & gone.keys()
    directory.publish({PA: both})
    with reading(directory.engine) as connection:
        assert len(search(connection, Wanted("roux"))["results"]) == 2


def test_an_identifier_is_a_query_of_its_own(ask: Callable[..., dict[str, Any]]) -> None:
    """Spaces do not matter; a wrong key is told; nothing is asked beside it."""
    number = rpps(0)
    (found,) = ask(f"{number[:3]} {number[3:7]} {number[7:]}")["results"]
    assert (found["national_id"], found["reasons"][0]["field"]) == (national_id(0), "national_id")
    with pytest.raises(UsageError, match="key"):
        ask(number[:-1] + str((int(number[-1]) + 1) % 10))
    with pytest.raises(UsageError, match="identifier"):
        ask(number, departments=("69",))


def test_too_many_to_rank_is_told(directory: SmallDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more answer than are judged, the answer says so, and the exact ones still come first."""
    monkeypatch.setattr(finding, "JUDGED", 10)
    names = (*((f"MARTIN {chr(65 + number)}{chr(65 + number)}", "X") for number in range(20)), ("MARTIN", "ZOE"))
    directory.publish({PA: lines(names)})
    with reading(directory.engine) as connection:
        broad, narrow = search(connection, Wanted("mart")), search(connection, Wanted("martin zoe"))
    assert (broad["complete"], broad["more"]) == (False, False)
    assert families(narrow) == ["MARTIN"]
    assert narrow["complete"]


def test_pages_follow_one_another_without_gap(directory: SmallDirectory) -> None:
    """Skipping what was seen gives the rest, each once, in the same order."""
    directory.publish({PA: lines(tuple(("ROUX", f"N{number}") for number in range(7)))})
    with reading(directory.engine) as connection:
        pages = [search(connection, Wanted("roux"), limit=3, skip=skip) for skip in (0, 3, 6)]
    assert [page["more"] for page in pages] == [True, True, False]
    given = [item["given_name"] for page in pages for item in page["results"]]
    assert given == [f"N{number}" for number in range(7)]


def test_an_identifier_of_another_shape_is_found_by_its_name(directory: SmallDirectory) -> None:
    """Left-overs of ADELI have letters and ten characters; they are people like the others."""
    corsican = person(1, family_name="SANTONI") | {"id_type": "0", "national_id": "02A0000011"}
    directory.publish({PA: [corsican, person(2, family_name="SANTONI")]})
    with reading(directory.engine) as connection:
        found = [item["national_id"] for item in search(connection, Wanted("santoni"))["results"]]
    assert found == ["02A0000011", national_id(2)]


def test_an_empty_directory_says_that_nothing_is_published(directory: SmallDirectory) -> None:
    """A search before the first night is told apart from a search that finds nobody."""
    with reading(directory.engine) as connection, pytest.raises(NotFound):
        search(connection, Wanted("martin"))
