"""Several actors' commands are delivered at once, but never two of one actor, nor two about the same thing."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

import gateway
from chassis import migrating
from chassis.execution import Call, Reply
from chassis.rpc_asyncio import InProcessServices
from contracts.actor import Actor, Role
from gateway.api import delivery
from gateway.api.delivery import AT_ONCE, Round
from gateway.api.doors import Doors
from gateway.api.order import Order
from tests.support.front_door import COUNTY, HERE
from tests.support.hosting import fresh, settings_for

BODY = {"household_id": str(uuid4()), "purpose": "visits"}
SAID = {**BODY, "answer": "yes", "answered_on": "2026-04-14"}


class Held(InProcessServices):
    """Answers each call when the test says so, and notes how many were under way together."""

    def __init__(self) -> None:
        super().__init__({})
        self.begun: list[str] = []
        self.under_way: set[str] = set()
        self.most = 0
        self.together: list[frozenset[str]] = []
        self.let_go = asyncio.Event()

    async def call(self, service: str, call: Call) -> Reply:
        key = str(call.idempotency_key)
        self.begun.append(key)
        self.under_way.add(key)
        self.most = max(self.most, len(self.under_way))
        self.together.append(frozenset(self.under_way))
        await self.let_go.wait()
        await asyncio.sleep(0)
        self.under_way.discard(key)
        return Reply(answer={})


@pytest.fixture
def doors(database_server: str, namespace: str) -> Iterator[Doors]:
    settings = settings_for(database_server, fresh(f"{namespace}dlv"), date(2026, 4, 15), county=COUNTY)
    migrating.create(settings, ["gateway"])
    migrating.upgrade(settings, "gateway", Path(str(gateway.__file__)).parent / "migrations")
    found = Doors.of(settings, Held())
    yield found
    found.database.close()


def order(actor: str, key: str, name: str = "households.withdraw_consent", **body: str) -> Order:
    who = Actor(id=actor, roles=frozenset({Role.VILLAGE_WORKER}), area=HERE)
    return Order(name=name, body={**BODY, **body}, actor=who, idempotency_key=key, traceparent="")


def elsewhere() -> str:
    return str(uuid4())


async def keep(doors: Doors, *orders: Order) -> None:
    for one in orders:
        await doors.transact(partial(doors.intake.keep, order=one, now=doors.clock.now()))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def held(doors: Doors) -> Held:
    services = doors.services._services  # type: ignore[attr-defined]
    assert isinstance(services, Held)
    return services


def test_commands_of_different_people_are_delivered_at_once(doors: Doors) -> None:
    async def run() -> None:
        services = held(doors)
        services.let_go = asyncio.Event()
        await keep(doors, *(order(f"p{n}", f"k{n}", household_id=elsewhere()) for n in range(AT_ONCE * 2)))
        delivering = asyncio.create_task(Round(doors).run())
        await until(lambda: services.most == AT_ONCE)
        services.let_go.set()
        assert await delivering == AT_ONCE * 2

    asyncio.run(run())
    assert sorted(held(doors).begun) == sorted(f"k{n}" for n in range(AT_ONCE * 2)), "each once"


def test_the_commands_of_one_person_stay_in_order_one_at_a_time(doors: Doors) -> None:
    async def run() -> None:
        services = held(doors)
        services.let_go = asyncio.Event()
        services.let_go.set()
        await keep(doors, *(order(f"p{n % 3}", f"{n % 3}-{n:02}", household_id=elsewhere()) for n in range(30)))
        assert await Round(doors).run() == 30

    asyncio.run(run())
    services = held(doors)
    assert all(len({key[0] for key in seen}) == len(seen) for seen in services.together)
    for person in "012":
        mine = [key for key in services.begun if key[0] == person]
        assert mine == sorted(mine)


async def _yes_and_then_its_withdrawal(doors: Doors) -> Held:
    """A yes is under way when somebody else withdraws it."""
    services = held(doors)
    services.let_go = asyncio.Event()
    await keep(doors, order("one", "yes", "households.answer_consent", **SAID))
    delivering = asyncio.create_task(Round(doors).run())
    await until(lambda: "yes" in services.under_way)
    await keep(doors, order("two", "withdrawal"), order("three", "other", household_id=elsewhere()))
    await until(lambda: "other" in services.under_way)
    services.let_go.set()
    await delivering
    return services


def test_a_withdrawal_begins_only_after_the_yes_that_is_under_way(doors: Doors) -> None:
    services = asyncio.run(_yes_and_then_its_withdrawal(doors))
    assert not any({"yes", "withdrawal"} <= seen for seen in services.together)
    assert [key for key in services.begun if key != "other"] == ["yes", "withdrawal"]


def test_control_without_that_rule_both_are_under_way_together(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "_excluded", lambda kept, other: kept.actor_id == other.actor_id)
    services = asyncio.run(_yes_and_then_its_withdrawal(doors))
    assert any({"yes", "withdrawal"} <= seen for seen in services.together)
