"""Alembic's entry: runs migrations on the connection that the store hands in."""

from alembic import context

from serving.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
    transactional_ddl=False,  # the caller's transaction is the transaction
)
context.run_migrations()
