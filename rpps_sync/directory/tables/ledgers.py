"""What was published, what ran, what the checks and the freshness objectives found."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from rpps_sync.directory.tables.base import METADATA, Instant, text

# Every publication the program looked at; only accepted ones have a seq.
PUBLICATIONS = Table(
    "publications",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("seq", Integer, unique=True),
    Column("status", String(16), nullable=False),  # published, refused
    Column("published_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("files", JSON, nullable=False),
    Column("metrics", JSON, nullable=False),  # volumes and fill rates, the baseline of later nights
    Column("reasons", JSON, nullable=False),  # of a refusal
    Column("accepted_by", Text),
    Column("accepted_because", Text),
    Column("practitioners", Integer),
)

RUNS = Table(
    "runs",
    METADATA,
    Column("run_id", String(64), primary_key=True),
    Column("started_at", Instant, nullable=False, index=True),
    Column("finished_at", Instant),
    Column("outcome", String(16), nullable=False),  # running until it ended; see RunSummary.outcome
    Column("summary", JSON, nullable=False),
    Column("step", String(32)),  # the last one begun; None for runs older than this column
    Column("heartbeat_at", Instant),  # when it began
    Column("host", Text),  # where the run is, or was
    Column("pid", Integer),
)

QUARANTINE = Table(
    "quarantine",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(64), nullable=False, index=True),
    Column("publication_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("line_number", Integer, nullable=False),
    Column("reason", String(32), nullable=False),
    text("detail"),
    text("national_id"),
    Column("raw", LargeBinary, nullable=False),  # the bytes of the line, without its end
    Column("cut", Boolean, nullable=False),  # raw is only its beginning
)

# Results of checks that neither passed nor were skipped, as they stand since the last publication looked at.
CHECK_STATES = Table(
    "check_states",
    METADATA,
    Column("name", String(96), primary_key=True),
    Column("file", String(32), primary_key=True),  # empty for checks of the publication as a whole
    Column("severity", String(16), nullable=False),
    Column("failing", BigInteger, nullable=False),
    Column("subjects", JSON, nullable=False),  # codes, columns or groups it names
    Column("first_seen", String(10), nullable=False),  # day of a publication
    Column("last_seen", String(10), nullable=False),
    Column("acknowledged_by", Text),
    Column("acknowledged_because", Text),
    Column("acknowledged_as", JSON(none_as_null=True)),  # severity, failing and subjects when it was
)

# How far something was done for everybody, as the sequence number of a publication.
WATERMARKS = Table(
    "watermarks",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("publication_seq", Integer, nullable=False),
)

# The state of each freshness objective as last assessed.
FRESHNESS = Table(
    "freshness",
    METADATA,
    Column("run_id", String(64), primary_key=True),
    Column("objective", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    text("observed"),
    text("limit"),
)

# The states of each objective through time: one row a change of state, whatever the number of assessments.
OBJECTIVE_STATES = Table(
    "objective_states",
    METADATA,
    text("objective", primary_key=True),  # with its subject: 'feed.changes:CNOM'
    Column("since", Instant, primary_key=True, nullable=False),
    Column("until", Instant),  # None: it stands
    Column("state", String(16), nullable=False),  # ok, warn, error, no_data
    Column("link", String(16), nullable=False),  # producer, publisher, diffusion, us; empty when not known
    text("observed"),  # in words, when it began
    Column("counted_from", Instant),  # the instant its age is counted from
    Column("warn_at", Instant),  # when it becomes a warning by itself, should nothing happen
    Column("error_at", Instant),
    Index("ix_objective_states_until", "until"),
)

# How many practitioners each registration authority's feed changed, publication after publication; none: no row.
# The row that names neither authority nor profession counts all practitioners, and says that they were counted.
FEED_CHANGES = Table(
    "feed_changes",
    METADATA,
    Column("publication_seq", Integer, primary_key=True, autoincrement=False, nullable=False),
    text("authority", primary_key=True),
    text("profession", primary_key=True),
    Column("practitioners", Integer, nullable=False),
    sqlite_with_rowid=False,
)
