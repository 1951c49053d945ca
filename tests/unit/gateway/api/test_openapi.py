"""The document says all that is served, in a form that others can read."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from contracts.catalogue import COMMANDS, QUERIES
from gateway.api.app import operations
from gateway.api.openapi import STATUS_WORDS, document
from gateway.api.operation import Operation


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document(operations(), "1")


def by_id(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {told["operationId"]: told for methods in described["paths"].values() for told in methods.values()}


def test_every_command_and_every_query_with_a_route_is_served_once() -> None:
    ids = [operation.id for operation in operations()]
    wanted = [*COMMANDS, *(name for name, kind in QUERIES.items() if kind.spec.route)]
    assert len(ids) == len(set(ids))
    assert set(wanted) <= set(ids)


def test_a_query_for_services_only_is_not_served() -> None:
    hidden = {name for name, kind in QUERIES.items() if kind.spec.route is None}
    assert hidden
    assert not hidden & {operation.id for operation in operations()}


def test_no_two_operations_share_method_and_path() -> None:
    places = [(operation.method, operation.path) for operation in operations()]
    assert len(places) == len(set(places))


def test_every_reference_in_the_document_leads_somewhere(described: dict[str, Any]) -> None:
    found, waiting = set(), [described]
    while waiting:
        node: Any = waiting.pop()
        if isinstance(node, dict):
            found |= {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    assert found
    assert {ref.removeprefix("#/components/schemas/") for ref in found} <= described["components"]["schemas"].keys()


def test_schemas_are_json_schema_of_2020(described: dict[str, Any]) -> None:
    for schema in described["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_what_stands_in_the_path_stands_in_no_body(described: dict[str, Any]) -> None:
    told = by_id(described)["activities.activate_plan"]
    assert [parameter["name"] for parameter in told["parameters"]] == ["plan_id", "Idempotency-Key", "If-Match"]
    assert "plan_id" not in described["components"]["schemas"]["ActivatePlan"]["properties"]
    assert "requestBody" not in by_id(described)["pairing.accept_as_helper"]


def test_only_what_is_never_blocked_may_be_taken_in_for_later(described: dict[str, Any]) -> None:
    told = by_id(described)
    for name, kind in COMMANDS.items():
        kept = "/Ticket'" in str(told[name]["responses"].get("202"))
        assert kept is kind.spec.never_blocked, name


def test_every_command_says_who_may_send_it_and_how_it_may_be_refused(described: dict[str, Any]) -> None:
    told = by_id(described)
    for name, kind in COMMANDS.items():
        assert told[name]["x-roles"] == sorted(map(str, kind.spec.roles))
        assert {"401", "403", "404", "409", "413", "415", "422", "429", "500", "503"} <= told[name][
            "responses"
        ].keys()


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: str(operation.id))
def test_every_operation_has_words_for_each_of_its_answers(operation: Operation) -> None:
    assert operation.summary
    assert {operation.status, *operation.also, *operation.refusals} <= STATUS_WORDS.keys()
