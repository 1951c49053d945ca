"""The pairing service's table of contents."""

from datetime import timedelta

from chassis import audit_reading, log
from chassis.service import Service, Timer
from contracts.pairing import (
    AcceptAsHelper,
    AcceptAsHousehold,
    CheckHelpers,
    CommitHelpers,
    DeclineMatch,
    GetAlternatives,
    GetHelperContact,
    GetHelperImport,
    GetMatchRound,
    ListHelpers,
    ListMatches,
    ListUnserved,
    OpenMatchRound,
    ReadPairingRecord,
    ReadPairingStream,
    RecordHelperLeaving,
)
from services.pairing import jobs, queries, reactions, usecases

SERVICE = Service(
    name="pairing",
    commands={
        CheckHelpers: usecases.check_helpers,
        CommitHelpers: usecases.commit_helpers,
        OpenMatchRound: usecases.open_match_round,
        AcceptAsHelper: usecases.accept_as_helper,
        AcceptAsHousehold: usecases.accept_as_household,
        DeclineMatch: usecases.decline_match,
        RecordHelperLeaving: usecases.record_helper_leaving,
    },
    queries={
        GetHelperImport: queries.get_helper_import,
        GetMatchRound: queries.get_match_round,
        ListMatches: queries.list_matches,
        ListUnserved: queries.list_unserved,
        GetAlternatives: queries.get_alternatives,
        ListHelpers: queries.list_helpers,
        GetHelperContact: queries.get_helper_contact,
        ReadPairingStream: log.read_stream,
        ReadPairingRecord: audit_reading.read_record,
    },
    reactions=(
        reactions.know_household,
        reactions.know_household_anew,
        reactions.heed_answer,
        reactions.heed_withdrawal,
    ),
    timers=(
        Timer("leave_due", timedelta(seconds=60), jobs.carry_out_leaving),
        Timer("clearance_due", timedelta(seconds=60), jobs.end_lapsed_clearances),
    ),
    jobs={
        "check_helpers": jobs.check_helpers,
        "commit_helpers": jobs.commit_helpers,
        "solve_round": jobs.solve_round,
        "propose_next": jobs.propose_next,
        "rematch": jobs.rematch,
    },
)
