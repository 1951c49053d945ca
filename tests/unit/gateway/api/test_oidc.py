"""ID tokens, addresses and attempts: what is taken, and what is not, without a provider."""

import base64
import hashlib
import hmac
import json
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from chassis.rpc_asyncio import Services
from chassis.settings import Settings, SettingsUnfit
from gateway.api.oidc_asking import safe
from gateway.api.oidc_attempt import LIFE, Attempt, AttemptLost, Attempts
from gateway.api.oidc_provider import Client, Metadata
from gateway.api.oidc_token import LEEWAY, OLDEST, Expected, IdTokenRefused, KeyUnknown, claimed, key_set
from gateway.serving import GatewayThread

pytestmark = pytest.mark.filterwarnings("ignore:Key size should be")
NOW = datetime(2026, 4, 15, 8, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://id.example.org"
EXPECTED = Expected(ISSUER, "kith", "n" * 43)
RSA, EC, OTHER = RSAKey.generate_key(2048), ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
with warnings.catch_warnings(action="ignore"):
    SMALL = RSAKey.generate_key(1024)


def told(**changed: Any) -> dict[str, Any]:
    claims = {"iss": ISSUER, "aud": "kith", "sub": "wang", "exp": SECONDS + 300, "iat": SECONDS, "nonce": "n" * 43}
    return {name: value for name, value in {**claims, **changed}.items() if value is not None}


def signed(key: RSAKey | ECKey = RSA, alg: str = "RS256", kid: str | None = "one", **changed: Any) -> str:
    header = {"alg": alg} | ({"kid": kid} if kid else {})
    return jwt.encode(header, told(**changed), key, algorithms=[alg])


def listed(*keys: tuple[RSAKey | ECKey, str]) -> KeySet:
    return key_set({"keys": [{**key.as_dict(private=False), "kid": kid} for key, kid in keys]})


KEYS = listed((RSA, "one"), (EC, "two"))


def reason(token: str, keys: KeySet = KEYS) -> str:
    """Why a token is refused; empty if it is not."""
    try:
        claimed(token, keys, EXPECTED, NOW)
    except IdTokenRefused as refused:
        return refused.reason
    return ""


def test_a_token_says_who_signed_in_and_by_what() -> None:
    found = claimed(signed(amr=["pwd", "otp", 7], acr="gold"), KEYS, EXPECTED, NOW)
    assert (found.subject, found.factors) == ("wang", {"pwd", "otp", "gold"})
    assert claimed(signed(EC, "ES256", "two"), KEYS, EXPECTED, NOW).subject == "wang"
    assert claimed(signed(amr="otp"), KEYS, EXPECTED, NOW).factors == frozenset(), "a word is no list of words"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": f"{ISSUER}/"}, "iss"), ({"iss": None}, "iss"), ({"aud": "other"}, "aud"), ({"aud": []}, "aud"),
        ({"aud": ["kith", "other"]}, "aud"), ({"aud": ["kith", "kith"]}, "aud"), ({"aud": 7}, "aud"),
        ({"azp": "other"}, "azp"), ({"azp": 7}, "azp"),
        ({"exp": SECONDS - LEEWAY - 1}, "exp"), ({"exp": None}, "exp"), ({"exp": "soon"}, "exp"),
        ({"iat": SECONDS + LEEWAY + 1}, "iat"), ({"iat": SECONDS - OLDEST - LEEWAY - 1}, "iat"), ({"iat": None}, "iat"),
        ({"nbf": SECONDS + LEEWAY + 1}, "nbf"),
        ({"nonce": "m" * 43}, "nonce"), ({"nonce": None}, "nonce"), ({"nonce": 7}, "nonce"), ({"nonce": "数"}, "nonce"),
        ({"sub": None}, "sub"), ({"sub": ""}, "sub"), ({"sub": 7}, "sub"), ({"sub": "x" * 256}, "sub"),
        ({"aud": ["kith"]}, ""), ({"azp": "kith"}, ""), ({"exp": SECONDS - LEEWAY + 1}, ""),
        ({"iat": SECONDS - OLDEST}, ""), ({"sub": "x" * 255}, ""), ({"more": {"a": [1]}}, ""),
    ],
    ids=str,
)  # fmt: skip
def test_every_claim_counts(changed: dict[str, Any], why: str) -> None:
    """The lines without a reason are the control arm."""
    assert reason(signed(**changed)) == why


def _unsigned() -> str:
    parts = (json.dumps({"alg": "none", "kid": "one"}), json.dumps(told()))
    return ".".join([*(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts), ""])


def _confused() -> str:
    """The public key, taken for a shared secret (HS256)."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "one"}).encode()).rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(told()).encode()).rstrip(b"=")
    mac = hmac.new(RSA.as_pem(private=False), head + b"." + body, hashlib.sha256).digest()
    return b".".join([head, body, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


@pytest.mark.parametrize(
    "token",
    [
        _unsigned(), _confused(), signed(OTHER), signed(RSA, "RS384"), signed(RSA, "PS256"), signed(EC, "ES256", "one"),
        "", "a.b.c", "a.b", "." * 9, signed(more="x" * 20_000), signed()[:-3] + "AAA",
    ],
    ids=["none", "public key as secret", "another key", "RS384", "PS256", "a key of another kind", "empty", "letters",
         "two parts", "dots", "long", "altered"],
)  # fmt: skip
def test_what_the_provider_did_not_sign_in_a_way_we_know_is_refused(token: str) -> None:
    assert reason(token)


def test_a_key_that_is_not_known_is_told_apart_so_that_keys_are_asked_for_anew() -> None:
    with pytest.raises(KeyUnknown):
        claimed(signed(kid="new"), KEYS, EXPECTED, NOW)
    with pytest.raises(KeyUnknown):
        claimed(signed(kid=None), KEYS, EXPECTED, NOW)
    assert reason(signed(kid=None), listed((RSA, "one"))) == "", "one key alone needs no name"


@pytest.mark.parametrize(
    "raw",
    [
        {}, {"keys": None}, {"keys": []}, {"keys": ["x", None, 7, {}]},
        {"keys": [OctKey.generate_key(256).as_dict(private=True)]},
        {"keys": [{**SMALL.as_dict(private=False), "kid": "one"}]},
        {"keys": [{**RSA.as_dict(private=False), "use": "enc"}]},
        {"keys": [{"kty": "RSA", "n": "?", "e": "AQAB"}]}, {"keys": [{"kty": "EC", "crv": "P-999", "x": "", "y": ""}]},
    ],
    ids=["nothing", "null", "none", "odd", "shared secret", "1024 bits", "for encryption", "broken", "no such curve"],
)  # fmt: skip
def test_keys_that_may_not_sign_are_left_out(raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="key"):
        key_set(raw)
    good = {**RSA.as_dict(private=False), "kid": "one"}
    others = raw["keys"] if isinstance(raw.get("keys"), list) else []
    assert len(key_set({"keys": [*others, good]}).keys) == 1, "the control arm: a good one beside them is kept"


# --- where the provider may be asked


@pytest.mark.parametrize(
    ("address", "home", "may"),
    [
        ("https://id.example.org/token", ISSUER, True),
        ("https://elsewhere.example.org/keys", ISSUER, True),
        ("http://id.example.org/token", ISSUER, False),
        ("https://127.0.0.1/token", ISSUER, False),
        ("https://localhost/token", ISSUER, False),
        ("http://127.0.0.1:8080/token", ISSUER, False),
        ("http://169.254.169.254/token", ISSUER, False),
        ("file:///etc/passwd", ISSUER, False),
        ("https://user:word@id.example.org/token", ISSUER, False),
        ("https://id.example.org/token#x", ISSUER, False),
        ("https://", ISSUER, False),
        ("https://[", ISSUER, False),
        ("", ISSUER, False),
        ("http://127.0.0.1:8080/token", "http://127.0.0.1:8080", True),
        ("http://id.example.org/token", "http://127.0.0.1:8080", False),
    ],
)
def test_the_provider_is_asked_over_https_or_on_this_machine(address: str, home: str, may: bool) -> None:
    assert safe(address, home) is may


def test_metadata_of_another_issuer_does_not_fit() -> None:
    said = {
        "issuer": ISSUER,
        **dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), f"{ISSUER}/x"),
    }
    assert Metadata.model_validate(said).fits(ISSUER)
    assert not Metadata.model_validate(said).fits(f"{ISSUER}/")
    assert not Metadata.model_validate({**said, "end_session_endpoint": "http://id.example.org/out"}).fits(ISSUER)


def settings(**more: str) -> Settings:
    full = {"oidc_issuer": ISSUER, "oidc_client_id": "kith", "oidc_client_secret": "word",
            "oidc_redirect_base": "https://kith.example.org/"}  # fmt: skip
    return Settings.model_validate({**full, **more})


def test_settings_that_do_not_go_together_are_told_before_anybody_signs_in() -> None:
    found = Client.of(settings(oidc_second_factor="otp, mfa,"))
    assert found is not None
    assert (found.redirect_uri, found.factors) == ("https://kith.example.org/v1/oidc/callback", {"otp", "mfa"})
    assert "word" not in repr(found)
    assert Client.of(settings(oidc_issuer="")) is None
    for missing in ("oidc_client_id", "oidc_client_secret", "oidc_redirect_base"):
        with pytest.raises(SettingsUnfit, match="KITH_OIDC"):
            Client.of(settings(**{missing: ""}))
    for plain in ("oidc_issuer", "oidc_redirect_base"):
        with pytest.raises(SettingsUnfit):
            Client.of(settings(**{plain: "http://id.example.org"}))


def test_a_gateway_with_such_settings_does_not_begin() -> None:
    def nothing() -> Services:
        raise AssertionError("it began")

    with pytest.raises(SettingsUnfit):
        GatewayThread(settings(oidc_client_id=""), nothing)


# --- attempts


def test_an_attempt_is_opened_by_the_key_that_sealed_it_alone() -> None:
    attempt, attempts = Attempt.begin(ISSUER, NOW), Attempts(b"k" * 32)
    cookie = attempts.seal(attempt)
    assert attempts.open(cookie) == attempt
    altered = cookie[:-1] + ("A" if cookie[-1] != "A" else "B")
    for other in (None, "", "x", cookie[:-4], altered[:20] + "AAAA" + altered[24:], "数", "A" * 5_000):
        with pytest.raises(AttemptLost):
            attempts.open(other)
    with pytest.raises(AttemptLost):
        Attempts(b"o" * 32).open(cookie)


def test_an_attempt_is_over_after_ten_minutes() -> None:
    attempt = Attempt.begin(ISSUER, NOW)
    assert attempt.is_of(attempt.state, NOW + LIFE - timedelta(seconds=1))
    assert not attempt.is_of(attempt.state, NOW + LIFE)
    assert not attempt.is_of(attempt.nonce, NOW)


def test_the_challenge_is_the_hash_of_the_verifier() -> None:
    """RFC 7636, appendix B."""
    known = {"verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}
    attempt = Attempt.begin(ISSUER, NOW).model_copy(update=known)
    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
