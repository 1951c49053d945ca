"""Alembic's entry for the gateway's database."""

from chassis.migrating import run_migrations

run_migrations()
