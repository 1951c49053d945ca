"""A rule is watched for a fortnight before it counts, and an exemption ends."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from gateway.admission.exemptions import Exemption, exempting
from gateway.admission.modes import Since, audited_for, first_mode, may_enforce
from gateway.admission.shipped import shipped_rules

DAY = date(2026, 4, 15)
HERE, THERE = "990101101", "990101102"
PLAN, OTHER = UUID(int=1), UUID(int=2)


def history(*steps: tuple[str, int]) -> list[Since]:
    """(mode, days before DAY) in order."""
    return [Since(mode, DAY - timedelta(days=ago)) for mode, ago in steps]


@pytest.mark.parametrize(
    ("steps", "days"),
    [
        ([], 0),
        ([("audit", 0)], 0),
        ([("audit", 13)], 13),
        ([("audit", 14)], 14),
        ([("audit", 20), ("warn", 10)], 10),
        ([("audit", 30), ("warn", 25), ("audit", 9)], 14),
        ([("warn", 100)], 0),
        ([("enforce", 100), ("warn", 50)], 0),
        ([("audit", 60), ("disabled", 20), ("audit", 3)], 3),
        ([("audit", 20), ("enforce", 5), ("warn", 1)], 15),
    ],
)
def test_only_days_in_audit_count_and_disabling_begins_anew(steps: list[tuple[str, int]], days: int) -> None:
    assert audited_for(history(*steps), DAY).days == days
    assert may_enforce(history(*steps), DAY) is (days >= 14)


def test_a_clock_that_went_back_takes_nothing_away() -> None:
    assert audited_for([Since("audit", DAY + timedelta(days=3))], DAY).days == 0


@pytest.mark.parametrize(
    ("wished", "running", "begins"),
    [("enforce", False, "enforce"), ("enforce", True, "audit"), ("warn", True, "audit"), ("audit", True, "audit"),
     ("disabled", True, "disabled"), ("warn", False, "warn")],
)  # fmt: skip
def test_a_new_rule_is_watched_first_where_people_work_already(wished: str, running: bool, begins: str) -> None:
    assert first_mode(wished, running=running) == begins


def exemption(area: str = "990101", entity: UUID | None = None, until: date = DAY) -> Exemption:
    return Exemption(UUID(int=9), "ADM-01", area, entity, until)


@pytest.mark.parametrize(
    ("one", "body", "area", "held"),
    [
        (exemption(), {}, "990101", True),
        (exemption(until=DAY - timedelta(days=1)), {}, "990101", False),
        (exemption(HERE), {}, HERE, True),
        (exemption(HERE), {}, f"{HERE}001", True),
        (exemption(HERE), {}, THERE, False),
        (exemption(HERE), {}, "990101", False),
        (exemption(HERE), {"area_code": HERE}, "990101", True),
        (exemption(HERE), {"area_code": THERE}, HERE, False),
        (exemption(HERE), {"area_code": None}, HERE, True),
        (exemption(entity=PLAN), {"plan_id": str(PLAN)}, "990101", True),
        (exemption(entity=PLAN), {"plan_id": str(OTHER)}, "990101", False),
        (exemption(entity=PLAN), {}, "990101", False),
        (exemption(HERE, PLAN), {"plan_id": str(PLAN)}, THERE, False),
    ],
)
def test_an_exemption_holds_for_its_area_its_thing_and_its_days(
    one: Exemption, body: dict[str, object], area: str, held: bool
) -> None:
    assert exempting([one], body, area, DAY) == ({"ADM-01": one.id} if held else {})


def test_a_rule_over_care_is_never_enforced_whatever_the_database_says() -> None:
    """The control arm beside it: a rule over plans is."""
    wanted = {"VIS-DQ-02": "enforce", "HLP-DQ-01": "enforce", "PAIR-RD-01": "enforce", "ADM-02": "enforce"}
    rules = shipped_rules().in_modes(wanted)  # type: ignore[arg-type]
    modes = {source.rule.id: source.rule.mode for source in rules.sources}
    assert {rule: modes[rule] for rule in wanted} == {
        "VIS-DQ-02": "warn", "HLP-DQ-01": "warn", "PAIR-RD-01": "warn", "ADM-02": "enforce",
    }  # fmt: skip
    assert rules.judge("helper", "leave", {}, {}, {}).outcome == "warn"


def test_another_mode_is_another_version_and_the_same_fingerprint() -> None:
    shipped = shipped_rules()
    audited = shipped.in_modes({"ADM-01": "audit"})
    assert audited.version != shipped.version
    assert audited.in_modes({"ADM-01": "enforce"}).version == shipped.version
    one, other = shipped.rule("ADM-01"), audited.rule("ADM-01")
    assert one and other and one.rule.fingerprint == other.rule.fingerprint
    assert one.rule.fingerprint != one.rule.model_copy(update={"require": ()}).fingerprint
    assert one.rule.fingerprint == one.rule.model_copy(update={"version": 2, "remedy": None}).fingerprint
