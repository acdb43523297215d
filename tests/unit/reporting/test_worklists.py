import csv
import io
from dataclasses import replace
from datetime import date

import pytest

from extract_builder import national_id, rpps
from rpps_sync.finding import Finding, FindingStatus, Judgement, Severity, Verdict
from rpps_sync.reporting.corrections import channel_of
from rpps_sync.reporting.worklists import Published, by_application, by_authority, to_csv

NAMES = {national_id(1): ("EXEMPLE", "=CAMILLE")}
PLACES = {"F990000001": "CLINIQUE INVENTEE"}
PUBLISHED = Published(NAMES, PLACES, date(2026, 12, 9))
STALE = Judgement(
    national_id(1),
    "dpi-secret",
    "activity.mode",
    "F990000001",
    Verdict.DIRECTORY_STALE,
    "TOKENVALUE",
    "S",
    date(2026, 11, 3),
    Severity.MEDIUM,
    "CNOI/CNOI/ARS",
    {},
)

LEFT = replace(STALE, field="practitioner", element="", verdict=Verdict.DEPARTED_PRACTITIONER)


def finding(judgement: Judgement) -> Finding:
    """A standing finding of somebody seen in November."""
    return Finding(judgement, date(2026, 11, 3), date(2026, 11, 9), 2, FindingStatus.OPEN)


def text_of(judgement: Judgement, *, claims: bool = False) -> str:
    """The whole file of the one authority."""
    (worklist,) = by_authority([finding(judgement)], PUBLISHED, "fr", claims=claims)
    return to_csv(worklist.rows).decode("utf-8-sig")


def test_list_for_an_authority_says_who_what_and_by_which_way() -> None:
    """French headers, the published value, the Order's own way of correction."""
    (row,) = csv.DictReader(io.StringIO(text_of(STALE)), delimiter=";")
    assert (row["RPPS"], row["Nom d’exercice"], row["Donnée"]) == (rpps(1), "EXEMPLE", "mode d’exercice")
    assert (row["Élément"], row["Valeur publiée"]) == ("F990000001", "S")
    assert (row["Élément en clair"], row["Valeur publiée en clair"]) == ("CLINIQUE INVENTEE", "Salarié")
    assert row["Voie de correction"] == "conseil de l’Ordre où le professionnel est inscrit"


@pytest.mark.parametrize(
    "judgement",
    [
        STALE,
        replace(STALE, field="activity.structure", element="TOKENVALUE", directory_value=""),
        replace(STALE, field="skill", element="10/TOKENVALUE", verdict=Verdict.CONFLICT),
    ],
)
def test_nothing_that_only_the_token_said_leaves_the_house(judgement: Judgement) -> None:
    """Neither its value, nor a place or a skill it alone names, nor when and where it was seen."""
    said = text_of(judgement)
    assert not [word for word in ("TOKENVALUE", "dpi-secret", "2026-11") if word in said]
    asked = text_of(judgement, claims=True)
    assert all(word in asked for word in ("TOKENVALUE", "dpi-secret", "2026-11-03", "2026-11-09"))


def test_file_opens_in_a_french_excel_and_computes_nothing() -> None:
    """A byte order mark, semicolons, CRLF, and a name that looks like a formula stays a name."""
    (worklist,) = by_authority([finding(STALE)], PUBLISHED, "fr", claims=False)
    content = to_csv(worklist.rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == 2
    assert b";'=CAMILLE;" in content


def test_same_correction_seen_by_two_applications_is_asked_once() -> None:
    """The authority is not asked twice because two applications noticed."""
    other = replace(STALE, source="pui")
    (worklist,) = by_authority([finding(STALE), finding(other)], PUBLISHED, "en", claims=False)
    assert len(worklist.rows) == 1


def test_value_that_one_application_shows_to_be_old_is_not_also_to_be_checked() -> None:
    """The authority reads one instruction on one value: the firmest, in the place of the first."""
    unsure = replace(STALE, source="pui", verdict=Verdict.CONFLICT)
    for found in ([STALE, unsure], [unsure, STALE]):
        (worklist,) = by_authority([finding(item) for item in found], PUBLISHED, "en", claims=False)
        assert [row["To do"] for row in worklist.rows] == ["update: the published value is old"]
    (asked,) = by_authority([finding(item) for item in (STALE, unsure)], PUBLISHED, "en", claims=True)
    assert len(asked.rows) == 2


def test_lines_of_one_person_stay_together() -> None:
    """A clerk opens a file once: the gravest line of each person decides where theirs stand."""
    other = replace(STALE, national_id=national_id(2), field="activity.sector")
    last = replace(STALE, field="activity.role", severity=Severity.LOW)
    (worklist,) = by_authority([finding(item) for item in (STALE, other, last)], PUBLISHED, "en", claims=False)
    assert [row["RPPS"] for row in worklist.rows] == [rpps(1), rpps(1), rpps(2)]


def test_published_values_are_cited_with_their_day() -> None:
    """The licence asks for it wherever they go."""
    assert text_of(STALE).endswith(
        ";Annuaire Santé (ANS), publication du 9\xa0décembre\xa02026, Licence Ouverte 2.0\r\n"
    )


def test_identity_and_departure_are_told_in_words() -> None:
    """Neither the name of an element nor that of a state of ours is a clerk's affair."""
    stranger = replace(STALE, field="practitioner", element="identity", directory_value="EXEMPLE, ANA")
    assert ";identity;identité derrière le numéro;EXEMPLE, ANA;" in text_of(stranger)
    (worklist,) = by_application([finding(LEFT)], PUBLISHED, {}, "fr", claims=False)
    assert worklist.rows[0]["Valeur publiée en clair"] == "sorti de l’annuaire le 3\xa0novembre\xa02026"


def test_missing_value_is_told_as_missing() -> None:
    """Where nothing is published there is no value to contradict."""
    missing = replace(STALE, field="exercise.profession", directory_value="", verdict=Verdict.CONFLICT)
    assert "une valeur semble manquer" in text_of(missing)


def test_authorities_are_told_apart_and_nobody_is_asked_too_early() -> None:
    """One list an authority; a pending difference and a late token ask nothing of it."""
    none = replace(STALE, registration_authority="//", element="other")
    early = [replace(STALE, verdict=verdict) for verdict in (Verdict.PENDING, Verdict.TOKEN_STALE)]
    lists = by_authority([finding(item) for item in (STALE, none, *early)], PUBLISHED, "fr", claims=False)
    assert [(item.name, item.file_name) for item in lists] == [("", "sans-autorite"), ("CNOI", "CNOI")]


def test_professional_is_asked_first_for_what_they_can_mend_themselves() -> None:
    """Names of exercise and contacts on the RPPS+ portal, else the authority; an unknown one is an employer."""
    assert channel_of("CNOM", "contact.phone", "fr").startswith("le professionnel lui-même")
    assert channel_of("HOPITAL", "skill", "en").startswith("employer or RPPS+ manager")


@pytest.mark.parametrize(("median", "word"), [(None, "measured"), (1, "shorter sessions"), (9, "userinfo again")])
def test_application_reads_the_advice_that_fits_its_delay(median: int | None, word: str) -> None:
    """Departed people first; then shorter sessions, or reading userinfo again."""
    late = replace(STALE, verdict=Verdict.TOKEN_STALE)
    gone = replace(LEFT, evidence={"seen_since": True})
    found = [finding(item) for item in (late, gone, STALE)]
    (worklist,) = by_application(found, PUBLISHED, {"dpi-secret": median}, "en", claims=False)
    assert (worklist.name, len(worklist.rows)) == ("dpi-secret", 2)
    assert "left the directory" in worklist.advice[0]
    assert word in worklist.advice[1]


def test_account_of_somebody_who_left_and_fell_silent_is_to_be_closed() -> None:
    """Nobody is told that they still sign in."""
    (worklist,) = by_application([finding(LEFT)], PUBLISHED, {}, "en", claims=False)
    assert worklist.advice == (
        "Some accounts belong to people who left the directory and no longer sign in: close them.",
    )
