"""Takes from the services' role the right to rewrite recorded events and to remove the head of the record."""

from chassis.migrating import keep_what_was_recorded

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    keep_what_was_recorded()
