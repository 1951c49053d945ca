"""Who is told, by which message, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.actor import Role
from contracts.codes import MessageState


class Audience(StrEnum):
    """Whom a rule tells, as seen from the event."""

    HELPER = "helper"
    HOUSEHOLD = "household"
    OFFICERS = "officers"
    VILLAGE_WORKERS = "village_workers"


class RecipientKind(StrEnum):
    """Somebody who can be reached outside the app, or an office that reads its notices."""

    HELPER = "helper"
    HOUSEHOLD = "household"
    OFFICE = "office"


class Reason(StrEnum):
    """Why a message was withheld or failed."""

    CONSENT_MISSING = "consent-missing"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    NO_CONTACT = "no-contact"
    NO_CHANNEL = "no-channel"
    NOT_ACCEPTED = "not-accepted"
    TOO_LATE = "too-late"


@dataclass(frozen=True)
class Text:
    """What is said, in both languages: no name, no category, no service (N3)."""

    en: str
    zh: str


@dataclass(frozen=True)
class Recipient:
    """One who is told: a helper or household by id, or all who hold a role in an area."""

    kind: RecipientKind
    area_code: str
    id: UUID | None = None
    role: Role | None = None

    @property
    def key(self) -> str:
        """Tells recipients of one event apart: nobody is told the same thing twice."""
        return str(self.id) if self.id else f"{self.role}@{self.area_code}"


@dataclass(frozen=True)
class Notice:
    """What a reader finds in the app, and when they read it."""

    notice_id: UUID
    rule: str
    about: UUID | None
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class Message:
    """One message that is to be sent, without where to and without what it says."""

    id: UUID
    rule: str
    recipient_kind: RecipientKind
    recipient_id: UUID
    area_code: str
    channel: str
    state: MessageState
    attempts: int
    created_at: datetime
    version: int


@dataclass(frozen=True)
class Letter:
    """What leaves the house, made at send time and never stored: the number, the words, and the message's id."""

    message_id: UUID
    to: str
    words: str
