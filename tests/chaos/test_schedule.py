"""What is planned for a seed is the same every time, and enough of each kind falls where it can strike."""

from collections import Counter

import pytest

from tests.chaos.schedule import KINDS, QUOTA, SERVER_FAULTS, draw


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_seed_gives_the_same_plan_every_time(seed: int) -> None:
    assert draw(seed, 60) == draw(seed, 60)
    assert draw(seed, 60) != draw(seed + 1, 60)


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_broker_is_away_for_the_whole_middle_third_and_nothing_else_needs_it_then(seed: int) -> None:
    plan = draw(seed, 60)
    away = next(fault.at for fault in plan if fault.kind == "broker_away")
    back = next(fault.at for fault in plan if fault.kind == "broker_back")
    assert (away, back) == (20, 40)
    assert not [f for f in plan if away < f.at < back and not f.kind.startswith("postgres")]


def test_five_seeds_plan_enough_of_every_kind_that_is_planned() -> None:
    planned = Counter(fault.kind for seed in range(1, 6) for fault in draw(seed, 60))
    assert all(planned[kind] >= QUOTA for kind in (*SERVER_FAULTS, "postgres_killed", "duplicates", "queue_full"))


def test_every_planned_kind_is_one_that_is_reported() -> None:
    assert {fault.kind for fault in draw(1, 60)} - {"broker_back"} <= set(KINDS)
