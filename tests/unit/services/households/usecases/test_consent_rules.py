"""Whatever order answers arrive in, what was said last counts, and a withdrawal is never undone by what was older."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import ConsentAnswer
from services.households.model import PersonFacts, Relation
from services.households.usecases.consent_rules import (
    SaidIn,
    Standing,
    counts,
    covers_children,
    guardian_verified,
    withdrawn,
)

MONDAY, TUESDAY = date(2026, 4, 13), date(2026, 4, 14)
YES, NO = ConsentAnswer.YES, ConsentAnswer.NO


def said(answer: ConsentAnswer, on: date, said_in: SaidIn = SaidIn.ANSWER) -> Standing:
    return Standing(answer=answer, answered_on=on, said_in=said_in)


@pytest.mark.parametrize(
    ("new", "current", "expected"),
    [
        (said(YES, MONDAY), None, True),
        (said(YES, TUESDAY), said(NO, MONDAY), True),
        (said(NO, TUESDAY), said(YES, MONDAY), True),
        (said(YES, MONDAY), said(NO, TUESDAY), False),
        (said(NO, MONDAY), said(YES, TUESDAY), False),
        (said(NO, MONDAY), said(YES, MONDAY), True),
        (said(YES, MONDAY), said(NO, MONDAY), True),
        (said(YES, MONDAY, SaidIn.SURVEY), said(NO, MONDAY), False),
        (said(YES, MONDAY, SaidIn.SURVEY), said(NO, MONDAY, SaidIn.SURVEY), True),
        (said(YES, MONDAY), withdrawn(said(YES, MONDAY), MONDAY, None), False),
        (said(YES, MONDAY), withdrawn(None, TUESDAY, None), False),
        (said(YES, TUESDAY), withdrawn(said(YES, MONDAY), MONDAY, None), True),
    ],
)
def test_which_answer_counts(new: Standing, current: Standing | None, expected: bool) -> None:
    assert counts(new, current) is expected


days = st.integers(0, 5).map(lambda n: MONDAY + timedelta(days=n))
answers = st.builds(said, st.sampled_from(ConsentAnswer), days, st.sampled_from([SaidIn.SURVEY, SaidIn.ANSWER]))


@given(before=st.lists(answers), on=days, after=st.lists(answers))
def test_no_answer_up_to_the_day_of_a_withdrawal_makes_it_a_yes_again(
    before: list[Standing], on: date, after: list[Standing]
) -> None:
    current: Standing | None = None
    for new in before:
        current = new if counts(new, current) else current
    current = withdrawn(current, on, None)
    assert not current.is_yes
    for new in after:
        if new.answered_on <= on:
            current = new if counts(new, current) else current
    assert not current.is_yes


@given(st.lists(answers, min_size=1, unique_by=lambda standing: standing.answered_on), st.randoms())
def test_answers_of_different_days_end_the_same_in_any_order(told: list[Standing], random: object) -> None:
    def after(order: list[Standing]) -> Standing | None:
        current: Standing | None = None
        for new in order:
            current = new if counts(new, current) else current
        return current

    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert after(shuffled) == after(told) == max(told, key=lambda standing: standing.answered_on)


def test_control_letting_the_last_to_arrive_win_would_undo_a_withdrawal() -> None:
    current = withdrawn(said(YES, MONDAY), TUESDAY, None)
    under_way = said(YES, MONDAY)
    assert under_way.is_yes
    assert not (under_way if counts(under_way, current) else current).is_yes


def test_a_withdrawal_keeps_who_had_answered() -> None:
    current = replace(said(YES, MONDAY), guardian_verified=True)
    taken_back = withdrawn(current, TUESDAY, None)
    assert (taken_back.answer, taken_back.answered_on, taken_back.withdrawn_on) == (YES, MONDAY, TUESDAY)
    assert taken_back.guardian_verified


def child(relation: Relation, born: date | None) -> PersonFacts:
    return PersonFacts(relation=relation, born=born)


@pytest.mark.parametrize(
    ("born", "verified"), [(date(2012, 4, 13), True), (date(2012, 4, 14), False), (None, False)]
)
def test_a_guardian_is_needed_up_to_the_day_before_the_fourteenth_birthday(
    born: date | None, verified: bool
) -> None:
    assert guardian_verified([child(Relation.CHILD, born)], MONDAY) is verified


@pytest.mark.parametrize(
    ("relation", "covered"),
    [(Relation.CHILD, True), (Relation.GRANDCHILD, True), (Relation.OTHER, False), (Relation.CHILD_IN_LAW, False)],
)
def test_the_heads_answer_covers_only_children_and_grandchildren(relation: Relation, covered: bool) -> None:
    assert covers_children([child(relation, date(2020, 1, 1))], MONDAY) is covered
