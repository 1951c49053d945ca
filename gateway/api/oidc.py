"""Signing in at the county's own identity provider: the authorization code flow of OpenID Connect, with PKCE."""

from typing import Annotated

import sqlalchemy as sa
from pydantic import ConfigDict, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from chassis.logging import logger
from chassis.sealing import BlindIndex
from contracts.area import AreaScope
from contracts.messages import Message
from contracts.refusals import Refused
from gateway.api.doors import Doors
from gateway.api.entry import Session, shown
from gateway.api.messages import from_query
from gateway.api.metrics import SIGN_INS
from gateway.api.oidc_asking import ProviderAway
from gateway.api.oidc_attempt import LIFE, Attempt, AttemptLost
from gateway.api.oidc_provider import CodeRefused, Provider
from gateway.api.oidc_token import Claimed, IdTokenRefused
from gateway.api.operation import Operation, Visit
from gateway.api.refusals import IDENTITY_UNKNOWN, OIDC_AWAY, OIDC_OFF, OIDC_REFUSED
from gateway.api.sessions import on_record
from gateway.api.signing_in import Opened, admit
from gateway.office.store import identities
from gateway.office.store.accounts import Account
from gateway.office.store.sessions import Origin

RECORDED = "session.provider"


class Returned(Message):
    """What the provider sends back with the browser (RFC 6749, 4.1.2; RFC 9207). What else it adds is not read."""

    model_config = ConfigDict(extra="ignore")

    state: Annotated[str, Field(max_length=200)]
    code: Annotated[str | None, Field(max_length=2_048)] = None
    iss: Annotated[str | None, Field(max_length=255)] = None
    error: Annotated[str | None, Field(max_length=200)] = None


class ProviderSession(Session):
    """As POST /v1/session answers; `sign_out_url` is where to sign out at the provider, too, after DELETE /v1/session."""

    sign_out_url: str | None


def operations() -> list[Operation]:
    """There and back."""
    tag, refusals = "gateway", frozenset({404, 429, 500, 503})
    return [
        Operation("oidc.start", "GET", "/v1/oidc/start", 302, "Sign in at the county's own identity provider.", tag,
                  _start, refusals, open=True, told=("Location", "Set-Cookie")),
        Operation("oidc.callback", "GET", "/v1/oidc/callback", 200, "Where the identity provider sends people back to.",
                  tag, _callback, refusals | {401, 403, 422}, open=True, message=Returned, answer=ProviderSession),
    ]  # fmt: skip


async def _start(visit: Visit) -> Response:
    doors, provider = _set_up(visit)
    now = doors.clock.now()
    attempt = Attempt.begin(provider.client.issuer, now)
    try:
        where = await provider.authorization(attempt, now)
    except ProviderAway as away:
        raise _away(away) from None
    answer = RedirectResponse(where, 302)
    answer.set_cookie(
        _cookie(provider),
        doors.attempts.seal(attempt),
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=provider.client.over_tls,
        httponly=True,
        samesite="lax",
    )
    return answer


async def _callback(visit: Visit) -> Response:
    doors, provider = _set_up(visit)
    returned = from_query(visit, Returned)
    try:
        attempt = await _attempt(visit, provider, returned)
        claimed = await _claimed(doors, provider, attempt, returned)
        sign_out = await provider.sign_out(doors.clock.now())
    except ProviderAway as away:
        raise _away(away) from None
    opened = await _opened(doors, provider, claimed)
    told = ProviderSession(**shown(opened).model_dump(), sign_out_url=sign_out)
    answer = JSONResponse(told.model_dump(mode="json"))
    answer.delete_cookie(
        _cookie(provider), path="/", secure=provider.client.over_tls, httponly=True, samesite="lax"
    )
    return answer


async def _attempt(visit: Visit, provider: Provider, returned: Returned) -> Attempt:
    """The sign-in that this browser began and that comes back for the first time; Refused otherwise."""
    doors, now = visit.doors, visit.doors.clock.now()
    try:
        attempt = doors.attempts.open(visit.request.cookies.get(_cookie(provider)))
    except AttemptLost:
        raise await _refused(doors, "cookie") from None
    if not attempt.is_of(returned.state, now) or attempt.issuer != provider.client.issuer:
        raise await _refused(doors, "state")
    named = (await provider.metadata(now)).authorization_response_iss_parameter_supported
    if (named or returned.iss is not None) and returned.iss != attempt.issuer:
        raise await _refused(doors, "issuer")
    if not await doors.transact(lambda c: identities.came_back(c, attempt.digest, attempt.until, now)):
        raise await _refused(doors, "replayed")
    return attempt


async def _claimed(doors: Doors, provider: Provider, attempt: Attempt, returned: Returned) -> Claimed:
    """What the provider says about who signed in; Refused if it says no, or not in a way that counts."""
    if returned.error is not None or returned.code is None:
        raise await _refused(doors, "denied")
    try:
        return await provider.claimed(returned.code, attempt, doors.clock.now())
    except CodeRefused:
        raise await _refused(doors, "code") from None
    except IdTokenRefused as refused:
        raise await _refused(doors, refused.reason) from None


async def _opened(doors: Doors, provider: Provider, claimed: Claimed) -> Opened:
    """A session of the account that this identity opens. None is made by itself."""
    issuer, county = provider.client.issuer, AreaScope(doors.settings.county)

    def find(connection: sa.Connection) -> Account | None:
        found = identities.account_of(connection, issuer, claimed.subject, within=county)
        if found is None:
            about = BlindIndex(doors.keys.key("oidc-subject")).of(f"{issuer} {claimed.subject}").hex()
            on_record(doors, connection, None, RECORDED, about, IDENTITY_UNKNOWN.code)
        return found

    account = await doors.transact(find)
    if account is None:
        SIGN_INS.labels("refused").inc()
        raise Refused(IDENTITY_UNKNOWN)
    second = not provider.client.factors.isdisjoint(claimed.factors)
    return await admit(doors, account, Origin.PROVIDER, second_factor=second)


async def _refused(doors: Doors, reason: str) -> Refused:
    """Put on record that a sign-in came back that does not count; why is for the log alone."""
    logger().warning("oidc_refused", reason=reason)
    SIGN_INS.labels("refused").inc()
    await doors.transact(lambda connection: on_record(doors, connection, None, RECORDED, None, "refused"))
    return Refused(OIDC_REFUSED)


def _set_up(visit: Visit) -> tuple[Doors, Provider]:
    """The provider, one more attempt counted against the address; Refused without one."""
    if visit.doors.provider is None:
        raise Refused(OIDC_OFF)
    client = visit.request.client
    visit.doors.rates.sign_in(client.host if client else "unknown")
    return visit.doors, visit.doors.provider


def _away(away: ProviderAway) -> Refused:
    logger().warning("oidc_provider_away", what=away.what)
    return Refused(OIDC_AWAY)


def _cookie(provider: Provider) -> str:
    """`__Host-`: a browser takes it over https alone and from no other host; not on this machine's plain http."""
    return "__Host-kith-oidc" if provider.client.over_tls else "kith-oidc"
