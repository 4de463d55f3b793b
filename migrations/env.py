"""Alembic's environment: revisions run on the connection, and in the transaction, that `migrations.runner` opened."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="revision",
    version_table_schema="access_private",
)
with context.begin_transaction():
    context.run_migrations()
