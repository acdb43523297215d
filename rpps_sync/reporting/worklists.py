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
from datetime import date

from rpps_sync.comparison.fields import IDENTITY, PROFESSION, SKILL, STRUCTURE
from rpps_sync.comparison.wording import labelled
from rpps_sync.finding import Finding, StaleSide, Verdict
from rpps_sync.formulas import harmless
from rpps_sync.identifiers import rpps_of
from rpps_sync.reporting.corrections import acronym_of, advice_for, channel_of
from rpps_sync.reporting.words import Words

Row = dict[str, str]
_TO_CORRECT = frozenset({Verdict.DIRECTORY_STALE, Verdict.CONFLICT})
_FIRM = ("directory_stale", "directory_stale_missing")
_SETS = frozenset({STRUCTURE, PROFESSION})


@dataclass(frozen=True, slots=True)
class Published:
    """What the publication being served says of those whom findings speak of."""

    names: Mapping[str, tuple[str, str]]  # family and given name, by national identifier
    places: Mapping[str, str]  # name of a structure, by its technical identifier
    day: date | None = None  # of the publication


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
    findings: Iterable[Finding], published: Published, language: str, *, claims: bool
) -> list[Worklist]:
    """What the directory has to correct or to check, a list per authority, longest first.

    Args:
        findings: standing ones, gravest first.
        published: of the people and structures concerned.
        language: ``fr`` or ``en``.
        claims: whether to tell what comes from the token alone.
    """
    lists: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.judgement.verdict in _TO_CORRECT:
            lists[acronym_of(finding.judgement.registration_authority)].append(finding)
    words = Words(language)
    told = (
        Worklist(
            name, _asked_once((_authority_row(one, name, published, words, claims=claims) for one in found), words)
        )
        for name, found in lists.items()
    )
    return sorted(told, key=lambda item: (-len(item.rows), item.name))


def by_application(
    findings: Iterable[Finding],
    published: Published,
    medians: Mapping[str, int | None],
    language: str,
    *,
    claims: bool,
) -> list[Worklist]:
    """Whose users carry late tokens, a list per application, with the advice that fits.

    Args:
        findings: standing ones, gravest first.
        published: of the people and structures concerned.
        medians: days that half of the tokens of an application take to follow the directory.
        language: ``fr`` or ``en``.
        claims: whether to tell what comes from the token alone.
    """
    lists: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.judgement.stale_side is StaleSide.TOKEN:
            lists[finding.judgement.source].append(finding)
    told, words = [], Words(language)
    for name, found in lists.items():
        gone = [item for item in found if item.judgement.verdict is Verdict.DEPARTED_PRACTITIONER]
        at_work = sum(item.judgement.heads_the_list for item in gone)
        advice = advice_for(
            departed=at_work,
            forgotten=len(gone) - at_work,
            late=len(found) - len(gone),
            median_days=medians.get(name),
            language=language,
        )
        rows = (_application_row(item, published, words, claims=claims) for item in found)
        told.append(Worklist(name, _asked_once(rows, words), tuple(advice)))
    return sorted(told, key=lambda item: (-len(item.rows), item.name))


def to_csv(rows: Sequence[Row], columns: Sequence[str] = ()) -> bytes:
    """A file for Excel in French: UTF-8 with its mark, semicolons, no cell that computes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(rows[0] if rows else columns)
    writer.writerows([harmless(cell) for cell in row.values()] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _authority_row(finding: Finding, acronym: str, published: Published, words: Words, *, claims: bool) -> Row:
    judgement = finding.judgement
    return (
        {words("worklist.authority"): judgement.registration_authority}
        | _person(judgement.national_id, published, words)
        | {words("worklist.field"): words.known("field", judgement.field)}
        | _told(finding, published, words, claims=claims)
        | {
            words("worklist.todo"): words(_todo(finding)),
            words("worklist.channel"): channel_of(acronym, judgement.field, words.language),
        }
        | (_claimed(finding, published, words) if claims else {})
        | _cited(published, words)
    )


def _todo(finding: Finding) -> str:
    judgement = finding.judgement
    missing = "" if judgement.directory_value else "_missing"
    return f"worklist.{judgement.verdict}{missing}"


def _application_row(finding: Finding, published: Published, words: Words, *, claims: bool) -> Row:
    judgement = finding.judgement
    return (
        _person(judgement.national_id, published, words)
        | {
            words("worklist.verdict"): words.known("verdict", str(judgement.verdict)),
            words("worklist.field"): words.known("field", judgement.field),
        }
        | _told(finding, published, words, claims=claims)
        | (_claimed(finding, published, words) if claims else {})
        | _cited(published, words)
    )


def _person(national_id: str, published: Published, words: Words) -> Row:
    family, given = published.names.get(national_id, ("", ""))
    return {
        words("worklist.rpps"): rpps_of(national_id) or national_id,
        words("worklist.family_name"): family,
        words("worklist.given_name"): given,
    }


def _cited(published: Published, words: Words) -> Row:
    """The licence asks for the source and its date wherever published values go."""
    cited = words("worklist.citation", day=words.day(published.day)) if published.day else ""
    return {words("worklist.citation_column"): cited}


def _element(finding: Finding, *, claims: bool) -> str:
    """Which structure or skill; one that only the token names is its own affair."""
    judgement = finding.judgement
    if judgement.field == SKILL and not claims:
        return judgement.element.partition("/")[0]  # the profession: the rest is the token's skill
    from_token = judgement.field in _SETS and not judgement.directory_value
    return "" if from_token and not claims else judgement.element


def _told(finding: Finding, published: Published, words: Words, *, claims: bool) -> Row:
    """Which element, and what is published of it: as codes, and in words beside them."""
    judgement = finding.judgement
    element, value = _element(finding, claims=claims), judgement.directory_value
    in_words = _in_words(judgement.field, value, published)
    if judgement.verdict is Verdict.DEPARTED_PRACTITIONER:
        in_words = words("worklist.departed", day=words.day(judgement.since))  # the directory's own day
    return {
        words("worklist.element"): element,
        words("worklist.element_words"): (
            words("worklist.identity") if element == IDENTITY else _element_in_words(element, published)
        ),
        words("worklist.published"): value,
        words("worklist.published_words"): in_words,
    }


def _element_in_words(element: str, published: Published) -> str:
    """An element is a structure, a profession, or a profession and a skill (10/SM54)."""
    if element in published.places:
        return published.places[element]
    profession, _, skill = element.partition("/")
    parts = (_in_words(PROFESSION, profession, published), _in_words(SKILL, skill, published))
    return ", ".join(part for part in parts if part)


def _in_words(field: str, value: str, published: Published) -> str:
    """The label of a code or the name of a structure; empty where the value says it all."""
    told = published.places.get(value, "") if field == STRUCTURE else labelled(field, value)
    return "" if told == value else told


def _claimed(finding: Finding, published: Published, words: Words) -> Row:
    judgement = finding.judgement
    return {
        words("worklist.claim"): judgement.claim_value,
        words("worklist.claim_words"): _in_words(judgement.field, judgement.claim_value, published),
        words("worklist.source"): judgement.source,
        words("worklist.since"): judgement.since.isoformat() if judgement.since else "",
        words("worklist.last_seen"): finding.last_seen.isoformat(),
    }


def _asked_once(rows: Iterable[Row], words: Words) -> tuple[Row, ...]:
    """One line for what several applications saw, and all the lines of one person together.

    Where one of them shows that a value is old, nobody is asked to check it because another cannot tell.
    """
    todo, firm = words("worklist.todo"), {words(f"worklist.{key}") for key in _FIRM}
    once: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(value for name, value in row.items() if name != todo)
        if key not in once or row.get(todo) in firm:
            once[key] = row
    people: defaultdict[str, list[Row]] = defaultdict(list)
    for row in once.values():
        people[row[words("worklist.rpps")]].append(row)
    return tuple(row for theirs in people.values() for row in theirs)
