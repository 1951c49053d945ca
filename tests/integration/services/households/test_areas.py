"""The county's areas come in whole, or not at all."""

import pytest

from contracts.households import AreaRegistered, ImportAreas, ListAreas
from kith.sample import AREAS
from tests.support.households import (
    COUNTY,
    OTHER_TOWNSHIP,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    Office,
    county_officer,
    officer,
)
from tests.support.service_calls import answered, refused

SAMPLE = AREAS.read_text(encoding="utf-8")


def imported(office: Office, text: str, encoding: str = "utf-8") -> ImportAreas:
    return ImportAreas(file_id=office.upload(text.encode(encoding)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_every_area_is_registered_once_and_others_hear_of_it(empty_office: Office, encoding: str) -> None:
    told = answered(empty_office.do(county_officer(), imported(empty_office, SAMPLE, encoding)))
    assert told == {"registered": 16, "unchanged": 0}
    events = [event.model_dump() for event in empty_office.said(AreaRegistered)]
    assert len(events) == 16
    assert events[0] == {"area_code": COUNTY, "level": "county", "parent_code": None, "registered_on": TODAY}
    assert events[1] == {"area_code": TOWNSHIP, "level": "township", "parent_code": COUNTY, "registered_on": TODAY}


def test_the_same_areas_again_change_nothing(office: Office) -> None:
    told = answered(office.do(county_officer(), imported(office, SAMPLE)))
    assert told == {"registered": 0, "unchanged": 16}
    assert len(office.said(AreaRegistered)) == 16


def test_a_village_that_is_new_joins_those_that_are_known(office: Office) -> None:
    more = f"code,name,level,parent_code\n{TOWNSHIP}299,新村,village,{TOWNSHIP}\n"
    assert answered(office.do(county_officer(), imported(office, more))) == {"registered": 1, "unchanged": 0}


@pytest.mark.parametrize(
    "text",
    [
        SAMPLE + f"{TOWNSHIP}299,,village,{TOWNSHIP}\n",
        SAMPLE + "110101001,东华门街道,township,110101\n",
        "name,code\n",
        "",
    ],
)
def test_a_file_with_one_mistake_registers_nothing(empty_office: Office, text: str) -> None:
    reply = empty_office.do(county_officer(), imported(empty_office, text))
    assert refused(reply)[0] == 422
    assert empty_office.everything_about_families()["area"] == []
    assert empty_office.events_told() == 0


def test_only_a_county_officer_registers_areas(empty_office: Office) -> None:
    assert refused(empty_office.do(officer(), imported(empty_office, SAMPLE))) == (403, "role-missing")
    half = county_officer(TOWNSHIP)
    assert refused(empty_office.do(half, imported(empty_office, SAMPLE))) == (404, "out-of-area")


def test_everybody_sees_the_areas_of_their_own_area_page_by_page(office: Office) -> None:
    first = answered(office.ask(officer(), ListAreas(limit=3)))
    rest = answered(office.ask(officer(), ListAreas(limit=3, cursor=first["next_cursor"])))
    codes = [area["code"] for page in (first, rest) for area in page["items"]]
    assert codes == [TOWNSHIP, f"{TOWNSHIP}201", VILLAGE, f"{TOWNSHIP}203", f"{TOWNSHIP}204"]
    assert rest["next_cursor"] is None
    one = answered(office.ask(officer(VILLAGE), ListAreas()))
    assert [area["code"] for area in one["items"]] == [VILLAGE]
    assert refused(office.ask(officer(), ListAreas(area_code=OTHER_TOWNSHIP))) == (404, "out-of-area")
