"""What many ask of the database at one moment is one transaction, in which nobody fails or sees for another."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.addresses import app_url
from chassis.database import SET_SCOPE, Database
from chassis.rpc_asyncio import InProcessServices
from contracts.refusals import NOT_FOUND, Refused
from gateway.api.doors import Doors
from tests.support.front_door import COUNTY, HERE, THERE, FrontDoor

SCOPE = sa.text("select coalesce(nullif(current_setting('kith.area', true), ''), 'none')")
TRANSACTION = sa.text("select pg_current_xact_id()::text")
Asked = tuple[Callable[[sa.Connection], Any], str | None]


def scope(connection: sa.Connection) -> Any:
    return connection.scalar(SCOPE)


def transaction(connection: sa.Connection) -> Any:
    return connection.scalar(TRANSACTION)


def refuses(connection: sa.Connection) -> Any:
    raise Refused(NOT_FOUND)


def breaks(connection: sa.Connection) -> Any:
    return connection.scalar(sa.text("select 1 / 0"))


def each(connection: sa.Connection, these: Sequence[Callable[[sa.Connection], Any]]) -> list[Any]:
    return [do(connection) for do in these]


def outcomes(door: FrontDoor, *asked: Asked) -> list[Any]:
    """What each of them gets, asked at the same moment."""
    doors = Doors.of(door.settings, InProcessServices({}))

    async def ask() -> list[Any]:
        shared = (doors.share(each, do, area=area) for do, area in asked)
        return await asyncio.gather(*shared, return_exceptions=True)

    try:
        return asyncio.run(ask())
    finally:
        doors.database.close()


def test_all_of_a_moment_are_one_transaction(door: FrontDoor) -> None:
    assert len(set(outcomes(door, *[(transaction, None)] * 20))) == 1


def test_each_sees_its_own_area_and_nobody_anothers(door: FrontDoor) -> None:
    areas = [HERE, None, THERE, None, COUNTY, HERE]
    assert outcomes(door, *((scope, area) for area in areas)) == [area or "none" for area in areas]


def test_control_in_the_order_they_came_one_would_see_the_area_of_another(door: FrontDoor) -> None:
    database = Database(app_url(door.settings, "gateway"), pool_size=1)
    with database.begin() as connection:
        connection.execute(SET_SCOPE, {"area": HERE})
        assert scope(connection) == HERE, "the next one of this transaction has this area, too"
    database.close()


@pytest.mark.parametrize("bad", [refuses, breaks])
def test_who_fails_fails_alone(door: FrontDoor, bad: Callable[[sa.Connection], Any]) -> None:
    first, failed, last = outcomes(door, (scope, HERE), (bad, None), (scope, THERE))
    assert (first, last) == (HERE, THERE)
    assert isinstance(failed, Refused if bad is refuses else sa.exc.DBAPIError)


def test_nothing_of_what_failed_is_kept(door: FrontDoor) -> None:
    def writes(connection: sa.Connection) -> str:
        connection.execute(
            sa.text("insert into entity (entity, area_code) values ('shared:1', :area)"), {"area": HERE}
        )
        return "written"

    def writes_and_refuses(connection: sa.Connection) -> Any:
        connection.execute(
            sa.text("insert into entity (entity, area_code) values ('shared:2', :area)"), {"area": HERE}
        )
        raise Refused(NOT_FOUND)

    assert outcomes(door, (writes, HERE), (writes_and_refuses, HERE))[0] == "written"
    kept = door.rows("select entity from entity where entity like 'shared:%'")
    assert [row.entity for row in kept] == ["shared:1"], "once, though its batch was begun twice"
