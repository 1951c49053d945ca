"""Whether this process lives, and what works now."""

import asyncio
import time
from dataclasses import dataclass, field

import sqlalchemy as sa
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from chassis.execution import Call
from chassis.ids import new_id
from chassis.rpc import ServiceAway
from contracts.actor import Actor
from contracts.catalogue import SOURCES
from contracts.messages import View
from contracts.refusals import UNKNOWN_MESSAGE, Refused
from gateway.api.doors import Doors
from gateway.api.operation import OPEN, Operation, Visit

PATIENCE = 1.0
LOOK_EVERY = 0.5


class Live(View):
    """This process answers."""

    state: str


class Ready(View):
    """`ready`: all works; `degraded`: what is never blocked is taken in; `away`: not even that. Parts: `up` or `away`."""

    state: str
    parts: dict[str, str]


@dataclass
class Look:
    """What was last found, so that asking often costs nothing."""

    found: Ready | None = None
    at: float = 0.0
    one: asyncio.Lock = field(default_factory=asyncio.Lock)


def operations() -> list[Operation]:
    """Health and metrics; none of them tells anything about a person."""
    look = Look()

    async def ready(visit: Visit) -> Response:
        found = await _look(visit.doors, look)
        return JSONResponse(found.model_dump(), 503 if found.state == "away" else 200)

    return [
        Operation("health.live", "GET", "/health/live", 200, "Whether this process lives.", "operations",
                  _live, OPEN, open=True, answer=Live),
        Operation("health.ready", "GET", "/health/ready", 200,
                  "What works now. 200 as long as care can be taken in (law L3), even with a service away.",
                  "operations", ready, OPEN, open=True, answer=Ready, also={503: Ready}),
        Operation("metrics", "GET", "/metrics", 200, "For Prometheus.", "operations",
                  _metrics, OPEN, open=True, gives="text/plain"),
    ]  # fmt: skip


async def _live(visit: Visit) -> Response:
    return JSONResponse({"state": "live"})


async def _metrics(visit: Visit) -> Response:
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _look(doors: Doors, look: Look) -> Ready:
    async with look.one:
        if look.found is None or time.monotonic() - look.at > LOOK_EVERY:
            names = ("database", *SOURCES)
            up = await asyncio.gather(_database(doors), *(_service(doors, name) for name in SOURCES))
            parts = {name: "up" if well else "away" for name, well in zip(names, up, strict=True)}
            state = "ready" if all(up) else "degraded" if up[0] else "away"
            look.found, look.at = Ready(state=state, parts=parts), time.monotonic()
        return look.found


async def _database(doors: Doors) -> bool:
    try:
        return bool(await doors.transact(lambda connection: connection.scalar(sa.text("select true"))))
    except Refused:
        return False


async def _service(doors: Doors, name: str) -> bool:
    """A service that refuses a question nobody knows is there to refuse it."""
    call = Call(
        id=new_id(),
        name=f"{name}.are_you_there",
        body={},
        actor=Actor.system("gateway", doors.settings.county),
        deadline=doors.clock.now().timestamp() + PATIENCE,
    )
    try:
        reply = await doors.services.call(name, call)
    except ServiceAway:
        return False
    return reply.refusal is not None and reply.refusal["code"] == UNKNOWN_MESSAGE.code
