"""A small service with real contracts, hosted on the broker by `python -m tests.support.toy_service`."""

import sqlalchemy as sa

from chassis.service import Service, on
from chassis.work import Work
from contracts.actor import Actor
from contracts.codes import HelperKindCode
from contracts.messages import Done
from contracts.pairing import HelperLeft, HelperPage, HelperRow, ListHelpers, RecordHelperLeaving

SEEN = sa.text("insert into seen (subject, sequence, type) values (:subject, 0, :type)")


def record_leaving(work: Work, command: RecordHelperLeaving) -> Done:
    """Says the event, nothing else."""
    work.record(
        HelperLeft(
            helper_id=command.helper_id,
            area_code=work.actor.area,
            left_on=command.left_on,
            reason=command.reason,
        )
    )
    return Done()


def list_helpers(work: Work, query: ListHelpers) -> HelperPage:
    """One row that shows who asked."""
    row = HelperRow(
        helper_id="00000000-0000-7000-8000-000000000001",
        number="H1",
        kind=HelperKindCode.NEIGHBOUR,
        area_code=work.actor.area,
        capacity=query.limit,
        in_use=0,
        active=True,
        cleared_until=None,
    )
    return HelperPage(items=(row,), next_cursor=None)


@on(HelperLeft)
def note(work: Work, event: HelperLeft) -> None:
    """Leaves a trace that a test can count."""
    work.connection.execute(SEEN, {"subject": event.subject, "type": event.type})


TOY = Service(
    name="pairing",
    commands={RecordHelperLeaving: record_leaving},
    queries={ListHelpers: list_helpers},
    reactions=(note,),
)


def officer(area: str = "990101") -> Actor:
    """Who asks in the tests."""
    from contracts.actor import Role

    return Actor(id="officer", roles=frozenset({Role.TOWNSHIP_OFFICER}), area=area)


if __name__ == "__main__":
    import eventlet

    eventlet.monkey_patch()
    import signal
    import threading

    from chassis import logging
    from chassis.hosts import nameko
    from chassis.settings import Settings

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    logging.configure("info", "toy")
    nameko.serve(TOY, Settings(), stop)
