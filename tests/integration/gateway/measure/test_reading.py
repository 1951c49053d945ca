"""Readers see their own area, drill down to whoever counts, and never get a list of families by category."""

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from contracts.area import AreaLevel, AreaScope
from contracts.refusals import Refused
from gateway.measure import queries
from gateway.measure.gauges import DENOMINATOR, NUMERATOR, show_figures
from gateway.measure.lookups import entity_facts
from tests.integration.gateway.measure.installation import Installation
from tests.support.measure import (
    COUNTY,
    DAY,
    HERE,
    HOME,
    PAIR,
    THERE,
    VILLAGES,
    answered,
    area_registered,
    pair_began,
    plan_activated,
    plan_drafted,
    registered,
    surveyed,
    uid,
)

WHOLE = AreaScope(COUNTY)
TOWN = AreaScope(HERE[:9])
TABLES = ("entity", "fact", "contrib", "agg", "due", "admission_fact")


@pytest.fixture
def county(measure: Installation) -> Iterator[Installation]:
    """Three families in two townships; two of them were asked in time."""
    far, second = uid("far"), uid("second")
    measure.hear(
        *(area_registered(code) for code in VILLAGES),
        registered("empty_nest"),
        surveyed(date(2026, 4, 1)),
        registered("elderly", home=second, area=VILLAGES[1], number="H-2"),
        registered("empty_nest", home=far, area=THERE, number="H-3"),
        surveyed(date(2026, 4, 2), home=far, area=THERE),
        answered("pairing"),
        pair_began(DAY),
        plan_drafted(uid("plan"), DAY),
        plan_activated(date(2026, 3, 20), plan=uid("plan")),
    )
    yield measure


def test_roll_ups_are_sums_and_never_averages(county: Installation) -> None:
    with county.seen_from(COUNTY) as connection:
        total = queries.indicator_value(connection, "SURV-01", "2026", within=WHOLE)
        towns = queries.by_area(connection, "SURV-01", "2026", AreaLevel.TOWNSHIP, within=WHOLE)
        villages = queries.by_area(connection, "SURV-01", "2026", AreaLevel.VILLAGE, within=WHOLE, area=HERE[:9])
    assert (total.num, total.den, total.permille) == (2, 3, 666)
    assert [(one.area_code, one.num, one.den) for one in towns] == [(HERE[:9], 1, 2), (THERE[:9], 1, 1)]
    assert [(one.area_code, one.num, one.den) for one in villages] == [(HERE, 1, 1), (VILLAGES[1], 0, 1)]


def test_every_indicator_has_a_value_for_its_running_period(county: Installation) -> None:
    with county.seen_from(COUNTY) as connection:
        values = queries.indicator_values(connection, within=WHOLE, as_of=county.today)
    figures = {value.indicator: (value.period, value.num, value.den) for value in values}
    assert figures == {
        "GOV-01": ("2026", 1, 6),
        "SURV-01": ("2026", 2, 3),
        "SURV-02": ("2026-04", 2, 2),
        "SURV-04": ("2026-04", 0, 3),
        "PAIR-01": ("2026-04", 1, 1),
        "VIS-01": ("2026-04", 0, 0),
    }
    assert values[-1].permille is None


def test_the_last_step_of_the_drill_down_names_the_entities_page_by_page(county: Installation) -> None:
    with county.seen_from(COUNTY) as connection:
        first = queries.contributors(connection, "SURV-01", "2026", within=WHOLE, limit=2)
        rest = queries.contributors(connection, "SURV-01", "2026", within=WHOLE, limit=2, after=first[-1])
    assert [(one.entity, one.counted) for one in first] == [
        (f"household:{HOME}", True),
        (f"household:{uid('second')}", False),
    ]
    assert [one.entity for one in rest] == [f"household:{uid('far')}"]


def test_breakdowns_stand_beside_the_total(county: Installation) -> None:
    with county.seen_from(COUNTY) as connection:
        found = queries.by_breakdown(connection, "SURV-01", "2026", within=WHOLE)
        kinds = queries.by_breakdown(connection, "PAIR-01", "2026-04", within=WHOLE)
        months = queries.by_period(connection, "PAIR-01", within=WHOLE)
    assert {one.breakdown: (one.num, one.den) for one in found} == {
        "": (2, 3),
        "category:elderly": (0, 1),
        "category:empty_nest": (2, 2),
    }
    assert {one.breakdown: (one.num, one.den) for one in kinds} == {
        "": (1, 1),
        "helper_kind:neighbour": (1, None),
    }
    assert [(one.period, one.num) for one in months] == [("2026-04", 1), ("2026-03", 1)]


def test_no_question_lists_families_by_category() -> None:
    assert "breakdown" not in queries.contributors.__annotations__


def test_an_area_outside_ones_own_and_an_unknown_code_are_refused(county: Installation) -> None:
    with county.seen_from(TOWN.code) as connection:
        with pytest.raises(Refused, match="out-of-area"):
            queries.indicator_value(connection, "SURV-01", "2026", within=TOWN, area=THERE)
        with pytest.raises(Refused, match="indicator-unknown"):
            queries.indicator_value(connection, "PAIR-99", "2026", within=TOWN)


def test_row_security_hides_other_townships_even_from_a_careless_reader(county: Installation) -> None:
    with county.seen_from(TOWN.code) as connection:
        careless = queries.indicator_value(connection, "SURV-01", "2026", within=WHOLE)
        assert (careless.num, careless.den) == (1, 2)
        for table in TABLES:
            codes = connection.scalars(sa.text(f"select area_code from {table}")).all()
            assert all(code.startswith(TOWN.code) for code in codes), table


def test_without_a_scope_a_reused_connection_sees_nothing(county: Installation) -> None:
    engine = county.runtime.database.engine
    for area in (None, "", "%"):
        with county.seen_from(COUNTY):
            pass
        with engine.begin() as connection:
            if area is not None:
                connection.execute(sa.text("select set_config('kith.area', :area, true)"), {"area": area})
            for table in TABLES:
                assert connection.scalar(sa.text(f"select count(*) from {table}")) == 0, (table, area)


def test_admission_looks_up_pairs_and_plans_within_its_area(county: Installation) -> None:
    with county.seen_from(COUNTY) as connection:
        pair = entity_facts(connection, f"match:{PAIR}", within=WHOLE)
        assert pair is not None and pair["started_on"] == DAY.isoformat()
        assert entity_facts(connection, f"plan:{uid('plan')}", within=WHOLE) == {"state": "active"}
        assert entity_facts(connection, f"match:{uid('nobody')}", within=WHOLE) is None
        assert entity_facts(connection, f"match:{PAIR}", within=AreaScope(THERE)) is None


def test_gauges_show_the_county_and_nothing_smaller(county: Installation) -> None:
    show_figures(county.runtime)
    samples = [sample for gauge in (NUMERATOR, DENOMINATOR) for sample in next(iter(gauge.collect())).samples]
    assert {frozenset(sample.labels) for sample in samples} == {frozenset({"indicator"})}
    shown = {(sample.name, sample.labels["indicator"]): sample.value for sample in samples}
    assert len(samples) == 12
    assert shown["kith_indicator_numerator", "SURV-01"] == 2
    assert shown["kith_indicator_denominator", "SURV-01"] == 3
