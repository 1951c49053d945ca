"""A token is needed everywhere: each operation of the document, without one and with one that is none."""

import httpx
import pytest

from contracts.actor import Role
from tests.integration.gateway.api.conftest import County
from tests.integration.gateway.api.things import Told, walked
from tests.support.front_door import FrontDoor

OPEN = {
    "session.open", "session.open_by_code", "session.open_by_card", "oidc.start", "oidc.callback",
    "health.live", "health.ready", "metrics",
}  # fmt: skip
"""What needs no token, each named here by hand: a new one is a decision."""

NO_TOKENS = ["", "Bearer", "Bearer x", "Basic eDp4", "Bearer eyJhbGciOiJub25lIn0.e30."]


def let_in(http: httpx.Client, operations: list[Told], authorization: str) -> list[str]:
    """Operations that ask for no token."""
    headers = {"Authorization": authorization} if authorization else {}
    found = []
    for told in operations:
        path = told.path.replace("{", "").replace("}", "")
        answer = http.request(told.method, path, headers=headers)
        if answer.status_code != 401:
            found.append(told.id)
        else:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    return found


@pytest.mark.parametrize("authorization", NO_TOKENS, ids=range(len(NO_TOKENS)))
def test_every_operation_without_a_token_is_refused(door: FrontDoor, authorization: str) -> None:
    operations = [told for told in walked(door) if told.id not in OPEN]
    assert len(operations) > 60
    with door.anybody() as http:
        assert let_in(http, operations, authorization) == []


def test_what_is_open_is_written_down(door: FrontDoor) -> None:
    assert {told.id for told in walked(door) if told.open} == OPEN


def test_control_with_a_token_the_walk_sees_who_is_let_in(door: FrontDoor, county: County) -> None:
    operations = [told for told in walked(door) if told.id == "session.me"]
    with door.person(Role.COUNTY_OFFICER) as http:
        assert let_in(http, operations, http.headers["Authorization"]) == ["session.me"]
