"""Incidents and what is told of them, jobs of the resident scheduler, and signs of life of runs."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on every server, as on SQLite."""
    if length is None:
        return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    column = sa.Column("id", sa.Integer(), autoincrement=True, nullable=False)
    return column, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    """Create the tables, and the columns of `runs`."""
    op.add_column("runs", sa.Column("step", _text(32), nullable=True))
    op.add_column("runs", _instant("heartbeat_at", nullable=True))
    op.add_column("runs", sa.Column("host", _text(), nullable=True))
    op.add_column("runs", sa.Column("pid", sa.Integer(), nullable=True))
    op.create_table(
        "job_runs",
        *_id("job_runs"),
        sa.Column("job", _text(64), nullable=False),
        _instant("started_at"),
        _instant("finished_at", nullable=True),
        sa.Column("outcome", _text(16), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("message", _text(), nullable=False),
    )
    op.create_index("ix_job_runs_job_started_at", "job_runs", ["job", "started_at"])
    op.create_table(
        "incidents",
        *_id("incidents"),
        sa.Column("cause", _text(32), nullable=False),
        _instant("opened_at"),
        _instant("last_seen_at"),
        _instant("closed_at", nullable=True),
        sa.Column("symptoms", sa.JSON(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        _instant("told_at"),
    )
    op.create_index(op.f("ix_incidents_cause"), "incidents", ["cause"])
    op.create_table(
        "notifications",
        *_id("notifications"),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("channel", _text(16), nullable=False),
        sa.Column("event", _text(16), nullable=False),
        _instant("created_at"),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("next_at", nullable=True),
        _instant("delivered_at", nullable=True),
        sa.Column("failure", _text(), nullable=False),
    )
    op.create_index(op.f("ix_notifications_incident_id"), "notifications", ["incident_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("notifications")
    op.drop_table("incidents")
    op.drop_table("job_runs")
    for column in ("pid", "host", "heartbeat_at", "step"):
        op.drop_column("runs", column)
