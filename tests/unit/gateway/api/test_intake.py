"""Which kept commands a withdrawal takes back: those about the same thing, and no others."""

from typing import Any
from uuid import uuid4

import pytest

from chassis.sealing import BlindIndex, SealBroken
from contracts.actor import Actor, Role
from gateway.api.intake import TAKEN_BACK_BY, Intake
from gateway.api.order import Order

ACTOR = Actor(id="someone", roles=frozenset({Role.VILLAGE_WORKER}), area="990101101201")
INTAKE = Intake(b"i" * 32, b"a" * 32, BlindIndex(b"d" * 32))
HOME = str(uuid4())


def order(name: str, **body: Any) -> Order:
    return Order(name=name, body=body, actor=ACTOR, idempotency_key="k", traceparent="")


def answered(purpose: str = "visits", home: str = HOME) -> Order:
    return order(
        "households.answer_consent", household_id=home, purpose=purpose, answer="yes", answered_on="2026-04-15"
    )


def withdrawn(purpose: str = "visits", home: str = HOME) -> Order:
    return order("households.withdraw_consent", household_id=home, purpose=purpose)


def about(one: Order) -> bytes | None:
    return INTAKE._about(one)


def test_a_withdrawal_is_about_what_the_answer_was_about() -> None:
    assert about(withdrawn()) == about(answered()) is not None


def test_another_purpose_or_household_is_another_thing() -> None:
    assert len({about(withdrawn()), about(withdrawn("messages")), about(withdrawn(home=str(uuid4())))}) == 3


def test_what_nothing_takes_back_is_about_nothing() -> None:
    assert "visit_report" not in TAKEN_BACK_BY
    assert about(order("activities.report_visit", household_id=HOME)) is None


def test_what_it_is_about_cannot_be_computed_without_the_key() -> None:
    assert Intake(b"i" * 32, b"b" * 32, BlindIndex(b"d" * 32))._about(withdrawn()) != about(withdrawn())


def test_what_was_sealed_opens_with_the_same_key_alone() -> None:
    kept = INTAKE._sealed(withdrawn())
    assert INTAKE.open(kept) == withdrawn()
    assert (kept.priority, INTAKE._sealed(answered()).priority) == (0, 1)
    with pytest.raises(SealBroken):
        Intake(b"x" * 32, b"a" * 32, BlindIndex(b"d" * 32)).open(kept)
