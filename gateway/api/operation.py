"""One HTTP operation, declared once: its route, its words, what it takes and every way it can answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from contracts.actor import Actor, Role
from contracts.messages import Deprecated
from contracts.refusals import Refused
from gateway.api.doors import Doors
from gateway.api.refusals import SIGN_IN_NEEDED
from gateway.api.sessions import Caller
from gateway.office.store.sessions import Stage

OPEN = frozenset({500})
SIGNED_IN = frozenset({401, 403, 422, 429, 500, 503})
ASKS = SIGNED_IN | {404}
CHANGES = SIGNED_IN | {404, 409, 413, 415}


@dataclass(frozen=True)
class Visit:
    """One request, by whom, at which doors."""

    doors: Doors
    request: Request
    caller: Caller | None

    @property
    def who(self) -> Caller:
        """Who asks; Refused if nobody is signed in."""
        if self.caller is None:
            raise Refused(SIGN_IN_NEEDED)
        return self.caller

    @property
    def actor(self) -> Actor:
        """Who asks, as one who acts."""
        return self.who.actor


Endpoint = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True)
class Operation:
    """`message` gives path parameters, and by method the query or the JSON body; `also` other answers that are no refusal."""

    id: str
    method: str
    path: str
    status: int
    summary: str
    tag: str
    endpoint: Endpoint
    refusals: frozenset[int]
    roles: frozenset[Role] = frozenset()
    """Empty: whoever is signed in."""

    open: bool = False
    """Needs no token."""

    stages: frozenset[Stage] = frozenset({Stage.OPEN})
    """How far somebody has to have signed in."""

    message: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    also: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    takes: Mapping[str, Any] | None = None
    """The body's content by media type, where it is not `message` as JSON."""

    gives: str = "application/json"
    sends: tuple[str, ...] = ()
    """Request headers beside Authorization."""

    told: tuple[str, ...] = ()
    """Response headers of its own."""

    deprecated: Deprecated | None = None
    """Since when and until when, if it goes away one day."""

    @property
    def single(self) -> bool:
        """Whether it reads one resource, which then has an ETag; a page has none."""
        fields = self.answer.model_fields if self.answer else {"items": None}
        return self.method == "GET" and not self.open and "{" in self.path and "next_cursor" not in fields
