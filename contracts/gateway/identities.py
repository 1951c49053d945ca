"""Who an account is at the county's own identity provider."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.gateway.commands import OPERATOR
from contracts.messages import Command, Created, Done, Page, Route, Second, View, command, query

Issuer = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=255)]
Subject = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=255)]


@command(
    "gateway.link_identity",
    resource="identity",
    action="link",
    route=Route("POST", "/v1/accounts/{account_id}/identities", 201),
    answer=Created,
    roles=OPERATOR,
    personal=frozenset({"subject"}),
    second=Second(OPERATOR, sees=frozenset({"subject"})),
)
class LinkIdentity(Command):
    """Let somebody whom the identity provider knows sign in as this account. It opens an account: two operators agree."""

    account_id: UUID
    issuer: Issuer
    subject: Annotated[Subject, Field(repr=False)]


@command(
    "gateway.unlink_identity",
    resource="identity",
    action="unlink",
    route=Route("POST", "/v1/identities/{identity_id}/unlink"),
    answer=Done,
    roles=OPERATOR,
)
class UnlinkIdentity(Command):
    """Forget an identity; the sessions of its account end at once."""

    identity_id: UUID


class IdentityRow(View):
    """One identity."""

    identity_id: UUID
    account_id: UUID
    issuer: str
    subject: str
    linked_at: datetime


class IdentityPage(View):
    """A page of identities in the order they were linked."""

    items: tuple[IdentityRow, ...]
    next_cursor: str | None


@query("gateway.list_identities", answer=IdentityPage, roles=OPERATOR, route=Route("GET", "/v1/identities"))
class ListIdentities(Page):
    """The identities that may sign in as accounts of your own area."""
