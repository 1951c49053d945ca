"""What a partner's key may be for is computed from what messages declare: each part of it counts."""

from typing import Any

import pytest

from contracts.actor import Role
from contracts.messages import Command, Done, Query, Route, Second, View, command, query
from gateway.office.scopes import fit

PARTNER = frozenset({Role.PARTNER, Role.COUNTY_OFFICER})
OFFICER = frozenset({Role.COUNTY_OFFICER})


def asked(name: str, roles: frozenset[Role], route: Route | None) -> type[Query]:
    @query(name, answer=View, roles=roles, route=route)
    class Asked(Query):
        """Something asked."""

    return Asked


def told(name: str, roles: frozenset[Role], **more: Any) -> type[Command]:
    route = Route("POST", "/v1/something")

    @command(name, resource="thing", action="do", route=route, answer=Done, roles=roles, **more)
    class Told(Command):
        """Something to do."""

    return Told


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        (told("notify.do", PARTNER), True),
        (told("notify.do", OFFICER), False),
        (told("gateway.do", PARTNER), False),
        (told("notify.do", PARTNER, second=Second(OFFICER)), False),
        (asked("notify.ask", PARTNER, Route("GET", "/v1/something")), True),
        (asked("notify.ask", PARTNER, None), False),
        (asked("notify.ask", OFFICER, Route("GET", "/v1/something")), False),
        (asked("gateway.ask", PARTNER, Route("GET", "/v1/something")), False),
    ],
)
def test_a_scope_is_a_message_of_a_service_for_partners_that_needs_no_person(
    kind: type[Command] | type[Query], may: bool
) -> None:
    """The two that may are the control arm."""
    assert fit(kind) is may
