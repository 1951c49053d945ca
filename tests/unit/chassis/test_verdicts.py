import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey
from pydantic import ValidationError

from chassis.verdicts import VerdictRefused, VerdictSigner
from contracts.verdict import VerdictClaims, body_hash

KEY = bytes(range(32))
NOW = datetime(2026, 4, 15, 0, 0, tzinfo=UTC)
SIGNER = VerdictSigner(KEY, lambda: NOW)
COMMAND, BODY, ACTOR, AREA = (
    "activities.activate_plan",
    {"plan_id": "p-1", "of": [1, {"a": None}]},
    "officer-1",
    "520201",
)


def claims(**said: Any) -> VerdictClaims:
    told = {"id": UUID(int=7), "command": COMMAND, "body_sha256": body_hash(COMMAND, BODY), "actor_id": ACTOR,
            "area": AREA, "issued_at": NOW, "expires_at": NOW + timedelta(seconds=60), "outcome": "allow",
            "ruleset_version": "v", "rules": ({"rule": "ADM-01", "version": 1, "outcome": "passed"},)}  # fmt: skip
    return VerdictClaims.model_validate({**told, **said})


TOKEN = SIGNER.sign(claims())


def code_of(token: str | None, *, command: str = COMMAND, body: Any = None, actor: str = ACTOR, area: str = AREA,
            now: datetime = NOW, signer: VerdictSigner = SIGNER) -> str:  # fmt: skip
    try:
        signer.verify(token, command, BODY if body is None else body, actor, area, now)
    except VerdictRefused as refused:
        assert refused.refusal.more == {"reason": refused.code}
        return refused.code
    return "taken"


def forged(header: dict[str, Any], payload: str | None = None, signature: str = "") -> str:
    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    return f"{part(json.dumps(header))}.{part(payload or claims().model_dump_json())}.{signature}"


def test_a_verdict_comes_back_as_it_was_signed() -> None:
    assert SIGNER.verify(TOKEN, COMMAND, BODY, ACTOR, AREA, NOW) == claims()


def test_the_order_of_keys_in_the_body_does_not_matter() -> None:
    assert code_of(TOKEN, body=dict(reversed(BODY.items()))) == "taken"


@pytest.mark.parametrize("token", [None, ""])
def test_no_verdict_is_refused_as_missing(token: str | None) -> None:
    assert code_of(token) == "verdict-missing"


def test_a_verdict_counts_to_the_last_moment_of_its_minute_and_no_longer() -> None:
    assert code_of(TOKEN, now=NOW + timedelta(seconds=59, microseconds=999_999)) == "taken"
    assert code_of(TOKEN, now=NOW + timedelta(seconds=60)) == "verdict-expired"


@pytest.mark.parametrize(
    "other",
    [
        {"command": "activities.close_plan"},
        {"body": {**BODY, "plan_id": "p-2"}},
        {"body": {**BODY, "more": 1}},
        {"body": {"plan_id": "p-1", "of": [1, {"a": 0}]}},
        {"actor": "officer-2"},
        {"area": "520202"},
        {"area": "520201101"},
    ],
)
def test_a_verdict_for_another_command_body_actor_or_area_is_foreign(other: dict[str, Any]) -> None:
    assert code_of(TOKEN, **other) == "verdict-foreign"


@pytest.mark.parametrize("index", range(3))
def test_a_verdict_with_one_altered_part_is_refused(index: int) -> None:
    parts = TOKEN.split(".")
    part = parts[index]
    parts[index] = part[:4] + ("A" if part[4] != "A" else "B") + part[5:]
    assert code_of(".".join(parts)) == "verdict-altered"


def test_a_longer_life_or_another_outcome_cannot_be_written_into_it() -> None:
    header, _, signature = TOKEN.split(".")
    longer = claims().model_dump(mode="json") | {"outcome": "warn"}
    payload = base64.urlsafe_b64encode(json.dumps(longer).encode()).decode().rstrip("=")
    assert code_of(f"{header}.{payload}.{signature}") == "verdict-altered"


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", "HS256 "])
def test_alg_none_is_refused(name: str) -> None:
    assert code_of(forged({"alg": name, "typ": "kith-verdict"})) == "verdict-altered"
    assert code_of(forged({"alg": name, "typ": "kith-verdict"}, signature=TOKEN.split(".")[2])) == "verdict-altered"


@pytest.mark.filterwarnings("ignore:JWS algorithm .none.")
def test_control_a_reader_that_let_alg_none_in_would_take_the_forgery() -> None:
    token = forged({"alg": "none", "typ": "kith-verdict"})
    read = jws.deserialize_compact(token, OctKey.import_key(KEY), algorithms=["none"])
    assert VerdictClaims.model_validate_json(read.payload) == claims()


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused_even_with_the_right_key(algorithm: str) -> None:
    header = {"alg": algorithm, "typ": "kith-verdict"}
    token = jws.serialize_compact(
        header, claims().model_dump_json(), OctKey.import_key(KEY * 2), algorithms=[algorithm]
    )
    assert code_of(token, signer=VerdictSigner(KEY * 2, lambda: NOW)) == "verdict-altered"


def test_an_asymmetric_signature_is_refused() -> None:
    token = jws.serialize_compact({"alg": "RS256", "typ": "kith-verdict"}, claims().model_dump_json(), RSAKey.generate_key(2048), algorithms=["RS256"])  # fmt: skip
    assert code_of(token) == "verdict-altered"


def test_another_key_is_refused() -> None:
    assert code_of(TOKEN, signer=VerdictSigner(bytes(32), lambda: NOW)) == "verdict-altered"


def test_another_kind_of_token_under_the_same_key_is_no_verdict() -> None:
    token = jws.serialize_compact({"alg": "HS256", "typ": "JWT"}, claims().model_dump_json(), OctKey.import_key(KEY), algorithms=["HS256"])  # fmt: skip
    assert code_of(token) == "verdict-altered"


@pytest.mark.parametrize("change", [{"outcome": "deny"}, {"extra": 1}, {"expires_at": "2026-04-15T01:00:00Z"}, {"issued_at": "2026-04-15T00:00:00"}])  # fmt: skip
def test_signed_claims_of_another_shape_are_refused(change: dict[str, Any]) -> None:
    payload = json.dumps(claims().model_dump(mode="json") | change)
    token = jws.serialize_compact(
        {"alg": "HS256", "typ": "kith-verdict"}, payload, OctKey.import_key(KEY), algorithms=["HS256"]
    )
    assert code_of(token) == "verdict-altered"


@given(
    st.text(max_size=80)
    | st.lists(st.text(alphabet="abAB01-_=", max_size=12), min_size=3, max_size=3).map(".".join)
)
def test_any_other_text_is_refused(token: str) -> None:
    assert code_of(token) in ("verdict-missing", "verdict-altered")


def test_a_very_long_token_is_refused_unread() -> None:
    assert code_of(TOKEN + "A" * 20_000) == "verdict-altered"


def test_a_denial_cannot_be_signed_and_a_verdict_cannot_outlive_a_minute() -> None:
    for said in ({"outcome": "deny"}, {"expires_at": NOW + timedelta(seconds=61)}, {"expires_at": NOW}):
        with pytest.raises(ValidationError):
            claims(**said)


def test_a_verdict_that_is_over_is_not_signed() -> None:
    with pytest.raises(ValueError, match="over"):
        VerdictSigner(KEY, lambda: NOW + timedelta(minutes=2)).sign(claims())


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        VerdictSigner(b"short", lambda: NOW)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.booleans() | st.none()))
def test_the_hash_of_a_body_survives_json_and_tells_commands_apart(body: dict[str, Any]) -> None:
    assert body_hash("a.b", json.loads(json.dumps(body))) == body_hash("a.b", body)
    assert body_hash("a.c", body) != body_hash("a.b", body)


@pytest.mark.parametrize(("body", "error"), [({"a": float("nan")}, ValueError), ({"a": {1, 2}}, TypeError)])
def test_a_body_that_is_no_json_has_no_hash(body: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        body_hash("a.b", body)
