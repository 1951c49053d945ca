"""Alembic's entry; the chassis runs it."""

from chassis.migrating import run_migrations

run_migrations()
