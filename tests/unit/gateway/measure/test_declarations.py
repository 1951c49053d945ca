"""What is declared once holds together: tellings, catalogue page, ratios."""

from contracts.area import AreaLevel
from gateway.measure.catalogue import render_markdown
from gateway.measure.facts import TELLINGS, facts_of
from gateway.measure.indicators import INDICATORS
from gateway.measure.queries import permille
from gateway.measure.service import MEASURE
from tests.support.measure import DAY, HERE, area_registered, plan_activated, uid


def test_every_telling_names_fields_that_its_event_has() -> None:
    for event, tellings in TELLINGS.items():
        for telling in tellings:
            named = {telling.by, *telling.keeps, "area_code"} | ({telling.valid_on} - {None})
            assert named <= set(event.model_fields), event.type


def test_every_event_that_an_indicator_is_computed_from_is_heard() -> None:
    heard = set(MEASURE.reactions_to())
    for indicator in INDICATORS:
        assert {event.type for event in indicator.sources} <= heard


def test_one_event_may_touch_several_entities() -> None:
    event = plan_activated(DAY, plan=uid("plan"))
    touched = [fact.entity for fact in facts_of(event, uid("event"), DAY)]
    assert touched == [f"plan:{uid('plan')}", f"village:{HERE}"]


def test_areas_and_plans_above_the_village_are_not_counted_as_villages() -> None:
    town = HERE[:9]
    plan = plan_activated(DAY, area=town, level=AreaLevel.TOWNSHIP)
    assert [fact.entity.partition(":")[0] for fact in facts_of(plan, uid("event"), DAY)] == ["plan"]
    assert list(facts_of(area_registered(town, AreaLevel.TOWNSHIP), uid("event"), DAY)) == []


def test_the_page_shows_every_indicator_with_its_events() -> None:
    page = render_markdown()
    for indicator in INDICATORS:
        assert f"## {indicator.code} " in page and indicator.definition_zh in page
        assert all(event.type in page for event in indicator.sources)


def test_a_ratio_is_rounded_down_and_is_not_available_without_denominator() -> None:
    assert permille(979_999, 1_000_000) == 979
    assert permille(3, 3) == 1000
    assert permille(0, 0) is None and permille(4, None) is None
