"""The door can be served in any thread, on any free port, ends when told, and two of them share one intake."""

import asyncio
import threading
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

import gateway
from chassis import migrating
from chassis.execution import Call, Reply
from chassis.rpc_asyncio import InProcessServices
from contracts.actor import Role
from gateway import serving
from gateway.api.delivery import Delivery
from gateway.api.doors import Doors
from gateway.api.order import Order
from gateway.api.sessions import actor_of
from gateway.office.store.accounts import Account
from tests.support.front_door import COUNTY, HERE, FrontDoor
from tests.support.hosting import settings_for


def test_a_second_door_answers_on_its_own_port_until_it_is_stopped(door: FrontDoor) -> None:
    second = serving.GatewayThread(door.settings, lambda: InProcessServices({}))
    second.start()
    assert second.url != door.url
    token = door.token(door.account(Role.AUDITOR)[0])
    with httpx.Client(base_url=second.url, trust_env=False, headers={"Authorization": f"Bearer {token}"}) as http:
        assert http.get("/v1/me").status_code == 200, "a session counts at every door"
        door_http = door.signed_in(token)
        door_http.delete("/v1/session")
        assert http.get("/v1/me").status_code == 401, "and its end as well"
        assert http.get("/health/ready").json()["state"] == "degraded"
    second.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{second.url}/health/live", trust_env=False)


def test_it_runs_in_the_callers_thread_until_the_event_is_set(door: FrontDoor) -> None:
    stop, said = threading.Event(), []
    bound = serving.listening(door.settings)
    port = bound.getsockname()[1]

    def ask() -> None:
        said.append(httpx.get(f"http://127.0.0.1:{port}/health/live", trust_env=False).json())
        stop.set()

    serving.run(
        door.settings, lambda: InProcessServices({}), stop, on=bound, serving=threading.Thread(target=ask).start
    )
    assert said == [{"state": "live"}]


def test_a_port_that_is_taken_is_said_at_once(door: FrontDoor) -> None:
    taken = door.settings.model_copy(update={"port": int(door.url.rsplit(":", 1)[1])})
    with pytest.raises(OSError, match="in use"):
        serving.GatewayThread(taken, lambda: InProcessServices({}))


def test_an_answer_does_not_wait_for_an_acknowledgement(door: FrontDoor) -> None:
    """Nagle's algorithm and delayed acknowledgements cost 40 ms an answer; the best of many shows whether they meet."""
    with door.anybody() as http:
        quickest = min(http.get("/health/live").elapsed for _ in range(50))
    assert quickest < timedelta(milliseconds=35)


class Noting(InProcessServices):
    """Carries out nothing and notes in which order it was asked to."""

    def __init__(self) -> None:
        super().__init__({})
        self.keys: list[str] = []

    async def call(self, service: str, call: Call) -> Reply:
        self.keys.append(str(call.idempotency_key))
        await asyncio.sleep(0)
        return Reply(answer={})


def test_two_deliveries_never_work_on_the_intake_at_once(database_server: str, namespace: str) -> None:
    settings = settings_for(database_server, f"{namespace}two", date(2026, 4, 15), county=COUNTY)
    migrating.create(settings, ["gateway"])
    migrating.upgrade(settings, "gateway", Path(str(gateway.__file__)).parent / "migrations")
    services = Noting()
    doors = Doors.of(settings, services)
    actor = actor_of(Account(uuid4(), "worker", ("village_worker",), HERE, None, active=True))
    sent = [str(number) for number in range(8)]

    async def deliver() -> list[int]:
        for key in sent:
            body = {"household_id": str(uuid4()), "purpose": "visits"}
            order = Order(
                name="households.withdraw_consent", body=body, actor=actor, idempotency_key=key, traceparent=""
            )
            await doors.transact(partial(doors.intake.keep, order=order, now=doors.clock.now()))
        return list(await asyncio.gather(*(Delivery(doors).round() for _ in range(4))))

    done = asyncio.run(deliver())
    doors.database.close()
    assert services.keys == sent, "each once, in order"
    assert sorted(done) == [0, 0, 0, len(sent)]
