"""What a search by name looks into (ADR 0006); an upgrade fills it for a directory that already has people."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; their content follows from the others (``rpps_sync.directory.search.postings``)."""
    on_server = op.get_bind().dialect.name == "postgresql"
    spelled = sa.Text(collation="C") if on_server else sa.Text()  # as bytes sort, on both databases
    op.create_table(
        "search_postings",
        sa.Column("term", spelled, nullable=False),
        sa.Column("block", spelled, nullable=False),
        sa.Column("people", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("term", "block", name=op.f("pk_search_postings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_words",
        sa.Column("word", spelled, nullable=False),
        sa.Column("reversed", spelled, nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_words_reversed", "search_words", ["reversed"], unique=False)
    if on_server:
        # Lists of numbers hardly compress, and every search reads some.
        op.execute("ALTER TABLE search_postings ALTER COLUMN people SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Remove them."""
    op.drop_table("search_words")
    op.drop_table("search_postings")
