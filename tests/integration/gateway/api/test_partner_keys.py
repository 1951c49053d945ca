"""Partners' keys: shown once, for what they were made for, until they end; never for what needs a person."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from chassis.addresses import owner_url
from contracts.actor import Role
from gateway.api.rates import Allowance
from gateway.office.api_keys import FORM
from gateway.office.scopes import grantable
from kith.client import Client, ScopesTooNarrow
from tests.support.front_door import COUNTY, HERE, THERE, FrontDoor, open_door
from tests.support.hosting import fresh, settings_for

TODAY = date(2026, 4, 15)
AREAS, NOTICES = "households.list_areas", "notify.list_notices"


def made(door: FrontDoor, *scopes: str, area: str = COUNTY, until: date = TODAY, **more: Any) -> httpx.Response:
    """What an operator is answered who makes a key for a partner."""
    account = more.pop("account", None) or door.account(Role.PARTNER, area=more.pop("of", COUNTY))[1]
    body = {"account_id": str(account), "scopes": list(scopes), "area_code": area, "valid_until": str(until)}
    with door.person(Role.OPERATOR, area=more.pop("by", COUNTY)) as operator:
        return operator.post("/v1/partner-keys", json=body, headers=more.pop("headers", {}))


def key(door: FrontDoor, *scopes: str, **more: Any) -> dict[str, Any]:
    """A new key with what was told about it."""
    answer = made(door, *scopes, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def tables_with(door: FrontDoor, text: str) -> set[str]:
    """The tables that the gateway's role may read and in which this stands."""
    listed = (
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and has_table_privilege(oid, 'select')"
    )
    tables = [row[0] for row in door.rows(listed)]
    return {t for t in tables if door.rows(f'select 1 from "{t}" t where strpos(t::text, :text) > 0', text=text)}


def status(door: FrontDoor, sent: str, where: str = "/v1/areas") -> int:
    with door.signed_in(sent) as http:
        return http.get(where).status_code


# --- made, and shown once


def test_a_key_is_shown_once_and_kept_as_a_hash(door: FrontDoor) -> None:
    told = key(door, AREAS)
    assert FORM.fullmatch(told["key"])
    assert told["key"].startswith(told["prefix"])
    assert len(told["key"].rpartition(told["prefix"] + "_")[2]) == 43, "256 bits"
    assert told["scopes"] == [AREAS], "what was granted is told"
    secret = told["key"].removeprefix(told["prefix"])
    assert tables_with(door, secret) == set()
    assert tables_with(door, told["prefix"]) >= {"partner_key", "idempotency"}, "the control arm: they are searched"
    ((size,),) = door.rows("select length(digest) from partner_key where id = :id", id=told["key_id"])
    assert size == 32


def test_the_same_idempotency_key_is_not_shown_it_again(door: FrontDoor) -> None:
    account, headers = door.account(Role.PARTNER)[1], {"Idempotency-Key": "a key for the bridge"}
    first = made(door, AREAS, account=account, headers=headers)
    again = made(door, AREAS, account=account, headers=headers)
    assert first.json()["key"] is not None
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == {**first.json(), "key": None}


# --- what it is for


def test_a_key_opens_what_it_was_made_for_in_its_area(door: FrontDoor, county: object) -> None:
    told = key(door, AREAS, area=HERE)
    with door.signed_in(told["key"]) as http:
        codes = {row["code"] for row in http.get("/v1/areas").json()["items"]}
        assert codes
        assert {code[:9] for code in codes} == {HERE}
        assert http.get("/v1/areas", params={"area_code": THERE}).status_code == 404
        own = http.get("/v1/partner-key").json()
    assert own == {"prefix": told["prefix"], "scopes": [AREAS], "area_code": HERE, "valid_until": "2026-04-15",
                   "ends_at": None}  # fmt: skip


def test_what_lies_beyond_its_scopes_is_refused_by_name_and_on_record(door: FrontDoor) -> None:
    account = door.account(Role.PARTNER)[1]
    told = key(door, AREAS, account=account)
    with door.signed_in(told["key"]) as http:
        answer = http.get("/v1/notices")
        assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")
        assert (answer.json()["scope"], answer.json()["granted"]) == (NOTICES, [AREAS])
    record = door.rows("select what, outcome from audit where actor_id = :id", id=str(account))
    assert [tuple(row) for row in record] == [(NOTICES, "scope-missing")]
    wider = key(door, AREAS, NOTICES, account=account)
    assert status(door, wider["key"], "/v1/notices") == 200, "the control arm: the scope opens it"


def operations(door: FrontDoor) -> list[tuple[str, str, dict[str, Any]]]:
    with door.anybody() as http:
        paths = http.get("/openapi.json").json()["paths"]
    return [(path, method, told) for path, methods in paths.items() for method, told in methods.items()]


def test_a_key_with_every_scope_there_is_does_nothing_that_needs_a_person(door: FrontDoor) -> None:
    """Walks the document, so that new operations are covered by themselves."""
    told, refused, opened = key(door, *grantable()), 0, set()
    with door.signed_in(told["key"]) as http:
        for path, method, operation in operations(door):
            if operation.get("security") == []:
                continue
            answer = http.request(method, re.sub("{.*?}", str(UUID(int=1)), path))
            if answer.status_code == 403 and answer.json()["code"] == "scope-missing":
                refused += 1
                continue
            opened.add(operation["operationId"])
    assert opened == grantable() | {"partner_key.own"}
    assert refused > 60


def test_only_what_a_partner_may_and_no_person_is_needed_for_can_be_granted(door: FrontDoor) -> None:
    assert {AREAS, NOTICES} <= grantable()
    roles = {told["operationId"]: set(told.get("x-roles", ())) for _, _, told in operations(door)}
    assert all("partner" in roles[scope] for scope in grantable())
    assert not [scope for scope in grantable() if scope.startswith(("gateway.", "session."))]


def test_a_person_has_no_key_to_ask_about(door: FrontDoor) -> None:
    with door.person(Role.PARTNER) as http:
        assert http.get("/v1/partner-key").json()["code"] == "partner-key-needed"


def test_our_client_does_not_go_on_with_a_key_that_is_narrower_than_what_it_needs(door: FrontDoor) -> None:
    narrower, wide = key(door, AREAS)["key"], key(door, AREAS, NOTICES)["key"]
    with pytest.raises(ScopesTooNarrow) as stopped:
        Client.with_key(door.url, narrower, {AREAS, NOTICES})
    assert stopped.value.missing == {NOTICES}
    client = Client.with_key(door.url, wide, {AREAS, NOTICES})
    assert list(client.list_notices()) == [], "the control arm: with both it goes on"


# --- what may not be made


@pytest.mark.parametrize(
    ("scopes", "more", "code"),
    [
        (("households.read_file",), {}, "scope-not-for-partners"),
        (("gateway.create_account",), {}, "scope-not-for-partners"),
        (("session.me",), {}, "scope-not-for-partners"),
        ((AREAS,), {"until": TODAY - timedelta(days=1)}, "key-validity"),
        ((AREAS,), {"until": TODAY + timedelta(days=367)}, "key-validity"),
        ((AREAS,), {"of": HERE}, "out-of-area"),
        ((AREAS,), {"of": HERE, "area": THERE}, "out-of-area"),
        ((AREAS,), {"by": HERE}, "out-of-area"),
        ((AREAS,), {"by": HERE, "area": HERE}, "not-found"),
        ((AREAS,), {"account": UUID(int=1)}, "not-found"),
        ((), {}, "body-invalid"),
    ],
    ids=str,
)
def test_a_key_that_may_not_be_is_refused(
    door: FrontDoor, scopes: tuple[str, ...], more: dict[str, Any], code: str
) -> None:
    assert made(door, *scopes, **more).json()["code"] == code


def test_a_wider_wish_is_told_what_is_too_much(door: FrontDoor) -> None:
    told = made(door, AREAS, "households.read_file").json()
    assert told["refused"] == ["households.read_file"]
    assert told["grantable"] == sorted(grantable())


@pytest.mark.parametrize("roles", [(Role.AUDITOR,), (Role.PARTNER, Role.VILLAGE_WORKER)], ids=str)
def test_only_a_partners_account_gets_a_key(door: FrontDoor, roles: tuple[Role, ...]) -> None:
    assert made(door, AREAS, account=door.account(*roles)[1]).json()["code"] == "not-a-partner"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.SYSTEM}))
def test_nobody_but_an_operator_keeps_keys(door: FrontDoor, role: Role) -> None:
    where = f"/v1/partner-keys/{UUID(int=1)}"
    with door.person(role) as http:
        assert http.get("/v1/partner-keys").status_code == 403
        for path in ("/v1/partner-keys", f"{where}/revoke", f"{where}/rotate"):
            assert http.post(path, json={}).status_code in (403, 422)


# --- until it ends


def test_a_key_counts_until_its_last_day_is_over(door: FrontDoor) -> None:
    told = key(door, AREAS)
    assert status(door, told["key"]) == 200, "its last day is today"
    longer = key(door, AREAS, until=TODAY + timedelta(days=366))
    assert status(door, longer["key"]) == 200
    owner(
        door,
        "update partner_key set valid_until = :day where id = :id",
        day=TODAY - timedelta(1),
        id=told["key_id"],
    )
    assert status(door, told["key"]) == 401


def owner(door: FrontDoor, statement: str, **values: object) -> None:
    """What time does: the serving role itself may not change it."""
    engine = sa.create_engine(owner_url(door.settings, "gateway"))
    with engine.begin() as connection:
        connection.execute(sa.text(statement), values)
    engine.dispose()


def test_a_revoked_key_ends_at_once_and_others_go_on(door: FrontDoor) -> None:
    account = door.account(Role.PARTNER)[1]
    one, other = key(door, AREAS, account=account), key(door, AREAS, account=account)
    with door.person(Role.OPERATOR) as operator:
        assert operator.post(f"/v1/partner-keys/{one['key_id']}/revoke").status_code == 200
        assert operator.post(f"/v1/partner-keys/{UUID(int=1)}/revoke").status_code == 404
    assert (status(door, one["key"]), status(door, other["key"])) == (401, 200)


def test_a_rotated_key_counts_a_while_beside_the_new_one(door: FrontDoor) -> None:
    old = key(door, AREAS, area=HERE)
    body = {"valid_until": str(TODAY + timedelta(days=90)), "hours_more": 2}
    with door.person(Role.OPERATOR) as operator:
        new = operator.post(f"/v1/partner-keys/{old['key_id']}/rotate", json=body).json()
        assert (status(door, old["key"]), status(door, new["key"])) == (200, 200)
        assert (new["scopes"], new["area_code"]) == ([AREAS], HERE)
        ((left,),) = door.rows("select ends_at - now() from partner_key where id = :id", id=old["key_id"])
        assert timedelta(hours=1, minutes=55) < left <= timedelta(hours=2)
        door.change("update partner_key set ends_at = now() where id = :id", id=old["key_id"])
        assert (status(door, old["key"]), status(door, new["key"])) == (401, 200)
        again = operator.post(f"/v1/partner-keys/{old['key_id']}/rotate", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "key-over")


def test_keys_end_with_the_account(door: FrontDoor) -> None:
    account = door.account(Role.PARTNER)[1]
    told = key(door, AREAS, account=account)
    with door.person(Role.OPERATOR) as operator:
        assert operator.post(f"/v1/accounts/{account}/close").status_code == 200
    assert status(door, told["key"]) == 401
    assert made(door, AREAS, account=account).json()["code"] == "not-a-partner"


# --- guessing and altering


def test_what_is_almost_a_key_is_none(door: FrontDoor) -> None:
    told = key(door, AREAS)
    right, other = told["key"], key(door, AREAS)
    last = "A" if right[-1] != "A" else "B"
    for wrong in (
        right[:-1], right + "A", right.upper(), told["prefix"], told["prefix"] + "_", right[:20] + last + right[21:],
        right[:-5] + last * 5, other["prefix"] + right.removeprefix(told["prefix"]), "kithp_" + "a" * 12 + "_" + "A" * 43,
        "kithp_" + "x" * 9000,
    ):  # fmt: skip
        assert status(door, wrong) == 401, wrong
    assert status(door, right) == 200, "the control arm"


def test_the_serving_role_cannot_widen_a_key(door: FrontDoor) -> None:
    for statement in (
        "update partner_key set scopes = array['households.read_file']",
        "update partner_key set area_code = '990101'",
        "update partner_key set valid_until = '2099-01-01'",
        "update partner_key set digest = ''",
        "delete from partner_key",
        "update identity set subject = 'me'",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            door.change(statement)
    door.change("update partner_key set ends_at = ends_at")


def test_an_operator_of_one_township_neither_sees_nor_ends_keys_of_another(door: FrontDoor) -> None:
    told = key(door, AREAS, area=THERE)
    with door.person(Role.OPERATOR, area=HERE) as operator:
        assert told["key_id"] not in operator.get("/v1/partner-keys", params={"limit": 500}).text
        assert operator.post(f"/v1/partner-keys/{told['key_id']}/revoke").status_code == 404
    assert status(door, told["key"]) == 200


def test_the_list_tells_when_a_key_was_last_used_and_never_the_key(door: FrontDoor) -> None:
    told = key(door, AREAS, area=HERE)

    def row() -> dict[str, Any]:
        with door.person(Role.OPERATOR, area=HERE) as operator:
            answer = operator.get("/v1/partner-keys", params={"limit": 500})
        assert told["key"] not in answer.text
        found: dict[str, Any] = next(item for item in answer.json()["items"] if item["key_id"] == told["key_id"])
        return found

    assert row()["used_at"] is None
    status(door, told["key"])
    used = row()["used_at"]
    assert used is not None
    status(door, told["key"])
    assert row()["used_at"] == used, "true to the minute: not every use writes"


@pytest.fixture(scope="module")
def narrow(database_server: str, namespace: str) -> Iterator[FrontDoor]:
    settings = settings_for(database_server, fresh(f"{namespace}key"), TODAY, county=COUNTY, port=0)
    with open_door(settings, Allowance("20/minute", ("3/minute",), "100/minute")) as found:
        yield found


def test_a_partner_who_asks_without_end_is_told_to_wait_whichever_key_it_sends(narrow: FrontDoor) -> None:
    account = narrow.account(Role.PARTNER)[1]
    one, two = (key(narrow, AREAS, account=account)["key"] for _ in range(2))
    found = [status(narrow, sent) for sent in [one, two] * 11]
    assert (found[0], found[-1]) == (200, 429)
    assert status(narrow, key(narrow, AREAS)["key"]) == 200, "others go on"
