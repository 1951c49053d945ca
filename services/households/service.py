"""The households service: its table of contents."""

from datetime import timedelta

from chassis import audit_reading, log
from chassis.service import Service, Timer
from contracts.households import (
    AnswerConsent,
    CheckSurvey,
    CommitSurvey,
    GetHousehold,
    GetHouseholdContact,
    GetSurveyImport,
    ImportAreas,
    ListAreas,
    ListHouseholds,
    ReadHouseholdsRecord,
    ReadHouseholdsStream,
    WithdrawConsent,
)
from services.households import jobs, queries, reactions, usecases

SERVICE = Service(
    name="households",
    commands={
        ImportAreas: usecases.import_areas,
        CheckSurvey: usecases.check_survey,
        CommitSurvey: usecases.commit_survey,
        AnswerConsent: usecases.answer_consent,
        WithdrawConsent: usecases.withdraw_consent,
    },
    queries={
        ListAreas: queries.list_areas,
        GetSurveyImport: queries.get_survey_import,
        ListHouseholds: queries.list_households,
        GetHousehold: queries.get_household,
        GetHouseholdContact: queries.get_contact,
        ReadHouseholdsStream: log.read_stream,
        ReadHouseholdsRecord: audit_reading.read_record,
    },
    reactions=(reactions.note_helper, reactions.note_helper_gone, reactions.note_visit),
    timers=(
        Timer("reclassify_due", timedelta(seconds=60), jobs.reclassify_due),
        Timer("forget_uploads", timedelta(hours=1), jobs.forget_uploads),
    ),
    jobs={usecases.CHECK_SURVEY: jobs.check_survey, usecases.COMMIT_SURVEY: jobs.commit_survey},
)
