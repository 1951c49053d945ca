"""Officers prove more than a password: codes count once, guesses lock, and half a session opens nothing (security 36)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.actor import Role
from gateway.api import signing_in
from gateway.api.doors import Doors
from gateway.office import proofs
from gateway.office.running import reset_second_factor
from gateway.office.store import accounts, factors
from gateway.office.store.sessions import Origin
from gateway.serving import GatewayThread
from tests.support.authenticators import Person, enrolled, opened, somebody
from tests.support.front_door import COUNTY, PASSWORD, FrontDoor, open_door
from tests.support.hosting import fresh, settings_for

NEED_IT = [Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.WORKING_GROUP, Role.AUDITOR, Role.OPERATOR]


@pytest.fixture(scope="module")
def strict(database_server: str, namespace: str) -> Iterator[FrontDoor]:
    """A door at which officers need a second factor."""
    settings = settings_for(
        database_server, fresh(f"{namespace}2f"), date(2026, 4, 15), county=COUNTY, port=0, second_factor="required"
    )
    with open_door(settings) as found:
        yield found


@pytest.mark.parametrize("role", NEED_IT)
def test_an_officer_sets_a_second_factor_up_before_anything_else(strict: FrontDoor, role: Role) -> None:
    officer = somebody(strict, role)
    told = officer.password().json()
    assert told["stage"] == "enrolment"
    with strict.signed_in(told["token"]) as http:
        assert http.get("/v1/me").json()["code"] == "second-factor-needed"
        officer.enrol(http)
        assert http.get("/v1/me").status_code == 401, "the half session is over"
    with strict.signed_in(officer.token) as http:
        assert http.get("/v1/me").json()["second_factor"] is True


@pytest.mark.parametrize("role", sorted(set(Role) - {*NEED_IT, Role.SYSTEM}))
def test_whoever_needs_none_is_in_with_the_password(strict: FrontDoor, role: Role) -> None:
    assert somebody(strict, role).password().json()["stage"] == "open"


def test_half_a_session_opens_nothing_whatever_is_asked(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.COUNTY_OFFICER)
    asked = 0
    with officer.half() as http:
        paths = http.get("/openapi.json").json()["paths"]
        for path, method, told in ((path, *one) for path, methods in paths.items() for one in methods.items()):
            if told.get("security") == [] or told["operationId"] in ("session.second_step", "session.end"):
                continue
            answer = http.request(method, path.replace("{", "").replace("}", ""), json={})
            assert (answer.status_code, answer.json()["code"]) == (403, "second-step-needed"), path
            asked += 1
    assert asked > 40
    assert officer.second(officer.code(1)).status_code == 201, "the control arm: this one step it may do"


def test_both_steps_make_a_whole_session_with_a_new_token(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.COUNTY_OFFICER)
    first = officer.password().json()
    assert first["stage"] == "second_step"
    second = officer.second(officer.code(1), strict.signed_in(first["token"]))
    assert (second.status_code, second.json()["stage"]) == (201, "open")
    with strict.signed_in(second.json()["token"]) as http, strict.signed_in(first["token"]) as before:
        assert http.get("/v1/me").json()["second_factor"] is True
        assert before.delete("/v1/session").status_code == 401


def test_a_code_counts_once(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.AUDITOR)
    code = officer.code(1)
    assert officer.second(code).status_code == 201
    again = officer.second(code)
    assert (again.status_code, again.json()["code"]) == (401, "code-refused")
    assert officer.second(officer.code()).status_code == 401, "nor one that is older than the last"
    officer.step_passes()
    assert officer.second(code).status_code == 201, "the control arm: it was its being used that was refused"


def test_the_code_that_confirmed_does_not_open_as_well(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.AUDITOR)
    assert officer.second(officer.code()).status_code == 401
    officer.step_passes()
    assert officer.second(officer.code()).status_code == 201, "the control arm"


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 201), (0, 201), (1, 201), (2, 401)])
def test_a_clock_may_be_one_step_off(strict: FrontDoor, steps: int, status: int) -> None:
    officer = enrolled(strict, Role.AUDITOR)
    officer.step_passes()
    sent = officer.second(officer.code(steps)).status_code
    if sent != status:  # a step passed between reading and sending
        officer.step_passes()
        sent = officer.second(officer.code(steps)).status_code
    assert sent == status


def test_broken_arm_a_step_that_is_not_used_up_lets_a_code_in_twice(
    strict: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = enrolled(strict, Role.AUDITOR)
    monkeypatch.setattr(factors, "take_step", lambda *_: True)
    code = officer.code()
    assert [officer.second(code).status_code for _ in range(2)] == [201, 201]


def test_guessed_codes_lock_the_account_like_guessed_passwords(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.COUNTY_OFFICER)
    half = officer.half()
    assert [officer.second("000000", officer.half()).status_code for _ in range(4)] == [401] * 4
    assert officer.second("000000", half).status_code == 401
    assert officer.password().status_code == 401, "the right password, too"
    ((until,),) = strict.rows("select locked_until from account where id = :id", id=officer.id)
    assert until is not None
    strict.change("update account set locked_until = now() where id = :id", id=officer.id)
    assert officer.second(officer.code(1)).status_code == 201, "the control arm: after a quarter of an hour"


def test_the_right_password_does_not_buy_more_guesses(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.COUNTY_OFFICER)
    tries = [officer.second("000000").status_code for _ in range(5)]
    assert tries == [401] * 5, "each with a first step of its own"
    assert officer.password().status_code == 401


def test_a_sign_in_that_was_not_counted_takes_no_guess_back(
    strict: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The county's provider vouches for the first step, as often as one likes; no attempt is counted for that."""

    async def vouched(doors: Doors, username: str, _: str) -> signing_in.Opened:
        account = await doors.transact(lambda connection: accounts.by_name(connection, username))
        assert account
        return await signing_in.admit(doors, account, Origin.PROVIDER)

    officer = enrolled(strict, Role.COUNTY_OFFICER)
    monkeypatch.setattr(signing_in, "sign_in", vouched)
    assert [officer.second("000000").status_code for _ in range(5)] == [401] * 5
    assert officer.second(officer.code(1)).status_code == 401, "locked, though the code is right"
    strict.change("update account set locked_until = now() where id = :id", id=officer.id)
    assert officer.second(officer.code(1)).status_code == 201, "the control arm: after a quarter of an hour"


def test_guesses_at_two_gateways_count_together(strict: FrontDoor) -> None:
    other = GatewayThread(strict.settings, lambda: strict.switchboard)
    other.start()
    try:
        there = FrontDoor(strict.settings, other.url, strict.switchboard)
        officer = enrolled(strict, Role.COUNTY_OFFICER)
        away = Person(there, officer.username, officer.id)
        assert [officer.second("000000").status_code for _ in range(3)] == [401] * 3
        assert [away.password("wrong").status_code for _ in range(2)] == [401] * 2
        assert officer.password().status_code == away.password().status_code == 401
        strict.change("update account set locked_until = now() where id = :id", id=officer.id)
        half = officer.half()
        code = officer.code(1)
        assert away.second(code, there.signed_in(half.headers["Authorization"][7:])).status_code == 201
        assert away.second(code, there.signed_in(officer.password().json()["token"])).status_code == 401
        token = officer.second(officer.recovery_codes[0]).json()["token"]
        with strict.signed_in(token) as here, there.signed_in(token) as elsewhere:
            assert elsewhere.get("/v1/me").status_code == 200, "the control arm"
            assert here.delete("/v1/session").status_code == 204
            assert elsewhere.get("/v1/me").status_code == 401, "a token that was ended is ended everywhere"
        there.database.close()
    finally:
        other.stop()


def test_a_code_sent_twice_at_the_same_moment_opens_once(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.AUDITOR)
    halves = [officer.half() for _ in range(4)]
    code = officer.code(1)
    with ThreadPoolExecutor(4) as people:
        tried = list(people.map(lambda half: officer.second(code, half).status_code, halves))
    assert sorted(tried) == [201, 401, 401, 401]


def test_half_a_session_is_short(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.AUDITOR)
    told = officer.password().json()
    strict.change(
        "update session set expires_at = now() where stage = 'second_step' and account_id = :id", id=officer.id
    )
    assert officer.second(officer.code(1), strict.signed_in(told["token"])).status_code == 401
    until = datetime.fromisoformat(told["expires_at"])
    assert datetime.now(UTC) < until <= datetime.now(UTC) + timedelta(minutes=5)
    assert officer.second(officer.code(1)).status_code == 201, "the control arm"


def test_each_of_ten_recovery_codes_counts_once(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.COUNTY_OFFICER)
    assert len(set(officer.recovery_codes)) == 10
    first, second = officer.recovery_codes[:2]
    spelled = f"{first[:5].lower()}-{first[5:].lower()}"
    assert officer.second(spelled).status_code == 201
    assert officer.second(first).status_code == 401
    assert officer.second(second).status_code == 201, "the control arm"


def test_another_persons_recovery_code_opens_nothing(strict: FrontDoor) -> None:
    officer, other = enrolled(strict, Role.COUNTY_OFFICER), enrolled(strict, Role.COUNTY_OFFICER)
    assert officer.second(other.recovery_codes[0]).status_code == 401


def test_secret_and_codes_lie_nowhere_in_the_clear(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.COUNTY_OFFICER)
    ((row,),) = strict.rows("select f::text from second_factor f where account_id = :id", id=officer.id)
    codes = str(strict.rows("select r::text from recovery_code r where account_id = :id", id=officer.id))
    assert officer.secret.hex() not in row
    assert not any(code in codes or code.encode().hex() in codes for code in officer.recovery_codes)
    ((sealed,),) = strict.rows("select sealed from second_factor where account_id = :id", id=officer.id)
    other = enrolled(strict, Role.COUNTY_OFFICER)
    strict.change("update second_factor set sealed = :sealed where account_id = :id", sealed=sealed, id=other.id)
    assert other.second(officer.code(1)).status_code == 500, "a secret of somebody else does not open"


def test_a_second_enrolment_needs_the_first_factor_and_a_fresh_sign_in(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.COUNTY_OFFICER)
    with officer.half() as http:
        assert http.post("/v1/second-factor").json()["code"] == "second-step-needed"
    with strict.signed_in(officer.token) as http:
        strict.change(
            "update session set issued_at = issued_at - interval '11 minutes' where account_id = :id", id=officer.id
        )
        assert http.post("/v1/second-factor").json()["code"] == "sign-in-anew"
    fresh_token = officer.second(officer.code(1)).json()["token"]
    before = officer.secret
    with strict.signed_in(fresh_token) as http:
        officer.enrol(http)
    assert officer.secret != before
    with strict.signed_in(fresh_token) as http:
        assert http.get("/v1/me").status_code == 401, "all sessions ended"


def test_who_knows_the_password_alone_does_not_take_a_factor_over(strict: FrontDoor) -> None:
    """Two half sessions that may enrol: once one of them did, the other is worth nothing."""
    officer = somebody(strict, Role.COUNTY_OFFICER)
    thief = officer.half()
    with officer.half() as http:
        officer.enrol(http)
    with thief:
        assert thief.post("/v1/second-factor").status_code == 401


def test_a_wrong_first_code_confirms_nothing(strict: FrontDoor) -> None:
    officer = somebody(strict, Role.COUNTY_OFFICER)
    with officer.half() as http:
        assert (
            http.post("/v1/second-factor/confirmation", json={"code": "000000"}).json()["code"]
            == "second-factor-not-begun"
        )
        http.post("/v1/second-factor")
        assert http.post("/v1/second-factor/confirmation", json={"code": "000000"}).json()["code"] == "code-refused"
    assert officer.password().json()["stage"] == "enrolment"


def test_offered_and_taken_it_is_asked_for(door: FrontDoor) -> None:
    officer = somebody(door, Role.COUNTY_OFFICER)
    assert officer.password().json()["stage"] == "open", "offered, not required"
    with officer.half() as http:
        officer.enrol(http)
    assert officer.password().json()["stage"] == "second_step"


def test_a_reset_needs_a_second_person_and_takes_all_away(strict: FrontDoor) -> None:
    officer, operator = enrolled(strict, Role.COUNTY_OFFICER), enrolled(strict, Role.OPERATOR)
    another = enrolled(strict, Role.OPERATOR)
    path = f"/v1/accounts/{officer.id}/second-factor/reset"
    with strict.signed_in(operator.token) as one, strict.signed_in(another.token) as two:
        asked = one.post(path)
        assert asked.status_code == 202, asked.text
        assert officer.password().json()["stage"] == "second_step", "nothing happened yet"
        approve = f"/v1/approvals/{asked.json()['approval_id']}/approve"
        assert one.post(approve, json={"reason": "lost phone"}).status_code in (403, 404, 409)
        assert two.post(approve, json={"reason": "lost phone"}).status_code == 200
    assert officer.password().json()["stage"] == "enrolment"
    with strict.signed_in(officer.token) as http:
        assert http.get("/v1/me").status_code == 401


def test_where_no_second_operator_is_the_console_resets_and_that_is_on_record(strict: FrontDoor) -> None:
    operator = enrolled(strict, Role.OPERATOR)
    assert reset_second_factor(strict.settings, operator.username)
    assert not reset_second_factor(strict.settings, operator.username), "there is none any more"
    assert operator.password().json()["stage"] == "enrolment"
    rows = strict.rows(
        "select actor_id from audit where what = 'gateway.reset_second_factor' and about = :id", id=str(operator.id)
    )
    assert [row.actor_id for row in rows] == ["system:console"]


def test_what_is_proved_is_on_record(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.COUNTY_OFFICER)
    officer.second("000000")
    officer.second(officer.code(1))
    mine = strict.rows("select what, outcome from audit where about = :about order by id", about=str(officer.id))
    assert [tuple(row) for row in mine][1:] == [
        ("session.open", "enrolment"), ("session.begin_factor", "done"), ("session.confirm_factor", "done"),
        ("session.open", "done"), ("session.open", "second_step"), ("session.open", "refused"),
        ("session.open", "second_step"), ("session.open", "done"),
    ]  # fmt: skip


def test_the_qr_code_is_drawn_here(strict: FrontDoor) -> None:
    officer = somebody(strict, Role.COUNTY_OFFICER)
    with officer.half() as http:
        begun = http.post("/v1/second-factor").json()
    assert begun["uri"].startswith("otpauth://totp/Kith:")
    assert begun["qr"] == proofs.qr(begun["uri"])
    assert begun["qr"].startswith("<svg")


def test_a_wrong_password_is_answered_as_ever(strict: FrontDoor) -> None:
    officer = enrolled(strict, Role.COUNTY_OFFICER)
    wrong = officer.password("wrong")
    nobody = opened(strict, "/v1/session", {"username": "nobody-at-all", "password": PASSWORD})
    assert wrong.json()["code"] == nobody.json()["code"] == "sign-in-refused"
