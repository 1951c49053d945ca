"""Builds the messages of contracts out of path, query and body."""

from collections.abc import Mapping
from typing import Any, TypeVar

from chassis.execution import parse
from chassis.wording import refused, wrong
from contracts.messages import Message
from contracts.refusals import Refused
from gateway.api.operation import Visit
from gateway.api.reading import json_object, path_values, query_string

M_ = TypeVar("M_", bound=Message)


async def from_body(visit: Visit, kind: type[M_]) -> M_:
    """The message in the body and the path; Refused with pointers at what is wrong."""
    return completed(kind, path_values(visit.request), await json_object(visit.request))


def from_query(visit: Visit, kind: type[M_]) -> M_:
    """The message in the query string and the path; Refused likewise."""
    return completed(kind, path_values(visit.request), query_string(visit.request))


def completed(kind: type[M_], path: Mapping[str, Any], rest: Mapping[str, Any]) -> M_:
    """Both together; a field of the path may not stand in the rest as well."""
    if doubled := path.keys() & rest.keys():
        raise Refused(refused([wrong(f"/{name}", "in_path") for name in sorted(doubled)]))
    return parse(kind, {**rest, **path})
