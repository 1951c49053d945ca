"""Every query of contracts that has a route as an HTTP operation."""

from starlette.responses import JSONResponse, Response

from chassis.access import refuse
from chassis.execution import Call
from chassis.ids import new_id
from chassis.rpc import ServiceAway
from chassis.tracing import child_of
from contracts.catalogue import QUERIES, owner
from contracts.messages import Query, Route
from contracts.refusals import UNAVAILABLE, Refused
from gateway.api import record
from gateway.api.emergencies import in_emergency
from gateway.api.messages import from_query
from gateway.api.operation import ASKS, Operation, Visit
from gateway.api.problems import traceparent
from gateway.api.sending import AWAY, refusal_in


def operations() -> list[Operation]:
    """One per query with a route; the others are for services only."""
    return [_operation(kind, kind.spec.route) for kind in QUERIES.values() if kind.spec.route]


def _operation(kind: type[Query], route: Route) -> Operation:
    spec = kind.spec

    async def endpoint(visit: Visit) -> Response:
        return await _ask(visit, kind)

    return Operation(
        spec.name,
        route.method,
        route.path,
        route.status,
        (kind.__doc__ or "").strip(),
        owner(spec.name),
        endpoint,
        ASKS | {409},
        spec.roles,
        message=kind,
        answer=spec.answer,
        sends=("Kith-Purpose",) if spec.purposes else (),
        deprecated=route.deprecated,
    )


async def _ask(visit: Visit, kind: type[Query]) -> Response:
    query, doors = from_query(visit, kind), visit.doors
    actor = await in_emergency(doors, visit.actor, kind.spec.name)
    if refusal := refuse(query, actor):
        if kind.spec.purposes:
            await record.refused(doors, actor, kind.spec.name, refusal)
        raise Refused(refusal)
    if kind.spec.purposes:
        doors.rates.file_read(actor.assisted_by or actor.id)
    call = Call(
        id=new_id(),
        name=kind.spec.name,
        body=query.model_dump(mode="json"),
        actor=actor,
        deadline=doors.clock.now().timestamp() + doors.settings.call_timeout,
        traceparent=child_of(traceparent(visit.request)),
    )
    try:
        reply = await doors.services.call(owner(kind.spec.name), call)
    except ServiceAway:
        raise Refused(UNAVAILABLE) from None
    if refusal := refusal_in(reply):
        raise Refused(UNAVAILABLE if refusal.status in AWAY else refusal)
    return JSONResponse(reply.answer)
