"""Who may ask over HTTP, what the scheduler did, and what somebody has to be told."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Date, Index, Integer, String, Table

from rpps_sync.directory.tables.base import METADATA, Instant, text

# A key of the API, as the digest of its secret part; the secret itself is shown once and never kept.
API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String(16), primary_key=True),  # the public part of the key
    text("name"),  # of the application or the person who has it
    Column("digest", String(64), nullable=False),  # SHA-256 of the whole key, hexadecimal
    Column("scopes", String(64), nullable=False),  # comma-separated
    text("source"),  # the application as which it may tell claims; empty for keys without that scope
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("rate_per_minute", Integer),  # None: that of the settings; 0: no limit
    Column("daily_quota", Integer),  # requests a day (UTC); None: that of the settings; 0: no limit
)

# How many requests each key made, by day.
API_USAGE = Table(
    "api_usage",
    METADATA,
    Column("key_id", String(16), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("last_used", Instant, nullable=False),
)

# What the resident scheduler did, or should have done and did not.
JOB_RUNS = Table(
    "job_runs",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job", String(64), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),  # None while it runs
    Column("outcome", String(16), nullable=False),  # running, done, later, failed, missed, stopped
    Column("exit_code", Integer),
    text("message"),
    Index("ix_job_runs_job_started_at", "job", "started_at"),
)

# Something that somebody must know, from the moment it is seen until it is over: one row for each cause and time.
INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("cause", String(32), nullable=False, index=True),
    Column("opened_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("symptoms", JSON, nullable=False),  # of the last time it was seen
    Column("reminders", Integer, nullable=False),
    Column("told_at", Instant, nullable=False),  # when somebody was last told of it
)

# Reports that are to be mailed: which, never what they say. Delivered once, or tried again.
LETTERS = Table(
    "letters",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("edition", String(16), nullable=False),  # night, week or month
    Column("reference", String(64), nullable=False),  # the run, or the last day of the period
    Column("language", String(2), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),  # None: delivered, or given up
    Column("delivered_at", Instant),
    text("failure"),  # of the last attempt
)

# The outbox: what is to be told, through which channel; a row is delivered once, or tried again.
NOTIFICATIONS = Table(
    "notifications",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident_id", Integer, nullable=False, index=True),
    Column("channel", String(16), nullable=False),  # webhook or mail
    Column("event", String(16), nullable=False),  # opened, reminder, closed
    Column("created_at", Instant, nullable=False),
    Column("message", JSON, nullable=False),  # rpps_sync.alerts.message.Message
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),  # None: delivered, or given up
    Column("delivered_at", Instant),
    text("failure"),  # of the last attempt
)

# A subscriber of the change feed. Its secret is nowhere: it is made of a key that the database does not hold.
WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", String(16), primary_key=True),
    text("name"),  # of the application that listens
    text("url"),
    Column("choice", JSON, nullable=False),  # rpps_sync.directory.choice.Choice: which changes
    Column("cursor", BigInteger, nullable=False),  # of the last change that arrived or was left out
    Column("secret_version", Integer, nullable=False),  # one more each time the secret is replaced
    Column("key_check", String(32), nullable=False),  # tells the key of the secret from another
    Column("former_until", Instant),  # until then the secret before this one signs too
    Column("created_at", Instant, nullable=False),
    text("created_by"),
    Column("state", String(16), nullable=False),  # active, disabled
    Column("failures", Integer, nullable=False),  # in a row
    Column("failing_since", Instant),
    text("failure"),  # of the last attempt
    Column("next_at", Instant, nullable=False),  # not tried before
    Column("delivered_at", Instant),
    Column("lease", String(16), nullable=False),  # of whoever delivers now; empty: nobody
    Column("lease_until", Instant),  # then another may take over
)
