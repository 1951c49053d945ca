"""What the pairing service does: one verb each."""

from services.pairing.usecases.answers import accept_as_helper, accept_as_household, decline_match
from services.pairing.usecases.imports import check_helpers, commit_helpers
from services.pairing.usecases.leaving import record_helper_leaving
from services.pairing.usecases.rounds import open_match_round

__all__ = [
    "accept_as_helper",
    "accept_as_household",
    "check_helpers",
    "commit_helpers",
    "decline_match",
    "open_match_round",
    "record_helper_leaving",
]
