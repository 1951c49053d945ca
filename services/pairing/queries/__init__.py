"""What the pairing service answers, and the situation that proposals are computed from."""

from services.pairing.queries.alternatives import get_alternatives
from services.pairing.queries.contact import get_helper_contact
from services.pairing.queries.imports import get_helper_import
from services.pairing.queries.pairs import list_matches
from services.pairing.queries.register import list_helpers
from services.pairing.queries.rounds import get_match_round
from services.pairing.queries.unserved import list_unserved

__all__ = [
    "get_alternatives",
    "get_helper_contact",
    "get_helper_import",
    "get_match_round",
    "list_helpers",
    "list_matches",
    "list_unserved",
]
