"""Partners' programs: signed in by a key, for the operations that it was made for and nothing that needs a person."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.actor import Actor, Role
from contracts.messages import View
from contracts.refusals import Refused
from gateway.api import record
from gateway.api.doors import Doors
from gateway.api.metrics import PARTNER_KEYS
from gateway.api.operation import SIGNED_IN, Operation, Visit
from gateway.api.refusals import KEY_NEEDED, SCOPE_MISSING, SIGN_IN_NEEDED
from gateway.api.sessions import Caller, bearer_of, caller, purpose_of
from gateway.office.api_keys import MARK, digest_of, prefix_of
from gateway.office.store import partner_keys

OWN = "partner_key.own"
ALWAYS = frozenset({OWN})
"""What any key may ask: what it is for."""

NOTHING = bytes(32)


class OwnKey(View):
    """What the key that was sent is for. Whoever needs more than `scopes` should not go on, but ask the operator."""

    prefix: str
    scopes: tuple[str, ...]
    area_code: str
    valid_until: date
    ends_at: datetime | None


@dataclass(frozen=True)
class Partner(Caller):
    """A partner's program, and the key it sent."""

    key: partner_keys.PartnerKey


def operations() -> list[Operation]:
    """What a key is for."""
    return [
        Operation(OWN, "GET", "/v1/partner-key", 200, "What the partner's key that you send is for.", "gateway",
                  _own, SIGNED_IN, answer=OwnKey),
    ]  # fmt: skip


async def who(doors: Doors, request: Request, operation: str) -> Caller:
    """Who asks: a person in a session, or a partner whose key is for this operation. Refused otherwise."""
    sent = bearer_of(request)
    if sent is None or not sent.startswith(MARK):
        return await caller(doors, request)
    partner = await _partner(doors, request, sent)
    if operation not in partner.key.scopes and operation not in ALWAYS:
        PARTNER_KEYS.labels("scope").inc()
        refusal = SCOPE_MISSING.with_more(scope=operation, granted=list(partner.key.scopes))
        await record.refused(doors, partner.actor, operation, refusal)
        raise Refused(refusal)
    PARTNER_KEYS.labels("done").inc()
    return partner


async def _partner(doors: Doors, request: Request, sent: str) -> Partner:
    found = await doors.transact(lambda connection: _counting(doors, connection, sent))
    if found is None:
        PARTNER_KEYS.labels("refused").inc()
        raise Refused(SIGN_IN_NEEDED)
    doors.rates.request(str(found.account_id))
    actor = Actor(
        id=str(found.account_id),
        roles=frozenset({Role.PARTNER}),
        area=found.area_code,
        purpose=purpose_of(request),
    )
    return Partner(actor, None, found)


def _counting(doors: Doors, connection: sa.Connection, sent: str) -> partner_keys.PartnerKey | None:
    """The key that was sent, if it is one of ours that counts. It takes as long whatever is wrong."""
    prefix, now = prefix_of(sent), doors.clock.now()
    if prefix is None:
        return None
    found = partner_keys.by_prefix(connection, prefix)
    kept = found.digest if found else NOTHING
    right = hmac.compare_digest(kept, digest_of(doors.keys, sent))
    if found is None or not right or set(found.roles) != {Role.PARTNER}:
        return None
    if not found.key.counts(doors.clock.today(), now):
        return None
    partner_keys.used(connection, found.key, now)
    return found.key


async def _own(visit: Visit) -> Response:
    if not isinstance(visit.who, Partner):
        raise Refused(KEY_NEEDED)
    return JSONResponse(OwnKey.model_validate(vars(visit.who.key)).model_dump(mode="json"))
