"""Signing in at the county's own provider, a real one: there and back, and what an attacker might try on the way."""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import UUID

import httpx
import pytest
import schemathesis
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from chassis.work import transact
from contracts.actor import Actor, Role
from contracts.gateway import LinkIdentity
from contracts.messages import Created
from contracts.refusals import Refusal
from gateway.api.oidc_asking import ProviderAway
from gateway.api.oidc_provider import Client, Provider
from gateway.office import usecases
from gateway.office.running import runtime
from gateway.serving import GatewayThread
from tests.integration.gateway.api.test_schemathesis import CHECKS
from tests.support.authenticators import Person
from tests.support.county_provider import (
    CLIENT,
    REDIRECT_BASE,
    SECRET,
    Answer,
    Browser,
    CountyProvider,
    county_provider,
)
from tests.support.front_door import COUNTY, FrontDoor, open_door
from tests.support.hosting import fresh, settings_for


@pytest.fixture(scope="module")
def provider() -> Iterator[CountyProvider]:
    with county_provider() as found:
        yield found


@pytest.fixture(scope="module")
def theirs(provider: CountyProvider, database_server: str, namespace: str) -> Iterator[FrontDoor]:
    """A front door whose county has a provider of its own, and wants a second factor of officers."""
    settings = settings_for(
        database_server, fresh(f"{namespace}idp"), date(2026, 4, 15), county=COUNTY, port=0,
        oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        oidc_redirect_base=REDIRECT_BASE, oidc_second_factor="otp,mfa", second_factor="required",
    )  # fmt: skip
    with open_door(settings) as found:
        yield found


def linked(door: FrontDoor, subject: str, role: Role = Role.VILLAGE_WORKER) -> UUID:
    """An account that this subject opens."""
    _, account = door.account(role)
    console = Actor.system("console", door.settings.county)
    command = LinkIdentity(account_id=account, issuer=door.settings.oidc_issuer, subject=subject)
    made = transact(
        runtime(door.settings, door.database), console, lambda work: usecases.link_identity(work, command)
    )
    assert isinstance(made, Created), made
    return account


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json().get("code", ""))


NUMBERS = count()
REFUSED = (401, "oidc-refused")
AWAY = (503, "oidc-unavailable")


def changed(query: str, **values: str) -> str:
    return urlencode({**dict(parse_qsl(query)), **values})


# --- there and back


def test_who_is_linked_signs_in_and_works_with_the_token(theirs: FrontDoor) -> None:
    account = linked(theirs, "wang")
    answer = Browser(theirs.url).sign_in("wang")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["account_id"], told["stage"]) == (str(account), "open")
    with theirs.signed_in(told["token"]) as http:
        assert http.get("/v1/me").json()["account_id"] == str(account)
    assert theirs.rows("select 1 from audit where what = 'session.open' and about = :id", id=str(account))


def test_the_way_there_names_state_nonce_and_challenge_and_binds_the_browser(theirs: FrontDoor) -> None:
    browser = Browser(theirs.url)
    answer = browser.gateway.get("/v1/oidc/start")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert min(map(len, (asked["state"], asked["nonce"], asked["code_challenge"]))) == 43
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"} <= set(cookie.split("; "))
    assert not {asked["state"], asked["nonce"]} & set(cookie.replace("=", ";").split(";")), "it is sealed"
    assert asked["state"] not in Browser(theirs.url).start(), "no two are the same"


def test_nobody_gets_an_account_by_signing_in_there(theirs: FrontDoor) -> None:
    before = theirs.rows("select count(*) from account")
    assert code_of(Browser(theirs.url).sign_in("stranger")) == (403, "identity-not-linked")
    assert theirs.rows("select count(*) from account") == before
    ((outcome, about),) = theirs.rows(
        "select outcome, about from audit where what = 'session.provider' and about is not null"
    )
    assert outcome == "identity-not-linked"
    assert "stranger" not in about, "the record tells that it was the same one again, not who"


def test_signing_out_ends_it_at_the_provider_too(theirs: FrontDoor) -> None:
    linked(theirs, "leaver")
    browser = Browser(theirs.url)
    told = browser.sign_in("leaver").json()
    assert "code=" in browser.sign_in_there(browser.start(), "nobody asks for a name"), "signed in there, still"
    with theirs.signed_in(told["token"]) as http:
        assert http.delete("/v1/session").status_code == 204
    page = browser.there.get(told["sign_out_url"])
    assert page.status_code == 200, page.text
    xsrf = page.text.split('name="xsrf" value="')[1].split('"')[0]
    done = browser.there.post(
        f"{theirs.settings.oidc_issuer}/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"}
    )
    assert done.headers["Location"].startswith(f"{REDIRECT_BASE}/")
    assert 'name="login"' in browser.there.get(browser.start(), follow_redirects=True).text


def test_the_document_says_how_the_way_there_and_back_is_answered(theirs: FrontDoor) -> None:
    schema = schemathesis.openapi.from_url(f"{theirs.url}/openapi.json")
    there: Any = schema["/v1/oidc/start"]["GET"].Case(headers={})
    assert there.call_and_validate(checks=CHECKS, allow_redirects=False).status_code == 302
    back: Any = schema["/v1/oidc/callback"]["GET"].Case(query={"state": "x"}, headers={})
    assert back.call_and_validate(checks=CHECKS).status_code == 401


# --- the second factor


def test_the_providers_second_factor_counts_if_a_setting_says_so(theirs: FrontDoor) -> None:
    linked(theirs, "officer-otp", Role.COUNTY_OFFICER)
    told = Browser(theirs.url).sign_in("officer-otp").json()
    assert told["stage"] == "open"
    with theirs.signed_in(told["token"]) as http:
        assert http.get("/v1/plans").status_code == 200


def test_an_officer_without_it_has_to_set_up_one_here(theirs: FrontDoor) -> None:
    """The control arm of the test above: the same, without the provider's word for it."""
    linked(theirs, "officer", Role.COUNTY_OFFICER)
    told = Browser(theirs.url).sign_in("officer").json()
    assert told["stage"] == "enrolment"
    with theirs.signed_in(told["token"]) as http:
        assert http.get("/v1/plans").status_code in (401, 403)


def test_the_providers_word_takes_no_guess_at_the_second_factor_back(theirs: FrontDoor) -> None:
    account = linked(theirs, "guessed", Role.TOWNSHIP_OFFICER)
    ((name,),) = theirs.rows("select username from account where id = :id", id=account)
    officer = Person(theirs, name, account)
    with officer.half() as http:
        officer.enrol(http)

    def guess(code: str) -> int:
        return officer.second(
            code, theirs.signed_in(Browser(theirs.url).sign_in("guessed").json()["token"])
        ).status_code

    assert [guess("000000") for _ in range(5)] == [401] * 5
    assert guess(officer.code(1)) == 401, "locked, though the code is right"
    theirs.change("update account set locked_until = now() where id = :id", id=account)
    assert guess(officer.code(1)) == 201, "the control arm: after a quarter of an hour"


# --- attacks on the way back


def test_another_state_is_refused(theirs: FrontDoor) -> None:
    linked(theirs, "mallory1")
    browser = Browser(theirs.url)
    query = browser.sign_in_there(browser.start(), "mallory1")
    assert code_of(browser.come_back(changed(query, state="A" * 43))) == REFUSED
    assert browser.come_back(query).status_code == 200, "the control arm: the right state is taken"


def test_what_comes_back_in_another_browser_is_refused(theirs: FrontDoor) -> None:
    """Somebody is made to follow the attacker's own answer (login CSRF)."""
    linked(theirs, "mallory2")
    browser, other = Browser(theirs.url), Browser(theirs.url)
    query = browser.sign_in_there(browser.start(), "mallory2")
    assert code_of(other.come_back(query)) == REFUSED, "no cookie"
    other.start()
    assert code_of(other.come_back(query)) == REFUSED, "the cookie of another attempt"
    assert browser.come_back(query).status_code == 200, "the control arm"


def test_what_came_back_once_does_not_count_again(theirs: FrontDoor, provider: CountyProvider) -> None:
    linked(theirs, "again")
    browser = Browser(theirs.url)
    query = browser.sign_in_there(browser.start(), "again")
    cookies = dict(browser.gateway.cookies)
    assert browser.come_back(query).status_code == 200
    assert not browser.gateway.cookies, "the browser forgets it"
    browser.gateway.cookies.update(cookies)
    exchanged = provider.asked.count("/token")
    assert code_of(browser.come_back(query)) == REFUSED
    assert provider.asked.count("/token") == exchanged, "refused here, before the provider was asked"
    theirs.change("delete from oidc_return")
    assert code_of(browser.come_back(query)) == REFUSED
    assert provider.asked.count("/token") == exchanged + 1, "the control arm: what is not remembered is asked for"


def test_a_code_of_another_sign_in_is_refused(theirs: FrontDoor) -> None:
    """Code injection: the code is right, the challenge it was given for is another browser's."""
    linked(theirs, "victim")
    victim, attacker = Browser(theirs.url), Browser(theirs.url)
    stolen = dict(parse_qsl(victim.sign_in_there(victim.start(), "victim")))
    own = attacker.sign_in_there(attacker.start(), "mallory3")
    assert code_of(attacker.come_back(changed(own, code=stolen["code"]))) == REFUSED


@pytest.mark.parametrize("iss", ["https://other.example.org", ""])
def test_an_answer_that_names_another_issuer_or_none_is_refused(theirs: FrontDoor, iss: str) -> None:
    """The mix-up: another provider's answer, or one from which its name was taken (RFC 9207)."""
    linked(theirs, f"mixed{len(iss)}")
    browser = Browser(theirs.url)
    query = browser.sign_in_there(browser.start(), f"mixed{len(iss)}")
    other = {name: value for name, value in parse_qsl(query) if name != "iss"} | ({"iss": iss} if iss else {})
    assert code_of(browser.come_back(urlencode(other))) == REFUSED
    assert browser.come_back(query).status_code == 200, "the control arm"


def test_who_says_no_there_is_not_signed_in(theirs: FrontDoor) -> None:
    browser = Browser(theirs.url)
    state = parse_qs(urlsplit(browser.start()).query)["state"][0]
    back = urlencode({"state": state, "error": "access_denied", "iss": theirs.settings.oidc_issuer})
    assert code_of(browser.come_back(back)) == REFUSED


# --- ID tokens that were altered between the provider and us


def forged(answer: Answer, key: RSAKey | ECKey | None, **claims: object) -> None:
    """Another ID token with these claims, signed by `key`, or by nobody."""
    head, body, _ = answer.told["id_token"].split(".")
    header = json.loads(_plain(head))
    told = {name: value for name, value in {**json.loads(_plain(body)), **claims}.items() if value is not None}
    if key is None:
        unsigned = [json.dumps({"alg": "none"}), json.dumps(told)]
        answer.tell(id_token=".".join([*(_packed(part) for part in unsigned), ""]))
        return
    answer.tell(id_token=jwt.encode({**header, "alg": "RS256"}, told, key))


def _plain(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _packed(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


OUR_OWN = RSAKey.generate_key(2048)


def with_our_key(answer: Answer) -> None:
    """The provider's keys, and one of the attacker's under the first one's id."""
    first = answer.told["keys"][0]
    answer.tell(keys=[{**OUR_OWN.as_dict(private=False), "kid": first["kid"], "use": "sig", "alg": "RS256"}])


@pytest.mark.parametrize(
    ("claims", "counts"),
    [
        ({}, True),
        ({"nonce": "another"}, False), ({"nonce": None}, False),
        ({"iss": "https://other.example.org"}, False), ({"iss": None}, False),
        ({"aud": "another"}, False), ({"aud": [CLIENT, "another"]}, False), ({"azp": "another"}, False),
        ({"exp": 1_700_000_000}, False), ({"exp": None}, False),
        ({"iat": 1_700_000_000}, False), ({"iat": None}, False), ({"iat": 33_000_000_000}, False),
        ({"sub": None}, False), ({"sub": ""}, False),
    ],
    ids=str,
)  # fmt: skip
def test_a_claim_that_was_altered_is_refused_even_when_it_is_well_signed(
    tampered: FrontDoor, provider: CountyProvider, claims: dict[str, object], counts: bool
) -> None:
    """The first line is the control arm: a token signed anew by the same key, unchanged, is taken."""
    browser = Browser(tampered.url)
    query = browser.sign_in_there(browser.start(), "signed")
    with provider.meddling("/token", lambda answer: forged(answer, OUR_OWN, **claims)):
        answer = browser.come_back(query)
    assert (answer.status_code == 200) if counts else (code_of(answer) == REFUSED), answer.text


@pytest.fixture(scope="module")
def tampered(theirs: FrontDoor, provider: CountyProvider, namespace: str) -> Iterator[FrontDoor]:
    """Another replica of the front door, that was made to believe a key of the attacker's is the provider's."""
    with open_door(theirs.settings.model_copy(update={"namespace": fresh(f"{namespace}tmp")})) as door:
        linked(door, "signed")
        with provider.meddling("/jwks", with_our_key):
            browser = Browser(door.url)
            browser.come_back(browser.sign_in_there(browser.start(), "signed"))
        yield door


@pytest.mark.parametrize("key", [None, RSAKey.generate_key(2048)], ids=["alg none", "another key"])
def test_a_token_that_the_provider_did_not_sign_is_refused(
    theirs: FrontDoor, provider: CountyProvider, key: RSAKey | None
) -> None:
    browser = Browser(theirs.url)
    query = browser.sign_in_there(browser.start(), "wang")
    with provider.meddling("/token", lambda answer: forged(answer, key)):
        assert code_of(browser.come_back(query)) == REFUSED


# --- keys and people that change while it runs


def test_the_provider_changes_its_keys_while_we_run(theirs: FrontDoor, provider: CountyProvider) -> None:
    linked(theirs, "rotator")
    assert Browser(theirs.url).sign_in("rotator").status_code == 200
    looked = provider.asked.count("/jwks")
    assert Browser(theirs.url).sign_in("rotator").status_code == 200
    assert provider.asked.count("/jwks") == looked, "the keys are remembered"
    provider.tell("rotate")
    assert Browser(theirs.url).sign_in("rotator").status_code == 200
    assert provider.asked.count("/jwks") == looked + 1


def test_who_was_removed_there_does_not_get_in(theirs: FrontDoor, provider: CountyProvider) -> None:
    linked(theirs, "fired")
    browser = Browser(theirs.url)
    query = browser.sign_in_there(browser.start(), "fired")
    provider.tell("remove fired")
    try:
        assert code_of(browser.come_back(query)) == REFUSED
    finally:
        provider.tell("back fired")
    assert Browser(theirs.url).sign_in("fired").status_code == 200, "the control arm"


def test_whose_account_is_closed_or_unlinked_here_does_not_get_in(theirs: FrontDoor) -> None:
    closed, unlinked = linked(theirs, "closed"), linked(theirs, "unlinked")
    token = Browser(theirs.url).sign_in("unlinked").json()["token"]
    ((identity,),) = theirs.rows("select id from identity where account_id = :id", id=unlinked)
    with operator(theirs) as http:
        assert http.post(f"/v1/accounts/{closed}/close").status_code == 200
        assert http.post(f"/v1/identities/{identity}/unlink").status_code == 200
        assert http.post(f"/v1/identities/{identity}/unlink").status_code == 404
    with theirs.signed_in(token) as http:
        assert http.get("/v1/me").status_code == 401, "what it had opened is over"
    for name in ("closed", "unlinked"):
        assert code_of(Browser(theirs.url).sign_in(name)) == (403, "identity-not-linked")


def test_linking_takes_two_operators(theirs: FrontDoor) -> None:
    _, account = theirs.account(Role.VILLAGE_WORKER)
    body = {"issuer": theirs.settings.oidc_issuer, "subject": "agreed"}
    with operator(theirs) as first, operator(theirs) as second:
        waits = first.post(f"/v1/accounts/{account}/identities", json=body)
        assert waits.status_code == 202, waits.text
        assert code_of(Browser(theirs.url).sign_in("agreed")) == (403, "identity-not-linked")
        where = f"/v1/approvals/{waits.json()['approval_id']}"
        assert second.get(where).json()["says"]["subject"] == "agreed", "who agrees sees who comes in by it"
        assert first.post(f"{where}/approve", json={"reason": "I say so"}).status_code >= 400
        done = second.post(f"{where}/approve", json={"reason": "seen in person"})
        assert (done.status_code, done.json()["state"]) == (200, "done"), done.text
        listed = {row["subject"]: row["account_id"] for row in first.get("/v1/identities").json()["items"]}
    assert listed["agreed"] == str(account)
    assert Browser(theirs.url).sign_in("agreed").status_code == 200


def operator(door: FrontDoor) -> httpx.Client:
    """An operator who signed in at the provider, with its second factor."""
    name = f"operator{next(NUMBERS)}-otp"
    linked(door, name, Role.OPERATOR)
    return door.signed_in(Browser(door.url).sign_in(name).json()["token"])


# --- a provider that does not behave


def _elsewhere(answer: Answer) -> None:
    answer.status, answer.headers["Location"] = 302, "http://127.0.0.1:1/somewhere"


def _huge(answer: Answer) -> None:
    answer.body += b" " * 300_000


def _deep(answer: Answer) -> None:
    answer.body = b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"


def _other_issuer(answer: Answer) -> None:
    answer.tell(issuer="https://other.example.org")


def _abroad(answer: Answer) -> None:
    answer.tell(token_endpoint="http://169.254.169.254/token")


def _without_pkce(answer: Answer) -> None:
    answer.tell(code_challenge_methods_supported=["plain"])


def _without_signing(answer: Answer) -> None:
    answer.tell(id_token_signing_alg_values_supported=["HS256", "none"])


@pytest.mark.parametrize(
    "change",
    [_elsewhere, _huge, _deep, _other_issuer, _abroad, _without_pkce, _without_signing],
    ids=lambda change: change.__name__.strip("_"),
)
def test_a_provider_that_is_not_the_one_or_cannot_do_it_is_not_followed(
    theirs: FrontDoor, provider: CountyProvider, change: Callable[[Answer], None]
) -> None:
    client = Client.of(theirs.settings)
    assert client is not None
    now = datetime.now(UTC)
    with provider.meddling("/.well-known/openid-configuration", change), pytest.raises(ProviderAway):
        asyncio.run(Provider(client).metadata(now))
    assert asyncio.run(Provider(client).metadata(now)).issuer == provider.issuer, "the control arm: unchanged it is"


def _no_token(answer: Answer) -> None:
    answer.tell(id_token=None)


@pytest.mark.parametrize("change", [_elsewhere, _huge, _no_token], ids=lambda change: change.__name__.strip("_"))
def test_an_answer_that_is_none_is_told_as_the_provider_being_away(
    theirs: FrontDoor, provider: CountyProvider, change: Callable[[Answer], None]
) -> None:
    browser = Browser(theirs.url)
    query = browser.sign_in_there(browser.start(), "wang")
    with provider.meddling("/token", change):
        assert code_of(browser.come_back(query)) == AWAY


def test_without_a_provider_there_is_nothing_to_sign_in_at(door: FrontDoor) -> None:
    with door.anybody() as http:
        assert code_of(http.get("/v1/oidc/start")) == (404, "oidc-not-set-up")
        assert code_of(http.get("/v1/oidc/callback", params={"state": "x"})) == (404, "oidc-not-set-up")


def test_no_code_token_or_subject_stands_in_the_database(theirs: FrontDoor) -> None:
    linked(theirs, "quiet")
    browser = Browser(theirs.url)
    query = browser.sign_in_there(browser.start(), "quiet")
    told = dict(parse_qsl(query))
    browser.come_back(query)
    for table in ("audit", "oidc_return", "session"):
        kept = str(theirs.rows(f"select t::text from {table} t"))
        assert not [word for word in (told["code"], told["state"], "quiet") if word in kept], table


def test_linking_is_refused_for_another_provider_and_for_an_identity_that_is_taken(theirs: FrontDoor) -> None:
    linked(theirs, "taken")
    _, account = theirs.account(Role.VILLAGE_WORKER)
    console = Actor.system("console", COUNTY)

    def tried(issuer: str) -> str:
        command = LinkIdentity(account_id=account, issuer=issuer, subject="taken")
        found = transact(
            runtime(theirs.settings, theirs.database), console, lambda work: usecases.link_identity(work, command)
        )
        assert isinstance(found, Refusal)
        return found.code

    assert tried(f"{theirs.settings.oidc_issuer}/") == "issuer-unknown"
    assert tried(theirs.settings.oidc_issuer) == "identity-taken"


def test_what_began_at_one_replica_comes_back_at_another_once(theirs: FrontDoor) -> None:
    linked(theirs, "two-doors")
    browser, other = Browser(theirs.url), GatewayThread(theirs.settings, lambda: theirs.switchboard)
    other.start()
    try:
        query = browser.sign_in_there(browser.start(), "two-doors")
        cookies = dict(browser.gateway.cookies)
        with httpx.Client(base_url=other.url, cookies=cookies, timeout=30, trust_env=False) as there:
            assert there.get(f"/v1/oidc/callback?{query}").status_code == 200
        assert code_of(browser.come_back(query)) == REFUSED
    finally:
        other.stop()
