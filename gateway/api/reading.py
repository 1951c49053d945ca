"""Reads what was sent: strict JSON of bounded size and depth, and nothing that a database would choke on."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pydantic_core
from starlette.requests import Request

from chassis.wording import UNNAMED, pointer_at, refused, wrong
from contracts.refusals import Refused
from gateway.api.refusals import BODY_TOO_LARGE, NOT_JSON, TOO_DEEP, WRONG_MEDIA_TYPE

MOST_BYTES = 1024 * 1024
DEEPEST = 64
MOST_PARAMETERS = 50
MOST_VALUES = 20_000
"""Keys count as values."""

MEDIA_TYPE = "application/json"
LARGEST_INTEGER = 2**63 - 1


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object. Refused otherwise."""
    raw = await _bytes(request)
    if not raw:
        return {}
    if media_type(request) != MEDIA_TYPE:
        raise Refused(WRONG_MEDIA_TYPE.with_more(expected=MEDIA_TYPE))
    return parsed(raw)


def media_type(request: Request) -> str:
    """The Content-Type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def parsed(raw: bytes) -> dict[str, Any]:
    """The object that `raw` is; Refused for anything else, however deep, long or odd."""
    try:
        found = pydantic_core.from_json(raw, allow_inf_nan=False, cache_strings="none")
    except ValueError as error:
        raise Refused(TOO_DEEP if "recursion limit" in str(error) else NOT_JSON) from None
    if not isinstance(found, dict):
        raise Refused(NOT_JSON)
    _examine(found)
    return found


def query_string(request: Request) -> dict[str, str]:
    """The query's parameters, each once; Refused if one stands twice or holds a control character."""
    items = request.query_params.multi_items()
    if len(items) > MOST_PARAMETERS:
        raise Refused(refused([wrong(f"/{UNNAMED}", "extra_forbidden")]))
    names = [name for name, _ in items]
    if doubled := sorted(name for name, times in Counter(names).items() if times > 1):
        raise Refused(refused([wrong(pointer_at({"loc": (name,)}), "doubled") for name in doubled[:5]]))
    found = dict(items)
    _examine(found)
    return found


def path_values(request: Request) -> Mapping[str, str]:
    """What stands in the path."""
    values: dict[str, str] = request.path_params
    _examine(values)
    return values


async def _bytes(request: Request) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise Refused(BODY_TOO_LARGE.with_more(limit=MOST_BYTES))
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise Refused(BODY_TOO_LARGE.with_more(limit=MOST_BYTES))
    return bytes(raw)


def _examine(root: Any) -> None:
    """Walk without recursion: depth, and values that JSON has but PostgreSQL or the wire has not."""
    waiting: list[tuple[Any, int]] = [(root, 1)]
    looked_at = 0
    while waiting:
        value, depth = waiting.pop()
        looked_at += 1
        if looked_at > MOST_VALUES:
            raise Refused(BODY_TOO_LARGE.with_more(values=MOST_VALUES))
        if isinstance(value, dict | list) and depth > DEEPEST:
            raise Refused(TOO_DEEP)
        if isinstance(value, dict):
            waiting += ((item, depth + 1) for pair in value.items() for item in pair)
        elif isinstance(value, list):
            waiting += ((item, depth + 1) for item in value)
        elif not _fit(value):
            raise Refused(NOT_JSON)


def _fit(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value
    if isinstance(value, int):
        return abs(value) <= LARGEST_INTEGER
    return not isinstance(value, float) or math.isfinite(value)
