"""Alembic's entry: the program hands over its own open connection, so a migration is one transaction of its."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
