"""Whether this database is still the one in which its epoch was given out, or has been restored from a backup since.

A service that went on in a restored database would number new events like those that were lost with the old one, and
every listener would take them for repetitions.
"""

import sqlalchemy as sa

from chassis.schema import epoch

PRESENT = sa.text("""
    select 'stream'::regclass::oid as stream_oid, (select timeline_id from pg_control_checkpoint()) as timeline,
           (select system_identifier from pg_control_system()) as system_identifier
""")
"""A dump that is loaded makes its tables anew; a server that recovers to a point in time begins a new timeline."""


class DatabaseRestored(Exception):
    """The service must not go on before an operator has said what was lost."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the database of {name} was restored from a backup: run `kith ops restored {name}` first")
        self.name = name


def stamp(connection: sa.Connection) -> None:
    """This database is the one that the present epoch belongs to."""
    connection.execute(sa.update(epoch).values(**connection.execute(PRESENT).one()._mapping))


def restored(connection: sa.Connection) -> bool:
    """Whether the database is another than the one that was stamped; the first look stamps it."""
    present = connection.execute(PRESENT).one()
    known = connection.execute(sa.select(epoch.c.stream_oid, epoch.c.timeline, epoch.c.system_identifier)).one()
    if known.stream_oid is None:
        stamp(connection)
        return False
    return tuple(known) != tuple(present)


def check(connection: sa.Connection, name: str) -> None:
    """DatabaseRestored if it is another. For the start of every process that writes."""
    if restored(connection):
        raise DatabaseRestored(name)
