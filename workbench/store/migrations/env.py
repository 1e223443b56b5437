"""Alembic's entry: runs the migrations on the connection that `upgrade` hands over, in its transaction."""

from alembic import context

from workbench.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
