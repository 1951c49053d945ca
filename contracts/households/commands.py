"""What the households service can be told to do."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.actor import OFFICERS, Role
from contracts.codes import ConsentAnswer, ConsentPurpose
from contracts.messages import (
    Answer,
    Command,
    Created,
    Done,
    Route,
    command,
)

COUNTY_ONLY = frozenset({Role.COUNTY_OFFICER})


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
