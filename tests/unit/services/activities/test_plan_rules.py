"""A plan that cannot be measured says what it lacks, field by field."""

from datetime import date

import pytest

from contracts.activities import PlannedIndicator
from contracts.codes import UnitKind
from services.activities.model import Measures
from services.activities.rules import missing_measures
from tests.support.activities import an_indicator


def measures(**said: object) -> Measures:
    told = {
        "lead_unit": UnitKind.FAMILY_PLANNING_OFFICE,
        "implementing_units": (),
        "deadline": date(2026, 4, 15),
        "budget_line": "FP-1",
        "indicators": (an_indicator(),),
        **said,
    }
    return Measures(**told)  # type: ignore[arg-type]


def test_a_whole_plan_lacks_nothing() -> None:
    assert missing_measures(measures()) == ()


def test_a_baseline_and_a_target_of_nought_are_said() -> None:
    assert missing_measures(measures(indicators=(an_indicator(baseline=0, target=0),))) == ()


@pytest.mark.parametrize("field", ["lead_unit", "deadline", "budget_line"])
def test_a_missing_field_is_pointed_at(field: str) -> None:
    assert missing_measures(measures(**{field: None})) == (f"/{field}",)


def test_a_plan_without_indicators_points_at_them() -> None:
    assert missing_measures(measures(indicators=())) == ("/indicators",)


@pytest.mark.parametrize("field", sorted(PlannedIndicator.model_fields))
def test_each_hole_in_an_indicator_is_pointed_at(field: str) -> None:
    indicators = (an_indicator(), an_indicator(**{field: None}))
    assert missing_measures(measures(indicators=indicators)) == (f"/indicators/1/{field}",)


def test_all_that_is_missing_is_said_at_once() -> None:
    found = missing_measures(measures(lead_unit=None, deadline=None, indicators=(PlannedIndicator(),)))
    assert found[:2] == ("/lead_unit", "/deadline")
    assert len(found) == 2 + len(PlannedIndicator.model_fields)
