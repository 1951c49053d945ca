"""No change gets past the rules: the document is walked, and every command in it is sent to a door whose rules say no."""

from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from contracts.actor import Role
from contracts.catalogue import COMMANDS
from gateway.admission.evaluate import Judgement, RuleSet
from gateway.api.app import described
from gateway.api.unjudged import UNJUDGED
from tests.support.front_door import COUNTY, FrontDoor

ENOUGH = 60
"""Examples of an operation until one is well-formed; most need one."""

SHAPE = {"body-invalid", "not-json"}
DENIED = Judgement("deny", (), (), {}, "a version that says no")


def changing(document: dict[str, Any]) -> Iterator[str]:
    """Ids of all operations that are no questions."""
    for path in document["paths"].values():
        yield from (
            told["operationId"] for method, told in path.items() if method not in ("get", "head", "options")
        )


def escaping(document: dict[str, Any]) -> set[str]:
    """Changing operations that are neither a command nor on the list of those that are not judged."""
    return set(changing(document)) - set(COMMANDS) - set(UNJUDGED)


def test_every_changing_route_is_a_command_or_on_the_short_list_with_its_reason() -> None:
    document = described()
    assert escaping(document) == set()
    assert set(COMMANDS) <= set(changing(document))
    assert set(UNJUDGED) <= set(changing(document)), "the list names nothing that is gone"
    assert all(len(reason) > 20 for reason in UNJUDGED.values())


def test_control_a_changing_route_of_no_command_is_found() -> None:
    document = described()
    document["paths"]["/v1/plans/{plan_id}/shred"] = {
        "post": {"operationId": "plan.shred"},
        "get": {"operationId": "x"},
    }
    assert escaping(document) == {"plan.shred"}


def headers_of(door: FrontDoor) -> dict[str, str]:
    """Somebody who may do nearly everything, and somebody who may audit."""
    everything = set(Role) - {Role.SYSTEM, Role.AUDITOR}
    return {"Authorization": f"Bearer {door.token(door.account(*everything)[0])}"}


def first_sound_answer(operation: Any, headers: dict[str, str]) -> httpx.Response | None:
    """The answer to the first example that was well-formed."""
    found: list[Any] = []

    @settings(
        max_examples=ENOUGH,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def send(case: Any) -> None:
        if found:
            return
        if isinstance(case.body, dict) and "area_code" in case.body:
            case.body = {**case.body, "area_code": COUNTY}
        case.headers = {**(case.headers or {}), **headers}
        case.headers.pop("Idempotency-Key", None)
        answer = case.call()
        if not (answer.status_code == 422 and answer.json()["code"] in SHAPE):
            found.append(answer)

    send()
    return found[0] if found else None


def judged(answer: Any) -> bool:
    """Whether the answer names the verdict that it rests on."""
    if answer.headers.get("Kith-Decision"):
        return True
    told = answer.json() if answer.content else {}
    return isinstance(told, dict) and "decision_id" in told


def test_every_command_of_the_document_meets_rules_that_say_no(
    door: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def no(self: RuleSet, resource: str, action: str, *more: Any) -> Judgement:
        asked.append((resource, action))
        return DENIED

    monkeypatch.setattr(RuleSet, "judge", no)
    schema = schemathesis.openapi.from_url(f"{door.url}/openapi.json")
    headers, answers = headers_of(door), {}
    for result in schema.get_all_operations():
        operation = cast(Any, result).ok()
        name = operation.definition.raw["operationId"]
        if name in COMMANDS:
            answers[name] = first_sound_answer(operation, headers)
    assert set(answers) == set(COMMANDS)
    assert [name for name, answer in answers.items() if answer is None] == [], "no example was well-formed"
    unjudged = [(name, a.status_code, a.text) for name, a in answers.items() if a is not None and not judged(a)]
    assert unjudged == []
    for name, answer in answers.items():
        spec = COMMANDS[name].spec
        assert (spec.resource, spec.action) in asked, name
        denied = answer is not None and answer.status_code == 422 and answer.json()["code"] == "admission-denied"
        assert denied is not spec.never_blocked, name


def test_control_what_is_not_judged_shows_no_decision(door: FrontDoor) -> None:
    with door.person(Role.COUNTY_OFFICER) as http:
        assert not judged(http.post("/v1/rules/preview", json={"rule_id": "ADM-01"}))
        assert not judged(http.post("/v1/dry-run/pairing.open_match_round", json={"area_code": COUNTY}))
        assert judged(http.post("/v1/match-rounds", json={"area_code": COUNTY}))
