"""What the households service can be asked."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from contracts.actor import EVERYBODY, OFFICERS, Purpose, Role
from contracts.area import AreaLevel
from contracts.codes import CareCategoryCode, ConsentAnswer, ConsentPurpose, ImportState
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
    refused_fix_en: str | None
    refused_fix_zh: str | None
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
    """The current answer to one purpose; a later answer has another id."""

    consent_id: UUID
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
    """The households in your own area, by number. There is no list by category here."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class PersonView(View):
    """A member as the file shows it: masked unless a reason was given and recorded."""

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


@query("households.read_stream", answer=StreamPage, roles=SERVICES_ONLY)
class ReadHouseholdsStream(ReadStream):
    """A listener lacks events of one of our subjects."""


@query("households.read_record", answer=RecordPage, roles=READERS, purposes=READ_FOR)
class ReadHouseholdsRecord(ReadRecord):
    """Who read and changed what about our families."""
