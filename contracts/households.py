"""What the households service says and answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.actor import EVERYBODY, OFFICERS, Purpose, Role
from contracts.area import AreaCode, AreaLevel
from contracts.codes import CareCategoryCode, ConsentAnswer, ConsentPurpose, ImportState
from contracts.messages import (
    Answer,
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

COUNTY_ONLY = frozenset({Role.COUNTY_OFFICER})

# --- events


@event("households.area_registered.v1", subject="area_code")
class AreaRegistered(Event):
    """An administrative area exists in this county."""

    area_code: AreaCode
    level: AreaLevel
    parent_code: AreaCode | None


@event("households.household_registered.v1", subject="household_id")
class HouseholdRegistered(Event):
    """A family is enrolled in the programme."""

    household_id: UUID
    household_number: Code
    area_code: AreaCode
    registered_on: date
    categories: tuple[CareCategoryCode, ...]
    has_minor: bool


@event("households.household_reclassified.v1", subject="household_id")
class HouseholdReclassified(Event):
    """The care categories of a household, or whether a minor lives in it, changed."""

    household_id: UUID
    area_code: AreaCode
    changed_on: date
    categories: tuple[CareCategoryCode, ...]
    has_minor: bool


@event("households.household_surveyed.v1", subject="household_id")
class HouseholdSurveyed(Event):
    """A household was asked in a survey round; one that declined counts as surveyed."""

    household_id: UUID
    area_code: AreaCode
    round_year: int
    surveyed_on: date
    declined: bool
    archive_complete: bool
    missing: tuple[Code, ...]


@event("households.consent_answered.v1", subject="household_id")
class ConsentAnswered(Event):
    """A household said yes or no to one purpose."""

    household_id: UUID
    area_code: AreaCode
    purpose: ConsentPurpose
    answer: ConsentAnswer
    answered_on: date


@event("households.consent_withdrawn.v1", subject="household_id")
class ConsentWithdrawn(Event):
    """A household took its consent back; queued work for that purpose stops."""

    household_id: UUID
    area_code: AreaCode
    purpose: ConsentPurpose
    withdrawn_on: date


# --- commands


class AreasImported(Answer):
    """How many areas are new; those that were there already changed nothing."""

    registered: int
    unchanged: int


@command(
    "households.import_areas",
    resource="area",
    action="import",
    route=Route("POST", "/v1/areas/import"),
    answer=AreasImported,
    roles=COUNTY_ONLY,
)
class ImportAreas(Command):
    """Register the areas of an uploaded `areas.csv` (code,name,level,parent_code)."""

    file_id: UUID


@command(
    "households.check_survey",
    resource="survey_import",
    action="check",
    route=Route("POST", "/v1/survey-imports", 202),
    answer=Created,
    roles=OFFICERS,
)
class CheckSurvey(Command):
    """Dry-run an uploaded survey workbook: every problem is named and nothing is stored."""

    file_id: UUID
    round_year: Annotated[int, Field(ge=2000, le=2100)]


@command(
    "households.commit_survey",
    resource="survey_import",
    action="commit",
    route=Route("POST", "/v1/survey-imports/{import_id}/commit", 202),
    answer=Done,
    roles=OFFICERS,
)
class CommitSurvey(Command):
    """Store the valid households of a checked survey workbook."""

    import_id: UUID


@command(
    "households.answer_consent",
    resource="consent",
    action="answer",
    route=Route("POST", "/v1/households/{household_id}/consents", 200),
    answer=Done,
    roles=OFFICERS | {Role.FAMILY_MEMBER, Role.HELPER},
    never_blocked=True,
)
class AnswerConsent(Command):
    """Record a household's yes or no to one purpose."""

    household_id: UUID
    purpose: ConsentPurpose
    answer: ConsentAnswer
    answered_on: date


@command(
    "households.withdraw_consent",
    resource="consent",
    action="withdraw",
    route=Route("POST", "/v1/households/{household_id}/consents/withdraw", 200),
    answer=Done,
    roles=OFFICERS | {Role.FAMILY_MEMBER, Role.HELPER},
    never_blocked=True,
    withdrawal=True,
)
class WithdrawConsent(Command):
    """Take a consent back. It is never refused for its timing and costs the family nothing."""

    household_id: UUID
    purpose: ConsentPurpose


# --- queries


class AreaView(View):
    """One administrative area."""

    code: str
    name: str
    level: AreaLevel
    parent_code: str | None


class AreaPage(View):
    """A page of areas."""

    items: tuple[AreaView, ...]
    next_cursor: str | None


@query("households.list_areas", answer=AreaPage, roles=EVERYBODY, route=Route("GET", "/v1/areas"))
class ListAreas(Page):
    """The areas in your own area, by code."""


class ProblemView(View):
    """One problem of an import: where it stands and what to do; never the cell's content."""

    sheet: str
    row: int
    column: str
    cell: str
    field: str
    code: str
    first: str | None = None
    fix_en: str
    fix_zh: str


class SurveyImportView(View):
    """Where a survey import stands and what it found."""

    import_id: UUID
    state: ImportState
    refused_code: str | None
    rows: int
    persons: int
    households_valid: int
    households_invalid: int
    households_stored: int
    persons_stored: int
    unchanged: int
    problems: tuple[ProblemView, ...]


@query(
    "households.survey_import",
    answer=SurveyImportView,
    roles=OFFICERS,
    route=Route("GET", "/v1/survey-imports/{import_id}"),
)
class GetSurveyImport(Query):
    """One import with all its problems."""

    import_id: UUID


class ConsentView(View):
    """The current answer to one purpose."""

    purpose: ConsentPurpose
    answer: ConsentAnswer
    answered_on: date
    withdrawn_on: date | None
    guardian_verified: bool


class HouseholdRow(View):
    """One line of a list: no names."""

    household_id: UUID
    number: str
    area_code: str
    categories: tuple[CareCategoryCode, ...]
    members: int
    surveyed_on: date | None


class HouseholdPage(View):
    """A page of households by number."""

    items: tuple[HouseholdRow, ...]
    next_cursor: str | None


@query("households.list_households", answer=HouseholdPage, roles=OFFICERS, route=Route("GET", "/v1/households"))
class ListHouseholds(Page):
    """The households in your own area, by number. There is no list by category here (H11)."""

    number: str | None = None


class PersonView(View):
    """A member as the file shows it: masked unless a reason was given and recorded (H10)."""

    person_id: UUID
    name_masked: str
    relation: str
    sex: str
    birth_year: int | None
    id_number_masked: str


class HistoryEntry(View):
    """One line of the file's history."""

    at: datetime
    what: Code
    actor_id: str


class HouseholdFile(View):
    """A household's case file."""

    household_id: UUID
    number: str
    area_code: str
    declared: tuple[CareCategoryCode, ...]
    derived: tuple[CareCategoryCode, ...]
    surveyed_on: date | None
    archive_complete: bool
    missing: tuple[str, ...]
    helper_id: UUID | None
    last_visited_on: date | None
    persons: tuple[PersonView, ...]
    consents: tuple[ConsentView, ...]
    history: tuple[HistoryEntry, ...]


@query(
    "households.household_file",
    answer=HouseholdFile,
    roles=OFFICERS | {Role.FAMILY_MEMBER, Role.AUDITOR},
    route=Route("GET", "/v1/households/{household_id}"),
    purposes=frozenset(
        {Purpose.SURVEY, Purpose.PAIRING, Purpose.VISITS, Purpose.CONSENT, Purpose.OWN_DATA, Purpose.OVERSIGHT}
    ),
)
class GetHousehold(Query):
    """Open a household's file. The read is on record."""

    household_id: UUID


class ContactView(View):
    """Where a message may be sent to; empty when consent to `messages` is missing."""

    allowed: bool
    phone: str | None
    language: str


@query(
    "households.contact",
    answer=ContactView,
    roles=frozenset({Role.SYSTEM}),
    purposes=frozenset({Purpose.MESSAGES}),
)
class GetHouseholdContact(Query):
    """For the notify service, at send time only."""

    household_id: UUID


EVENTS = (
    AreaRegistered,
    HouseholdRegistered,
    HouseholdReclassified,
    HouseholdSurveyed,
    ConsentAnswered,
    ConsentWithdrawn,
)
COMMANDS = (ImportAreas, CheckSurvey, CommitSurvey, AnswerConsent, WithdrawConsent)
QUERIES = (ListAreas, GetSurveyImport, ListHouseholds, GetHousehold, GetHouseholdContact)
