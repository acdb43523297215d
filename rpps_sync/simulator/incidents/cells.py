"""Cells of a wrong shape: numbers of structures, addresses, contacts, mailboxes, cards."""

from __future__ import annotations

import polars as pl

from rpps_sync.simulator.incidents.incident import CARDS, EVERYBODY, MAIL, PA, Incident
from rpps_sync.simulator.spoiling import on_lines, putting, some_of

_HAS_SIRET, _HAS_FINESS, _HAS_POSTAL = (pl.col(name) != "" for name in ("siret", "finess", "postal_code"))


def incidents() -> tuple[Incident, ...]:
    """The incidents of this family."""
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
            on_lines(PA, putting(EVERYBODY, phone="0199000000")),
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
