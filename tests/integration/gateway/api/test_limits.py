"""Who asks too much is told to wait, and for how long."""

from collections.abc import Iterator
from datetime import date

import pytest

from contracts.actor import Role
from gateway.api.rates import Allowance
from tests.support.front_door import COUNTY, HERE, FrontDoor, open_door
from tests.support.hosting import settings_for


@pytest.fixture(scope="module")
def narrow(database_server: str, namespace: str) -> Iterator[FrontDoor]:
    settings = settings_for(database_server, f"{namespace}nar", date(2026, 4, 15), county=COUNTY, port=0)
    with open_door(settings, Allowance("20/minute", ("3/minute",), "6/minute")) as found:
        yield found


def test_reading_files_one_after_another_is_stopped_and_seen(narrow: FrontDoor) -> None:
    where = "/v1/households/00000000-0000-0000-0000-000000000001"
    with narrow.person(Role.COUNTY_OFFICER, purpose="survey") as http, narrow.anybody() as prometheus:
        statuses = [http.get(where).status_code for _ in range(4)]
        last = http.get(where)
        assert http.get("/v1/me").status_code == 200, "the rest goes on"
        assert 'kith_rate_limited_total{what="files_read"}' in prometheus.get("/metrics").text
    assert statuses == [404, 404, 404, 429]
    assert (last.json()["code"], 1 <= int(last.headers["Retry-After"]) <= 60) == ("too-many-requests", True)


def test_files_read_beside_a_family_count_for_the_worker(narrow: FrontDoor) -> None:
    where = "/v1/households/00000000-0000-0000-0000-000000000001"
    families = [narrow.account(Role.FAMILY_MEMBER, area=HERE) for _ in range(3)]
    statuses = []
    with narrow.person(Role.VILLAGE_WORKER, area=HERE) as worker:
        for _, family in families:
            told = worker.post("/v1/session/assisted", json={"account_id": str(family), "family_present": True})
            with narrow.signed_in(told.json()["token"], "own_data") as http:
                statuses += [http.get(where).status_code, http.get("/v1/record/own").status_code]
    assert statuses == [404, 200, 404, 429, 429, 429]
    with narrow.signed_in(narrow.token(families[2][0]), "own_data") as http:
        assert http.get("/v1/record/own").status_code == 200, "the control arm: the family itself has room"


def test_one_who_asks_without_end_does_not_stop_the_others(narrow: FrontDoor) -> None:
    with narrow.person(Role.AUDITOR) as http, narrow.person(Role.WORKING_GROUP) as other:
        statuses = [http.get("/v1/me").status_code for _ in range(22)]
        assert statuses[-1] == 429
        assert other.get("/v1/me").status_code == 200


def test_one_address_does_not_try_passwords_without_end(narrow: FrontDoor) -> None:
    with narrow.anybody() as http:
        statuses = [
            http.post("/v1/session", json={"username": f"nobody{n}", "password": "x"}).status_code for n in range(8)
        ]
    assert statuses[-1] == 429
