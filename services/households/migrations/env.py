"""Run by alembic: brings the households database up."""

from chassis.migrating import run_migrations

run_migrations()
