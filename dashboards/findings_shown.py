"""Findings as people read them: who, what, which side is late, since when; and one with all its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from dashboards import pieces
from dashboards.coded import in_words
from dashboards.pieces import Column, Text
from dashboards.wording import Words
from rpps_sync.finding import Finding, FindingStatus
from rpps_sync.identifiers import rpps_of
from rpps_sync.reporting.lights import verdict_light
from rpps_sync.reporting.model import Light


def show_findings(words: Words, found: Iterable[Finding], caption: str, *, of_one_person: bool = False) -> None:
    """A table of findings, each with a way to its evidence."""
    who = () if of_one_person else (Column(words("findings.who")),)
    columns = (
        Column(words("findings.verdict")),
        *who,
        Column(words("findings.field")),
        Column(words("findings.claim")),
        Column(words("findings.directory")),
        Column(words("findings.since"), "day"),
        Column(words.app("finding.source")),
    )
    rows = (_row(words, one, of_one_person=of_one_person) for one in found)
    pieces.table(caption, columns, rows)


def _row(words: Words, finding: Finding, *, of_one_person: bool) -> tuple[Text, ...]:
    judgement = finding.judgement
    verdict = words.known("verdict", judgement.verdict)
    to_it = pieces.link("tokens", words.language, verdict, finding=judgement.id)
    person = judgement.national_id
    who = () if of_one_person else (_person(words, person),)
    mark = pieces.mark(_light(finding), to_it)
    if finding.status is not FindingStatus.OPEN:
        mark = pieces.below(mark, words.known("app.finding_status", finding.status))
    return (
        mark,
        *who,
        words.known("field", judgement.field),
        value(words, judgement.field, judgement.claim_value),
        value(words, judgement.field, judgement.directory_value),
        words.day(judgement.since or finding.first_seen),
        judgement.source,
    )


def _person(words: Words, national_id: str) -> Markup:
    return pieces.link("practitioner", words.language, rpps_of(national_id) or national_id, id=national_id)


def _light(finding: Finding) -> Light:
    if finding.status is FindingStatus.RESOLVED:
        return Light.OK
    return Light.NONE if finding.status is FindingStatus.ACKNOWLEDGED else verdict_light(finding.judgement.verdict)


def value(words: Words, field: str, text: str) -> str:
    """A value of one side; those of the practitioner as a whole are words of ours."""
    if not text:
        return words("findings.empty")
    return words.known("app.presence", text) if field == "practitioner" else in_words(field, text)


def show_finding(words: Words, finding: Finding, name: str, events: Sequence[Mapping[str, Any]]) -> None:
    """One finding: what both sides said and when, what happened to it since."""
    judgement = finding.judgement
    verdict = words.known("verdict", judgement.verdict)
    field = "" if judgement.field == "practitioner" else f", {words.known('field', judgement.field)}"
    pieces.heading(words.app("finding.title", verdict=verdict, field=field))
    told = judgement.evidence.get("words", {}).get(words.language, "")
    meaning = words.known("meaning", judgement.verdict)
    pieces.message(_light(finding), told or meaning, meaning if told else "")
    pieces.facts(
        {
            words("findings.who"): Markup("{} {}").format(_person(words, judgement.national_id), name),
            words.app("finding.element"): judgement.element,
            words("findings.claim"): value(words, judgement.field, judgement.claim_value),
            words("findings.directory"): value(words, judgement.field, judgement.directory_value),
            words("findings.since"): words.day(judgement.since),
            words.app("finding.seen"): words.app(
                "finding.seen_between", first=words.day(finding.first_seen), last=words.day(finding.last_seen)
            ),
            words.app("finding.source"): judgement.source,
            words("findings.severity"): words.known("severity", judgement.severity),
            words("findings.corrects"): judgement.registration_authority,
            words.app("finding.status"): words.known("app.finding_status", finding.status),
            words.app("finding.id"): Markup("<code>{}</code>").format(judgement.id),
        }
    )
    for side in ("claim", "directory"):
        spans = judgement.evidence.get(side, [])
        if spans:
            _spans(words, judgement.field, words.app(f"finding.said_by_{side}"), spans)
    _events(words, events)


def _spans(words: Words, field: str, caption: str, spans: Sequence[Mapping[str, Any]]) -> None:
    columns = [Column(words.app(f"evidence.{name}")) for name in spans[0]]
    rows = (tuple(_cell(words, field, name, span.get(name)) for name in spans[0]) for span in spans)
    pieces.table(caption, columns, rows)


def _cell(words: Words, field: str, name: str, told: object) -> str:
    if isinstance(told, bool):
        return words.app("presence.present" if told else "presence.departed")
    if isinstance(told, list):
        return ", ".join(in_words(field, str(one)) for one in told) or words("findings.empty")
    return words.day(str(told)) if told and name in ("since", "first_seen", "last_seen") else str(told or "–")


def _events(words: Words, events: Sequence[Mapping[str, Any]]) -> None:
    columns = [Column(words.app(f"finding.{name}")) for name in ("at", "event", "by", "because")]
    rows = (
        (words.instant(one["at"]), words.known("app.event", one["event"]), one["by"] or "–", one["because"] or "–")
        for one in events
    )
    pieces.table(words.app("finding.history"), columns, rows)
