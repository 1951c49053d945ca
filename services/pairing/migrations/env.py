"""Run by alembic: brings the pairing database up."""

from chassis.migrating import run_migrations

run_migrations()
