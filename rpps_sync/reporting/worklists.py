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

from rpps_sync.finding import Finding, StaleSide, Verdict
from rpps_sync.formulas import harmless
from rpps_sync.identifiers import rpps_of
from rpps_sync.reporting.corrections import acronym_of, advice_for, channel_of
from rpps_sync.reporting.words import Words

Names = Mapping[str, tuple[str, str]]  # family and given name in the directory, by national identifier
Row = dict[str, str]
_TO_CORRECT = frozenset({Verdict.DIRECTORY_STALE, Verdict.CONFLICT})
_SETS = frozenset({"activity.structure", "exercise.profession"})


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


def by_authority(findings: Iterable[Finding], names: Names, language: str, *, claims: bool) -> list[Worklist]:
    """What the directory has to correct or to check, a list per authority, longest first.

    Args:
        findings: standing ones.
        names: of the people concerned, as published.
        language: ``fr`` or ``en``.
        claims: whether to tell what comes from the token alone.
    """
    lists: defaultdict[str, list[Row]] = defaultdict(list)
    for finding in findings:
        if finding.judgement.verdict in _TO_CORRECT:
            acronym = acronym_of(finding.judgement.registration_authority)
            lists[acronym].append(_authority_row(finding, acronym, names, Words(language), claims=claims))
    told = (Worklist(name, _distinct(rows)) for name, rows in lists.items())
    return sorted(told, key=lambda item: (-len(item.rows), item.name))


def by_application(
    findings: Iterable[Finding], names: Names, medians: Mapping[str, int | None], language: str, *, claims: bool
) -> list[Worklist]:
    """Whose users carry late tokens, a list per application, with the advice that fits.

    Args:
        findings: standing ones.
        names: of the people concerned, as published.
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
        rows = [_application_row(item, names, Words(language), claims=claims) for item in found]
        told.append(Worklist(name, _distinct(rows), tuple(advice)))
    return sorted(told, key=lambda item: (-len(item.rows), item.name))


def to_csv(rows: Sequence[Row], columns: Sequence[str] = ()) -> bytes:
    """A file for Excel in French: UTF-8 with its mark, semicolons, no cell that computes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(rows[0] if rows else columns)
    writer.writerows([harmless(cell) for cell in row.values()] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _authority_row(finding: Finding, acronym: str, names: Names, words: Words, *, claims: bool) -> Row:
    judgement = finding.judgement
    return {
        words("worklist.authority"): judgement.registration_authority,
        **_person(judgement.national_id, names, words),
        words("worklist.field"): words.known("field", judgement.field),
        words("worklist.element"): _element(finding, claims=claims),
        words("worklist.published"): judgement.directory_value,
        words("worklist.todo"): words(_todo(finding)),
        words("worklist.channel"): channel_of(acronym, judgement.field, words.language),
    } | (_claimed(finding, words) if claims else {})


def _todo(finding: Finding) -> str:
    judgement = finding.judgement
    missing = "" if judgement.directory_value else "_missing"
    return f"worklist.{judgement.verdict}{missing}"


def _application_row(finding: Finding, names: Names, words: Words, *, claims: bool) -> Row:
    judgement = finding.judgement
    return {
        **_person(judgement.national_id, names, words),
        words("worklist.verdict"): words.known("verdict", str(judgement.verdict)),
        words("worklist.field"): words.known("field", judgement.field),
        words("worklist.element"): _element(finding, claims=claims),
        words("worklist.published"): judgement.directory_value,
    } | (_claimed(finding, words) if claims else {})


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
    if judgement.field == "skill" and not claims:
        return judgement.element.partition("/")[0]  # the profession: the rest is the token's skill
    from_token = judgement.field in _SETS and not judgement.directory_value
    return "" if from_token and not claims else judgement.element


def _claimed(finding: Finding, words: Words) -> Row:
    judgement = finding.judgement
    return {
        words("worklist.claim"): judgement.claim_value,
        words("worklist.source"): judgement.source,
        words("worklist.since"): judgement.since.isoformat() if judgement.since else "",
        words("worklist.last_seen"): finding.last_seen.isoformat(),
    }


def _distinct(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Two applications that saw the same yield one line."""
    return tuple({tuple(row.values()): row for row in rows}.values())
