"""What the pairing service says has happened."""

from datetime import date
from uuid import UUID

from contracts.area import AreaCode
from contracts.codes import (
    DeclineReason,
    EndReason,
    HelperKindCode,
    LeaveReason,
    Rhythm,
    Side,
)
from contracts.log import StreamRestored
from contracts.messages import (
    Code,
    Event,
    event,
)


@event("pairing.helper_registered.v1", subject="helper_id")
class HelperRegistered(Event):
    """Somebody stands ready to help."""

    helper_id: UUID
    helper_number: Code
    kind: HelperKindCode
    area_code: AreaCode
    capacity: int
    registered_on: date


@event("pairing.helper_left.v1", subject="helper_id")
class HelperLeft(Event):
    """A helper is no longer there; their households need someone new."""

    helper_id: UUID
    area_code: AreaCode
    left_on: date
    reason: LeaveReason


@event("pairing.match_proposed.v1", subject="match_id")
class MatchProposed(Event):
    """The machine, or an officer, suggests a pair; people decide."""

    match_id: UUID
    household_id: UUID
    helper_id: UUID
    helper_kind: HelperKindCode
    area_code: AreaCode
    proposed_on: date
    replaces: UUID | None


@event("pairing.helper_accepted.v1", subject="match_id")
class HelperAccepted(Event):
    """The helper said yes; now the household is asked."""

    match_id: UUID
    household_id: UUID
    helper_id: UUID
    area_code: AreaCode
    accepted_on: date


@event("pairing.match_declined.v1", subject="match_id")
class MatchDeclined(Event):
    """One side said no, which is always fine; the next best is looked for."""

    match_id: UUID
    household_id: UUID
    helper_id: UUID
    area_code: AreaCode
    declined_on: date
    by: Side
    reason: DeclineReason


@event("pairing.match_activated.v1", subject="match_id")
class MatchActivated(Event):
    """Both sides said yes: the pair stands."""

    match_id: UUID
    household_id: UUID
    helper_id: UUID
    helper_kind: HelperKindCode
    area_code: AreaCode
    started_on: date
    rhythm: Rhythm | None
    replaces: UUID | None


@event("pairing.match_ended.v1", subject="match_id")
class MatchEnded(Event):
    """A pair, or a proposal that was still open, is over."""

    match_id: UUID
    household_id: UUID
    helper_id: UUID
    area_code: AreaCode
    ended_on: date
    was_active: bool
    reason: EndReason


@event("pairing.stream_restored.v1", subject="stream")
class PairingStreamRestored(StreamRestored):
    """The database of pairing was restored; this stream begins anew."""
