"""Incidents: what can go wrong with a publication, injected into a simulated one, and which check must tell.

Each one spoils the files of one day, after nights without trouble. It names the check that must speak, and how
gravely; ``benchmarks/quality.py`` proves that all of them are found, docs/quality-proof.md has the table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from rpps_sync.extracts.rules import department_of
from rpps_sync.publication import ExtractKind
from rpps_sync.simulator.spoiling import (
    Spoil,
    another,
    cut,
    dropped_column,
    header_with,
    in_all_labels,
    latin1,
    mojibake,
    new_column,
    newcomers,
    of_day,
    on_bytes,
    on_lines,
    one_in,
    people_gone,
    putting,
    registered_twice,
    renumbered,
    reordered,
    repeated,
    shifted,
    some_of,
    without,
    without_file,
)

PA, DIPL, SKILLS, MAIL, CARDS = ExtractKind


@dataclass(frozen=True, slots=True)
class Incident:
    """One fault, and what must be said of it."""

    name: str
    check: str  # that must speak
    severity: str  # how gravely
    spoil: Spoil
    later: dict[ExtractKind, timedelta] = field(default_factory=dict)  # files deposited after the others


_ALL = pl.lit(value=True)
_NURSE, _DOCTOR = pl.col("profession") == "60", pl.col("profession") == "10"
_HAS_SIRET, _HAS_FINESS, _HAS_POSTAL = (pl.col(name) != "" for name in ("siret", "finess", "postal_code"))
_FLAW = "Code commune (coord. structure)"
_TOWN = department_of(pl.col("commune")) == "69"


def incidents() -> tuple[Incident, ...]:
    """Every incident, in the order of the families of checks."""
    return (*_transport(), *_schema(), *_volume(), *_keys(), *_codes(), *_cells(), *_across())


def _transport() -> tuple[Incident, ...]:
    page = b"<!DOCTYPE html>\n<html><body>Veuillez patienter</body></html>\n"
    return (
        Incident("an HTML page instead of a file", "transport.header", "blocking", on_bytes(PA, lambda _: page)),
        Incident(
            "a compressed file not decompressed",
            "transport.header",
            "blocking",
            on_bytes(PA, lambda _: b"\x1f\x8b\x08" * 99),
        ),
        Incident("an empty file, its header alone", "rows.lines", "blocking", on_lines(PA, cut(0))),
        Incident("a file missing", "publication.files", "blocking", without_file(SKILLS)),
        Incident(
            "files deposited 30 hours apart",
            "publication.same-day",
            "blocking",
            lambda _, files: files,
            {DIPL: timedelta(hours=30)},
        ),
        Incident("the file of four days ago, byte for byte", "publication.rollback", "blocking", of_day(4)),
        Incident("the lines of four days ago, written again", "stability.flapping", "error", reordered),
        Incident("activities frozen, the other files go on", "volume.still", "warning", of_day(1, PA)),
        Incident("two days mixed: diplomas of five days ago", "publication.rollback", "blocking", of_day(5, DIPL)),
    )


def _schema() -> tuple[Incident, ...]:
    pipe, quote = (lambda line: line.replace(b"|", b"||", 1)), (lambda line: b'"' + line.replace(b"|", b'"|"', 1))
    return (
        Incident(
            "a column renamed", "transport.header", "blocking", on_bytes(PA, header_with(_FLAW, "Commune INSEE"))
        ),
        Incident("a column removed", "transport.header", "blocking", on_bytes(PA, dropped_column)),
        Incident(
            "two columns under one name",
            "transport.header",
            "blocking",
            on_bytes(PA, header_with("Code profession", "Code civilité")),
        ),
        Incident("a column nobody knows", "columns.unknown", "warning", on_bytes(PA, new_column)),
        Incident("cells shifted by one column", "volume.by-profession", "blocking", on_lines(PA, shifted)),
        Incident("Latin-1 bytes in the whole file", "quarantine.share", "blocking", on_bytes(PA, latin1)),
        Incident(
            "Latin-1 bytes in one line of 500",
            "quarantine.share",
            "warning",
            on_bytes(PA, one_in(500, lambda line: line.replace(b"|", b"\xe9|", 8))),
        ),
        Incident(
            "a NUL in one line of 500",
            "quarantine.share",
            "warning",
            on_bytes(PA, one_in(500, lambda line: line.replace(b"|", b"\0|", 8))),
        ),
        Incident(
            "one separator too many in one line of 50",
            "quarantine.share",
            "blocking",
            on_bytes(PA, one_in(50, pipe)),
        ),
        Incident("cells quoted in one line of 20", "keys.prefix", "blocking", on_bytes(PA, one_in(20, quote))),
        Incident(
            "the last line cut in its middle", "quarantine.share", "warning", on_bytes(PA, lambda data: data[:-90])
        ),
        Incident(
            "names decoded twice (mojibake), everybody",
            "text.damaged.text-damaged",
            "blocking",
            on_lines(PA, putting(_ALL, family_name=mojibake(pl.col("family_name")))),
        ),
        Incident(
            "names decoded twice in one batch",
            "text.damaged.text-damaged",
            "error",
            on_lines(DIPL, putting(some_of(0.005), family_name=mojibake(pl.col("family_name")))),
        ),
        Incident(
            "control characters in names",
            "text.damaged.text-damaged",
            "error",
            on_lines(
                PA, putting(some_of(0.005), given_name=pl.concat_str(pl.lit("\u0092"), pl.col("given_name")))
            ),
        ),
        Incident(
            "everybody's FINESS emptied", "filled.emptied", "blocking", on_lines(PA, putting(_ALL, finess=""))
        ),
        Incident(
            "everybody's telephone emptied", "filled.emptied", "blocking", on_lines(PA, putting(_ALL, phone=""))
        ),
        Incident(
            "every commune emptied",
            "filled.emptied",
            "blocking",
            on_lines(PA, putting(_ALL, commune="", commune_label="")),
        ),
        Incident(
            "given names emptied for 8 %",
            "filled.name.given_name",
            "error",
            on_lines(PA, putting(some_of(0.08), given_name="")),
        ),
        Incident(
            "professions emptied for 5 %",
            "filled.exercise.profession",
            "error",
            on_lines(PA, putting(some_of(0.05), profession="", profession_label="")),
        ),
        Incident(
            "card numbers emptied",
            "filled.card.card_number",
            "blocking",
            on_lines(CARDS, putting(_ALL, card_number="")),
        ),
        Incident(
            "addresses of mailboxes emptied",
            "filled.mailbox.address",
            "error",
            on_lines(MAIL, putting(some_of(0.2), address="")),
        ),
    )


def _volume() -> tuple[Incident, ...]:
    return (
        Incident("truncated at 99 %", "practitioners.departed", "error", on_lines(PA, cut(0.99))),
        Incident("truncated at 90 %", "volume.lines", "blocking", on_lines(PA, cut(0.9))),
        Incident("diplomas truncated at half", "volume.lines", "blocking", on_lines(DIPL, cut(0.5))),
        Incident("half of the mailboxes lost", "volume.lines", "blocking", on_lines(MAIL, cut(0.5))),
        Incident(
            "the cards of one in thirty lost", "volume.lines", "error", on_lines(CARDS, without(some_of(0.035)))
        ),
        Incident(
            "the end of the identifiers missing",
            "volume.beyond",
            "blocking",
            on_lines(PA, lambda lines: lines.sort("national_id").head(lines.height - 40)),
        ),
        Incident(
            "0.9 % of the people dropped from every file", "practitioners.departed", "error", people_gone(0.009)
        ),
        Incident(
            "3 % of the people dropped from every file", "practitioners.departed", "blocking", people_gone(0.03)
        ),
        Incident("one département lost", "volume.by-department", "blocking", on_lines(PA, without(_TOWN))),
        Incident(
            "one profession lost",
            "volume.by-profession",
            "blocking",
            on_lines(PA, without(pl.col("profession") == "40")),
        ),
        Incident(
            "half of one profession lost",
            "volume.by-profession",
            "blocking",
            on_lines(PA, without((pl.col("profession") == "21") & some_of(0.55))),
        ),
        Incident(
            "the feed of one authority lost",
            "volume.by-authority",
            "error",
            on_lines(PA, without(pl.col("registration_authority").str.starts_with("CNOP"))),
        ),
        Incident("12 % more lines overnight", "volume.lines", "warning", on_lines(PA, repeated(0.12))),
        Incident("one block of lines twice", "duplicates.share", "warning", on_lines(PA, repeated(0.05))),
        Incident("the whole file twice", "duplicates.share", "warning", on_lines(PA, repeated(1.0))),
        Incident(
            "one type of card vanished",
            "volume.vanished.card_type",
            "warning",
            on_lines(CARDS, putting(pl.col("card_type") == "CPF", card_type="CPS")),
        ),
    )


def _keys() -> tuple[Incident, ...]:
    identifier = pl.col("identifier")
    return (
        Incident("Luhn broken in one batch", "keys.rpps-luhn", "error", on_lines(PA, renumbered)),
        Incident(
            "RPPS numbers of ten digits",
            "keys.rpps-shape",
            "error",
            on_lines(
                PA,
                putting(
                    some_of(0.005),
                    identifier=identifier.str.slice(0, 10),
                    national_id=pl.concat_str(pl.lit("8"), identifier.str.slice(0, 10)),
                ),
            ),
        ),
        Incident(
            "two columns naming two people",
            "keys.prefix",
            "error",
            on_lines(PA, putting(some_of(0.005), identifier=identifier.str.reverse())),
        ),
        Incident(
            "a type of identifier that does not exist",
            "keys.type",
            "warning",
            on_lines(
                DIPL, putting(some_of(0.01), id_type="3", national_id=pl.concat_str(pl.lit("3"), identifier))
            ),
        ),
        Incident(
            "three identifiers passed to somebody else",
            "identity.reused",
            "error",
            on_lines(PA, lambda lines: another(lines, 0.003)),
        ),
        Incident(
            "a batch of identifiers passed to others",
            "identity.reused",
            "blocking",
            on_lines(PA, lambda lines: another(lines, 0.06)),
        ),
        Incident(
            "two names on the lines of one person",
            "identity.names",
            "error",
            on_lines(PA, lambda lines: pl.concat([lines, another(lines, 0.05).filter(some_of(0.05))])),
        ),
        Incident("people registered twice", "identity.twins", "warning", on_lines(PA, registered_twice)),
    )


def _codes() -> tuple[Incident, ...]:
    return (
        Incident(
            "a code renamed", "volume.by-profession", "blocking", on_lines(PA, putting(_NURSE, profession="6O"))
        ),
        Incident(
            "a code nobody knows on a few lines",
            "codes.unknown.category",
            "warning",
            on_lines(PA, putting(some_of(0.005), category="Z")),
        ),
        Incident(
            "codes in lower case",
            "codes.unknown.mode",
            "error",
            on_lines(PA, putting(_ALL, mode=pl.col("mode").str.to_lowercase())),
        ),
        Incident(
            "codes as decimal numbers",
            "codes.shapes",
            "warning",
            on_lines(PA, putting(some_of(0.05), profession=pl.concat_str("profession", pl.lit(".0")))),
        ),
        Incident("a label renamed", "labels.changed", "info", in_all_labels("Salarié", "Salariat")),
        Incident("six labels renamed", "labels.changed", "warning", in_all_labels("e", "é")),
        Incident(
            "two labels for one code",
            "labels.conflict",
            "warning",
            on_lines(PA, putting(some_of(0.1), profession_label="Autre libellé")),
        ),
        Incident(
            "a code retired by the nomenclature, everywhere",
            "codes.retired",
            "warning",
            on_lines(PA, putting(some_of(0.2), category="F", category_label="Fonctionnaire")),
        ),
        Incident(
            "4 % of the people change mode overnight",
            "codes.shifted",
            "warning",
            on_lines(PA, putting(some_of(0.06), mode="B", mode_label="Bénévole")),
        ),
        Incident(
            "1 % of the people change mode overnight",
            "codes.distribution",
            "warning",
            on_lines(PA, putting(some_of(0.018), mode="B", mode_label="Bénévole")),
        ),
        Incident(
            "skills without their type",
            "format.skill.skill-type",
            "error",
            on_lines(PA, putting(some_of(0.3), skill_type="", skill_type_label="")),
        ),
        Incident(
            "a third of the doctors without speciality",
            "format.rise",
            "error",
            on_lines(
                PA, putting(_DOCTOR & some_of(0.3), skill="", skill_type="", skill_label="", skill_type_label="")
            ),
        ),
    )


def _cells() -> tuple[Incident, ...]:
    siret, postal = pl.col("siret"), pl.col("postal_code")
    elsewhere = pl.when(postal.str.starts_with("7")).then(pl.lit("13001")).otherwise(pl.lit("75001"))
    return (
        Incident(
            "SIRET with a lost zero",
            "format.structure.siret",
            "error",
            on_lines(PA, putting(_HAS_SIRET & some_of(0.5), siret=siret.str.slice(1))),
        ),
        Incident(
            "SIRET with a wrong key",
            "format.structure.siret",
            "error",
            on_lines(PA, putting(_HAS_SIRET & some_of(0.3), siret=siret.str.reverse())),
        ),
        Incident(
            "SIREN of another company",
            "format.structure.siren",
            "error",
            on_lines(PA, putting((pl.col("siren") != "") & some_of(0.3), siren="552100554")),
        ),
        Incident(
            "FINESS with a lost zero",
            "format.structure.finess",
            "error",
            on_lines(PA, putting(_HAS_FINESS & some_of(0.3), finess=pl.col("finess").str.slice(1))),
        ),
        Incident(
            "FINESS with a wrong key",
            "format.rise",
            "error",
            on_lines(PA, putting(_HAS_FINESS & some_of(0.3), finess="100000000")),
        ),
        Incident(
            "postal codes as integers",
            "format.address.postal-code",
            "error",
            on_lines(PA, putting(_HAS_POSTAL, postal_code=postal.str.strip_chars_start("0"))),
        ),
        Incident(
            "postal codes as decimal numbers",
            "format.address.postal-code",
            "error",
            on_lines(
                PA, putting(_HAS_POSTAL & some_of(0.4), postal_code=pl.concat_str("postal_code", pl.lit(".0")))
            ),
        ),
        Incident(
            "postal codes of another département",
            "format.address.department",
            "error",
            on_lines(PA, putting(_HAS_POSTAL & some_of(0.2), postal_code=elsewhere)),
        ),
        Incident(
            "département column filled with another one",
            "format.address.department-column",
            "error",
            on_lines(PA, putting(pl.col("commune") != "", department="99")),
        ),
        Incident(
            "commune codes of four digits",
            "format.address.commune",
            "error",
            on_lines(
                PA, putting(some_of(0.2) & (pl.col("commune") != ""), commune=pl.col("commune").str.slice(1))
            ),
        ),
        Incident(
            "the telephone of one structure everywhere",
            "stability.rewritten",
            "blocking",
            on_lines(PA, putting(_ALL, phone="0199000000")),
        ),
        Incident(
            "the street of one structure for one in ten",
            "stability.rewritten",
            "error",
            on_lines(PA, putting(some_of(0.1), street="DE LA PAIX")),
        ),
        Incident(
            "telephones that cannot be dialled",
            "format.contact.phone",
            "warning",
            on_lines(PA, putting((pl.col("phone") != "") & some_of(0.3), phone="NC")),
        ),
        Incident(
            "registration authorities that name nobody",
            "format.authority.authority",
            "warning",
            on_lines(PA, putting(some_of(0.05), registration_authority="INCONNUE")),
        ),
        Incident(
            "mailboxes outside MSSanté",
            "format.mailbox.domain",
            "error",
            on_lines(MAIL, putting(some_of(0.2), address="camille@exemple.invalid")),
        ),
        Incident(
            "personal mailboxes without holder",
            "format.mailbox.holder",
            "error",
            on_lines(MAIL, putting(some_of(0.2), national_id="", identifier="", structure_identifier="199000000")),
        ),
        Incident(
            "cards that end before they begin",
            "format.card.dates",
            "error",
            on_lines(CARDS, lambda lines: lines.with_columns(valid_from="valid_until", valid_until="valid_from")),
        ),
        Incident(
            "dates of cards that cannot be read",
            "format.card.valid-until",
            "error",
            on_lines(CARDS, putting(some_of(0.1), valid_until="31/12/26")),
        ),
    )


def _across() -> tuple[Incident, ...]:
    return (
        Incident("skills of people who do not exist", "orphans.people", "blocking", on_lines(SKILLS, newcomers)),
        Incident(
            "diplomas of people lost from the activities",
            "orphans.people",
            "blocking",
            on_lines(PA, without(some_of(0.03))),
        ),
        Incident("mailboxes of holders who do not exist", "orphans.holders", "warning", on_lines(MAIL, newcomers)),
        Incident(
            "other names in the diplomas",
            "referential.names",
            "error",
            on_lines(DIPL, putting(some_of(0.05), family_name="AUTRE NOM")),
        ),
        Incident(
            "other professions in the skills",
            "referential.names",
            "error",
            on_lines(SKILLS, putting(some_of(0.3), profession="40")),
        ),
    )
