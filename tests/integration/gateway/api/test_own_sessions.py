"""Whoever signed in sees where, and ends it; a new password ends what the old one opened (security 36)."""

from collections.abc import Callable

import httpx
import pytest

from contracts.actor import Role
from gateway.office.store import sessions
from tests.support.authenticators import Person, somebody
from tests.support.front_door import HERE, PASSWORD, FrontDoor

NEW = "another one that is long"


def tokens(person: Person, count: int) -> list[str]:
    return [person.password().json()["token"] for _ in range(count)]


def status(door: FrontDoor, token: str) -> int:
    with door.signed_in(token) as http:
        return http.get("/v1/me").status_code


def test_one_sees_ones_own_sessions_and_no_others(door: FrontDoor) -> None:
    person, other = somebody(door, Role.AUDITOR), somebody(door, Role.AUDITOR)
    first, second = tokens(person, 2)
    tokens(other, 1)
    with door.signed_in(second) as http:
        rows = http.get("/v1/sessions").json()["items"]
    assert [(row["current"], row["origin"]) for row in rows] == [(True, "password"), (False, "password")]
    assert status(door, first) == 200


def test_one_session_is_ended_and_the_others_stand(door: FrontDoor) -> None:
    person, other = somebody(door, Role.AUDITOR), somebody(door, Role.AUDITOR)
    first, second = tokens(person, 2)
    with door.signed_in(second) as http, other.half() as stranger:
        (gone,) = [row["session_id"] for row in http.get("/v1/sessions").json()["items"] if not row["current"]]
        assert stranger.delete(f"/v1/sessions/{gone}").status_code == 404, "nobody else's"
        assert status(door, first) == 200, "the control arm"
        assert http.delete(f"/v1/sessions/{gone}").status_code == 204
        assert http.delete(f"/v1/sessions/{gone}").status_code == 404
    assert (status(door, first), status(door, second)) == (401, 200)


def test_all_sessions_are_ended_at_once(door: FrontDoor) -> None:
    person = somebody(door, Role.AUDITOR)
    all_of_them = tokens(person, 3)
    with door.signed_in(all_of_them[0]) as http:
        assert http.delete("/v1/sessions").status_code == 204
    assert {status(door, token) for token in all_of_them} == {401}


def test_a_new_password_ends_the_other_sessions(door: FrontDoor) -> None:
    person = somebody(door, Role.COUNTY_OFFICER)
    first, second = tokens(person, 2)
    with door.signed_in(first) as http:
        assert http.post("/v1/password", json={"current": PASSWORD, "new": NEW}).status_code == 204
    assert (status(door, first), status(door, second)) == (200, 401)
    assert (person.password().status_code, person.password(NEW).status_code) == (401, 201)


def test_broken_arm_a_new_password_that_ends_nothing(door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    person = somebody(door, Role.COUNTY_OFFICER)
    first, second = tokens(person, 2)
    monkeypatch.setattr(sessions, "end_others", lambda *_: None)
    with door.signed_in(first) as http:
        http.post("/v1/password", json={"current": PASSWORD, "new": NEW})
    assert status(door, second) == 200


def test_the_password_so_far_is_asked_for_and_guesses_lock(door: FrontDoor) -> None:
    person = somebody(door, Role.COUNTY_OFFICER)
    (token,) = tokens(person, 1)
    with door.signed_in(token) as http:
        assert (
            http.post("/v1/password", json={"current": PASSWORD, "new": PASSWORD}).json()["code"] == "password-same"
        )
        assert (
            http.post("/v1/password", json={"current": PASSWORD, "new": "short"}).json()["code"] == "body-invalid"
        )
        for _ in range(5):
            wrong = http.post("/v1/password", json={"current": "wrong", "new": NEW})
            assert (wrong.status_code, wrong.json()["code"]) == (403, "password-refused")
        assert (
            http.post("/v1/password", json={"current": PASSWORD, "new": NEW}).json()["code"] == "password-refused"
        )
        assert NEW not in wrong.text
    assert person.password().status_code == 401, "locked"


def assisted(family: Person, token: str) -> str:
    with family.door.signed_in(token) as http:
        answer = http.post("/v1/session/assisted", json={"account_id": str(family.id), "family_present": True})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def signs_out(http: httpx.Client) -> int:
    return http.delete("/v1/session").status_code


def ends_another(http: httpx.Client) -> int:
    (other,) = [row["session_id"] for row in http.get("/v1/sessions").json()["items"] if not row["current"]]
    return http.delete(f"/v1/sessions/{other}").status_code


def ends_all(http: httpx.Client) -> int:
    return http.delete("/v1/sessions").status_code


def changes_the_password(http: httpx.Client) -> int:
    return http.post("/v1/password", json={"current": PASSWORD, "new": NEW}).status_code


@pytest.mark.parametrize("leave", [signs_out, ends_another, ends_all, changes_the_password])
def test_who_leaves_is_beside_no_family_any_more(door: FrontDoor, leave: Callable[[httpx.Client], int]) -> None:
    family = somebody(door, Role.FAMILY_MEMBER, area=HERE)
    person, other = (somebody(door, Role.VILLAGE_WORKER, area=HERE) for _ in range(2))
    first, second = tokens(person, 2)
    beside = [assisted(family, token) for token in (first, second)]
    anothers = assisted(family, tokens(other, 1)[0])
    assert {status(door, token) for token in beside} == {200}, "the control arm"
    with door.signed_in(second) as http:
        assert leave(http) == 204
    assert {status(door, token) for token in beside} == {401}
    assert status(door, anothers) == 200, "another worker's stands"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM}))
def test_every_role_signs_in_and_is_told_who_it_is(door: FrontDoor, role: Role) -> None:
    person = somebody(door, role)
    (token,) = tokens(person, 1)
    with door.signed_in(token) as http:
        told = http.get("/v1/me").json()
        assert (told["account_id"], told["roles"]) == (str(person.id), [str(role)])
        assert http.get("/v1/sessions").status_code == 200
        assert http.delete("/v1/session").status_code == 204
        assert http.get("/v1/me").status_code == 401
