"""Where the record cannot be written, a person's file is not opened (security 21), and a refused look is written (9)."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from chassis import audit
from contracts.actor import Role
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import HERE, FrontDoor
from tests.support.operating import as_owner


@contextmanager
def record_away(door: FrontDoor, database: str, statement: str) -> Iterator[None]:
    """The record of one database cannot be written, until it is mended."""
    with as_owner(door.settings, database) as owner:
        owner.exec_driver_sql(statement)
    try:
        yield
    finally:
        with as_owner(door.settings, database) as owner:
            owner.exec_driver_sql("drop trigger if exists no_record on audit; drop function if exists no_record()")


BROKEN = """
    create function no_record() returns trigger language plpgsql as 'begin raise exception ''no room''; end';
    create trigger no_record before insert on audit for each row execute function no_record()
"""


def look(http: httpx.Client, county: County) -> httpx.Response:
    return http.get(f"/v1/households/{county.households[0]['household_id']}")


def test_no_file_is_opened_when_that_cannot_be_put_on_record(door: FrontDoor, county: County) -> None:
    with door.person(Role.TOWNSHIP_OFFICER, area=HERE, purpose="visits") as http:
        shown = look(http, county)
        assert shown.status_code == 200, "the control: with a record it opens"
        with record_away(door, "households", BROKEN):
            refused = look(http, county)
            listed = http.get("/v1/households")
        assert refused.status_code >= 500
        assert not set(shown.json()) & set(refused.json()), "not a field of the file"
        assert listed.status_code == 200, "what shows no person needs no line"
        assert look(http, county).status_code == 200


def test_no_change_is_made_without_its_line(door: FrontDoor, county: County) -> None:
    sent = {"carrier": "happy_family", "area_code": HERE, "year": 2026, "title": "Without a record"}
    with door.person(Role.TOWNSHIP_OFFICER, area=HERE) as http:
        with record_away(door, "activities", BROKEN):
            refused = http.post("/v1/plans", json=sent)
        plans = http.get("/v1/plans", params={"limit": 500}).json()["items"]
    assert refused.status_code >= 500
    assert sent["title"] not in {plan.get("title") for plan in plans}


@pytest.mark.parametrize("purpose", [None, "messages"])
def test_a_look_without_a_purpose_of_ones_own_is_refused_and_on_record(
    door: FrontDoor, county: County, purpose: str | None
) -> None:
    with door.somebody_else(Role.TOWNSHIP_OFFICER, area=HERE) as http:
        if purpose:
            http.headers["Kith-Purpose"] = purpose
        me = http.get("/v1/me").json()["account_id"]
        refused = look(http, county)
    assert (refused.status_code, refused.json()["code"]) == (403, "purpose-missing")
    tried = door.rows("select what, outcome from audit where actor_id = :me and what not like 'session%'", me=me)
    assert [(row.what, row.outcome) for row in tried] == [("households.household_file", "purpose-missing")]


def test_every_record_of_this_county_holds(door: FrontDoor, county: County) -> None:
    for database in ("households", "pairing", "activities", "notify", "gateway"):
        with as_owner(door.settings, database) as owner:
            assert audit.verify(owner)[1] is None, database
