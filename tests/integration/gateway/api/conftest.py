"""One installation for all tests of the front door: real services, real HTTP, a small county in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import kith.sample
from contracts.actor import Role
from kith.journey import steps
from tests.support.front_door import COUNTY, FrontDoor, open_door
from tests.support.hosting import fresh, settings_for
from tests.support.visitor import Visitor

SAMPLE = Path(kith.sample.__file__).parent
TODAY = date(2026, 4, 15)


@dataclass(frozen=True)
class County:
    """A county with families and helpers; all of them live in one township."""

    households: list[dict[str, Any]]
    helpers: list[dict[str, Any]]
    survey_import: str
    helper_import: str
    round: str
    match: dict[str, Any]
    plan: str


@pytest.fixture(scope="package")
def door(database_server: str, namespace: str) -> Iterator[FrontDoor]:
    settings = settings_for(database_server, fresh(f"{namespace}door"), TODAY, county=COUNTY, port=0)
    with open_door(settings) as found:
        yield found


@pytest.fixture(scope="package")
def county(door: FrontDoor) -> County:
    return settled(door)


@pytest.fixture(scope="package")
def things(door: FrontDoor, county: County) -> dict[str, str]:
    from tests.integration.gateway.api.things import everything

    return everything(door, county)


def settled(door: FrontDoor) -> County:
    """The sample's families and helpers, a round of proposals and a plan, in a new installation."""
    officer = Visitor(door.person(Role.COUNTY_OFFICER), purpose="survey")
    steps.import_areas(officer, SAMPLE / "areas.csv")
    survey = steps.import_survey(officer, SAMPLE / "survey.xlsx", TODAY.year)
    helpers = steps.import_helpers(officer, SAMPLE / "helpers.xlsx")
    found = steps.match_round(officer, COUNTY)
    matches = steps.matches(officer, "proposed")
    return County(
        households=list(officer.items("/v1/households")),
        helpers=list(officer.items("/v1/helpers")),
        survey_import=survey["import_id"],
        helper_import=helpers["import_id"],
        round=found["round_id"],
        match=matches[0],
        plan=steps.draft_plan(officer, matches[0]["area_code"], TODAY.year),
    )
