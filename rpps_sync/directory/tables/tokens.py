"""What tokens told, how it was judged, and what was erased of it: personal data (docs/privacy.md)."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Date, Index, Integer, String, Table, Text

from rpps_sync.directory.tables.base import METADATA, Instant, text

# Claims of one practitioner as one application saw them, unchanged from first_seen to last_seen.
OBSERVATIONS = Table(
    "observations",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    text("national_id"),
    text("source"),
    Column("scope", String(16), nullable=False),
    Column("trust", String(16), nullable=False),
    Column("claims", Text, nullable=False),  # JSON of rpps_sync.directory.observations, compared values only
    Column("first_seen", Date, nullable=False),
    Column("last_seen", Date, nullable=False),
    Column("occurrences", Integer, nullable=False),
    Index("ix_observations_national_id_source", "national_id", "source", "first_seen"),
)

# Differences with their life; what both sides agree on is counted in `comparisons`, not stored here.
FINDINGS = Table(
    "findings",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("national_id", Text, nullable=False, index=True),
    text("source"),
    Column("field", String(48), nullable=False),
    text("element"),
    Column("verdict", String(32), nullable=False, index=True),
    Column("stale_side", String(16), nullable=False),
    text("claim_value"),
    text("directory_value"),
    Column("since", Date),
    Column("first_seen", Date, nullable=False),
    Column("last_seen", Date, nullable=False),
    Column("occurrences", Integer, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("resolved_by", String(16), nullable=False),
    Column("lag_days", Integer),
    Column("severity", String(16), nullable=False),
    Column("confidence", String(16), nullable=False),
    text("registration_authority"),
    Column("evidence", JSON, nullable=False),
)

# How the fields of one practitioner at one application were judged, last time: {verdict: count}.
COMPARISONS = Table(
    "comparisons",
    METADATA,
    text("national_id", primary_key=True),
    text("source", primary_key=True),
    Column("publication_seq", Integer, nullable=False),
    Column("by_verdict", JSON, nullable=False),
    sqlite_with_rowid=False,
)

# The life of each finding, event by event; confirmations are counted in `findings`, not told one by one.
FINDING_EVENTS = Table(
    "finding_events",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("finding_id", String(16), nullable=False, index=True),
    Column("national_id", Text, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("event", String(16), nullable=False),  # opened, changed, acknowledged, resolved, reopened
    Column("verdict", String(32), nullable=False),
    text("by"),  # who acknowledged it; empty for the program itself
    text("because"),
    Column("resolved_by", String(16), nullable=False),
    Column("lag_days", Integer),
)

# Observations already taken in, so that the same one twice counts once. All that grows with logins: kept small.
INTAKE = Table(
    "intake",
    METADATA,
    Column("day", Date, primary_key=True),  # of the observation: a purge cuts off one end
    Column("digest", BigInteger, primary_key=True, autoincrement=False),  # see rpps_sync.psc.intake
    sqlite_with_rowid=False,
)

# How many lines each application sent, by the day they came in and what became of them.
INTAKE_COUNTS = Table(
    "intake_counts",
    METADATA,
    text("source", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("fate", String(16), primary_key=True),  # attested, verified, duplicate or refused
    Column("reason", String(32), primary_key=True),  # of a refusal, else empty
    Column("lines", Integer, nullable=False),
    Column("last_seen", Date),  # the last day one of the observations was made
    sqlite_with_rowid=False,
)

# What was erased, when, and on whose word; it never says about whom.
ERASURES = Table(
    "erasures",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("action", String(16), nullable=False),  # forget, purge, pseudonymise
    text("by"),
    text("because"),
    Column("before", Date),  # of a purge: what was last seen before that day went
    Column("removed", JSON, nullable=False),  # rows by table, and files
)

# One row when the identifiers that tokens told are kept as pseudonyms; none when they are in clear.
PRIVACY = Table(
    "privacy",
    METADATA,
    Column("key_check", String(32), primary_key=True),  # tells the key from another; the key itself is nowhere
    Column("since", Instant, nullable=False),
)
