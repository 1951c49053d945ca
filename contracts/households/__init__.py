"""What the households service says and answers."""

from contracts.households.commands import (
    AnswerConsent,
    AreasImported,
    CheckSurvey,
    CommitSurvey,
    ImportAreas,
    WithdrawConsent,
)
from contracts.households.events import (
    AreaRegistered,
    ConsentAnswered,
    ConsentWithdrawn,
    HouseholdReclassified,
    HouseholdRegistered,
    HouseholdSurveyed,
)
from contracts.households.queries import (
    AreaPage,
    AreaView,
    ConsentView,
    ContactView,
    GetHousehold,
    GetHouseholdContact,
    GetSurveyImport,
    HistoryEntry,
    HouseholdFile,
    HouseholdPage,
    HouseholdRow,
    ListAreas,
    ListHouseholds,
    PersonView,
    ProblemView,
    SurveyImportView,
)

__all__ = [
    "COMMANDS",
    "EVENTS",
    "QUERIES",
    "AnswerConsent",
    "AreaPage",
    "AreaRegistered",
    "AreaView",
    "AreasImported",
    "CheckSurvey",
    "CommitSurvey",
    "ConsentAnswered",
    "ConsentView",
    "ConsentWithdrawn",
    "ContactView",
    "GetHousehold",
    "GetHouseholdContact",
    "GetSurveyImport",
    "HistoryEntry",
    "HouseholdFile",
    "HouseholdPage",
    "HouseholdReclassified",
    "HouseholdRegistered",
    "HouseholdRow",
    "HouseholdSurveyed",
    "ImportAreas",
    "ListAreas",
    "ListHouseholds",
    "PersonView",
    "ProblemView",
    "SurveyImportView",
    "WithdrawConsent",
]

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
