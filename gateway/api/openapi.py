"""The OpenAPI 3.1 document, made from the operations: what is not declared there is not served, and the other way."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contracts.actor import Purpose
from gateway.api.operation import Operation
from gateway.api.problems import MEDIA_TYPE, Problem

TEMPLATE = "#/components/schemas/{model}"
STATUS_WORDS = {
    200: "Done",
    201: "Made",
    202: "Taken in, done later",
    204: "Done; nothing to say",
    304: "As you have it",
    302: "Go on there",
    401: "Not signed in",
    403: "Not for this role, or no purpose stated",
    404: "Not there, or not in your own area",
    405: "Not with this method",
    408: "Stalled",
    409: "Not as things stand",
    412: "Changed by somebody else since",
    413: "Too large",
    415: "Not in this media type",
    422: "Wrong fields, or against a rule",
    429: "Too many requests",
    500: "Our fault",
    503: "Not reachable now",
}
REQUEST_HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "description": "The same key is the same command: sent again, it is answered, not repeated. Made if missing.",
        "schema": {"type": "string", "pattern": "^[ -~]{1,128}$"},
    },
    "If-Match": {
        "description": "The ETag of what is edited, as it was read: refused with 412 if somebody changed it since.",
        "schema": {"type": "string", "pattern": '^(\\*|"[0-9]{1,9}-[0-9a-f]{32}")$'},
    },
    "If-None-Match": {
        "description": "An ETag that is known: answered with 304 if it is still the one.",
        "schema": {"type": "string", "pattern": '^(\\*|"[!#-~]{1,64}")$'},
    },
    "Kith-Purpose": {
        "description": "What a person's file is read for (law L5); the read is on record.",
        "schema": {"type": "string", "enum": sorted(str(purpose) for purpose in Purpose)},
    },
}
RESPONSE_HEADERS = {
    "Deprecation": "Since when this operation is deprecated (RFC 9745): `@` and seconds since 1970.",
    "ETag": "Names exactly this answer; for If-None-Match, and for If-Match where it begins with a version.",
    "Idempotency-Key": "The key that was used.",
    "Idempotency-Replayed": "`true`: this is the answer of the first time.",
    "Kith-Decision": "The id of the verdict.",
    "Kith-Warnings": "Rules that warn, comma-separated: `rule;v=version;code;pointers`. GET /v1/rules tells their words.",
    "Link": "What takes the place of a deprecated operation.",
    "Location": "Where to ask what became of it.",
    "Set-Cookie": "What binds the sign-in to this browser.",
    "Retry-After": "Seconds to wait.",
    "Sunset": "The day from which this operation may be gone (RFC 8594).",
    "WWW-Authenticate": "How to sign in.",
}
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A session's token; or a partner's key (`kithp_…`), for the operations that are its scopes by operationId.",
}
PROBLEM_HEADERS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The whole document."""
    references, schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        told = _operation(operation, references, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = told
    for operation in operations:
        _leave_to_the_path(operation, references, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kith 结亲",
            "version": version,
            "description": "A county's family-care programme. Refusals are problem details (RFC 9457) in zh or en by Accept-Language. Whoever stands in for somebody names the delegation in the header Kith-Delegation.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": BEARER},
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    wanted: list[tuple[type[BaseModel], Any]] = [(Problem, "serialization")]
    for operation in operations:
        if operation.message:
            wanted.append((operation.message, "validation"))
        answers = (operation.answer, *operation.also.values())
        wanted += [(answer, "serialization") for answer in answers if answer]
    references, found = models_json_schema(list(dict.fromkeys(wanted)), ref_template=TEMPLATE)
    return dict(references), dict(found["$defs"])


def _operation(operation: Operation, references: dict[Any, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation, references, schemas),
        "responses": _responses(operation, references),
    }
    if operation.roles:
        told["x-roles"] = sorted(str(role) for role in operation.roles)
    if operation.open:
        told["security"] = []
    if operation.deprecated:
        told["deprecated"] = True
        told["x-sunset"] = operation.deprecated.sunset.isoformat()
    if body := _body(operation, references, schemas):
        told["requestBody"] = body
    return told


def _in_path(operation: Operation) -> list[str]:
    return re.findall(r"{(\w+)}", operation.path)


def _asks(operation: Operation) -> bool:
    return operation.method in ("GET", "DELETE")


def _shape(operation: Operation, references: dict[Any, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    if operation.message is None:
        return {}
    name = references[(operation.message, "validation")]["$ref"].rsplit("/", 1)[1]
    found: dict[str, Any] = schemas[name]
    return found


def _parameters(operation: Operation, references: dict[Any, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    shape = _shape(operation, references, schemas)
    fields, required = shape.get("properties", {}), shape.get("required", ())
    path = _in_path(operation)
    found = [{"name": name, "in": "path", "required": True, "schema": fields[name]} for name in path]
    if _asks(operation):
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": _without_null(schema)}
            for name, schema in fields.items()
            if name not in path
        ]
    return found + [{"name": name, "in": "header", **REQUEST_HEADERS[name]} for name in _sent(operation)]


def _sent(operation: Operation) -> tuple[str, ...]:
    return (*operation.sends, "If-None-Match") if operation.single else operation.sends


def _told(operation: Operation) -> tuple[str, ...]:
    deprecated = ("Deprecation", "Sunset", "Link") if operation.deprecated else ()
    return (*operation.told, *(("ETag",) if operation.single else ()), *deprecated)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query's parameter is left out rather than null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    return {**{k: v for k, v in schema.items() if k not in ("anyOf", "default")}, **kinds[0]} if kinds else schema


def _body(operation: Operation, references: dict[Any, Any], schemas: dict[str, Any]) -> dict[str, Any] | None:
    if operation.takes is not None:
        return {"required": True, "content": dict(operation.takes)}
    if operation.message is None or _asks(operation):
        return None
    shape = _shape(operation, references, schemas)
    fields = set(shape.get("properties", {})) - set(_in_path(operation))
    if not fields:
        return None
    needed = bool(set(shape.get("required", ())) & fields)
    return {
        "required": needed,
        "content": {"application/json": {"schema": references[(operation.message, "validation")]}},
    }


def _responses(operation: Operation, references: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, answer in {operation.status: operation.answer, **operation.also}.items():
        found[str(status)] = {"description": STATUS_WORDS[status]}
        if answer is not None:
            schema = references[(answer, "serialization")]
            found[str(status)]["content"] = {operation.gives: {"schema": schema}}
        elif status not in (204, 302):
            found[str(status)]["content"] = {operation.gives: {"schema": {"type": "string"}}}
        if told := _told(operation):
            found[str(status)]["headers"] = _headers(told)
    if operation.single:
        found["304"] = {"description": STATUS_WORDS[304], "headers": _headers(("ETag",))}
    problem = {MEDIA_TYPE: {"schema": references[(Problem, "serialization")]}}
    for status in sorted(operation.refusals):
        refused = found[str(status)] = {"description": STATUS_WORDS[status], "content": problem}
        if status in PROBLEM_HEADERS:
            refused["headers"] = _headers((PROBLEM_HEADERS[status],))
    return found


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"description": RESPONSE_HEADERS[name], "schema": {"type": "string"}} for name in names}


def _leave_to_the_path(operation: Operation, references: dict[Any, Any], schemas: dict[str, Any]) -> None:
    """What stands in the path does not stand in the body; what is no body is no component at all."""
    if operation.message is None:
        return
    name = references[(operation.message, "validation")]["$ref"].rsplit("/", 1)[1]
    shape = schemas[name]
    for field in _in_path(operation):
        shape["properties"].pop(field, None)
    if _asks(operation) or operation.takes is not None or not shape.get("properties"):
        del schemas[name]
        return
    shape["required"] = [field for field in shape.get("required", ()) if field in shape["properties"]]
