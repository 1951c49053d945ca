"""What the pairing service can be asked."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.actor import OFFICERS, Purpose, Role
from contracts.codes import (
    HelperKindCode,
    ImportState,
    JobState,
    Rhythm,
)
from contracts.households import ContactView, ProblemView
from contracts.log import SERVICES_ONLY, ReadStream, StreamPage
from contracts.messages import (
    Code,
    Page,
    Query,
    Route,
    View,
    query,
)
from contracts.record import READ_FOR, READERS, ReadRecord, RecordPage

MatchStateCode = Literal[
    "proposed",
    "helper_accepted",
    "active",
    "ended",
    "declined_by_helper",
    "declined_by_household",
    "withdrawn",
    "lapsed",
]
"""Where a pair stands, from the machine's proposal to its end."""


class HelperImportView(View):
    """Where a helper import stands and what it found."""

    import_id: UUID
    state: ImportState
    refused_code: str | None
    refused_fix_en: str | None
    refused_fix_zh: str | None
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

    state: MatchStateCode | None = None
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


class UnservedRow(View):
    """A household that nobody stands by or is asked about today. `may_be_asked` helpers could be, in a new round."""

    household_id: UUID
    household_number: str
    area_code: str
    may_be_asked: int
    excluded: tuple[ExcludedView, ...]


class UnservedPage(View):
    """A page of unserved households by number."""

    items: tuple[UnservedRow, ...]
    next_cursor: str | None


@query(
    "pairing.unserved",
    answer=UnservedPage,
    roles=OFFICERS,
    route=Route("GET", "/v1/unserved"),
)
class ListUnserved(Page):
    """Consenting families of your own area that have nobody today, and why."""


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


@query("pairing.read_stream", answer=StreamPage, roles=SERVICES_ONLY)
class ReadPairingStream(ReadStream):
    """A listener lacks events of one of our subjects."""


@query("pairing.read_record", answer=RecordPage, roles=READERS, purposes=READ_FOR)
class ReadPairingRecord(ReadRecord):
    """Who read and changed what about helpers and pairs."""
