"""What `outbox.write` puts down: envelopes that say where they stand, in the order in which they were recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis import outbox
from chassis.addresses import owner_url
from chassis.database import Database
from chassis.fingerprint import DatabaseRestored
from chassis.outbox import NUMBERS, Recorded
from chassis.runtime import Runtime
from chassis.service import Service
from contracts.envelope import Envelope
from tests.support.hosting import BARE, fresh, prepare_bare, runtimes, settings_for
from tests.support.operating import leaving

AT = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
ROWS = sa.text("select event_id, subject, epoch, sequence, type, traceparent, body from outbox order by id")


@pytest.fixture(scope="module")
def bare(database_server: str, namespace: str) -> Iterator[Runtime]:
    settings = settings_for(database_server, fresh(f"{namespace}write"))
    prepare_bare(settings, BARE)
    with runtimes(settings, [Service(name=BARE)]) as found:
        yield found[BARE]


@pytest.fixture(autouse=True)
def empty(bare: Runtime) -> None:
    as_owner(bare, "truncate outbox, stream")
    as_owner(bare, "update epoch set number = 1, stream_oid = null")


def as_owner(runtime: Runtime, statement: str) -> None:
    engine = sa.create_engine(owner_url(runtime.settings, BARE))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def write(runtime: Runtime, *subjects: UUID, source: str = "/kith/990101/bare", cause: str | None = None) -> None:
    with runtime.database.begin() as connection:
        outbox.write(connection, source, [Recorded(leaving(each), cause, None, "trace") for each in subjects], AT)


def written(runtime: Runtime) -> list[Envelope]:
    """Each row's envelope, after a look whether row and envelope say the same."""
    with runtime.database.begin() as connection:
        rows = connection.execute(ROWS).all()
    found = [Envelope.model_validate_json(row.body) for row in rows]
    for row, envelope in zip(rows, found, strict=True):
        said = (
            envelope.id,
            envelope.subject,
            envelope.epoch,
            envelope.sequence,
            envelope.type,
            envelope.traceparent,
        )
        assert said == tuple(row)[:-1]
    return found


def test_events_are_numbered_per_subject_in_the_order_in_which_they_were_recorded(bare: Runtime) -> None:
    drawn, subjects = Random(3), [uuid4() for _ in range(7)]
    recorded = [[drawn.choice(subjects) for _ in range(size)] for size in (1, 40, 3, 200)]
    for batch in recorded:
        write(bare, *batch)
    found = written(bare)
    assert [envelope.subject for envelope in found] == [str(each) for batch in recorded for each in batch]
    for subject in map(str, subjects):
        places = [envelope.sequence for envelope in found if envelope.subject == subject]
        assert places == list(range(1, len(places) + 1))
    with bare.database.begin() as connection:
        streams = dict(map(tuple, connection.execute(sa.text("select subject, sequence from stream")).all()))
    assert streams == {each: sum(e.subject == each for e in found) for each in streams}


def test_the_epoch_of_the_moment_is_written(bare: Runtime) -> None:
    subject = uuid4()
    write(bare, subject)
    as_owner(bare, "update epoch set number = 12")
    write(bare, subject)
    assert [envelope.epoch for envelope in written(bare)] == [1, 12]


def test_text_that_looks_like_the_numbers_is_left_alone(bare: Runtime) -> None:
    write(bare, uuid4(), source=f"/{NUMBERS}", cause=NUMBERS)
    [envelope] = written(bare)
    assert (envelope.source, envelope.causationid) == (f"/{NUMBERS}", NUMBERS)
    assert (envelope.epoch, envelope.sequence) == (1, 1)


def test_nothing_is_written_into_tables_that_a_backup_made_anew(bare: Runtime) -> None:
    as_owner(bare, "update epoch set stream_oid = 1")
    with pytest.raises(DatabaseRestored):
        write(bare, uuid4())
    assert written(bare) == []


def test_a_relay_that_cannot_be_woken_is_no_fault_of_the_command(bare: Runtime) -> None:
    away = Database(bare.database.url.set(port=1))
    away.poke()
    away.close()
