"""The fold holds for any order of facts, and changes with time only on the days it announced."""

from collections import deque
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages import Event
from gateway.measure.facts import Fact
from gateway.measure.folding import fold
from gateway.measure.indicators import vis_01
from tests.support.measure import (
    HERE,
    HOME,
    answered,
    area_registered,
    facts,
    pair_began,
    pair_ended,
    plan_activated,
    plan_drafted,
    reclassified,
    registered,
    surveyed,
    uid,
    visited,
    withdrawn,
)

FIRST = date(2026, 2, 20)
DAYS = st.integers(0, 150).map(lambda n: FIRST + timedelta(days=n))
CATEGORIES = st.lists(st.sampled_from(["empty_nest", "elderly", "restricted"]), unique=True)
PURPOSES = st.sampled_from(["pairing", "visits", "referral", "messages"])
MATCHES = st.sampled_from([uid("a"), uid("b")])
RHYTHMS = st.sampled_from([None, "weekly", "fortnightly", "monthly"])

EVENTS = st.one_of(
    st.builds(lambda c, d: reclassified(*c, on=d), CATEGORIES, DAYS),
    st.builds(lambda d, r, c: surveyed(d, declined=r, complete=c), DAYS, st.booleans(), st.booleans()),
    st.builds(lambda p, a, d: answered(p, a, on=d), PURPOSES, st.sampled_from(["yes", "no"]), DAYS),
    st.builds(lambda p, d: withdrawn(p, on=d), PURPOSES, DAYS),
    st.builds(lambda d, r, m: pair_began(d, rhythm=r, match=m), DAYS, RHYTHMS, MATCHES),
    st.builds(lambda d, m: pair_ended(d, match=m), DAYS, MATCHES),
    st.builds(visited, DAYS, st.sampled_from(["all_well", "needs_help", "not_home"])),
)
LIVES = st.builds(
    lambda c, d, later: [registered("empty_nest", *c, on=d), *later],
    CATEGORIES,
    DAYS,
    st.lists(EVENTS, max_size=12),
)


def interleaved(events: list[Event], random: Random) -> list[Event]:
    """Another order of arrival that keeps each subject's own."""
    streams: dict[str, deque[Event]] = {}
    for event in events:
        streams.setdefault(event.subject, deque()).append(event)
    arrived = []
    while streams:
        subject = random.choice(sorted(streams))
        arrived.append(streams[subject].popleft())
        if not streams[subject]:
            del streams[subject]
    return arrived


@given(LIVES, DAYS, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_in_which_facts_are_given_does_not_matter(
    events: list[Event], as_of: date, random: Random
) -> None:
    known = facts(events)
    shuffled = random.sample(known, len(known))
    assert fold(shuffled, as_of) == fold(known, as_of)


@given(LIVES, DAYS, st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_subjects_may_arrive_in_any_order_between_each_other(
    events: list[Event], as_of: date, random: Random
) -> None:
    assert fold(facts(interleaved(events, random)), as_of) == fold(facts(events), as_of)


def unannounced_changes(known: list[Fact]) -> list[date]:
    """Days on which the fold changed though the fold of the day before had not said so."""
    day, last = FIRST - timedelta(days=1), FIRST + timedelta(days=260)
    before, wrong = fold(known, day), []
    while day < last:
        day += timedelta(days=1)
        after = fold(known, day)
        announced = before.next_change_at is not None and day >= before.next_change_at
        if after != before and not announced:
            wrong.append(day)
        before = after
        assert after.next_change_at is None or after.next_change_at > day
    return wrong


@given(LIVES)
@settings(max_examples=60, deadline=None)
def test_day_by_day_the_fold_changes_only_on_announced_days(events: list[Event]) -> None:
    assert unannounced_changes(facts(events)) == []


def test_a_fold_that_forgets_to_announce_an_overdue_visit_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    known = facts([registered(on=FIRST), pair_began(FIRST, rhythm="weekly")])
    assert unannounced_changes(known) == []
    object.__setattr__(vis_01.VIS_01, "turns_on", lambda household, month: None)
    try:
        assert unannounced_changes(known) == [FIRST + timedelta(days=8)]
    finally:
        object.__setattr__(vis_01.VIS_01, "turns_on", vis_01.turns_on)


def test_villages_too_change_only_on_announced_days() -> None:
    events = [
        area_registered(HERE),
        plan_activated(date(2026, 4, 1)),
        plan_activated(date(2026, 12, 20), year=2027),
    ]
    assert unannounced_changes(facts(events, about="village", heard_on=FIRST)) == []


def test_what_lies_in_the_future_is_announced_and_not_yet_counted() -> None:
    folded = fold(facts([registered(on=date(2026, 5, 1))]), date(2026, 4, 1))
    assert folded.contributions == {} and folded.next_change_at == date(2026, 5, 1)


def test_an_entity_without_facts_adds_nothing() -> None:
    folded = fold([], FIRST)
    assert folded.contributions == {} and folded.next_change_at is None and folded.known is None


def test_admission_may_look_up_when_a_pair_began_and_whether_it_is_over() -> None:
    began = pair_began(date(2026, 3, 1), match=uid("a"))
    known = fold(facts([began], about="match"), FIRST).known
    assert known == {
        "started_on": "2026-03-01",
        "household_id": str(HOME),
        "helper_id": str(uid("helper")),
    }
    over = fold(facts([began, pair_ended(date(2026, 4, 1), match=uid("a"))], about="match"), FIRST).known
    assert over == {**known, "ended_on": "2026-04-01"}


def test_a_proposal_that_was_never_a_pair_is_not_known_to_admission() -> None:
    assert fold(facts([pair_ended(date(2026, 4, 1))], about="match"), FIRST).known is None


def test_admission_may_look_up_how_far_a_plan_has_come() -> None:
    plan = uid("plan")
    drafted = plan_drafted(plan, date(2026, 3, 1))
    activated = plan_activated(date(2026, 3, 2), plan=plan)
    assert fold(facts([drafted], about="plan"), FIRST).known == {"state": "draft"}
    assert fold(facts([activated, drafted], about="plan"), FIRST).known == {"state": "active"}
