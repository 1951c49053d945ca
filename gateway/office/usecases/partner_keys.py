"""Keys of partners: made, changed for new ones and ended by an operator."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from chassis.ids import new_id
from chassis.work import Work
from contracts.actor import Role
from contracts.area import AreaScope
from contracts.gateway import CreatePartnerKey, PartnerKeyMade, RevokePartnerKey, RotatePartnerKey
from contracts.messages import Done
from contracts.refusals import NOT_FOUND, OUT_OF_AREA, Refusal
from gateway.office import api_keys
from gateway.office.refusals import KEY_OVER, KEY_TOO_LONG, NO_PARTNER, SCOPE_NOT_FOR_PARTNERS
from gateway.office.scopes import grantable
from gateway.office.store import accounts, partner_keys

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Grant:
    """What a key is for."""

    account_id: UUID
    scopes: frozenset[str]
    area_code: str
    valid_until: date


def create_partner_key(work: Work, asked: CreatePartnerKey) -> PartnerKeyMade | Refusal:
    """Make a key for a partner's account in the actor's area."""
    grant = Grant(asked.account_id, asked.scopes, asked.area_code, asked.valid_until)
    return _wrong_account(work, grant) or _wrong(work, grant) or _made(work, grant)


def rotate_partner_key(work: Work, asked: RotatePartnerKey) -> PartnerKeyMade | Refusal:
    """Make a new key in place of one that still counts, which ends soon."""
    old = partner_keys.one(work.connection, asked.key_id, within=work.scope)
    if old is None:
        return NOT_FOUND
    if not old.counts(work.today, work.now):
        return KEY_OVER
    grant = Grant(old.account_id, frozenset(old.scopes), old.area_code, asked.valid_until)
    if refusal := _wrong_account(work, grant) or _wrong(work, grant):
        return refusal
    partner_keys.end(work.connection, old, work.now + timedelta(hours=asked.hours_more))
    return _made(work, grant)


def revoke_partner_key(work: Work, asked: RevokePartnerKey) -> Done | Refusal:
    """End a key at once."""
    found = partner_keys.one(work.connection, asked.key_id, within=work.scope)
    if found is None:
        return NOT_FOUND
    partner_keys.end(work.connection, found, work.now)
    return Done()


def _wrong_account(work: Work, grant: Grant) -> Refusal | None:
    account = accounts.by_id(work.connection, grant.account_id, within=work.scope)
    if account is None:
        return NOT_FOUND
    if not account.active or set(account.roles) != {Role.PARTNER}:
        return NO_PARTNER
    covered = AreaScope(account.area_code).covers(grant.area_code) and work.scope.covers(grant.area_code)
    return None if covered else OUT_OF_AREA.at("/area_code")


def _wrong(work: Work, grant: Grant) -> Refusal | None:
    if wider := grant.scopes - grantable():
        return SCOPE_NOT_FOR_PARTNERS.with_more(refused=sorted(wider), grantable=sorted(grantable()))
    if not work.today <= grant.valid_until <= work.today + LONGEST:
        return KEY_TOO_LONG.with_more(longest=str(work.today + LONGEST))
    return None


def _made(work: Work, grant: Grant) -> PartnerKeyMade:
    prefix, key = api_keys.new_key()
    scopes = tuple(sorted(grant.scopes))
    made = partner_keys.PartnerKey(
        new_id(), grant.account_id, prefix, scopes, grant.area_code, grant.valid_until, work.now
    )
    partner_keys.add(work.connection, made, api_keys.digest_of(work.runtime.keys, key))
    return PartnerKeyMade(
        key_id=made.id,
        prefix=prefix,
        scopes=scopes,
        area_code=grant.area_code,
        valid_until=grant.valid_until,
        key=key,
    )
