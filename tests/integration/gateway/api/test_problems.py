"""Whatever is wrong with a request, the answer is problem details in the reader's language, and nothing of it is repeated."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contracts.actor import Role
from tests.support.front_door import HERE, FrontDoor

PLAN = {"carrier": "happy_family", "area_code": HERE, "year": 2026, "title": "A plan"}


@pytest.fixture(scope="module")
def officer(door: FrontDoor) -> Iterator[httpx.Client]:
    with door.person(Role.COUNTY_OFFICER) as http:
        yield http


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (told["status"], told["code"], told["type"]) == (status, code, f"urn:kith:problem:{code}")
    assert told["instance"] == f"urn:kith:trace:{answer.headers['traceparent'][3:35]}"
    return told


def posted(http: httpx.Client, raw: bytes, media_type: str = "application/json") -> httpx.Response:
    return http.post("/v1/plans", content=raw, headers={"Content-Type": media_type})


def test_an_unknown_address(officer: httpx.Client) -> None:
    assert_problem(officer.get("/v1/nothing"), 404, "unknown-address")


def test_a_wrong_method_is_told_which_are_right(officer: httpx.Client) -> None:
    answer = officer.delete("/v1/plans")
    assert_problem(answer, 405, "wrong-method")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "raw",
    [
        b"{", b"[]", b'"text"', b"null", b'{"year": NaN}', b'{"year": Infinity}', b'{"year": 1e999}', b'{"title": "\\ud800"}',
        b'{"title": "a\\u0000b"}', b'{"a\\u0000": 1}', b"\xff\xfe", b'{"year": ' + b"9" * 5000 + b"}", b'{"year": 9223372036854775808}',
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_proper_json_object(officer: httpx.Client, raw: bytes) -> None:
    assert_problem(posted(officer, raw), 422, "not-json")


@pytest.mark.parametrize("depth", [65, 100_000])
def test_what_is_nested_too_deeply(officer: httpx.Client, depth: int) -> None:
    assert_problem(posted(officer, b'{"a":' * depth + b"1" + b"}" * depth), 422, "too-deep")


def test_nesting_that_is_just_deep_enough_is_read(officer: httpx.Client) -> None:
    assert_problem(posted(officer, b'{"a":' * 64 + b"1" + b"}" * 64), 422, "body-invalid")


def test_another_media_type(officer: httpx.Client) -> None:
    told = assert_problem(posted(officer, b"<plan/>", "application/xml"), 415, "wrong-media-type")
    assert told["expected"] == "application/json"


def test_a_body_beyond_a_mebibyte(officer: httpx.Client) -> None:
    assert_problem(posted(officer, b'{"title": "' + b"x" * 1024 * 1024 + b'"}'), 413, "body-too-large")


def test_wrong_and_unknown_fields_are_pointed_at_and_not_repeated(officer: httpx.Client) -> None:
    answer = officer.post("/v1/plans", json={**PLAN, "year": "220101199001010000", "birth_order": 3, "title": ""})
    told = assert_problem(answer, 422, "body-invalid")
    assert sorted(told["pointers"]) == ["/birth_order", "/title", "/year"]
    assert "220101199001010000" not in answer.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Write a whole number.", "Choose one of: "]), ("zh", ["请填写整数。", "请从下列值中选择："])],
)
def test_what_to_write_instead_is_said_in_words(officer: httpx.Client, language: str, words: list[str]) -> None:
    wrong = {**PLAN, "year": "soon", "carrier": "whatever"}
    told = officer.post("/v1/plans", json=wrong, headers={"Accept-Language": language}).json()
    fixes = {problem["pointer"]: problem["fix"] for problem in told["problems"]}
    assert fixes["/year"] == words[0]
    assert fixes["/carrier"].startswith(words[1])


def test_a_key_that_could_be_a_name_or_a_number_is_not_repeated(officer: httpx.Client) -> None:
    answer = officer.post("/v1/plans", json={**PLAN, "张三": 1, "220101199001010000": 1, "not a field": 1})
    told = assert_problem(answer, 422, "body-invalid")
    assert told["pointers"] == ["/…"]
    assert "张三" not in answer.text
    assert "220101" not in answer.text


def test_of_very_many_wrong_fields_some_are_told(officer: httpx.Client) -> None:
    answer = officer.post("/v1/plans", json={f"k{n}": 1 for n in range(5000)})
    assert len(assert_problem(answer, 422, "body-invalid")["problems"]) == 50


def test_a_field_of_the_path_does_not_stand_in_the_body(officer: httpx.Client) -> None:
    where = "/v1/plans/00000000-0000-0000-0000-000000000001/activate"
    answer = officer.post(where, json={"plan_id": "00000000-0000-0000-0000-000000000002"})
    assert assert_problem(answer, 422, "body-invalid")["pointers"] == ["/plan_id"]


def test_an_id_in_the_path_that_is_none(officer: httpx.Client) -> None:
    assert assert_problem(officer.get("/v1/match-rounds/x%00y"), 422, "not-json")
    assert assert_problem(officer.get("/v1/match-rounds/17"), 422, "body-invalid")["pointers"] == ["/round_id"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "unknown=1", "limit=1&limit=2", "area_code=%00"]
)
def test_a_query_that_is_not_understood(officer: httpx.Client, query: str) -> None:
    assert officer.get(f"/v1/plans?{query}").status_code == 422


@pytest.mark.parametrize("key", [b"", b"x" * 129, "ключ".encode()])
def test_an_idempotency_key_that_cannot_be_used(officer: httpx.Client, key: bytes) -> None:
    answer = officer.post("/v1/plans", json=PLAN, headers={b"Idempotency-Key": key})
    assert_problem(answer, 422, "idempotency-key-invalid")


def test_a_purpose_that_is_none(officer: httpx.Client) -> None:
    told = assert_problem(officer.get("/v1/me", headers={"Kith-Purpose": "curiosity"}), 422, "purpose-unknown")
    assert "survey" in told["purposes"]


@pytest.mark.parametrize(
    ("asked", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB", "en"), ("fr", "en"), ("zh;q=0.1,en;q=0.5", "en")],
)
def test_the_reader_is_answered_in_their_language(officer: httpx.Client, asked: str, language: str) -> None:
    answer = officer.get("/v1/nothing", headers={"Accept-Language": asked})
    assert answer.headers["Content-Language"] == language
    assert answer.json()["title"] == {"zh": "没有此地址", "en": "There is nothing at this address"}[language]


def test_a_trace_that_was_begun_elsewhere_goes_on(officer: httpx.Client) -> None:
    begun = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = officer.get("/v1/me", headers={"traceparent": begun})
    assert answer.headers["traceparent"][3:35] == begun[3:35]
    assert answer.headers["traceparent"] != begun


@pytest.mark.parametrize("path", ["/", "/v1/me", "/v1/nothing", "/openapi.json"])
def test_every_answer_carries_the_headers_that_keep_browsers_careful(officer: httpx.Client, path: str) -> None:
    answer = officer.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "server" not in answer.headers


def test_the_front_page_lists_every_operation_and_asks_no_other_host(officer: httpx.Client) -> None:
    page = officer.get("/").text
    for path in officer.get("/openapi.json").json()["paths"]:
        assert path in page
    assert "http://" not in page and "https://" not in page and "<script" not in page


def test_an_error_that_nobody_expected_says_nothing_of_itself(door: FrontDoor, officer: httpx.Client) -> None:
    door.switchboard.answers["breaks-the-door"] = None  # type: ignore[assignment]
    door.switchboard.answers["breaks-the-door"] = _Broken()  # type: ignore[assignment]
    answer = officer.post("/v1/plans", json=PLAN, headers={"Idempotency-Key": "breaks-the-door"})
    assert_problem(answer, 500, "internal")
    assert "张三" not in answer.text


class _Broken:
    def wire(self) -> dict[str, Any]:
        raise RuntimeError("张三 220101199001010000")
