"""Plans: one open plan per carrier, area and year; in force once, and only if it can be measured."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contracts.activities import ListPlans, PlanActivated, PlanDrafted
from contracts.actor import Role
from contracts.area import AreaLevel
from contracts.codes import Carrier, UnitKind
from tests.support.activities import (
    COUNTY,
    FAR_VILLAGE,
    NEXT_VILLAGE,
    OTHER_TOWNSHIP,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    a_draft,
    an_activation,
    an_indicator,
    an_officer,
)
from tests.support.service_calls import Speaker, answered, created, refused


@pytest.mark.parametrize(
    ("area", "level"),
    [(COUNTY, AreaLevel.COUNTY), (TOWNSHIP, AreaLevel.TOWNSHIP), (NEXT_VILLAGE, AreaLevel.VILLAGE)],
)
def test_the_level_of_a_plan_follows_from_its_area(speaker: Speaker, area: str, level: AreaLevel) -> None:
    plan_id = created(speaker.do(an_officer(COUNTY), a_draft(area_code=area, year=2031)))
    said = next(event for event in speaker.said(PlanDrafted) if event.plan_id == plan_id)
    assert (said.level, said.area_code, said.drafted_on) == (level, area, TODAY)


def test_a_plan_for_another_area_is_not_begun(speaker: Speaker) -> None:
    assert refused(speaker.do(an_officer(TOWNSHIP), a_draft(area_code=FAR_VILLAGE))) == (404, "out-of-area")


def test_a_carrier_has_one_open_plan_per_area_and_year(speaker: Speaker) -> None:
    officer = an_officer()
    created(speaker.do(officer, a_draft(Carrier.HAPPY_FAMILY)))
    assert refused(speaker.do(officer, a_draft(Carrier.HAPPY_FAMILY))) == (409, "plan-exists")
    created(speaker.do(officer, a_draft(Carrier.HAPPY_FAMILY, year=2027)))
    created(speaker.do(officer, a_draft(Carrier.HAPPY_FAMILY, NEXT_VILLAGE)))
    created(speaker.do(officer, a_draft(Carrier.HEALTHY_BIRTH)))


def test_two_who_begin_the_same_plan_at_once_make_one(speaker: Speaker) -> None:
    officer = an_officer()
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: speaker.do(officer, a_draft(Carrier.ARMY_CIVILIAN, year=2040)), range(4)))
    assert sum(reply.answer is not None for reply in replies) == 1
    assert {refused(reply) for reply in replies if reply.refusal} == {(409, "plan-exists")}


def test_a_whole_plan_is_put_in_force_and_keeps_what_it_promises(speaker: Speaker) -> None:
    officer = an_officer()
    plan_id = created(speaker.do(officer, a_draft(Carrier.LEFT_BEHIND_CARE, year=2032)))
    answered(speaker.do(officer, an_activation(plan_id, implementing_units=(UnitKind.HEALTH_CENTRE,))))
    plan = answered(speaker.ask(officer, ListPlans(year=2032)))["items"][0]
    assert plan["state"] == "active"
    assert plan["activated_on"] == plan["deadline"] == TODAY.isoformat()
    assert (plan["lead_unit"], plan["budget_line"]) == ("family_planning_office", "FP-2026-03")
    assert plan["implementing_units"] == ["health_centre"]
    assert plan["indicators"] == [an_indicator().model_dump(mode="json")]
    said = next(event for event in speaker.said(PlanActivated) if event.plan_id == plan_id)
    assert (said.level, said.year, said.activated_on) == (AreaLevel.VILLAGE, 2032, TODAY)


def test_a_plan_that_names_no_implementing_units_has_those_of_its_carrier(speaker: Speaker) -> None:
    officer = an_officer()
    plan_id = created(speaker.do(officer, a_draft(Carrier.CARING_FOR_GIRLS, year=2033)))
    answered(speaker.do(officer, an_activation(plan_id)))
    plan = answered(speaker.ask(officer, ListPlans(year=2033)))["items"][0]
    assert plan["implementing_units"] == ["health_centre", "police_station"]


def test_a_plan_that_cannot_be_measured_stays_a_draft_and_says_what_it_lacks(speaker: Speaker) -> None:
    officer = an_officer()
    plan_id = created(speaker.do(officer, a_draft(year=2034)))
    reply = speaker.do(officer, an_activation(plan_id, lead_unit=None, indicators=(an_indicator(target=None),)))
    assert refused(reply) == (422, "plan-not-measurable")
    assert reply.refusal is not None
    assert reply.refusal["pointers"] == ["/lead_unit", "/indicators/0/target"]
    assert plan_id not in {event.plan_id for event in speaker.said(PlanActivated)}
    answered(speaker.do(officer, an_activation(plan_id)))


def test_a_plan_is_put_in_force_only_once(speaker: Speaker) -> None:
    officer = an_officer()
    plan_id = created(speaker.do(officer, a_draft(year=2035)))
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: speaker.do(officer, an_activation(plan_id)), range(4)))
    assert sum(reply.answer is not None for reply in replies) == 1
    assert {refused(reply) for reply in replies if reply.refusal} == {(409, "plan-not-draft")}
    assert sum(event.plan_id == plan_id for event in speaker.said(PlanActivated)) == 1


def test_officers_see_and_change_the_plans_of_their_own_area_only(speaker: Speaker) -> None:
    plan_id = created(speaker.do(an_officer(), a_draft(area_code=VILLAGE, year=2036)))
    stranger = an_officer(OTHER_TOWNSHIP)
    assert answered(speaker.ask(stranger, ListPlans(year=2036)))["items"] == []
    assert refused(speaker.do(stranger, an_activation(plan_id))) == (404, "not-found")
    assert refused(speaker.ask(stranger, ListPlans(area_code=TOWNSHIP))) == (404, "out-of-area")


def test_a_helper_makes_no_plans(speaker: Speaker) -> None:
    assert refused(speaker.do(an_officer(role=Role.HELPER), a_draft())) == (403, "role-missing")


def test_pages_of_plans_join_without_a_gap(speaker: Speaker) -> None:
    officer = an_officer()
    made = {created(speaker.do(officer, a_draft(carrier, year=2037))) for carrier in Carrier}
    seen, cursor = [], None
    while True:
        page = answered(speaker.ask(officer, ListPlans(year=2037, limit=4, cursor=cursor)))
        seen += [item["plan_id"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == len(made)
    assert set(seen) == {str(plan_id) for plan_id in made}


@pytest.mark.parametrize(
    ("asked", "pointer"), [({"limit": 0}, "/limit"), ({"limit": 501}, "/limit"), ({"cursor": "'"}, "/cursor")]
)
def test_a_page_that_makes_no_sense_is_refused(speaker: Speaker, asked: dict[str, Any], pointer: str) -> None:
    reply = speaker.ask(an_officer(), ListPlans.model_construct(**asked))
    assert refused(reply) == (422, "body-invalid")
    assert reply.refusal is not None
    assert reply.refusal["pointers"] == [pointer]
