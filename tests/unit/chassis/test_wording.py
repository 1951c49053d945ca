"""Whatever is wrong with a message, there are words for it in both languages, and none of them repeats what was sent."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chassis.wording import ANYTHING_ELSE, UNNAMED, pointer_at, wrong, wrong_fields
from contracts.activities import DraftPlan, ReportVisit, RevisePlan
from contracts.gateway import CreateAccount

SENT = "220101199001010000"
WRONG: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (DraftPlan, {}),
    (DraftPlan, {"carrier": SENT, "area_code": SENT * 2, "year": 1, "title": ""}),
    (DraftPlan, {"carrier": 1, "area_code": [SENT], "year": 3000, "title": "x" * 201, SENT: 1}),
    (ReportVisit, {"household_id": SENT, "visited_on": SENT, "outcome": SENT, "needs_checked": SENT}),
    (ReportVisit, {"household_id": 1, "visited_on": "2026-02-30", "outcome": None, "note": {"a": SENT}}),
    (RevisePlan, {"plan_id": "x", "version": 0, "indicators": SENT, "implementing_units": [SENT]}),
    (RevisePlan, {"plan_id": "x", "version": "one", "indicators": [{}] * 51}),
    (CreateAccount, {"username": "", "password": "short", "roles": [], "area_code": None}),
]


def errors(kind: type[BaseModel], said: dict[str, Any]) -> list[ErrorDetails]:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(said)
    return caught.value.errors(include_url=False, include_input=False)


@pytest.mark.parametrize(("kind", "said"), WRONG)
def test_each_wrong_field_is_told_what_to_write(kind: type[BaseModel], said: dict[str, Any]) -> None:
    refusal = wrong_fields(errors(kind, said))
    assert refusal.status == 422
    assert SENT not in str(refusal)
    for problem in refusal.more["problems"]:
        assert problem["fix_en"] != ANYTHING_ELSE[0], problem
        assert problem["fix_en"] != problem["fix_zh"]
        assert "{" not in problem["fix_en"] + problem["fix_zh"]


def test_the_bounds_of_the_declaration_are_told() -> None:
    told = wrong_fields(errors(DraftPlan, {**WRONG[1][1], "year": 1})).more["problems"]
    assert "2000" in next(problem["fix_zh"] for problem in told if problem["pointer"] == "/year")


def test_what_nobody_foresaw_has_words_all_the_same() -> None:
    assert wrong("/x", "odd_error")["fix_zh"] == ANYTHING_ELSE[1]
    assert wrong("/x", "greater_than_equal")["fix_en"] == ANYTHING_ELSE[0]


def test_control_a_pointer_that_repeats_any_key_would_be_seen() -> None:
    assert pointer_at({"loc": ("indicators", 0, "code")}) == "/indicators/0/code"
    assert pointer_at({"loc": ("李某",)}) == pointer_at({"loc": (SENT,)}) == f"/{UNNAMED}"
