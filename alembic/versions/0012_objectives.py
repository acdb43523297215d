"""The states of freshness objectives through time, and the changes of each registration authority's feed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on every server, as on SQLite."""
    if length is None:
        return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables and the view; what stands of an objective is kept once from now on, not at each run."""
    op.create_table(
        "objective_states",
        sa.Column("objective", _text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", _text(16), nullable=False),
        sa.Column("link", _text(16), nullable=False),
        sa.Column("observed", _text(), nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("objective", "since", name=op.f("pk_objective_states")),
    )
    op.create_index("ix_objective_states_until", "objective_states", ["until"])
    op.create_table(
        "feed_changes",
        sa.Column("publication_seq", sa.Integer(), nullable=False),
        sa.Column("authority", _text(), nullable=False),
        sa.Column("profession", _text(), nullable=False),
        sa.Column("practitioners", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("publication_seq", "authority", "profession", name=op.f("pk_feed_changes")),
        sqlite_with_rowid=False,
    )

    op.execute(
        'CREATE VIEW v_freshness_change AS SELECT objective, state, "since" AS began_at, "until" AS ended_at,'
        " link, observed, warn_at, error_at FROM objective_states"
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP VIEW v_freshness_change")
    op.drop_table("feed_changes")
    op.drop_index("ix_objective_states_until", table_name="objective_states")
    op.drop_table("objective_states")
