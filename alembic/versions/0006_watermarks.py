"""How far everybody was judged, in one row rather than in a million."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; until its row is written, the oldest comparison tells how far everybody was judged."""
    op.create_table(
        "watermarks",
        sa.Column(
            "name", sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql"), primary_key=True
        ),
        sa.Column("publication_seq", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop it: the next comparison starts from the oldest one again."""
    op.drop_table("watermarks")
