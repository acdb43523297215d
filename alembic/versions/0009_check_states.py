"""The standing results of checks: since when each has been so, and who said that it is known."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "check_states",
        sa.Column("name", sa.String(length=96), nullable=False),
        sa.Column("file", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("failing", sa.BigInteger(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("first_seen", sa.String(length=10), nullable=False),
        sa.Column("last_seen", sa.String(length=10), nullable=False),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_because", sa.Text(), nullable=True),
        sa.Column("acknowledged_as", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("name", "file", name=op.f("pk_check_states")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("check_states")
