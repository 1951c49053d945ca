"""The services of the bench, as data: one tells, one counts. Their SQL is what every peer does per event as well."""

from typing import Any

import sqlalchemy as sa

from chassis.service import Service, on
from chassis.work import Work
from contracts.codes import LeaveReason
from contracts.messages import Done
from contracts.pairing import HelperLeft, RecordHelperLeaving

INSERT = "insert into applied (event_id, subject, left_on) values ({}, {}, {})"
UPDATE = "update standing set applied = applied + 1, left_on = {} where subject = {}"
_INSERT = sa.text(INSERT.format(":event", ":subject", ":left_on"))
_UPDATE = sa.text(UPDATE.format(":left_on", ":subject"))
_THING = sa.text("insert into thing (id, area_code, note) values (gen_random_uuid(), :area, :note)")

POISON = LeaveReason.ILLNESS
"""An event with this reason is one that its reaction can never digest."""


class Indigestible(Exception):
    """What the reaction to a poison event raises."""


@on(HelperLeft)
def count(work: Work, event: HelperLeft) -> None:
    """One INSERT and one UPDATE per event, handed over for the end of the batch as measure does with its facts."""
    work.last(_write, _values(work, event))


@on(HelperLeft)
def count_each(work: Work, event: HelperLeft) -> None:
    """The same, each sent by itself, as a reaction must that reads what it has written."""
    _write(work, [_values(work, event)])


def _values(work: Work, event: HelperLeft) -> dict[str, Any]:
    if event.reason is POISON:
        raise Indigestible
    return {"event": work.causation, "subject": event.subject, "left_on": event.left_on}


def _write(work: Work, rows: list[dict[str, Any]]) -> None:
    work.connection.execute(_INSERT, rows)
    work.connection.execute(_UPDATE, rows)


COUNTING = Service(name="activities", reactions=(count,))
COUNTING_EACH = Service(name="activities", reactions=(count_each,))


def write(work: Work, command: RecordHelperLeaving) -> Done:
    """Writes a row and says nothing."""
    work.connection.execute(_THING, {"area": work.actor.area, "note": command.reason.value})
    return Done()


def write_and_tell(work: Work, command: RecordHelperLeaving) -> Done:
    """Writes the same row and records one event."""
    write(work, command)
    work.record(
        HelperLeft(
            helper_id=command.helper_id,
            area_code=work.actor.area,
            left_on=command.left_on,
            reason=command.reason,
        )
    )
    return Done()


TELLING = Service(name="pairing", commands={RecordHelperLeaving: write_and_tell})
SILENT = Service(name="pairing", commands={RecordHelperLeaving: write})
