"""Nobody gets past the door without a token of ours that still counts."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from chassis.keys import Keys
from contracts.actor import Role
from gateway.api.tokens import AUDIENCE, KIND, Bearer, Tokens
from tests.support.front_door import FrontDoor

OPEN = {("post", "/v1/session"), ("get", "/health/live"), ("get", "/health/ready"), ("get", "/metrics")} | {
    ("get", "/v1/oidc/start"), ("get", "/v1/oidc/callback"), ("post", "/v1/session/code"), ("post", "/v1/session/card"),
}  # fmt: skip
OTHER_KEY = b"k" * 32


def issuer(door: FrontDoor) -> str:
    return f"kith:{door.settings.namespace}:{door.settings.county}"


def key(door: FrontDoor) -> bytes:
    return Keys.of(door.settings).key("token")


def claims(door: FrontDoor, **changed: Any) -> dict[str, Any]:
    """Claims of a session that stands, with some changed or, where None, left out."""
    _, account = door.account(Role.COUNTY_OFFICER)
    jti, now = uuid4(), datetime.now(UTC)
    door.change(
        "insert into session (jti, account_id, issued_at, expires_at, seen_at)"
        " values (:jti, :account, :now, :until, :now)",
        jti=jti, account=account, now=now, until=now + timedelta(hours=1),
    )  # fmt: skip
    told = {"iss": issuer(door), "aud": AUDIENCE, "sub": str(account), "jti": str(jti),
            "iat": int(time.time()), "exp": int(time.time()) + 600, **changed}  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def status_with(door: FrontDoor, token: str) -> int:
    with door.anybody() as http:
        answer = http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code


def test_every_operation_needs_a_token_but_those_that_are_listed_here(door: FrontDoor) -> None:
    with door.anybody() as http:
        paths = http.get("/openapi.json").json()["paths"]
        walked = 0
        for path, methods in paths.items():
            for method, told in methods.items():
                assert ((method, path) in OPEN) is (told.get("security") == [])
                if (method, path) in OPEN:
                    continue
                answer = http.request(method, re.sub("{.*?}", str(UUID(int=1)), path))
                assert answer.status_code == 401, (method, path)
                assert answer.json()["code"] == "sign-in-needed"
                walked += 1
    assert walked > 40


def test_the_token_of_an_open_session_is_taken(door: FrontDoor) -> None:
    token = jwt.encode({"alg": "HS256", "typ": KIND}, claims(door), OctKey.import_key(key(door)))
    assert status_with(door, token) == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "kith:other:990101"}, {"iss": None}, {"aud": "somebody-else"}, {"aud": None}, {"exp": 1_700_000_000},
        {"exp": None}, {"jti": str(UUID(int=5))}, {"jti": "no id"}, {"jti": None}, {"sub": str(UUID(int=5))}, {"sub": 5},
    ],
    ids=str,
)  # fmt: skip
def test_a_claim_that_is_not_ours_is_refused(door: FrontDoor, changed: dict[str, Any]) -> None:
    token = jwt.encode({"alg": "HS256", "typ": KIND}, claims(door, **changed), OctKey.import_key(key(door)))
    assert status_with(door, token) == 401


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused_even_with_our_key(door: FrontDoor, algorithm: str) -> None:
    token = jwt.encode(
        {"alg": algorithm, "typ": KIND}, claims(door), OctKey.import_key(key(door)), algorithms=[algorithm]
    )
    assert status_with(door, token) == 401


def test_no_algorithm_is_refused(door: FrontDoor) -> None:
    token = jwt.encode({"alg": "HS256", "typ": KIND}, claims(door), OctKey.import_key(key(door)))
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoia2l0aC1zZXNzaW9uIn0." + token.split(".")[1] + "."
    assert status_with(door, unsigned) == 401


def test_another_key_or_kind_is_refused(door: FrontDoor) -> None:
    told = claims(door)
    foreign = jwt.encode({"alg": "HS256", "typ": KIND}, told, OctKey.import_key(OTHER_KEY))
    other_kind = jwt.encode({"alg": "HS256", "typ": "kith-verdict"}, told, OctKey.import_key(key(door)))
    assert status_with(door, foreign) == status_with(door, other_kind) == 401


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer x y", "Basic eDp5", "Bearer a.b.c", f"Bearer {'x' * 9000}"])
def test_what_is_no_token_is_refused(door: FrontDoor, said: str) -> None:
    with door.anybody() as http:
        assert http.get("/v1/me", headers={"Authorization": said}).status_code == 401


def test_a_token_counts_no_longer_after_signing_out(door: FrontDoor) -> None:
    with door.somebody_else(Role.AUDITOR) as http:
        assert http.get("/v1/me").status_code == 200
        assert http.delete("/v1/session").status_code == 204
        assert http.get("/v1/me").status_code == 401


def test_a_token_counts_no_longer_once_its_account_is_closed(door: FrontDoor) -> None:
    name, account = door.account(Role.COUNTY_OFFICER)
    token = door.token(name)
    with door.person(Role.OPERATOR) as operator:
        assert operator.post(f"/v1/accounts/{account}/close").status_code == 200
    assert status_with(door, token) == 401


def test_a_session_that_was_idle_for_half_an_hour_is_over(door: FrontDoor) -> None:
    name, account = door.account(Role.COUNTY_OFFICER)
    token = door.token(name)
    almost = datetime.now(UTC) - timedelta(minutes=29)
    door.change("update session set seen_at = :at where account_id = :id", at=almost, id=account)
    assert status_with(door, token) == 200
    (seen,) = door.rows("select seen_at from session where account_id = :id", id=account)[0]
    assert seen > almost + timedelta(minutes=28)
    too_long = datetime.now(UTC) - timedelta(minutes=31)
    door.change("update session set seen_at = :at where account_id = :id", at=too_long, id=account)
    assert status_with(door, token) == 401


def test_a_token_from_before_a_restart_counts_and_one_from_another_county_does_not(door: FrontDoor) -> None:
    told = claims(door)
    now = datetime.now(UTC)
    bearer = Bearer(UUID(told["jti"]), UUID(told["sub"]), now, now + timedelta(hours=1))
    assert status_with(door, Tokens(key(door), issuer(door)).issue(bearer)) == 200
    assert status_with(door, Tokens(key(door), "kith:other:990102").issue(bearer)) == 401
