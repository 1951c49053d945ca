"""Whatever is sent, in the document or not: never a fault of ours, never an answer that is not written down."""

import time
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contracts.actor import Role
from contracts.refusals import Refusal
from tests.support.front_door import FrontDoor

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDING = {"session.end", "session.end_all", "session.confirm_factor"}
FEW = dict.fromkeys(ENDING, 1) | dict.fromkeys(
    ("session.open", "session.open_by_card", "session.change_password", "gateway.create_account"), 2
)
"""Operations that end the session or hash passwords."""

EXAMPLES = 10
SECONDS = 300.0
EVERYBODY = set(Role) - {Role.SYSTEM, Role.AUDITOR}


def sent(operation: Any, mode: GenerationMode, headers: dict[str, str], known: dict[str, str]) -> list[int]:
    """Send examples of an operation; the statuses that came back. Raises FailureGroup where one does not hold."""
    statuses: list[int] = []

    @settings(
        max_examples=FEW.get(operation.definition.raw["operationId"], EXAMPLES),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def holds(case: Any, real: bool) -> None:
        if real and case.path_parameters:
            case.path_parameters = {
                **case.path_parameters,
                **{k: known[k] for k in case.path_parameters if k in known},
            }
        statuses.append(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    try:
        holds()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "an operation with nothing to get wrong"
    return statuses


def signed_in(door: FrontDoor) -> dict[str, str]:
    return {"Authorization": f"Bearer {door.token(door.account(*EVERYBODY)[0])}"}


@pytest.mark.timeout(400)
def test_no_operation_fails_or_answers_what_its_document_does_not_say(
    door: FrontDoor, things: dict[str, str]
) -> None:
    schema = schemathesis.openapi.from_url(f"{door.url}/openapi.json")
    headers, started = signed_in(door), time.monotonic()
    known = {**things, "code": "PAIR-01", "rule_id": "ADM-03", "import_id": things["survey-import"]}
    statuses: list[int] = []
    operations: list[Any] = [cast(Any, result).ok() for result in schema.get_all_operations()]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for operation in operations:
            ends = operation.definition.raw["operationId"] in ENDING
            statuses += sent(operation, mode, signed_in(door) if ends else headers, known)
    assert time.monotonic() - started < SECONDS
    assert len(operations) > 90
    assert {200, 201, 202, 204, 404, 422} <= set(statuses), (
        "the examples reached both what is right and what is wrong"
    )


def test_a_fault_would_be_found(door: FrontDoor) -> None:
    """The control arm: an answer that is not in the document, and one that is a fault."""
    schema = schemathesis.openapi.from_url(f"{door.url}/openapi.json")
    operation = schema["/v1/plans"]["POST"]
    headers = {**signed_in(door), "Idempotency-Key": "teapot"}
    body: Any = {"carrier": "happy_family", "area_code": "990101101", "year": 2026, "title": "A plan"}
    for status in (418, 500):
        door.switchboard.answers["teapot"] = Refusal("odd", status, "Odd", "怪")
        case = operation.Case(body=body, media_type="application/json", headers=headers)
        with pytest.raises(FailureGroup):
            case.call_and_validate(checks=CHECKS)
    door.switchboard.answers.clear()
