"""The directory, its history, its ledgers, the observations and the findings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "activities",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("profession", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pharmacist_section", sa.Text(), nullable=False),
        sa.Column("registration_authority", sa.Text(), nullable=False),
        sa.Column("structure_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "national_id",
            "profession",
            "category",
            "mode",
            "sector",
            "role",
            "kind",
            "pharmacist_section",
            "registration_authority",
            "structure_id",
            name=op.f("pk_activities"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_activities_structure_id", "activities", ["structure_id"], unique=False)
    op.create_table(
        "authorisations",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("national_id", "type", "discipline", name=op.f("pk_authorisations")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cards",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=False),
        sa.Column("opposed_on", sa.Text(), nullable=False),
        sa.Column("updated_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "national_id",
            "number",
            "type",
            "valid_from",
            "valid_until",
            "opposed_on",
            "updated_on",
            name=op.f("pk_cards"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "changes",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("publication_seq", sa.Integer(), nullable=False),
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_changes")),
    )
    op.create_index(op.f("ix_changes_publication_seq"), "changes", ["publication_seq"], unique=False)
    op.create_table(
        "comparisons",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("publication_seq", sa.Integer(), nullable=False),
        sa.Column("by_verdict", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("national_id", "source", name=op.f("pk_comparisons")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "departures",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("departed_seq", sa.Integer(), nullable=False),
        sa.Column("last_professions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("national_id", name=op.f("pk_departures")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "diplomas",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("national_id", "type", "code", name=op.f("pk_diplomas")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exercises",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("profession", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("exercise_civility", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("national_id", "profession", "category", name=op.f("pk_exercises")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=48), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("stale_side", sa.String(length=16), nullable=False),
        sa.Column("claim_value", sa.Text(), nullable=False),
        sa.Column("directory_value", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("resolved_by", sa.String(length=16), nullable=False),
        sa.Column("lag_days", sa.Integer(), nullable=True),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.String(length=16), nullable=False),
        sa.Column("registration_authority", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_national_id"), "findings", ["national_id"], unique=False)
    op.create_index(op.f("ix_findings_status"), "findings", ["status"], unique=False)
    op.create_index(op.f("ix_findings_verdict"), "findings", ["verdict"], unique=False)
    op.create_table(
        "former_versions",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("from_seq", sa.Integer(), nullable=False),
        sa.Column("until_seq", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("national_id", "from_seq", name=op.f("pk_former_versions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "freshness",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("objective", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("observed", sa.Text(), nullable=False),
        sa.Column("limit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "objective", name=op.f("pk_freshness")),
    )
    op.create_table(
        "intake",
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_intake")),
    )
    op.create_index(op.f("ix_intake_day"), "intake", ["day"], unique=False)
    op.create_table(
        "labels",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("from_seq", sa.Integer(), nullable=False),
        sa.Column("until_seq", sa.Integer(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("system", "code", "from_seq", name=op.f("pk_labels")),
    )
    op.create_table(
        "mailboxes",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("paperless", sa.Text(), nullable=False),
        sa.Column("structure_id_type", sa.Text(), nullable=False),
        sa.Column("structure_identifier", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "national_id",
            "address",
            "service",
            "paperless",
            "structure_id_type",
            "structure_identifier",
            "name",
            name=op.f("pk_mailboxes"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "observations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
    )
    op.create_index(
        "ix_observations_national_id_source", "observations", ["national_id", "source", "first_seen"], unique=False
    )
    op.create_table(
        "practitioners",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("id_type", sa.Text(), nullable=False),
        sa.Column("rpps", sa.Text(), nullable=False),
        sa.Column("civility", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("known_since", sa.Integer(), nullable=False),
        sa.Column("last_changed", sa.Integer(), nullable=False),
        sa.Column("held_since", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("national_id", name=op.f("pk_practitioners")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_because", sa.Text(), nullable=True),
        sa.Column("practitioners", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("seq", name=op.f("uq_publications_seq")),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("publication_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_run_id"), "quarantine", ["run_id"], unique=False)
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_started_at"), "runs", ["started_at"], unique=False)
    op.create_table(
        "skills",
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("profession", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("national_id", "profession", "category", "type", "code", name=op.f("pk_skills")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "structure_mailboxes",
        sa.Column("structure_identifier", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("paperless", sa.Text(), nullable=False),
        sa.Column("structure_id_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "structure_identifier",
            "address",
            "service",
            "paperless",
            "structure_id_type",
            "name",
            name=op.f("pk_structure_mailboxes"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "structures",
        sa.Column("structure_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("technical_id", sa.Text(), nullable=False),
        sa.Column("former_id", sa.Text(), nullable=False),
        sa.Column("finess", sa.Text(), nullable=False),
        sa.Column("finess_legal", sa.Text(), nullable=False),
        sa.Column("siret", sa.Text(), nullable=False),
        sa.Column("siren", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trade_name", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("street_number", sa.Text(), nullable=False),
        sa.Column("street_repetition", sa.Text(), nullable=False),
        sa.Column("street_type", sa.Text(), nullable=False),
        sa.Column("street_type_label", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("distribution", sa.Text(), nullable=False),
        sa.Column("cedex", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("commune_label", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("country_label", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("department_label", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("phone2", sa.Text(), nullable=False),
        sa.Column("fax", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("structure_id", name=op.f("pk_structures")),
    )
    op.create_index("ix_structures_technical_id", "structures", ["technical_id"], unique=False)
    _sort_text_by_code_point()


def _sort_text_by_code_point() -> None:
    """Text sorts and compares as on SQLite, whatever the locale of the server: cursors and pages rely on it."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    inspector = sa.inspect(bind)
    for table in inspector.get_table_names():
        texts = [column for column in inspector.get_columns(table) if isinstance(column["type"], sa.String)]
        changes = (
            f'ALTER COLUMN "{column["name"]}" TYPE {column["type"].compile(bind.dialect)} COLLATE "C"'
            for column in texts
        )
        if texts:
            op.execute(f'ALTER TABLE "{table}" {", ".join(changes)}')


def downgrade() -> None:
    """Remove every table."""
    op.drop_index("ix_structures_technical_id", table_name="structures")
    op.drop_table("structures")
    op.drop_table("structure_mailboxes")
    op.drop_table("skills")
    op.drop_index(op.f("ix_runs_started_at"), table_name="runs")
    op.drop_table("runs")
    op.drop_index(op.f("ix_quarantine_run_id"), table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("publications")
    op.drop_table("practitioners")
    op.drop_index("ix_observations_national_id_source", table_name="observations")
    op.drop_table("observations")
    op.drop_table("mailboxes")
    op.drop_table("labels")
    op.drop_index(op.f("ix_intake_day"), table_name="intake")
    op.drop_table("intake")
    op.drop_table("freshness")
    op.drop_table("former_versions")
    op.drop_index(op.f("ix_findings_verdict"), table_name="findings")
    op.drop_index(op.f("ix_findings_status"), table_name="findings")
    op.drop_index(op.f("ix_findings_national_id"), table_name="findings")
    op.drop_table("findings")
    op.drop_table("exercises")
    op.drop_table("diplomas")
    op.drop_table("departures")
    op.drop_table("comparisons")
    op.drop_index(op.f("ix_changes_publication_seq"), table_name="changes")
    op.drop_table("changes")
    op.drop_table("cards")
    op.drop_table("authorisations")
    op.drop_index("ix_activities_structure_id", table_name="activities")
    op.drop_table("activities")
