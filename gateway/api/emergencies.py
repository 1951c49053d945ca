"""Break-glass at the door: a read that states it is made in an emergency sees what that emergency opened, and nothing else does."""

from contracts.actor import Actor, Purpose
from contracts.gateway.emergencies import BreakGlass
from contracts.refusals import Refused
from gateway.api import record
from gateway.api.doors import Doors
from gateway.api.metrics import EMERGENCY_READS
from gateway.office.refusals import NO_EMERGENCY
from gateway.office.store import emergencies


async def in_emergency(doors: Doors, actor: Actor, what: str) -> Actor:
    """The actor as this read sees them: with another area if they say that there is an emergency; Refused if there is none.

    It was opened by the very same, in nobody else's place, and no role sees more by it than those that may open one.
    """
    if actor.purpose is not Purpose.EMERGENCY:
        return actor
    now = doors.clock.now()
    found = await doors.transact(
        lambda connection: emergencies.open_of(connection, actor.id, actor.people, now), area=doors.settings.county
    )
    if found is None:
        await record.refused(doors, actor, what, NO_EMERGENCY)
        raise Refused(NO_EMERGENCY)
    EMERGENCY_READS.inc()
    roles = actor.roles & BreakGlass.spec.roles
    return actor.model_copy(update={"area": found.opened_area, "roles": roles, "emergency": found.id})
