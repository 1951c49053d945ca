"""Keys of partners: what another system's programs sign in with."""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.area import AreaCode
from contracts.gateway.commands import OPERATOR
from contracts.messages import Answer, Command, Done, Page, Route, View, command, query

Scope = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=64)]
"""The id of an operation, as the OpenAPI document names it."""


class PartnerKeyMade(Answer):
    """A new key with what was granted. `key` is told this once: a repeated idempotency key is answered without it."""

    told_once: ClassVar[frozenset[str]] = frozenset({"key"})

    key_id: UUID
    prefix: str
    scopes: tuple[str, ...]
    area_code: str
    valid_until: date
    key: Annotated[str | None, Field(repr=False)] = None


@command(
    "gateway.create_partner_key",
    resource="partner_key",
    action="create",
    route=Route("POST", "/v1/partner-keys", 201),
    answer=PartnerKeyMade,
    roles=OPERATOR,
)
class CreatePartnerKey(Command):
    """Make a key for an account whose only role is partner: which operations it may call, in which area, until when."""

    account_id: UUID
    scopes: Annotated[frozenset[Scope], Field(min_length=1, max_length=50)]
    area_code: AreaCode
    valid_until: date


@command(
    "gateway.rotate_partner_key",
    resource="partner_key",
    action="rotate",
    route=Route("POST", "/v1/partner-keys/{key_id}/rotate", 201),
    answer=PartnerKeyMade,
    roles=OPERATOR,
)
class RotatePartnerKey(Command):
    """Make a new key that may what this one may; this one counts for some hours more, so that a partner can change over."""

    key_id: UUID
    valid_until: date
    hours_more: Annotated[int, Field(ge=0, le=168)] = 24


@command(
    "gateway.revoke_partner_key",
    resource="partner_key",
    action="revoke",
    route=Route("POST", "/v1/partner-keys/{key_id}/revoke"),
    answer=Done,
    roles=OPERATOR,
)
class RevokePartnerKey(Command):
    """End a key at once."""

    key_id: UUID


class PartnerKeyRow(View):
    """One key, known by its prefix. `used_at` is true to the minute; `ends_at`: revoked or replaced from then on."""

    key_id: UUID
    account_id: UUID
    prefix: str
    scopes: tuple[str, ...]
    area_code: str
    valid_until: date
    made_at: datetime
    used_at: datetime | None
    ends_at: datetime | None


class PartnerKeyPage(View):
    """A page of keys in the order they were made."""

    items: tuple[PartnerKeyRow, ...]
    next_cursor: str | None


@query("gateway.list_partner_keys", answer=PartnerKeyPage, roles=OPERATOR, route=Route("GET", "/v1/partner-keys"))
class ListPartnerKeys(Page):
    """The keys of partners in your own area, those that ended too."""
