"""A helper or family member acts for themselves alone, also next door; an id in a body opens no more than one in a path."""

from typing import Any
from uuid import UUID

import pytest

from contracts.actor import OFFICERS, Role
from contracts.catalogue import COMMANDS
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import HERE, THERE, FrontDoor

NOT_PATHS = {"file_id", "consent_ref"}
"""Ids in bodies that open nothing by themselves, or are walked in test_uploads.py."""


def attempts(county: County) -> list[tuple[str, dict[str, Any]]]:
    match, household, helper = (county.match[name] for name in ("match_id", "household_id", "helper_id"))
    visit = {"household_id": household, "visited_on": "2026-04-10", "outcome": "all_well"}
    return [
        (f"/v1/matches/{match}/helper-acceptance", {}),
        (f"/v1/matches/{match}/household-acceptance", {}),
        (f"/v1/matches/{match}/decline", {"by": "helper"}),
        (f"/v1/matches/{match}/decline", {"by": "household"}),
        (f"/v1/helpers/{helper}/leave", {"left_on": "2026-04-15"}),
        (
            f"/v1/households/{household}/consents",
            {"purpose": "pairing", "answer": "no", "answered_on": "2026-04-15"},
        ),
        (f"/v1/households/{household}/consents/withdraw", {"purpose": "pairing"}),
        ("/v1/visits", visit),
        ("/v1/visits", {**visit, "match_id": match}),
    ]


@pytest.mark.parametrize("role", [Role.HELPER, Role.FAMILY_MEMBER])
def test_nobody_speaks_for_another_helper_or_family_of_their_own_township(
    door: FrontDoor, county: County, role: Role
) -> None:
    with door.person(role, area=HERE, subject_id=UUID(int=77)) as http:
        told = {(path, str(body)): http.post(path, json=body).status_code for path, body in attempts(county)}
        lists = [
            http.get(path, params={name: county.match[name]}).json().get("items", [])
            for path in ("/v1/matches", "/v1/visits")
            for name in ("household_id", "helper_id")
        ]
    assert set(told.values()) == {403, 404}, told
    assert not any(lists)


def test_a_helper_does_not_answer_for_the_household_nor_the_family_for_the_helper(
    door: FrontDoor, county: County
) -> None:
    match = f"/v1/matches/{county.match['match_id']}"
    with door.person(Role.HELPER, area=HERE, subject_id=UUID(county.match["helper_id"])) as helper:
        assert helper.post(f"{match}/decline", json={"by": "household"}).status_code == 404
        assert helper.post(f"{match}/household-acceptance", json={}).status_code == 403
        assert helper.get("/v1/matches").json()["items"], "the control arm: the match is their own"
    with door.person(Role.FAMILY_MEMBER, area=HERE, subject_id=UUID(county.match["household_id"])) as family:
        assert family.post(f"{match}/decline", json={"by": "helper"}).status_code == 404
        assert family.post(f"{match}/helper-acceptance", json={}).status_code == 403
        assert family.get("/v1/matches").json()["items"], "the control arm: the match is their own"


@pytest.mark.parametrize("role", sorted(OFFICERS))
def test_an_officer_of_another_township_reports_no_visit_by_the_households_id(
    door: FrontDoor, county: County, role: Role
) -> None:
    path, body = attempts(county)[-1]
    with door.person(role, area=THERE) as stranger, door.person(role, area=HERE) as own:
        assert stranger.post(path, json=body).status_code == 404
        assert own.post(path, json=body).status_code == 201, "the control arm: it is the area that hides it"


def test_every_id_in_a_body_is_walked() -> None:
    in_bodies = {
        (kind.spec.name, name)
        for kind in COMMANDS.values()
        for name, told in kind.model_fields.items()
        if name.endswith(("_id", "_ref")) and f"{{{name}}}" not in kind.spec.route.path and name not in NOT_PATHS
    }
    made_for = {
        ("gateway.create_account", "subject_id"),  # whom an operator makes an account for, in the operator's area
        ("gateway.open_family_account", "household_id"),  # where it lives is looked up: test_family_sign_in.py
        ("gateway.delegate_roles", "to_account_id"),  # an account of the giver's area: test_delegation.py
        ("gateway.create_partner_key", "account_id"),  # a partner's, in the operator's area: test_partner_keys.py
        ("gateway.exempt_from_rule", "entity_id"),  # opens nothing: it names what a rule leaves alone in the area
    }
    assert in_bodies - made_for == {
        ("activities.report_visit", "household_id"),
        ("activities.report_visit", "match_id"),
    }
