"""The life of findings, event by event, and the ledger of what was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both ledgers."""
    text = _text()
    op.create_table(
        "finding_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("finding_id", sa.String(16, collation=_code_point()), nullable=False),
        sa.Column("national_id", text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(16, collation=_code_point()), nullable=False),
        sa.Column("verdict", sa.String(32, collation=_code_point()), nullable=False),
        sa.Column("by", text, nullable=False),
        sa.Column("because", text, nullable=False),
        sa.Column("resolved_by", sa.String(16, collation=_code_point()), nullable=False),
        sa.Column("lag_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_events")),
    )
    op.create_index(op.f("ix_finding_events_finding_id"), "finding_events", ["finding_id"], unique=False)
    op.create_index(op.f("ix_finding_events_national_id"), "finding_events", ["national_id"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(16, collation=_code_point()), nullable=False),
        sa.Column("by", text, nullable=False),
        sa.Column("because", text, nullable=False),
        sa.Column("before", sa.Date(), nullable=True),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )


def downgrade() -> None:
    """Remove both ledgers."""
    op.drop_table("erasures")
    op.drop_index(op.f("ix_finding_events_national_id"), table_name="finding_events")
    op.drop_index(op.f("ix_finding_events_finding_id"), table_name="finding_events")
    op.drop_table("finding_events")


def _text() -> sa.Text:
    return sa.Text(collation=_code_point())


def _code_point() -> str | None:
    """Text sorts as on SQLite, whatever the locale of the server."""
    return "C" if op.get_bind().dialect.name == "postgresql" else None
