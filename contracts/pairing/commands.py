"""What the pairing service can be told to do."""

from datetime import date
from uuid import UUID

from contracts.actor import OFFICERS, TOWNSHIP_AND_UP, Role
from contracts.area import AreaCode
from contracts.codes import (
    DeclineReason,
    LeaveReason,
    Rhythm,
    Side,
)
from contracts.messages import (
    Command,
    Created,
    Done,
    Route,
    command,
)


@command(
    "pairing.check_helpers",
    resource="helper_import",
    action="check",
    route=Route("POST", "/v1/helper-imports", 202),
    answer=Created,
    roles=OFFICERS,
)
class CheckHelpers(Command):
    """Dry-run an uploaded helper register."""

    file_id: UUID


@command(
    "pairing.commit_helpers",
    resource="helper_import",
    action="commit",
    route=Route("POST", "/v1/helper-imports/{import_id}/commit", 202),
    answer=Done,
    roles=OFFICERS,
)
class CommitHelpers(Command):
    """Register the valid helpers of a checked workbook."""

    import_id: UUID


@command(
    "pairing.open_match_round",
    resource="match_round",
    action="open",
    route=Route("POST", "/v1/match-rounds", 202),
    answer=Created,
    roles=TOWNSHIP_AND_UP,
)
class OpenMatchRound(Command):
    """Propose pairs for every unpaired, consenting household of an area."""

    area_code: AreaCode


@command(
    "pairing.accept_as_helper",
    resource="pair",
    action="accept_as_helper",
    route=Route("POST", "/v1/matches/{match_id}/helper-acceptance", 200),
    answer=Done,
    roles=OFFICERS | {Role.HELPER},
    never_blocked=True,
)
class AcceptAsHelper(Command):
    """The helper's yes; an officer may record it for them (assisted)."""

    match_id: UUID


@command(
    "pairing.accept_as_household",
    resource="pair",
    action="accept_as_household",
    route=Route("POST", "/v1/matches/{match_id}/household-acceptance", 200),
    answer=Done,
    roles=OFFICERS | {Role.FAMILY_MEMBER},
    never_blocked=True,
)
class AcceptAsHousehold(Command):
    """The household's yes, with the rhythm of visits it wishes, if any."""

    match_id: UUID
    rhythm: Rhythm | None = None


@command(
    "pairing.decline_match",
    resource="pair",
    action="decline",
    route=Route("POST", "/v1/matches/{match_id}/decline", 200),
    answer=Done,
    roles=OFFICERS | {Role.HELPER, Role.FAMILY_MEMBER},
    never_blocked=True,
)
class DeclineMatch(Command):
    """One side's no. The next best is proposed."""

    match_id: UUID
    by: Side
    reason: DeclineReason = DeclineReason.NOT_SAID


@command(
    "pairing.record_helper_leaving",
    resource="helper",
    action="leave",
    route=Route("POST", "/v1/helpers/{helper_id}/leave", 200),
    answer=Done,
    roles=OFFICERS | {Role.HELPER, Role.UNIT_OFFICER},
    never_blocked=True,
)
class RecordHelperLeaving(Command):
    """A helper leaves; their pairs end and their households are matched anew."""

    helper_id: UUID
    left_on: date
    reason: LeaveReason = LeaveReason.NOT_SAID
