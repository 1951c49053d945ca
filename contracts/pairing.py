"""What the pairing service says and answers."""

from datetime import date
from uuid import UUID

from contracts.actor import OFFICERS, TOWNSHIP_AND_UP, Purpose, Role
from contracts.area import AreaCode
from contracts.codes import (
    DeclineReason,
    EndReason,
    HelperKindCode,
    ImportState,
    JobState,
    LeaveReason,
    Rhythm,
    Side,
)
from contracts.households import ContactView, ProblemView
from contracts.messages import (
    Code,
    Command,
    Created,
    Done,
    Event,
    Page,
    Query,
    Route,
    View,
    command,
    event,
    query,
)

# --- events


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


# --- commands


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


# --- queries


class HelperImportView(View):
    """Where a helper import stands and what it found."""

    import_id: UUID
    state: ImportState
    refused_code: str | None
    rows: int
    valid: int
    slots: int
    stored: int
    unchanged: int
    problems: tuple[ProblemView, ...]


@query(
    "pairing.helper_import",
    answer=HelperImportView,
    roles=OFFICERS,
    route=Route("GET", "/v1/helper-imports/{import_id}"),
)
class GetHelperImport(Query):
    """One import with all its problems."""

    import_id: UUID


class MatchRoundView(View):
    """Where a match round stands. `cost` is the exact optimum of the assignment, without unit."""

    round_id: UUID
    state: JobState
    kind: Code
    area_code: str
    proposed: int
    unserved: int
    cost: int


@query(
    "pairing.match_round",
    answer=MatchRoundView,
    roles=OFFICERS,
    route=Route("GET", "/v1/match-rounds/{round_id}"),
)
class GetMatchRound(Query):
    """One round of proposals."""

    round_id: UUID


class MatchRow(View):
    """One pair, proposed or standing: ids and codes."""

    match_id: UUID
    household_id: UUID
    household_number: str
    helper_id: UUID
    helper_number: str
    helper_kind: HelperKindCode
    area_code: str
    state: Code
    cost: int
    reasons: tuple[str, ...]
    replaces: UUID | None
    rhythm: Rhythm | None
    proposed_on: date
    started_on: date | None
    ended_on: date | None


class MatchPage(View):
    """A page of pairs by household number."""

    items: tuple[MatchRow, ...]
    next_cursor: str | None


@query(
    "pairing.list_matches",
    answer=MatchPage,
    roles=OFFICERS | {Role.HELPER, Role.FAMILY_MEMBER, Role.WORKING_GROUP},
    route=Route("GET", "/v1/matches"),
)
class ListMatches(Page):
    """The pairs in your own area; a helper or family member sees their own."""

    state: Code | None = None
    household_id: UUID | None = None
    helper_id: UUID | None = None


class AlternativeView(View):
    """Another helper for the same household, and what choosing them would cost exactly."""

    helper_id: UUID
    helper_number: str
    helper_kind: HelperKindCode
    extra_cost: int
    reasons_en: tuple[str, ...]
    reasons_zh: tuple[str, ...]


class ExcludedView(View):
    """How many helpers a hard rule excludes, in plain words."""

    code: Code
    helpers: int
    reason_en: str
    reason_zh: str


class AlternativesView(View):
    """Who else could stand by the household of a match."""

    match_id: UUID
    alternatives: tuple[AlternativeView, ...]
    excluded: tuple[ExcludedView, ...]


@query(
    "pairing.alternatives",
    answer=AlternativesView,
    roles=OFFICERS,
    route=Route("GET", "/v1/matches/{match_id}/alternatives"),
)
class GetAlternatives(Query):
    """Who else could be proposed, with the exact difference in cost."""

    match_id: UUID


class HelperRow(View):
    """One helper of a list: no names."""

    helper_id: UUID
    number: str
    kind: HelperKindCode
    area_code: str
    capacity: int
    in_use: int
    active: bool
    cleared_until: date | None


class HelperPage(View):
    """A page of helpers by number."""

    items: tuple[HelperRow, ...]
    next_cursor: str | None


@query(
    "pairing.list_helpers",
    answer=HelperPage,
    roles=OFFICERS | {Role.UNIT_OFFICER},
    route=Route("GET", "/v1/helpers"),
)
class ListHelpers(Page):
    """The helpers in your own area, by number."""


@query(
    "pairing.contact",
    answer=ContactView,
    roles=frozenset({Role.SYSTEM}),
    purposes=frozenset({Purpose.MESSAGES}),
)
class GetHelperContact(Query):
    """For the notify service, at send time only."""

    helper_id: UUID


EVENTS = (
    HelperRegistered,
    HelperLeft,
    MatchProposed,
    HelperAccepted,
    MatchDeclined,
    MatchActivated,
    MatchEnded,
)
COMMANDS = (
    CheckHelpers,
    CommitHelpers,
    OpenMatchRound,
    AcceptAsHelper,
    AcceptAsHousehold,
    DeclineMatch,
    RecordHelperLeaving,
)
QUERIES = (
    GetHelperImport,
    GetMatchRound,
    ListMatches,
    GetAlternatives,
    ListHelpers,
    GetHelperContact,
)
