"""Worklists: what each registration authority has to correct, and whose users carry late tokens.

A list that leaves the house says nothing that comes from the token alone (its values, the places it names, the
days it was seen, the application), unless the operator asks for it: see docs/data-protection.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rpps_sync.comparison.fields import PROFESSION, SKILL, STRUCTURE
from rpps_sync.comparison.wording import labelled
from rpps_sync.finding import Finding, StaleSide, Verdict
from rpps_sync.formulas import harmless
from rpps_sync.identifiers import rpps_of
from rpps_sync.reporting.corrections import acronym_of, advice_for, channel_of
from rpps_sync.reporting.words import Words

Names = Mapping[str, tuple[str, str]]  # family and given name in the directory, by national identifier
Places = Mapping[str, str]  # name of a structure in the directory, by its technical identifier
Row = dict[str, str]
_TO_CORRECT = frozenset({Verdict.DIRECTORY_STALE, Verdict.CONFLICT})
_SETS = frozenset({STRUCTURE, PROFESSION})


@dataclass(frozen=True, slots=True)
class Worklist:
    """What one authority has to correct, or what one application shows."""

    name: str  # acronym of the authority, or the application; empty for none
    rows: tuple[Row, ...]
    advice: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """A name that every file system takes."""
        return re.sub(r"[^A-Za-z0-9._-]+", "-", self.name).strip("-.") or "sans-autorite"


def by_authority(
    findings: Iterable[Finding], names: Names, places: Places, language: str, *, claims: bool
) -> list[Worklist]:
    """What the directory has to correct or to check, a list per authority, longest first.

    Args:
        findings: standing ones.
        names: of the people concerned, as published.
        places: names of the structures concerned, as published.
        language: ``fr`` or ``en``.
        claims: whether to tell what comes from the token alone.
    """
    lists: defaultdict[str, list[Row]] = defaultdict(list)
    for finding in findings:
        if finding.judgement.verdict in _TO_CORRECT:
            acronym = acronym_of(finding.judgement.registration_authority)
            lists[acronym].append(
                _authority_row(finding, acronym, (names, places), Words(language), claims=claims)
            )
    told = (Worklist(name, _distinct(rows)) for name, rows in lists.items())
    return sorted(told, key=lambda item: (-len(item.rows), item.name))


def by_application(
    findings: Iterable[Finding],
    names: Names,
    places: Places,
    medians: Mapping[str, int | None],
    language: str,
    *,
    claims: bool,
) -> list[Worklist]:
    """Whose users carry late tokens, a list per application, with the advice that fits.

    Args:
        findings: standing ones.
        names: of the people concerned, as published.
        places: names of the structures concerned, as published.
        medians: days that half of the tokens of an application take to follow the directory.
        language: ``fr`` or ``en``.
        claims: whether to tell what comes from the token alone.
    """
    lists: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.judgement.stale_side is StaleSide.TOKEN:
            lists[finding.judgement.source].append(finding)
    told = []
    for name, found in lists.items():
        departed = sum(item.judgement.verdict is Verdict.DEPARTED_PRACTITIONER for item in found)
        advice = advice_for(
            departed=departed, late=len(found) - departed, median_days=medians.get(name), language=language
        )
        rows = [_application_row(item, (names, places), Words(language), claims=claims) for item in found]
        told.append(Worklist(name, _distinct(rows), tuple(advice)))
    return sorted(told, key=lambda item: (-len(item.rows), item.name))


def to_csv(rows: Sequence[Row], columns: Sequence[str] = ()) -> bytes:
    """A file for Excel in French: UTF-8 with its mark, semicolons, no cell that computes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(rows[0] if rows else columns)
    writer.writerows([harmless(cell) for cell in row.values()] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _authority_row(
    finding: Finding, acronym: str, known: tuple[Names, Places], words: Words, *, claims: bool
) -> Row:
    judgement = finding.judgement
    names, places = known
    return {
        words("worklist.authority"): judgement.registration_authority,
        **_person(judgement.national_id, names, words),
        words("worklist.field"): words.known("field", judgement.field),
        **_told(finding, places, words, claims=claims),
        words("worklist.todo"): words(_todo(finding)),
        words("worklist.channel"): channel_of(acronym, judgement.field, words.language),
    } | (_claimed(finding, places, words) if claims else {})


def _todo(finding: Finding) -> str:
    judgement = finding.judgement
    missing = "" if judgement.directory_value else "_missing"
    return f"worklist.{judgement.verdict}{missing}"


def _application_row(finding: Finding, known: tuple[Names, Places], words: Words, *, claims: bool) -> Row:
    judgement = finding.judgement
    names, places = known
    return {
        **_person(judgement.national_id, names, words),
        words("worklist.verdict"): words.known("verdict", str(judgement.verdict)),
        words("worklist.field"): words.known("field", judgement.field),
        **_told(finding, places, words, claims=claims),
    } | (_claimed(finding, places, words) if claims else {})


def _person(national_id: str, names: Names, words: Words) -> Row:
    family, given = names.get(national_id, ("", ""))
    return {
        words("worklist.rpps"): rpps_of(national_id) or national_id,
        words("worklist.family_name"): family,
        words("worklist.given_name"): given,
    }


def _element(finding: Finding, *, claims: bool) -> str:
    """Which structure or skill; one that only the token names is its own affair."""
    judgement = finding.judgement
    if judgement.field == SKILL and not claims:
        return judgement.element.partition("/")[0]  # the profession: the rest is the token's skill
    from_token = judgement.field in _SETS and not judgement.directory_value
    return "" if from_token and not claims else judgement.element


def _told(finding: Finding, places: Places, words: Words, *, claims: bool) -> Row:
    """Which element, and what is published of it: as codes, and in words beside them."""
    judgement = finding.judgement
    element, published = _element(finding, claims=claims), judgement.directory_value
    return {
        words("worklist.element"): element,
        words("worklist.element_words"): _element_in_words(element, places),
        words("worklist.published"): published,
        words("worklist.published_words"): _in_words(judgement.field, published, places),
    }


def _element_in_words(element: str, places: Places) -> str:
    """An element is a structure, a profession, or a profession and a skill (10/SM54)."""
    if element in places:
        return places[element]
    profession, _, skill = element.partition("/")
    parts = (_in_words(PROFESSION, profession, places), _in_words(SKILL, skill, places))
    return ", ".join(part for part in parts if part)


def _in_words(field: str, value: str, places: Places) -> str:
    """The label of a code or the name of a structure; empty where the value says it all."""
    told = places.get(value, "") if field == STRUCTURE else labelled(field, value)
    return "" if told == value else told


def _claimed(finding: Finding, places: Places, words: Words) -> Row:
    judgement = finding.judgement
    return {
        words("worklist.claim"): judgement.claim_value,
        words("worklist.claim_words"): _in_words(judgement.field, judgement.claim_value, places),
        words("worklist.source"): judgement.source,
        words("worklist.since"): judgement.since.isoformat() if judgement.since else "",
        words("worklist.last_seen"): finding.last_seen.isoformat(),
    }


def _distinct(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Two applications that saw the same yield one line."""
    return tuple({tuple(row.values()): row for row in rows}.values())
