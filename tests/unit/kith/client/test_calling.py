"""What a client may send again, and what never: held against a gateway that answers as told."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from kith.client import Client, Manner, Problem, TakenIn
from kith.client.calling import Caller

DONE: dict[str, Any] = {}
BUSY = {"code": "unavailable", "status": 503, "title": "Away", "detail": "Try again shortly.", "pointers": []}
QUICK = Manner(tries=3, pause=0.0)
HOUSEHOLD = UUID(int=1)
Answer = httpx.Response | Exception


class Gateway:
    """Gives the answers in their order, the last again and again, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.asked = list(answers), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, manner: Manner = QUICK, kind: type[Client] = Client) -> Client:
        http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(self))
        return kind(http, "token", "survey", manner)


def no(status: int = 503, **headers: str) -> httpx.Response:
    told = {**BUSY, "status": status}
    return httpx.Response(status, json=told, headers={"content-type": "application/problem+json", **headers})


def yes(status: int = 200, **told: Any) -> httpx.Response:
    return httpx.Response(status, json=told)


def withdrawn(client: Client) -> object:
    return client.withdraw_consent(HOUSEHOLD, purpose="visits")


def keys(gateway: Gateway) -> set[str]:
    return {request.headers["idempotency-key"] for request in gateway.asked}


@pytest.mark.parametrize("first", [no(503), no(429), httpx.ReadTimeout("lost"), httpx.ConnectError("away")])
def test_a_command_is_sent_again_under_the_same_key(first: Answer) -> None:
    gateway = Gateway(first, yes())
    assert withdrawn(gateway.client()) == DONE
    assert (len(gateway.asked), len(keys(gateway))) == (2, 1)


def test_control_a_client_that_makes_a_new_key_for_each_try_is_caught() -> None:
    class Forgetful(Client):
        def _headers(self) -> dict[str, str]:
            return super()._headers()

        def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
            more["headers"] = {"Idempotency-Key": str(len(gateway.asked))}
            return super()._request(method, path, **more)

    gateway = Gateway(no(503), yes())
    withdrawn(gateway.client(kind=Forgetful))
    assert len(keys(gateway)) == 2


def test_each_call_has_its_own_key_unless_one_is_given() -> None:
    gateway = Gateway(yes())
    client = gateway.client()
    withdrawn(client)
    withdrawn(client)
    assert len(keys(gateway)) == 2
    client.withdraw_consent(HOUSEHOLD, purpose="visits", key="mine")
    assert "mine" in keys(gateway)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 422, 500, 504])
def test_a_no_is_not_asked_again(status: int) -> None:
    gateway = Gateway(no(status))
    with pytest.raises(Problem) as caught:
        withdrawn(gateway.client())
    assert (caught.value.status, len(gateway.asked)) == (status, 1)


def test_patience_ends() -> None:
    gateway = Gateway(no(503))
    with pytest.raises(Problem):
        withdrawn(gateway.client())
    assert len(gateway.asked) == QUICK.tries


@pytest.mark.parametrize(
    "do",
    [
        lambda client: client.session_open(username="a", password="b"),
        lambda client: client.session_end(),
        lambda client: client.file_upload(b"content"),
    ],
    ids=["sign in", "sign out", "upload"],
)
@pytest.mark.parametrize("first", [no(503), httpx.ReadTimeout("lost")], ids=["503", "lost"])
def test_what_has_no_key_is_sent_once(do: Callable[[Client], object], first: Answer) -> None:
    gateway = Gateway(first, yes(token="x"))
    with pytest.raises((Problem, httpx.ReadTimeout)):
        do(gateway.client())
    assert len(gateway.asked) == 1


def test_what_surely_did_not_arrive_is_sent_again() -> None:
    gateway = Gateway(httpx.ConnectError("away"), yes(token="x"))
    assert gateway.client().session_open(username="a", password="b")["token"] == "x"


def test_the_gateway_is_given_the_time_that_it_asks_for() -> None:
    problem = Problem(httpx.Response(429, headers={"retry-after": "7"}, request=httpx.Request("GET", "http://x")))
    assert problem.wait == 7.0
    assert (problem.code, problem.pointers) == ("http-429", ())


def test_pages_are_fetched_as_they_are_taken() -> None:
    gateway = Gateway(yes(items=[{"code": "1"}], next_cursor="c"), yes(items=[{"code": "2"}], next_cursor=None))
    areas = gateway.client().list_areas(limit=1)
    assert next(areas)["code"] == "1"
    assert len(gateway.asked) == 1
    assert [area["code"] for area in areas] == ["2"]
    assert gateway.asked[1].url.params["cursor"] == "c"


def test_what_was_left_out_is_not_sent_and_days_are_plain() -> None:
    gateway = Gateway(yes(201, id="x"))
    gateway.client().report_visit(household_id=HOUSEHOLD, visited_on=date(2026, 4, 15), outcome="all_well")
    assert gateway.asked[0].read() == (
        b'{"household_id":"00000000-0000-0000-0000-000000000001","visited_on":"2026-04-15","outcome":"all_well"}'
    )
    assert gateway.asked[0].headers["kith-purpose"] == "survey"


def test_an_id_cannot_lead_to_another_address() -> None:
    gateway = Gateway(yes())
    gateway.client().household_file("../accounts?x=1")
    assert gateway.asked[0].url.raw_path == b"/v1/households/..%2Faccounts%3Fx%3D1"


TICKET = yes(202, intake_id="7", state="waiting")


def kept(state: str, **more: Any) -> httpx.Response:
    return yes(intake_id="7", command="x", state=state, answer=None, refusal=None, **more)


def test_what_was_taken_in_says_so_unless_it_is_to_be_followed() -> None:
    with pytest.raises(TakenIn) as caught:
        withdrawn(Gateway(TICKET).client())
    assert caught.value.intake_id == "7"


def test_what_was_taken_in_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kith.client.calling.ASK_EVERY", 0.0)
    following = Manner(follow=5.0, pause=0.0)
    delivered = yes(intake_id="7", state="delivered", answer={"id": "v"}, refusal=None)
    assert withdrawn(Gateway(TICKET, kept("waiting"), delivered).client(following)) == {"id": "v"}
    refused = yes(intake_id="7", state="refused", answer=None, refusal={**BUSY, "status": 404, "code": "not-found"})
    with pytest.raises(Problem) as caught:
        withdrawn(Gateway(TICKET, refused).client(following))
    assert (caught.value.status, caught.value.code) == (404, "not-found")
    with pytest.raises(TakenIn):
        withdrawn(Gateway(TICKET, kept("waiting")).client(Manner(follow=0.01)))


def test_a_job_that_was_begun_is_no_ticket() -> None:
    """202 of an import: its id is the answer."""
    assert Gateway(yes(202, id="i")).client().commit_survey(UUID(int=2)) == {"id": "i"}


def test_health_is_an_answer_whatever_its_status() -> None:
    assert (
        Gateway(httpx.Response(503, json={"state": "away", "parts": {}})).client().health_ready()["state"] == "away"
    )
    assert issubclass(Client, Caller)
