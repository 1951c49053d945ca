"""The county's own identity provider as the gateway asks it: discovery, keys and the exchange of a code."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.settings import Settings, SettingsUnfit
from gateway.api.oidc_asking import ProviderAway, asked, safe
from gateway.api.oidc_attempt import Attempt
from gateway.api.oidc_token import ALGORITHMS, Claimed, Expected, KeyUnknown, claimed, key_set

KNOWN_FOR = timedelta(minutes=10)
"""How long what the provider says of itself, and its keys, are taken as they were."""

DISCOVERY = "/.well-known/openid-configuration"
CALLBACK = "/v1/oidc/callback"
BASIC, POST = "client_secret_basic", "client_secret_post"


class CodeRefused(Exception):
    """The provider does not take this code: used, foreign or too old."""


@dataclass(frozen=True)
class Client:
    """Who this installation is at the provider. `factors`: words of the provider that count as second factor."""

    issuer: str
    id: str
    secret: str = field(repr=False)
    redirect_base: str
    factors: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "Client | None":
        """What the settings say; None without a provider, SettingsUnfit if something is missing."""
        issuer, secret = settings.oidc_issuer, settings.oidc_client_secret.get_secret_value()
        if not issuer:
            return None
        base = settings.oidc_redirect_base.rstrip("/")
        if not (settings.oidc_client_id and secret and safe(issuer, issuer) and safe(base, base)):
            raise SettingsUnfit(
                "KITH_OIDC_ISSUER needs KITH_OIDC_CLIENT_ID, KITH_OIDC_CLIENT_SECRET and KITH_OIDC_REDIRECT_BASE;"
                " both addresses begin with https, or lie on this machine"
            )
        words = frozenset(word.strip() for word in settings.oidc_second_factor.split(",") if word.strip())
        return cls(issuer, settings.oidc_client_id, secret, base, words)

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to."""
        return self.redirect_base + CALLBACK

    @property
    def over_tls(self) -> bool:
        """Whether browsers reach this gateway over https."""
        return self.redirect_base.startswith("https:")


class Metadata(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery 1.0, 3); what is not needed here is not read."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = (BASIC,)
    authorization_response_iss_parameter_supported: bool = False

    def fits(self, issuer: str) -> bool:
        """Whether it is the provider that was asked for, and can do what is needed."""
        addresses = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri, self.end_session_endpoint)
        return (
            self.issuer == issuer
            and all(safe(address, issuer) for address in addresses if address)
            and "S256" in self.code_challenge_methods_supported
            and not set(self.id_token_signing_alg_values_supported).isdisjoint(ALGORITHMS)
        )


class Provider:
    """Asks the provider. What it says is kept for a while in this process; every sign-in brings its `now`."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._metadata: tuple[Metadata, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    async def metadata(self, now: datetime) -> Metadata:
        """What the provider says of itself; ProviderAway if it does not answer as the one that was asked for."""
        if self._metadata is None or self._metadata[1] < now:
            _, found = await asked("GET", self.client.issuer.rstrip("/") + DISCOVERY)
            try:
                read = Metadata.model_validate(found)
            except ValidationError:
                raise ProviderAway("discovery") from None
            if not read.fits(self.client.issuer):
                raise ProviderAway("discovery")
            self._metadata = read, now + KNOWN_FOR
        return self._metadata[0]

    async def authorization(self, attempt: Attempt, now: datetime) -> str:
        """The address at which somebody signs in."""
        asking = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.client.redirect_uri,
            "scope": "openid",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return _with((await self.metadata(now)).authorization_endpoint, asking)

    async def sign_out(self, now: datetime) -> str | None:
        """The address at which somebody signs out there too (RP-initiated logout), if the provider has one."""
        end = (await self.metadata(now)).end_session_endpoint
        back = {"client_id": self.client.id, "post_logout_redirect_uri": self.client.redirect_base + "/"}
        return _with(end, back) if end else None

    async def claimed(self, code: str, attempt: Attempt, now: datetime) -> Claimed:
        """Who signed in, for a code that came back; CodeRefused, IdTokenRefused or ProviderAway."""
        token = await self._exchanged(code, attempt, now)
        expected = Expected(self.client.issuer, self.client.id, attempt.nonce)
        try:
            return claimed(token, await self._key_set(now), expected, now)
        except KeyUnknown:
            self._keys = None
            return claimed(token, await self._key_set(now), expected, now)

    async def _exchanged(self, code: str, attempt: Attempt, now: datetime) -> str:
        metadata = await self.metadata(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        auth = None
        if BASIC in metadata.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(quote_plus(self.client.id), quote_plus(self.client.secret))
        else:
            form |= {"client_id": self.client.id, "client_secret": self.client.secret}
        status, found = await asked("POST", metadata.token_endpoint, form=form, auth=auth)
        if found.get("error") == "invalid_grant":
            raise CodeRefused
        token = found.get("id_token")
        if status != httpx.codes.OK or not isinstance(token, str):
            raise ProviderAway("token")
        return token

    async def _key_set(self, now: datetime) -> KeySet:
        if self._keys is None or self._keys[1] < now:
            _, found = await asked("GET", (await self.metadata(now)).jwks_uri)
            try:
                self._keys = key_set(found), now + KNOWN_FOR
            except ValueError:
                raise ProviderAway("keys") from None
        return self._keys[0]


def _with(address: str, query: dict[str, Any]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
