"""What two do at the same moment: no helper carries more than they can, no consent is overlooked."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from chassis.database import ConcurrentChange
from chassis.ids import new_id
from chassis.runtime import Runtime
from chassis.work import Work, begin, transact
from contracts.area import AreaScope
from contracts.pairing import AcceptAsHelper, AcceptAsHousehold, DeclineMatch
from services.pairing import engine
from services.pairing.queries.situation import situation_of
from services.pairing.store import care, ranges, rounds
from services.pairing.usecases import proposing
from services.pairing.usecases.rounds import solve_round
from tests.support.pairing_place import Place, work_off
from tests.support.service_calls import Speaker


def propose_without_taking_turns(runtime: Runtime, place: Place, village: int, together: Barrier) -> None:
    """What a round does, but for the county's lock: both have read before either writes."""
    with begin(runtime, runtime.system) as work:
        county, round_id = work.scope, new_id()
        waiting = care.without_pair(work, within=AreaScope(place.village(village)))
        situation = situation_of(work, waiting, within=county)
        found = engine.solve(situation.problem)
        together.wait(20)
        rounds.add_round(work, round_id, "round", work.today, within=AreaScope(place.code))
        opened = rounds.find_round(work, round_id, within=county)
        assert opened
        proposing.close_round(work, opened, situation, situation.problem, found, {})


def both_propose(runtime: Runtime, place: Place) -> list[str]:
    place.helper(1, capacity=1, village=3)
    place.household(1, village=1)
    place.household(2, village=2)
    together = Barrier(2)

    def one(village: int) -> str:
        try:
            propose_without_taking_turns(runtime, place, village, together)
        except ConcurrentChange:
            return "stepped-back"
        return "proposed"

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(one, (1, 2)))


def test_of_two_who_give_out_the_last_slot_one_steps_back(runtime: Runtime, place: Place) -> None:
    assert both_propose(runtime, place) == ["proposed", "stepped-back"]
    assert len(place.proposed()) == 1


def test_control_without_counting_under_the_lock_the_helper_would_carry_too_many(
    runtime: Runtime, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposing, "_still_true", lambda *_, **__: None)
    assert both_propose(runtime, place) == ["proposed", "proposed"]
    assert len(place.proposed()) == 2


def a_round_in(place: Place) -> Callable[[Work], None]:
    """What the job does for a new round of the township."""
    runtime, round_id, area = place.speaker.runtime, new_id(), AreaScope(place.code)
    transact(
        runtime, runtime.system, lambda work: rounds.add_round(work, round_id, "round", work.today, within=area)
    )
    return lambda work: solve_round(work, round_id)


def while_solving(monkeypatch: pytest.MonkeyPatch, *happens: Callable[[], object]) -> list[int]:
    """Something happens after each solve and before its answer is written; gives a list of the solves."""
    solve, solved = engine.solve, list[int]()

    def slow(problem: engine.Problem) -> engine.Assignment:
        found = solve(problem)
        solved.append(len(found.pairs))
        if len(solved) <= len(happens):
            happens[len(solved) - 1]()
        return found

    monkeypatch.setattr(engine, "solve", slow)
    return solved


def test_a_consent_withdrawn_while_the_round_computes_is_heeded(
    runtime: Runtime, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    household, _ = place.household(1), place.helper(1)
    solved = while_solving(monkeypatch, lambda: place.withdraw(household))
    transact(runtime, runtime.system, a_round_in(place))
    assert place.matches() == []
    assert solved == [1, 0]


def test_control_without_a_second_look_the_family_would_be_proposed_to(
    runtime: Runtime, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    household, _ = place.household(1), place.helper(1)
    while_solving(monkeypatch, lambda: place.withdraw(household))
    monkeypatch.setattr(proposing, "_still_true", lambda *_, **__: None)
    transact(runtime, runtime.system, a_round_in(place))
    assert len(place.proposed()) == 1


def test_a_county_where_something_always_changes_still_gets_its_round(
    runtime: Runtime, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.helper(1, capacity=3)
    first, second, third = (place.household(number) for number in range(3))
    with ThreadPoolExecutor(1) as pool:
        waits: list[Future[None]] = []
        solved = while_solving(
            monkeypatch,
            lambda: place.withdraw(first),
            lambda: waits.append(pool.submit(place.withdraw, second)),
        )
        transact(runtime, runtime.system, a_round_in(place))
        waits[0].result(20)
    assert solved == [3, 2]
    assert [match["household_id"] for match in place.proposed()] == [str(third)]


def test_rounds_take_turns_in_the_county(runtime: Runtime) -> None:
    county = runtime.system.scope
    with begin(runtime, runtime.system) as first, begin(runtime, runtime.system) as second:
        ranges.lock_proposing(first, within=county)
        second.connection.exec_driver_sql("set local lock_timeout = '100ms'")
        with pytest.raises(Exception, match="lock timeout"):
            ranges.lock_proposing(second, within=county)
        second.connection.rollback()


def test_a_yes_and_a_no_at_the_same_moment_leave_one_answer(speaker: Speaker, place: Place) -> None:
    place.helper(1, capacity=8)
    for number in range(8):
        place.household(number)
    place.open_round()

    def answer(match: dict[str, Any], yes: bool) -> bool:
        command = (
            AcceptAsHelper(match_id=match["match_id"])
            if yes
            else DeclineMatch(match_id=match["match_id"], by="helper")
        )
        return speaker.do(place.officer, command).answer is not None

    for match in place.proposed():
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(lambda yes, one=match: answer(one, yes), (True, False)))
        # a no may follow a yes, a yes never a no
        expected = "declined_by_helper" if done[1] else "helper_accepted"
        assert place.state_of(match) == expected
        assert any(done)
    work_off(speaker.runtime)


def test_a_withdrawal_and_a_yes_at_the_same_moment_never_leave_a_pair(speaker: Speaker, place: Place) -> None:
    place.helper(1, capacity=6)
    households = [place.household(number) for number in range(6)]
    place.open_round()
    for household in households:
        match = place.one_match(household_id=household)
        speaker.do(place.officer, AcceptAsHelper(match_id=match["match_id"]))
        with ThreadPoolExecutor(2) as pool:
            yes = pool.submit(speaker.do, place.officer, AcceptAsHousehold(match_id=match["match_id"]))
            no = pool.submit(place.withdraw, household)
            yes.result()
            no.result()
        assert place.state_of(match) in {"ended", "withdrawn"}
