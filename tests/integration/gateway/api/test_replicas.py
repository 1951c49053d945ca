"""Several front doors share an allowance: whoever goes to all of them has it once, not once for each."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from chassis.rpc_asyncio import InProcessServices
from contracts.refusals import Refused
from gateway.api.doors import Doors
from gateway.api.rates import Allowance, Rates
from gateway.api.replicas import Presence
from tests.support.front_door import FrontDoor
from tests.support.waiting import eventually

ALLOWED = 60
THREE = 3


@pytest.fixture
def doors(door: FrontDoor) -> Iterator[list[Doors]]:
    """Three front doors over one database, beside the one that runs."""
    door.change("delete from replica")
    allowance = Allowance(requests=f"{ALLOWED}/minute")
    found = [Doors.of(door.settings, InProcessServices({}), rates=Rates(allowance)) for _ in range(THREE)]
    yield found
    for each in found:
        each.database.close()
    door.change("delete from replica")


def let_in(doors: list[Doors]) -> int:
    """How many requests of one actor are let in, when it goes from door to door."""
    actor, count = str(uuid4()), 0
    for number in range(ALLOWED * THREE):
        try:
            doors[number % THREE].rates.request(actor)
        except Refused:
            continue
        count += 1
    return count


async def look(doors: list[Doors], rounds: int = 2) -> list[Presence]:
    seen = [Presence(each) for each in doors]
    for _ in range(rounds):
        for each in seen:
            await each.look()
    return seen


def test_an_actor_that_goes_to_all_doors_has_its_allowance_once(doors: list[Doors]) -> None:
    asyncio.run(look(doors))
    assert {each.rates.replicas for each in doors} <= {THREE, THREE + 1}, "the running door may be among them"
    assert ALLOWED * 0.7 <= let_in(doors) <= ALLOWED


def test_control_without_knowing_of_each_other_it_has_it_three_times(doors: list[Doors]) -> None:
    assert let_in(doors) == ALLOWED * THREE


def test_a_door_that_is_silent_is_counted_no_longer(door: FrontDoor, doors: list[Doors]) -> None:
    async def silent() -> None:
        first, *_ = await look(doors)
        door.change("update replica set seen_at = now() - interval '20 seconds'")
        await first.look()

    asyncio.run(silent())
    assert doors[0].rates.replicas in (1, 2)


def test_what_counts_more_than_the_allowance_is_let_in_once_a_window(doors: list[Doors]) -> None:
    few = Rates(Allowance(requests="1/minute"), replicas=THREE)
    few.request("somebody")
    with pytest.raises(Refused):
        few.request("somebody")


def test_a_running_door_says_that_it_lives_and_how_many_do(door: FrontDoor) -> None:
    live = "select 1 from replica where seen_at > now() - interval '15 seconds'"
    eventually(lambda: door.rows(live), within=20, what="its row")
    with door.anybody() as http:
        assert "kith_gateway_replicas " in http.get("/metrics").text
