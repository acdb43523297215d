"""The tables, as SQLAlchemy Core sees them; Alembic revisions create them (see ``alembic/versions``).

Keys are natural: a practitioner is a national identifier, a structure is the fingerprint of its content, so that
the same extract always yields the same rows, whatever the order of its lines. History is counted in *publication
sequence numbers* (``seq``): the first accepted publication is 1, the next 2.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class Instant(TypeDecorator[datetime]):
    """An instant, always in UTC: SQLite forgets the zone, PostgreSQL answers in that of the session."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002 - inherited
        """Store in UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002 - inherited
        """Read as UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, primary_key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=primary_key, nullable=False)


def _by_owner(column: str = "national_id") -> Index:
    """How a server finds rows whose key is the whole row: there it would be stored twice, so there is no such key.

    SQLite keeps the table in its key, and needs nothing beside.
    """
    return Index(None, column).ddl_if(dialect="postgresql")


# A practitioner (professionnel de santé) present in the publication being served.
PRACTITIONERS = Table(
    "practitioners",
    METADATA,
    _text("national_id", primary_key=True),
    _text("id_type"),
    _text("rpps"),
    _text("civility"),
    _text("family_name"),
    _text("given_name"),
    Column("fingerprint", BigInteger, nullable=False),  # of the whole document: unequal when anything changed
    Column("known_since", Integer, nullable=False),  # seq of the first publication of this presence
    Column("last_changed", Integer, nullable=False),  # seq of the publication that last changed the document
    Column("held_since", Integer),  # seq since which an unreadable line keeps the last good version
    Index("ix_practitioners_last_changed", "last_changed", "national_id"),  # who changed since: pages of a delta
    sqlite_with_rowid=False,
)

# A profession exercised in a category (exercice professionnel).
EXERCISES = Table(
    "exercises",
    METADATA,
    _text("national_id", primary_key=True),
    _text("profession", primary_key=True),
    _text("category", primary_key=True),
    _text("exercise_civility"),
    _by_owner(),
    sqlite_with_rowid=False,
)

# A savoir-faire, from the skills extract and from the activity lines together.
SKILLS = Table(
    "skills",
    METADATA,
    _text("national_id", primary_key=True),
    _text("profession", primary_key=True),
    _text("category", primary_key=True),
    _text("type", primary_key=True),
    _text("code", primary_key=True),
    _by_owner(),
    sqlite_with_rowid=False,
)

# A work situation (situation d'exercice).
ACTIVITIES = Table(
    "activities",
    METADATA,
    _text("national_id", primary_key=True),
    _text("profession", primary_key=True),
    _text("category", primary_key=True),
    _text("mode", primary_key=True),
    _text("sector", primary_key=True),
    _text("role", primary_key=True),
    _text("kind", primary_key=True),
    _text("pharmacist_section", primary_key=True),
    _text("registration_authority", primary_key=True),
    Column("structure_id", BigInteger, primary_key=True, autoincrement=False, nullable=False),  # 0: no structure
    Index("ix_activities_structure_id", "structure_id"),
    _by_owner(),
    sqlite_with_rowid=False,
)

STRUCTURE_FIELDS = (
    "technical_id",
    "former_id",
    "finess",
    "finess_legal",
    "siret",
    "siren",
    "name",
    "trade_name",
    "recipient",
    "location",
    "street_number",
    "street_repetition",
    "street_type",
    "street_type_label",
    "street",
    "distribution",
    "cedex",
    "postal_code",
    "commune",
    "commune_label",
    "country",
    "country_label",
    "department",
    "department_label",
    "phone",
    "phone2",
    "fax",
    "email",
)

# One way a place of activity is described; the same place corrected is another row.
STRUCTURES = Table(
    "structures",
    METADATA,
    Column("structure_id", BigInteger, primary_key=True, autoincrement=False),  # fingerprint of the fields
    *(_text(name) for name in STRUCTURE_FIELDS),
    Index("ix_structures_technical_id", "technical_id"),
    Index("ix_structures_former_id", "former_id"),  # this and the next four: places by one of their numbers
    Index("ix_structures_finess", "finess"),
    Index("ix_structures_finess_legal", "finess_legal"),
    Index("ix_structures_siret", "siret"),
    Index("ix_structures_siren", "siren"),
)

# To which organisation each description of a place belongs, and what it is found by; it follows from the
# structures (rpps_sync.directory.organizations). Names and towns are in normal form: upper case, no accents.
ORGANIZATIONS = Table(
    "organizations",
    METADATA,
    Column("structure_id", BigInteger, primary_key=True, autoincrement=False),
    _text("organization_id"),
    Column("known_since", Integer, nullable=False),  # seq of the publication that brought this description
    _text("name"),
    _text("trade_name"),
    _text("town"),
    _text("postal_code"),
    Index("ix_organizations_organization_id", "organization_id"),
    Index("ix_organizations_known_since", "known_since", "organization_id"),
    Index("ix_organizations_name", "name", "organization_id"),
    Index("ix_organizations_trade_name", "trade_name", "organization_id"),
    Index("ix_organizations_town", "town", "organization_id"),
    Index("ix_organizations_postal_code", "postal_code", "organization_id"),
)

DIPLOMAS = Table(
    "diplomas",
    METADATA,
    _text("national_id", primary_key=True),
    _text("type", primary_key=True),
    _text("code", primary_key=True),
    _by_owner(),
    sqlite_with_rowid=False,
)

AUTHORISATIONS = Table(
    "authorisations",
    METADATA,
    _text("national_id", primary_key=True),
    _text("type", primary_key=True),
    _text("discipline", primary_key=True),
    _by_owner(),
    sqlite_with_rowid=False,
)

# A secure mailbox (boîte MSSanté) of a practitioner.
MAILBOXES = Table(
    "mailboxes",
    METADATA,
    _text("national_id", primary_key=True),
    _text("address", primary_key=True),
    _text("service", primary_key=True),
    _text("paperless", primary_key=True),
    _text("structure_id_type", primary_key=True),
    _text("structure_identifier", primary_key=True),
    _text("name", primary_key=True),
    _by_owner(),
    Index("ix_mailboxes_address", "address"),  # whose mailbox is this?
    sqlite_with_rowid=False,
)

# A secure mailbox of an organisation.
STRUCTURE_MAILBOXES = Table(
    "structure_mailboxes",
    METADATA,
    _text("structure_identifier", primary_key=True),
    _text("address", primary_key=True),
    _text("service", primary_key=True),
    _text("paperless", primary_key=True),
    _text("structure_id_type", primary_key=True),
    _text("name", primary_key=True),
    _by_owner("structure_identifier"),
    sqlite_with_rowid=False,
)

# A professional card (CPS, CPF).
CARDS = Table(
    "cards",
    METADATA,
    _text("national_id", primary_key=True),
    _text("number", primary_key=True),
    _text("type", primary_key=True),
    _text("valid_from", primary_key=True),
    _text("valid_until", primary_key=True),
    _text("opposed_on", primary_key=True),
    _text("updated_on", primary_key=True),
    _by_owner(),
    Index("ix_cards_number", "number"),  # whose card is this?
    sqlite_with_rowid=False,
)

# The label of a code, as published; labels drift without the codes moving.
LABELS = Table(
    "labels",
    METADATA,
    _text("system", primary_key=True),  # the key of the coded column: 'profession', 'skill', 'mode'…
    _text("code", primary_key=True),
    Column("from_seq", Integer, primary_key=True, nullable=False),
    Column("until_seq", Integer),  # None: still the label
    _text("label"),
)

# Tombstones: who left, when, and their last professions; no other personal detail.
DEPARTURES = Table(
    "departures",
    METADATA,
    _text("national_id", primary_key=True),
    Column("departed_seq", Integer, nullable=False),
    _text("last_professions"),  # codes, comma-separated
    sqlite_with_rowid=False,
)

# What a practitioner's document was between two publications; the current one is in the tables above.
FORMER_VERSIONS = Table(
    "former_versions",
    METADATA,
    _text("national_id", primary_key=True),
    Column("from_seq", Integer, primary_key=True, nullable=False),
    Column("until_seq", Integer, nullable=False),  # seq of the publication that replaced or removed it
    Column("document", Text, nullable=False),  # JSON of rpps_sync.directory.documents, codes only
    sqlite_with_rowid=False,
)

# The change feed; seq is the durable cursor. The arrivals of a first publication, which are everybody, are kept by
# the hundred: such a row names nobody, ``element`` counts them, ``after`` lists them as JSON in the order of their
# cursors, of which ``seq`` is the last (see ``rpps_sync.directory.arrivals``).
CHANGES = Table(
    "changes",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("publication_seq", Integer, nullable=False, index=True),
    _text("national_id"),
    Column("kind", String(16), nullable=False),  # arrived, changed, departed, returned
    _text("field"),
    _text("element"),
    Column("before", Text),
    Column("after", Text),
)

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
    _text("detail"),
    _text("national_id"),
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

# Claims of one practitioner as one application saw them, unchanged from first_seen to last_seen.
OBSERVATIONS = Table(
    "observations",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _text("national_id"),
    _text("source"),
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
    _text("source"),
    Column("field", String(48), nullable=False),
    _text("element"),
    Column("verdict", String(32), nullable=False, index=True),
    Column("stale_side", String(16), nullable=False),
    _text("claim_value"),
    _text("directory_value"),
    Column("since", Date),
    Column("first_seen", Date, nullable=False),
    Column("last_seen", Date, nullable=False),
    Column("occurrences", Integer, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("resolved_by", String(16), nullable=False),
    Column("lag_days", Integer),
    Column("severity", String(16), nullable=False),
    Column("confidence", String(16), nullable=False),
    _text("registration_authority"),
    Column("evidence", JSON, nullable=False),
)

# How the fields of one practitioner at one application were judged, last time: {verdict: count}.
COMPARISONS = Table(
    "comparisons",
    METADATA,
    _text("national_id", primary_key=True),
    _text("source", primary_key=True),
    Column("publication_seq", Integer, nullable=False),
    Column("by_verdict", JSON, nullable=False),
    sqlite_with_rowid=False,
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
    _text("observed"),
    _text("limit"),
)

# The states of each objective through time: one row a change of state, whatever the number of assessments.
OBJECTIVE_STATES = Table(
    "objective_states",
    METADATA,
    _text("objective", primary_key=True),  # with its subject: 'feed.changes:CNOM'
    Column("since", Instant, primary_key=True, nullable=False),
    Column("until", Instant),  # None: it stands
    Column("state", String(16), nullable=False),  # ok, warn, error, no_data
    Column("link", String(16), nullable=False),  # producer, publisher, diffusion, us; empty when not known
    _text("observed"),  # in words, when it began
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
    _text("authority", primary_key=True),
    _text("profession", primary_key=True),
    Column("practitioners", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Observation lines already taken in, so that the same line twice counts once.
INTAKE = Table(
    "intake",
    METADATA,
    Column("digest", String(32), primary_key=True),  # hash of the line and its source; tells nothing by itself
    Column("day", Date, nullable=False, index=True),
    Column("refused", Boolean, nullable=False),
)

# Who is found by a term (rpps_sync.directory.search.terms): a block of people, as 32-bit little-endian numbers.
SEARCH_POSTINGS = Table(
    "search_postings",
    METADATA,
    _text("term", primary_key=True),
    _text("block", primary_key=True),
    Column("people", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# The words of all names, forwards and backwards: a word with a wrong keystroke keeps its first or second half.
SEARCH_WORDS = Table(
    "search_words",
    METADATA,
    _text("word", primary_key=True),
    Column("reversed", Text, nullable=False, index=True),
    sqlite_with_rowid=False,
)

# How many lines each application sent, by the day they came in and what became of them.
INTAKE_COUNTS = Table(
    "intake_counts",
    METADATA,
    _text("source", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("fate", String(16), primary_key=True),  # attested, verified, duplicate or refused
    Column("reason", String(32), primary_key=True),  # of a refusal, else empty
    Column("lines", Integer, nullable=False),
    Column("last_seen", Date),  # the last day one of the observations was made
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
    _text("by"),  # who acknowledged it; empty for the program itself
    _text("because"),
    Column("resolved_by", String(16), nullable=False),
    Column("lag_days", Integer),
)

# What was erased, when, and on whose word; it never says about whom.
ERASURES = Table(
    "erasures",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("action", String(16), nullable=False),  # forget, purge, pseudonymise
    _text("by"),
    _text("because"),
    Column("before", Date),  # of a purge: what was last seen before that day went
    Column("removed", JSON, nullable=False),  # rows by table, and files
)

# A key of the API, as the digest of its secret part; the secret itself is shown once and never kept.
API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String(16), primary_key=True),  # the public part of the key
    _text("name"),  # of the application or the person who has it
    Column("digest", String(64), nullable=False),  # SHA-256 of the whole key, hexadecimal
    Column("scopes", String(64), nullable=False),  # comma-separated
    _text("source"),  # the application as which it may tell claims; empty for keys without that scope
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
    _text("message"),
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
    _text("failure"),  # of the last attempt
)

# One row when the identifiers that tokens told are kept as pseudonyms; none when they are in clear.
PRIVACY = Table(
    "privacy",
    METADATA,
    Column("key_check", String(32), primary_key=True),  # tells the key from another; the key itself is nowhere
    Column("since", Instant, nullable=False),
)
