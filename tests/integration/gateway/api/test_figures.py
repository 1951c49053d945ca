"""Figures of one's own area, down to the ids behind them."""

from contracts.actor import Role
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import COUNTY, HERE, THERE, FrontDoor
from tests.support.waiting import eventually


def test_a_figure_can_be_followed_from_the_county_to_its_records(door: FrontDoor, county: County) -> None:
    with door.person(Role.COUNTY_OFFICER) as http:
        found = eventually(
            lambda: (answer := http.get("/v1/indicators/SURV-01").json())["den"] and answer,
            within=30,
            what="a figure",
        )
        assert (found["area_code"], found["period"], found["code"]) == (COUNTY, "2026", "SURV-01")
        assert found["as_of"] == "2026-04-15"
        assert found["permille"] == found["num"] * 1000 // found["den"]
        assert sum(part["den"] for part in found["parts"]) == found["den"]
        (here,) = [part for part in found["parts"] if part["area_code"] == HERE]
        below = http.get("/v1/indicators/SURV-01", params={"area_code": HERE}).json()
        assert (below["num"], below["den"]) == (here["num"], here["den"])
        entities, cursor = [], None
        while True:
            params = {"limit": 7, **({"cursor": cursor} if cursor else {})}
            page = http.get("/v1/indicators/SURV-01/contributors", params=params).json()
            entities += page["items"]
            if not (cursor := page["next_cursor"]):
                break
    assert len({one["entity"] for one in entities}) == len(entities) > 7
    assert sum(one["counted"] for one in entities) == found["num"]


def test_the_catalogue_is_shown_with_its_figures(door: FrontDoor, county: County) -> None:
    with door.person(Role.WORKING_GROUP) as http:
        items = http.get("/v1/indicators").json()["items"]
    assert {"PAIR-01", "SURV-01", "VIS-01"} <= {item["code"] for item in items}
    assert all(item["name_zh"] and item["period"].startswith("2026") for item in items)


def test_another_township_shows_nothing_of_this_one(door: FrontDoor, county: County) -> None:
    with door.person(Role.TOWNSHIP_OFFICER, area=THERE) as http:
        assert http.get("/v1/indicators/SURV-01", params={"area_code": HERE}).status_code == 404
        assert http.get("/v1/indicators/SURV-01/contributors").json()["items"] == []
        assert http.get("/v1/indicators/XX-01").json()["code"] == "indicator-unknown"
