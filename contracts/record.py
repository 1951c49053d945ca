"""Reading the record of who read and changed what: each service answers from its own, the front door puts them together."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.actor import Purpose, Role
from contracts.instants import Instant
from contracts.messages import Code, Query, View

READERS = frozenset({Role.AUDITOR, Role.FAMILY_MEMBER})
"""An auditor reads what happened in their area; a family, who looked at its own file."""

READ_FOR = frozenset({Purpose.OVERSIGHT, Purpose.OWN_DATA})


class RecordRow(View):
    """One line of the record, in ids and codes. A family is not told who it was, only in which role and for what."""

    number: int
    at: datetime
    roles: tuple[str, ...]
    purpose: str | None
    what: str
    outcome: str
    actor_id: str | None = None
    on_behalf_of: str | None = None
    assisted_by: str | None = None
    area_code: str | None = None
    about: str | None = None
    decision_id: UUID | None = None


class RecordPage(View):
    """Lines of one service's record, the newest first."""

    items: tuple[RecordRow, ...]


class ReadRecord(Query):
    """A service's record, the newest first: `before` is the number to go on from, `what` the name of a message.

    `decision` is what let it happen: a verdict, or for reads an emergency.

    Each service declares its own.
    """

    about: UUID | None = None
    actor: Annotated[str | None, Field(max_length=128)] = None
    what: Code | None = None
    decision: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None
    before: Annotated[int | None, Field(ge=0, le=2**62)] = None
    limit: Annotated[int, Field(ge=1, le=201)] = 100
